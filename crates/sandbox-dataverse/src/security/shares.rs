//! What a principal may do to one row, and sharing.

use uuid::Uuid;

use super::{Access, Principal, privilege_name};
use crate::Dataverse;
use crate::cell::Link;
use crate::store::Row;

impl Dataverse {
    /// The rights that a principal has on a row.
    pub(crate) fn rights(&self, who: &Principal, link: Link, row: &Row) -> Vec<Access> {
        let word = &self.schema.table(link.table).privilege;
        Access::ALL
            .into_iter()
            .filter(|access| {
                let depth = self.depth(who, &privilege_name(*access, word));
                depth.is_some_and(|depth| self.reaches(who, *access, depth, link.table, row))
            })
            .collect()
    }

    /// Gives these rights on a row instead of those that were shared before.
    pub(crate) fn share(&mut self, row: Uuid, principal: Uuid, mask: u32) {
        self.security
            .shares
            .entry(row)
            .or_default()
            .insert(principal, mask);
    }

    pub(crate) fn unshare(&mut self, row: Uuid, principal: Uuid) {
        if let Some(shares) = self.security.shares.get_mut(&row) {
            shares.remove(&principal);
        }
    }

    /// A mask from `ReadAccess, WriteAccess`.
    pub(crate) fn mask_of(names: &str) -> Option<u32> {
        names.split(',').map(str::trim).try_fold(0, |mask, name| {
            let access = Access::ALL.into_iter().find(|it| it.right_name() == name)?;
            Some(mask | access.mask())
        })
    }

    /// `ReadAccess, WriteAccess` of a mask.
    pub(crate) fn mask_names(mask: u32) -> String {
        let held = Access::ALL.into_iter().filter(|it| mask & it.mask() != 0);
        let names: Vec<&str> = held.map(Access::right_name).collect();
        if names.is_empty() {
            "None".to_owned()
        } else {
            names.join(", ")
        }
    }
}
