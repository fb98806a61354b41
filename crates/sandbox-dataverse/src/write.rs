//! Rows made, changed and deleted: what a body may say, and what the platform adds.

mod body;
mod bulk;
mod file;
mod input;
mod key;
mod property;
mod references;
mod rows;
mod status;
mod verbs;

use jiff::Timestamp;
use uuid::Uuid;

use crate::call::Call;

pub(crate) use body::Draft;
pub(crate) use bulk::multiple;
pub(crate) use file::{download, is_file_column, remove as remove_file, upload};
pub(crate) use key::{Target, by_arguments, reference};
pub(crate) use property::{get_property, put_property};
pub(crate) use references::{associate, disassociate, set_reference};
pub(crate) use rows::cents;
pub(crate) use verbs::{create, delete, patch};

/// Who changes something, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Actor {
    pub(crate) now: Timestamp,
    pub(crate) user: Uuid,
    pub(crate) on_behalf: Option<Uuid>,
}

impl Actor {
    pub(crate) fn of(call: &Call) -> Self {
        Self {
            now: call.now,
            user: call.who.user,
            on_behalf: call.who.on_behalf,
        }
    }

    /// The platform itself, which every environment has a user for.
    pub(crate) fn system(now: Timestamp) -> Self {
        Self {
            now,
            user: crate::seed::SYSTEM,
            on_behalf: None,
        }
    }
}
