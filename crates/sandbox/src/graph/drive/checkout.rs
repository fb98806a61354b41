//! Checking out and in: <https://learn.microsoft.com/graph/api/driveitem-checkout>,
//! <https://learn.microsoft.com/graph/api/driveitem-checkin>, <https://learn.microsoft.com/graph/api/driveitem-discardcheckout>
//!
//! While somebody has a file checked out, nobody else changes it, and others go on to see what was there before.

use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::access::Access;
use super::address::Address;
use super::render::{identity, identity_kind};
use super::{Target, change_of, fault};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::state::drive::item::{Checkout, Item, Version};
use crate::state::drive::tree::Drive;

/// `POST …/checkout`
pub(super) fn out(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    let change = change_of(call);
    target.change(call, |drive, _, _| {
        let unique = file(call, target, drive, address)?;
        require_free(call, drive, unique)?;
        if let Some(item) = drive.item_mut(unique)
            && item.checked_out.is_none()
        {
            item.checked_out = Some(Checkout {
                by: change.author.clone(),
                version: item.versions().last().map_or(1, |last| last.number),
            });
            drive.touch(unique, &change);
        }
        Ok(Reply::no_content())
    })
}

/// `POST …/checkin`
pub(super) fn back_in(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    let body = call.optional_json()?;
    let kind = body.get("checkInAs").and_then(Value::as_str);
    if kind.is_some_and(|kind| !["published", "unspecified"].contains(&kind)) {
        return Err(fault::invalid_request(
            "The value of 'checkInAs' is not valid.",
        ));
    }
    let change = change_of(call);
    target.change(call, |drive, _, _| {
        let unique = own_checkout(call, target, drive, address)?;
        if let Some(item) = drive.item_mut(unique) {
            item.checked_out = None;
        }
        drive.touch(unique, &change);
        Ok(Reply::no_content())
    })
}

/// `POST …/discardCheckout`: the file is again what it was when it was checked out.
pub(super) fn discard(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    let change = change_of(call);
    target.change(call, |drive, _, _| {
        let unique = own_checkout(call, target, drive, address)?;
        drive.forget_after_checkout(unique);
        drive.touch(unique, &change);
        Ok(Reply::no_content())
    })
}

fn file(call: &Call, target: &Target, drive: &Drive, address: &Address) -> Result<Uuid, Fault> {
    let unique = target.item(call, drive, address, Access::Write)?;
    if drive.item(unique).is_some_and(Item::is_folder) {
        return Err(fault::invalid_request("Only files can be checked out."));
    }
    Ok(unique)
}

/// A file that the caller has checked out.
fn own_checkout(
    call: &Call,
    target: &Target,
    drive: &Drive,
    address: &Address,
) -> Result<Uuid, Fault> {
    let unique = file(call, target, drive, address)?;
    require_free(call, drive, unique)?;
    let item = drive.item(unique).ok_or_else(fault::not_found)?;
    match item.checked_out {
        Some(_) => Ok(unique),
        None => Err(fault::invalid_request("The file is not checked out.")),
    }
}

/// 423 for a file that somebody else has checked out.
pub(super) fn require_free(call: &Call, drive: &Drive, unique: Uuid) -> Result<(), Fault> {
    let checkout = drive
        .item(unique)
        .and_then(|item| item.checked_out.as_ref());
    match checkout {
        Some(checkout) if checkout.by.id != call.caller.object_id() => Err(Fault::new(
            StatusCode::LOCKED,
            "resourceLocked",
            format!(
                "The file is checked out for editing by {}.",
                checkout.by.display_name
            ),
        )),
        _ => Ok(()),
    }
}

/// The version that a caller sees of a file: the newest, or for others than who has it checked out the one before.
pub(super) fn visible<'a>(call: &Call, item: &'a Item) -> Option<&'a Version> {
    let versions = item.versions();
    match &item.checked_out {
        Some(checkout) if checkout.by.id != call.caller.object_id() => versions
            .iter()
            .rev()
            .find(|version| version.number <= checkout.version),
        _ => versions.last(),
    }
}

/// `publication` of a file, when it is selected.
pub(super) fn publication(item: &Item) -> Value {
    let version = item.versions().last().map_or(1, |last| last.number);
    let mut facet = json!({"level": "published", "versionId": format!("{version}.0")});
    if let Some(checkout) = &item.checked_out {
        facet["level"] = json!("checkout");
        facet["checkedOutBy"] = json!({identity_kind(&checkout.by): identity(&checkout.by)});
    }
    facet
}
