//! Addresses that show a file for a while: <https://learn.microsoft.com/graph/api/driveitem-preview>

use serde_json::{Map, json};

use super::access::Access;
use super::address::Address;
use super::render::View;
use super::{Target, fault};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope;

/// `POST …/preview`: the file itself, since there is no viewer here.
pub(super) fn preview(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    let body = call.optional_json()?;
    if let Some(unknown) = body.keys().find(|name| {
        !["page", "zoom", "viewer", "chromeless", "allowEdit"].contains(&name.as_str())
    }) {
        return Err(fault::invalid_request(format!(
            "The parameter '{unknown}' does not exist."
        )));
    }
    let view = View::whole(call, target);
    target.read(call, |drive| {
        let unique = target.item(call, drive, address, Access::Read)?;
        let item = drive.item(unique).ok_or_else(fault::not_found)?;
        let version = item.versions().last();
        let version =
            version.ok_or_else(|| fault::invalid_request("A folder cannot be previewed."))?;
        let url = view.download_url(drive, unique, version.number);
        let entity = Map::from_iter([
            ("getUrl".to_owned(), json!(url)),
            ("postParameters".to_owned(), json!(null)),
            ("postUrl".to_owned(), json!(null)),
        ]);
        let context = call.context("microsoft.graph.itemPreviewInfo");
        Ok(Reply::json(&envelope::entity(&context, entity)))
    })
}
