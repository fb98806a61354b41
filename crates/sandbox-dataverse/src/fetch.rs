//! FetchXML: read, held against the tables, run.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/reference/>

mod bind;
mod join;
mod model;
mod run;
mod xml;

use serde_json::Value;
use uuid::Uuid;

use crate::Dataverse;
use crate::call::Call;
use crate::cell::Cell;
use crate::fault::Fault;
use crate::reply::Reply;
use crate::schema::TableId;

/// Reads a query without asking anything of tables: whether it is one. For whoever tries to break the reader.
pub fn check(text: &str) -> bool {
    xml::parse(text).is_some_and(|root| model::Fetch::read(&root).is_ok())
}

/// The FetchXML that a request runs: its own, or that of a saved view.
pub(crate) fn wanted(
    dataverse: &Dataverse,
    call: &Call,
    table: TableId,
) -> Result<Option<String>, Fault> {
    if let Some(xml) = call.options.custom("fetchxml") {
        return Ok(Some(xml.to_owned()));
    }
    for (option, name) in [("savedquery", "savedquery"), ("userquery", "userquery")] {
        let Some(id) = call.options.custom(option) else {
            continue;
        };
        let id: Uuid = id
            .trim_matches(['{', '}'])
            .parse()
            .map_err(|_| Fault::bad_query(format!("'{id}' is not a view's id.")))?;
        let views = dataverse.schema.find(name).unwrap_or_default();
        let view = dataverse
            .store
            .get(views, id)
            .ok_or_else(|| Fault::no_row(name, id))?;
        let of = dataverse
            .cell(views, view, "returnedtypecode")
            .and_then(Cell::as_text);
        if of != Some(dataverse.schema.table(table).name.as_str()) {
            return Err(Fault::bad_query("The view is not one of this table."));
        }
        let xml = dataverse
            .cell(views, view, "fetchxml")
            .and_then(Cell::as_text);
        return Ok(xml.map(str::to_owned));
    }
    Ok(None)
}

/// `GET /accounts?fetchXml=…`
pub(crate) fn answer(
    dataverse: &Dataverse,
    call: &Call,
    table: TableId,
    xml: &str,
) -> Result<Reply, Fault> {
    let root = xml::parse(xml).ok_or_else(|| Fault::bad_fetch("Invalid XML."))?;
    let fetch = model::Fetch::read(&root)?;
    let known = dataverse.schema.table(table);
    if fetch.entity.table != known.name {
        return Err(Fault::bad_fetch(format!(
            "The entity '{}' of the FetchXML is not that of the entity set '{}'.",
            fetch.entity.table, known.set_name
        )));
    }
    let body: Value = run::run(dataverse, call, &fetch)?;
    Ok(Reply::ok(&body))
}
