//! The end of an upload: the file in its place.

use axum::http::StatusCode;
use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, Refusal, json_answer, not_found};
use crate::graph::drive::{names, render, time};
use crate::state::State;
use crate::state::drive::content::Content;
use crate::state::drive::tree::{Change, Drive};
use crate::state::drive::upload::Place;

/// Puts the whole file in its place.
pub(super) fn commit(state: &mut State, key: &str, now: jiff::Timestamp) -> Answer {
    let State { drives, ids, .. } = state;
    let mut session = drives.uploads.remove(key).ok_or_else(not_found)?;
    let (drive, _) = drives.of_mut(&session.drive).ok_or_else(not_found)?;
    if !drive.has_room(session.received) {
        return Err(Refusal(
            StatusCode::INSUFFICIENT_STORAGE,
            "quotaLimitReached",
            "Insufficient Space Available",
        ));
    }
    let change = Change {
        author: session.author.clone(),
        at: now,
    };
    let file = session.data();
    let (unique, is_new) = match &session.place {
        Place::Item(unique) if drive.item(*unique).is_some() => {
            drive.replace(*unique, file, &change);
            (*unique, false)
        }
        Place::Item(_) => return Err(not_found()),
        Place::Name(parent, name) => {
            if drive.item(*parent).is_none() {
                return Err(not_found());
            }
            let put = drive.put_file(*parent, name, file, session.conflict, &change, ids);
            let Ok(put) = put else {
                // The bytes stay: the client may ask for another name, or give up.
                drives.uploads.insert(key.to_owned(), session);
                return Err(Refusal(
                    StatusCode::CONFLICT,
                    "nameAlreadyExists",
                    "An item with the same name already exists under the parent",
                ));
            };
            put
        }
    };
    if let Some(item) = drive.item_mut(unique) {
        item.times.created = session.times.created.or(item.times.created);
        item.times.modified = session.times.modified;
        item.description = session.description.take().or(item.description.take());
    }
    let entity = committed(drive, unique).ok_or_else(not_found)?;
    session.became = Some(unique);
    session.content = Content::Memory(Bytes::new());
    drives.uploads.insert(key.to_owned(), session);
    Ok(json_answer(
        if is_new {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        },
        &entity,
    ))
}

/// The new item as the personal site tells it: what Graph shows, without addresses of Graph.
pub(super) fn committed(drive: &Drive, unique: Uuid) -> Option<Value> {
    let item = drive.item(unique)?;
    let file = item.file()?;
    let author = |author| json!({render::identity_kind(author): render::identity(author)});
    let parent = item.parent?;
    Some(json!({
        "id": drive.id_of(unique),
        "name": item.name,
        "size": file.size,
        "eTag": render::e_tag(unique, item),
        "cTag": render::c_tag(unique, item),
        "createdDateTime": time(item.created),
        "lastModifiedDateTime": time(item.modified),
        "createdBy": author(&item.created_by),
        "lastModifiedBy": author(&item.modified_by),
        "parentReference": {
            "driveType": render::drive_type(drive),
            "driveId": drive.id,
            "id": drive.id_of(parent),
            "path": render::drive_path(drive, parent),
        },
        "file": {"mimeType": names::media_type(&item.name), "hashes": {"quickXorHash": file.hash}},
        "fileSystemInfo": {
            "createdDateTime": time(item.times.created.unwrap_or(item.created)),
            "lastModifiedDateTime": time(item.times.modified.unwrap_or(item.modified)),
        },
    }))
}
