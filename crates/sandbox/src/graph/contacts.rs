//! Personal contacts: whose, in which folder, which one.

mod delta;
mod folders;
mod input;
mod items;
mod schema;

use super::call::Call;
use super::fault::Fault;
use super::mail::Target;
use super::permission::may_use_contacts;
use super::reply::Reply;
use crate::state::contacts::{Contact, DEFAULT};
use crate::state::mail::Mailbox;
use crate::state::mail::item_id::{self, ItemId};

/// Segments below a user that are served here.
pub(super) fn is_mine(name: &str) -> bool {
    ["contacts", "contactfolders"].contains(&name)
}

/// Hands the call to contacts or their folders.
pub(super) fn dispatch(
    call: &Call,
    target: &Target,
    name: &str,
    below: &[&str],
) -> Result<Reply, Fault> {
    match name {
        "contacts" => items::dispatch(call, target, None, below),
        _ => folders::dispatch(call, target, below),
    }
}

/// 403 unless the token and the mailbox allow this.
fn require(target: &Target, writes: bool) -> Result<(), Fault> {
    target.require_by(|caller, own| may_use_contacts(caller, own, writes))
}

/// The number of the folder that an id means; none, and `contacts`, mean the default one.
fn folder_number(mailbox: &Mailbox, id: Option<&str>) -> Result<u32, Fault> {
    let Some(id) = id.filter(|id| !id.eq_ignore_ascii_case("contacts")) else {
        return Ok(DEFAULT);
    };
    match item_id::parse(id) {
        Some((owner, ItemId::Folder { folder }))
            if owner == mailbox.id && mailbox.contact_folder(folder).is_some() =>
        {
            Ok(folder)
        }
        Some(_) => Err(Fault::item_not_found()),
        None => Err(Fault::malformed_id()),
    }
}

/// The contact that an id means, in a folder when the URL names one.
fn find<'m>(mailbox: &'m Mailbox, folder: Option<&str>, id: &str) -> Result<&'m Contact, Fault> {
    let (owner, item) = item_id::parse(id).ok_or_else(Fault::malformed_id)?;
    let folder = folder
        .map(|id| folder_number(mailbox, Some(id)))
        .transpose()?;
    let found = mailbox.find_contact(item).filter(|_| owner == mailbox.id);
    found
        .filter(|contact| folder.is_none_or(|folder| contact.folder == folder))
        .ok_or_else(Fault::item_not_found)
}
