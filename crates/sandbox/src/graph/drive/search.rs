//! Search by name and text: <https://learn.microsoft.com/graph/api/driveitem-search>

use serde_json::{Map, Value, json};

use super::access::{self, Access};
use super::address::Address;
use super::render::View;
use super::{Target, fault, list, names};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::state::drive::content::Content;
use crate::state::drive::item::Item;
use crate::state::drive::tree::Holder;

/// `GET …/search(q='…')`: everything below an item that has all the words in its name or its text.
pub(super) fn search(
    call: &Call,
    target: &Target,
    address: &Address,
    function: &str,
) -> Result<Reply, Fault> {
    if call.method != axum::http::Method::GET {
        return Err(Fault::method_not_allowed());
    }
    let query = argument(function, "q")
        .ok_or_else(|| fault::invalid_request("The search query is not valid."))?;
    let words: Vec<String> = query
        .to_lowercase()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let view = View::of(call, target)?;
    let page = target.read(call, |drive| {
        let unique = target.item(call, drive, address, Access::Read)?;
        let mut found = drive.subtree(unique);
        found.retain(|below| {
            *below != drive.root && drive.item(*below).is_some_and(|item| matches(item, &words))
        });
        list::page(call, &view, drive, found, "Collection(driveItem)")
    })?;
    list::finished(call, target, page)
}

/// Files and folders of every drive that the caller can see, as a search over all of them shows them: by unique id.
pub(in crate::graph) fn hits(call: &Call, words: &str) -> Vec<(String, Map<String, Value>)> {
    let words: Vec<String> = words
        .to_lowercase()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let holders: Vec<Holder> = call.shared.read(|state| {
        state
            .drives
            .all()
            .map(|drive| drive.holder.clone())
            .collect()
    });
    let targets = holders
        .into_iter()
        .filter_map(|holder| Target::of(call, holder).ok());
    targets
        .flat_map(|target| in_one(call, &target, &words))
        .collect()
}

fn in_one(call: &Call, target: &Target, words: &[String]) -> Vec<(String, Map<String, Value>)> {
    let view = View::whole(call, target);
    let found = target.read(call, |drive| {
        let items = drive.items().filter(|(unique, item)| {
            *unique != drive.root
                && matches(item, words)
                && access::require(call, target, drive, *unique, Access::Read).is_ok()
        });
        let rows = items.map(|(unique, item)| {
            let mut row = view.properties(drive, unique, item);
            row.insert(
                "@odata.type".to_owned(),
                json!("#microsoft.graph.driveItem"),
            );
            row.remove("@microsoft.graph.downloadUrl");
            (drive.id_of(unique), row)
        });
        Ok(rows.collect())
    });
    found.unwrap_or_default()
}

fn matches(item: &Item, words: &[String]) -> bool {
    let mut text = item.name.to_lowercase();
    // Large files are found by name only; Microsoft's index takes its time for them as well.
    if names::media_type(&item.name).starts_with("text/")
        && let Some(Content::Memory(bytes)) = item.file().map(|file| &file.content)
    {
        text.push('\n');
        text.push_str(&String::from_utf8_lossy(bytes).to_lowercase());
    }
    words.iter().all(|word| text.contains(word))
}

/// The text of a function's argument: `q` of `search(q='it''s')`.
pub(super) fn argument(function: &str, name: &str) -> Option<String> {
    let (_, arguments) = function.split_once('(')?;
    let value = arguments.strip_suffix(')')?.trim().strip_prefix(name)?;
    let quoted = value.trim_start().strip_prefix('=')?.trim();
    let text = quoted.strip_prefix('\'')?.strip_suffix('\'')?;
    Some(text.replace("''", "'"))
}
