//! The site that a request means.

use uuid::Uuid;

use super::{access, fault, host_of};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::state::State;
use crate::state::sites::list::List;
use crate::state::sites::site::{Level, Site};

/// A site of the caller's tenant.
pub(super) struct Place {
    /// Of the web.
    pub(super) id: Uuid,
    /// `contoso.sharepoint.com`
    pub(super) host: String,
}

impl Place {
    pub(super) fn open(call: &Call, id: Uuid) -> Result<Self, Fault> {
        call.shared.read(|state| {
            let site = state.sites.site(id);
            let site = site.filter(|site| site.tenant_id == call.caller.tenant_id());
            let site = site.ok_or_else(fault::not_found)?;
            Ok(Self {
                id,
                host: host_of(state, &site.tenant_id, ""),
            })
        })
    }

    /// Looks at the site, if the caller may do that much with it.
    pub(super) fn read<T>(
        &self,
        call: &Call,
        needed: Level,
        look: impl FnOnce(&State, &Site) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        call.shared.read(|state| {
            let site = state.sites.site(self.id).ok_or_else(fault::not_found)?;
            access::require(call, state, site, None, needed)?;
            look(state, site)
        })
    }

    /// Looks at one of the site's lists, if the caller may do that much with it.
    pub(super) fn read_list<T>(
        &self,
        call: &Call,
        list: Uuid,
        needed: Level,
        look: impl FnOnce(&State, &Site, &List) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        call.shared.read(|state| {
            let site = state.sites.site(self.id).ok_or_else(fault::not_found)?;
            let list = site.list(list).ok_or_else(fault::not_found)?;
            access::require(call, state, site, Some(list), needed)?;
            look(state, site, list)
        })
    }

    /// Changes something at the site, if the caller may do that much with it, or with this list of it.
    pub(super) fn change<T>(
        &self,
        call: &Call,
        list: Option<Uuid>,
        needed: Level,
        change: impl FnOnce(&mut State) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        call.shared.write(|state| {
            let site = state.sites.site(self.id).ok_or_else(fault::not_found)?;
            let list = match list {
                None => None,
                Some(list) => Some(site.list(list).ok_or_else(fault::not_found)?),
            };
            access::require(call, state, site, list, needed)?;
            change(state)
        })
    }

    /// The id that clients see.
    pub(super) fn site_id(&self, site: &Site) -> String {
        format!("{},{},{}", self.host, site.collection, site.id)
    }

    /// `https://contoso.sharepoint.com/sites/hr`
    pub(super) fn url(&self, site: &Site) -> String {
        let url = format!("https://{}/{}", self.host, site.path);
        url.trim_end_matches('/').to_owned()
    }
}
