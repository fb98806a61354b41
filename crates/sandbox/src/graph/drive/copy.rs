//! Copies: <https://learn.microsoft.com/graph/api/driveitem-copy>

use axum::http::{StatusCode, header};
use serde_json::Value;
use uuid::Uuid;

use super::access::{self, Access};
use super::address::Address;
use super::{Target, change_of, fault, items, names};
use crate::entra::secrets;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::state::State;
use crate::state::drive::tree::{Branch, Change, Conflict, Drive};
use crate::state::drive::{CopyJob, Drives};
use crate::state::ids::Ids;

/// `POST …/copy`: 202 and where to ask how it went.
pub(super) fn copy(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    let body = call.optional_json()?;
    let name = items::text(&body, "name")?;
    if let Some(name) = &name {
        names::check(name)?;
    }
    let conflict = items::conflict(call, &body)?.unwrap_or(Conflict::Fail);
    let reference = body.get("parentReference").cloned().unwrap_or(Value::Null);
    let to = destination_drive(call, target, &reference)?;
    access::require_permission(call, &to, Access::Write)?;
    let change = change_of(call);
    let secret = secrets::nonce();
    call.shared.write(|state| {
        let State { drives, ids, .. } = state;
        let source = drives.of(&target.key).ok_or_else(fault::no_drive)?;
        let unique = target.item(call, source, address, Access::Read)?;
        let branch = source.branch(unique).ok_or_else(fault::not_found)?;
        let item = source.item(unique).ok_or_else(fault::not_found)?;
        let name = name.unwrap_or_else(|| item.name.clone());
        let beside = item.parent.filter(|_| reference.is_null());
        let size = source.size_of(unique);
        let (drive, _) = drives.of_mut(&to.key).ok_or_else(fault::no_drive)?;
        let parent = match beside {
            Some(parent) => parent,
            None => items::destination(drive, &reference)?,
        };
        access::require(call, &to, drive, parent, Access::Write)?;
        if !drive.has_room(size) {
            return Err(fault::no_room());
        }
        let outcome = put(drive, &branch, (parent, &name), conflict, &change, ids);
        remember(drives, &secret, outcome);
        Ok(())
    })?;
    let monitor = format!("{}/_api/v2.0/monitor/{secret}", target.file_site(call));
    Ok(Reply::empty(StatusCode::ACCEPTED).with_header(header::LOCATION, monitor))
}

/// The drive that a `parentReference` names, or the item's own.
fn destination_drive(call: &Call, target: &Target, reference: &Value) -> Result<Target, Fault> {
    if let Some(id) = reference.get("driveId").and_then(Value::as_str) {
        return super::by_drive_id(call, id);
    }
    let own = target.read(call, |drive| Ok(drive.holder.clone()))?;
    Target::of(call, own)
}

fn put(
    drive: &mut Drive,
    branch: &Branch,
    (parent, name): (Uuid, &str),
    conflict: Conflict,
    change: &Change,
    ids: &mut Ids,
) -> Result<String, (String, String)> {
    let name = match (drive.child(parent, name), conflict) {
        (None, _) => name.to_owned(),
        (Some(_), Conflict::Rename) => drive.free_name(parent, name),
        (Some(there), Conflict::Replace) => {
            drive.remove(there, change.at);
            name.to_owned()
        }
        (Some(_), Conflict::Fail) => {
            return Err((
                "nameAlreadyExists".to_owned(),
                "Name already exists".to_owned(),
            ));
        }
    };
    let copy = drive.copy_in(branch, parent, &name, change, ids);
    Ok(drive.id_of(copy))
}

fn remember(drives: &mut Drives, secret: &str, outcome: Result<String, (String, String)>) {
    let job = CopyJob {
        outcome,
        was_asked: false,
    };
    drives.copies.insert(secrets::hash(secret), job);
}
