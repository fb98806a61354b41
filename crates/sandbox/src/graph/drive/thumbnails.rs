//! Thumbnails of images: <https://learn.microsoft.com/graph/api/driveitem-list-thumbnails>. Nothing is scaled here: every size
//! leads to the image itself.

use axum::http::{Method, StatusCode, header};
use serde_json::Value;

use super::access::Access;
use super::address::Address;
use super::render::View;
use super::{Target, fault};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope::{self, Page};

/// Everything at and below `thumbnails`.
pub(super) fn dispatch(
    call: &Call,
    target: &Target,
    address: &Address,
    below: &[&str],
) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    let view = View::whole(call, target);
    let sets = target.read(call, |drive| {
        let unique = target.item(call, drive, address, Access::Read)?;
        let item = drive.item(unique).ok_or_else(fault::not_found)?;
        Ok(view.thumbnails(drive, unique, item))
    })?;
    let Some((id, below)) = below.split_first() else {
        let page = Page {
            context: call.context("Collection(thumbnailSet)"),
            count: None,
            next: None,
            value: sets,
        };
        return Ok(Reply::json(&page.into_value()));
    };
    let set = sets.into_iter().find(|set| set["id"] == *id);
    let set = set.ok_or_else(fault::not_found)?;
    let size = |name: &str| set.get(name).filter(|size| size.is_object());
    match below {
        [] => Ok(shown(call, "microsoft.graph.thumbnailSet", &set)),
        [name] => {
            let size = size(name).ok_or_else(fault::not_found)?;
            Ok(shown(call, "microsoft.graph.thumbnail", size))
        }
        [name, content] if content.eq_ignore_ascii_case("content") => {
            let url = size(name).and_then(|size| size["url"].as_str());
            let url = url.ok_or_else(fault::not_found)?.to_owned();
            Ok(Reply::empty(StatusCode::FOUND).with_header(header::LOCATION, url))
        }
        [_, other, ..] => Err(Fault::unknown_segment(other)),
    }
}

fn shown(call: &Call, context: &str, entity: &Value) -> Reply {
    let entity = entity.as_object().cloned().unwrap_or_default();
    Reply::json(&envelope::entity(&call.context(context), entity))
}
