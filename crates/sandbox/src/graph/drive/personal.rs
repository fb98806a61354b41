//! What a person finds beside their own drive: what others shared with them, and what was worked on lately.
//! Sources: <https://learn.microsoft.com/graph/api/drive-sharedwithme>, <https://learn.microsoft.com/graph/api/drive-recent>

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::access::{self, Access};
use super::render::{View, drive_type, identity, identity_kind};
use super::target::Place;
use super::{Target, fault, list, time};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope::Page;
use crate::state::drive::tree::{Drive, Holder};

/// How many files `recent` tells.
const RECENT: usize = 100;

/// `GET /me/drive/sharedWithMe`: items of other drives that a permission names the caller for.
pub(super) fn shared_with_me(call: &Call, target: &Target) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    if !matches!(target.place, Place::Personal { own: true, .. }) {
        return Err(fault::access_denied());
    }
    if !call.caller.has_any(Access::Read.all()) {
        return Err(fault::access_denied());
    }
    let me = call.caller.object_id().to_owned();
    let holders: Vec<Holder> = call.shared.read(|state| {
        let drives = state.drives.all();
        let others = drives.filter(|drive| drive.holder != Holder::User(me.clone()));
        others.map(|drive| drive.holder.clone()).collect()
    });
    let mut value = Vec::new();
    for holder in holders {
        let Ok(other) = Target::of(call, holder) else {
            continue;
        };
        value.extend(shared_in(call, &other, &me)?);
    }
    let page = Page {
        context: call.context("Collection(driveItem)"),
        count: None,
        next: None,
        value,
    };
    Ok(Reply::json(&page.into_value()))
}

fn shared_in(call: &Call, other: &Target, me: &str) -> Result<Vec<Value>, Fault> {
    let view = View::whole(call, other);
    other.read(call, |drive| {
        let shared = drive.items().filter(|(_, item)| {
            let mut permissions = item.permissions.iter();
            permissions.any(|permission| permission.admits(me, false, call.now))
        });
        Ok(shared
            .map(|(unique, item)| remote(&view, drive, unique, item.modified))
            .collect())
    })
}

/// An item of another drive, as one's own lists show it.
fn remote(view: &View<'_>, drive: &Drive, unique: Uuid, modified: Timestamp) -> Value {
    let Some(item) = drive.item(unique) else {
        return Value::Null;
    };
    let whole = view.properties(drive, unique, item);
    let pick = |names: &[&str]| {
        let known = names.iter().filter_map(|name| {
            let value = whole.get(*name)?;
            Some(((*name).to_owned(), value.clone()))
        });
        known.collect::<Map<String, Value>>()
    };
    let mut inner = pick(&[
        "createdBy",
        "createdDateTime",
        "file",
        "fileSystemInfo",
        "folder",
        "id",
        "lastModifiedBy",
        "lastModifiedDateTime",
        "name",
        "parentReference",
        "size",
        "webUrl",
    ]);
    let owner = json!({identity_kind(&item.created_by): identity(&item.created_by)});
    inner.insert(
        "shared".to_owned(),
        json!({"scope": "users", "owner": owner, "sharedBy": owner, "sharedDateTime": time(modified)}),
    );
    let mut outer = pick(&[
        "createdBy",
        "createdDateTime",
        "fileSystemInfo",
        "file",
        "folder",
        "id",
        "lastModifiedBy",
        "lastModifiedDateTime",
        "name",
        "size",
        "webUrl",
    ]);
    let reference = json!({"driveId": drive.id, "driveType": drive_type(drive)});
    inner.entry("parentReference").or_insert(reference);
    outer.insert("remoteItem".to_owned(), Value::Object(inner));
    Value::Object(outer)
}

/// `GET …/recent`: files of the drive, those that were changed last first.
pub(super) fn recent(call: &Call, target: &Target) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    let view = View::of(call, target)?;
    let page = target.read(call, |drive| {
        access::require(call, target, drive, drive.root, Access::Read)?;
        let files = drive.items().filter(|(_, item)| !item.is_folder());
        let mut files: Vec<(Timestamp, Uuid)> = files
            .map(|(unique, item)| (item.modified, unique))
            .collect();
        files.sort_unstable_by(|a, b| b.cmp(a));
        let files = files.into_iter().take(RECENT);
        let found = files.map(|(_, unique)| unique).collect();
        list::page(call, &view, drive, found, "Collection(driveItem)")
    })?;
    list::finished(call, target, page)
}
