//! The items of the library's list that files are, under `$expand=listItem`. They are rendered once the drive is free again,
//! since a list item may show its file in turn.

use serde_json::Value;

use super::fault;
use super::render::is_list_item;
use super::target::Target;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::sites;

/// Adds to each of these items what the list has of it, if the request asks for that.
pub(super) fn add(call: &Call, target: &Target, items: &mut [Value]) -> Result<(), Fault> {
    let Some(wanted) = call.options.expand.iter().find(|it| is_list_item(it)) else {
        return Ok(());
    };
    let holder = target.read(call, |drive| Ok(drive.holder.clone()))?;
    for item in items {
        let id = item["id"].as_str().unwrap_or_default().to_owned();
        let number = target.read(call, |drive| {
            let unique = drive.find(&id).ok_or_else(fault::not_found)?;
            Ok(drive.item(unique).map_or(0, |item| item.number))
        })?;
        // The root of a library is the list itself.
        if number > 0 {
            item["listItem"] = sites::list_item(call, &holder, number, &wanted.options)?;
        }
    }
    Ok(())
}
