//! Beginning an upload session: <https://learn.microsoft.com/graph/api/driveitem-createuploadsession>

use serde_json::{Map, Value, json};

use super::access::{self, Access};
use super::address::Address;
use super::content::{self, Spot};
use super::{Target, change_of, fault, items, names};
use crate::entra::secrets;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope;
use crate::state::State;
use crate::state::drive::tree::Conflict;
use crate::state::drive::upload::{Place, UploadSession};

/// `POST …/createUploadSession`
pub(super) fn create(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    access::require_permission(call, target, Access::Write)?;
    let body = call.optional_json()?;
    let item = body
        .get("item")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let conflict = items::conflict(call, &item)?.unwrap_or(Conflict::Fail);
    let (times, description) = (items::times(&item)?, items::text(&item, "description")?);
    let size = item
        .get("fileSize")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    let is_deferred = body
        .get("deferCommit")
        .and_then(Value::as_bool)
        .unwrap_or_default();
    let other_name = items::text(&item, "name")?;
    let change = change_of(call);
    let secret = secrets::nonce();
    let answer = call.shared.write(|state| {
        let State { drives, ids, .. } = state;
        drives.expire_uploads(call.now);
        let content = drives.files.begin();
        let (drive, _) = drives.of_mut(&target.key).ok_or_else(fault::no_drive)?;
        if !drive.has_room(size) {
            return Err(fault::no_room());
        }
        let place = match content::place(call, target, drive, address, &change, ids)? {
            Spot::File(unique) if address.path.is_empty() || conflict == Conflict::Replace => {
                Place::Item(unique)
            }
            Spot::File(_) if conflict == Conflict::Fail => {
                return Err(fault::name_taken(crate::state::drive::tree::NameTaken));
            }
            Spot::File(unique) => {
                let item = drive.item(unique).ok_or_else(fault::not_found)?;
                Place::Name(item.parent.unwrap_or(drive.root), item.name.clone())
            }
            Spot::Name(parent, name) => Place::Name(parent, other_name.unwrap_or(name)),
        };
        if let Place::Name(_, name) = &place {
            names::check(name)?;
        }
        let mut session =
            UploadSession::new(&target.key, change.author.clone(), place, content, call.now);
        session.conflict = conflict;
        session.times = times;
        session.description = description;
        session.is_deferred = is_deferred;
        let answer = status(&session);
        drives.uploads.insert(secrets::hash(&secret), session);
        Ok(answer)
    })?;
    let mut entity = Map::from_iter([(
        "uploadUrl".to_owned(),
        json!(format!(
            "{}/_api/v2.0/drive/uploadSession?guid={secret}&dc=0&tempauth=v1",
            target.file_site(call)
        )),
    )]);
    entity.extend(answer);
    let context = call.context("microsoft.graph.uploadSession");
    Ok(Reply::json(&envelope::entity(&context, entity)))
}

/// How far an upload is.
pub(super) fn status(session: &UploadSession) -> Map<String, Value> {
    Map::from_iter([
        (
            "expirationDateTime".to_owned(),
            json!(super::time(session.expires_at)),
        ),
        ("nextExpectedRanges".to_owned(), json!(session.missing())),
    ])
}
