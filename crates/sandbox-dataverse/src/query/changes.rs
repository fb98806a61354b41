//! Change tracking: everything and a link, and through the link what changed since.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/use-change-tracking-synchronize-data-external-systems>

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};

use super::list::option;
use super::operator::Maker;
use super::plan::Plan;
use super::render::Renderer;
use crate::Dataverse;
use crate::call::Call;
use crate::cell::seconds;
use crate::fault::Fault;
use crate::reply::Reply;
use crate::schema::TableId;
use crate::security::{Access, Depth};

/// Seconds for which a token is good.
const SEVEN_DAYS: i64 = 7 * 24 * 3600;

pub(super) fn answer(dataverse: &Dataverse, call: &Call, table: TableId) -> Result<Reply, Fault> {
    let known = dataverse.schema.table(table);
    if !known.tracks_changes {
        return Err(Fault::conflict(
            "0x80060892",
            format!(
                "Change tracking is not enabled for entity '{}'.",
                known.name
            ),
        ));
    }
    let options = &call.options;
    if options.filter.is_some()
        || !options.order_by.is_empty()
        || !options.expand.is_empty()
        || options.top.is_some()
    {
        return Err(Fault::bad_query(
            "The $filter, $orderby, $expand and $top query options are not supported with change tracking.",
        ));
    }
    // Deletions cannot be kept from whoever sees a part of the rows only.
    if dataverse.need(&call.who, Access::Read, table)? != Depth::Global {
        return Err(Fault::privilege(
            call.who.user,
            &format!("prvRead{}", known.privilege),
            &known.name,
        ));
    }
    let since = match option(call, "deltatoken") {
        Some(token) => read_token(token, call.now.as_second())?,
        None => 0,
    };
    let maker = Maker::of(dataverse, call);
    let plan = Plan::read(maker, table, options)?;
    let renderer = Renderer::of(dataverse, call);
    let mut changed: Vec<_> = dataverse
        .store
        .rows(table)
        .filter(|row| row.version > since)
        .collect();
    changed.sort_by_key(|row| row.version);
    let mut values: Vec<Value> = changed
        .into_iter()
        .map(|row| renderer.row(row, &plan))
        .collect();
    if since > 0 {
        let context = call.context(&format!("{}/$deletedEntity", known.set_name));
        let gone = dataverse.store.gone().iter();
        values.extend(
            gone.filter(|gone| gone.link.table == table && gone.version > since)
                .map(|gone| json!({ "@odata.context": context, "id": gone.link.id.to_string(), "reason": "deleted" })),
        );
    }
    let delta = format!("{}{}/$delta", known.set_name, plan.fragment(maker));
    Ok(Reply::ok(&json!({
        "@odata.context": call.context(&delta),
        "@odata.deltaLink": link(call, dataverse.store.version()),
        "value": values,
    })))
}

/// `919042!08/22/2026 10:00:00`: the version, and when it was given out.
fn link(call: &Call, version: u64) -> String {
    let token = format!("{version}!{}", seconds(call.now));
    let token = utf8_percent_encode(&token, NON_ALPHANUMERIC);
    let select = match option(call, "select") {
        Some(select) => format!(
            "$select={}&",
            utf8_percent_encode(select, super::page::QUERY)
        ),
        None => String::new(),
    };
    format!("{}?{select}$deltatoken={token}", call.url)
}

fn read_token(token: &str, now: i64) -> Result<u64, Fault> {
    let text = percent_decode_str(token).decode_utf8_lossy();
    let read = || {
        let (version, time) = text.split_once('!')?;
        let time: jiff::Timestamp = time.parse().ok()?;
        Some((version.parse().ok()?, time.as_second()))
    };
    match read() {
        Some((version, given)) if now - given <= SEVEN_DAYS => Ok(version),
        Some(_) => Err(Fault::conflict(
            "0x80044352",
            "The version of the data token is too old. Please perform a full sync.",
        )),
        None => Err(Fault::bad_query("The delta token is not valid.")),
    }
}
