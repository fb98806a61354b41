//! A part of a drive on its way to another place.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Change, Drive};
use crate::state::drive::item::{Item, Kind, Version};
use crate::state::ids::Ids;

/// A copy of an item and of what is below it, free of its drive.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    item: Item,
    children: Vec<Self>,
}

impl Drive {
    /// Copies an item with all below it; permissions stay behind.
    pub(crate) fn copy_in(
        &mut self,
        from: &Branch,
        parent: Uuid,
        name: &str,
        change: &Change,
        ids: &mut Ids,
    ) -> Uuid {
        let kind = match &from.item.kind {
            Kind::Folder(_) => Kind::Folder(BTreeMap::new()),
            Kind::File(versions) => Kind::File(
                versions
                    .last()
                    .cloned()
                    .map_or_else(Vec::new, |last| vec![Version { number: 1, ..last }]),
            ),
        };
        let copy = self.insert(parent, name, kind, change, ids);
        if let Some(item) = self.items.get_mut(&copy) {
            item.times = from.item.times;
        }
        for child in &from.children {
            self.copy_in(child, copy, &child.item.name, change, ids);
        }
        copy
    }

    /// An item with all below it, as it is now.
    pub(crate) fn branch(&self, unique: Uuid) -> Option<Branch> {
        let item = self.item(unique)?.clone();
        let children = item.children().into_iter().flat_map(BTreeMap::values);
        let children = children.filter_map(|child| self.branch(*child)).collect();
        Some(Branch { item, children })
    }
}
