//! Drives as JSON: <https://learn.microsoft.com/graph/api/resources/drive>

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::access::{self, Access};
use super::target::{Place, Target};
use super::{author_of, render, schema, time};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope::{self, Page};
use crate::state::drive::tree::Drive;

/// `GET …/drive`
pub(super) fn get(call: &Call, target: &Target) -> Result<Reply, Fault> {
    let entity = readable(call, target)?;
    let context = call.context("drives/$entity");
    Ok(Reply::json(&envelope::entity(&context, entity)))
}

/// `GET …/drives`
pub(super) fn list(call: &Call, targets: &[Target]) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    let drives: Result<Vec<Value>, Fault> = targets
        .iter()
        .map(|target| readable(call, target).map(Value::Object))
        .collect();
    let drives = drives?;
    let page = Page {
        context: call.context("drives"),
        count: call.options.count.then_some(drives.len()),
        next: None,
        value: drives,
    };
    Ok(Reply::json(&page.into_value()))
}

fn readable(call: &Call, target: &Target) -> Result<Map<String, Value>, Fault> {
    access::require_permission(call, target, Access::Read)?;
    target.read(call, |drive| {
        access::require(call, target, drive, drive.root, Access::Read)?;
        let mut entity = render(target, drive);
        schema::drive_selection(call)?.apply(&mut entity, &[]);
        if schema::drive_selection(call)?.names("sharePointIds") {
            entity.insert("sharePointIds".to_owned(), target.sharepoint_ids(drive));
        }
        Ok(entity)
    })
}

fn render(target: &Target, drive: &Drive) -> Map<String, Value> {
    let used = drive.used();
    let modified = drive
        .item(drive.root)
        .map_or(drive.created, |root| root.modified);
    let (name, owner) = match &target.place {
        Place::Personal { owner, .. } => ("OneDrive", render::identity(&author_of(owner))),
        Place::Library(library) => (
            library.display_name.as_str(),
            json!({"displayName": format!("{} Owners", library.site_name)}),
        ),
    };
    let entity = json!({
        "createdDateTime": time(drive.created),
        "description": "",
        "id": drive.id,
        "lastModifiedDateTime": time(modified),
        "name": name,
        "webUrl": target.folder_url(),
        "driveType": render::drive_type(drive),
        "createdBy": {"user": {"displayName": "System Account"}},
        "lastModifiedBy": {"user": owner},
        "owner": {"user": owner},
        "quota": {
            "deleted": 0,
            "remaining": drive.quota.saturating_sub(used),
            "state": state(used, drive.quota),
            "total": drive.quota,
            "used": used,
        },
    });
    match entity {
        Value::Object(entity) => entity,
        _ => Map::new(),
    }
}

/// How full a drive is: <https://learn.microsoft.com/graph/api/resources/quota>
fn state(used: u64, total: u64) -> &'static str {
    let free = total.saturating_sub(used);
    match free {
        0 => "exceeded",
        _ if free < total / 100 => "critical",
        _ if free < total / 10 => "nearing",
        _ => "normal",
    }
}
