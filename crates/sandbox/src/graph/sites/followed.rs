//! Sites that somebody follows: <https://learn.microsoft.com/graph/api/sites-list-followed>

use axum::http::Method;
use serde_json::{Map, Value};

use super::{access, address, collection, fault, render, schema};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope::Page;
use crate::state::sites::site::Level;

/// `followedSites` of the signed-in person, with `add` and `remove`.
pub(in crate::graph) fn of_user(call: &Call, below: &[&str]) -> Result<Reply, Fault> {
    if call.caller.is_application() {
        return Err(fault::access_denied());
    }
    match (below, &call.method) {
        ([], &Method::GET) => list(call),
        ([action], &Method::POST) if action.eq_ignore_ascii_case("add") => change(call, true),
        ([action], &Method::POST) if action.eq_ignore_ascii_case("remove") => change(call, false),
        ([], _) => Err(Fault::method_not_allowed()),
        ([other, ..], _) => Err(Fault::unknown_segment(other)),
    }
}

fn list(call: &Call) -> Result<Reply, Fault> {
    access::require_everywhere(call, Level::Read)?;
    let me = call.caller.object_id();
    let ids: Vec<_> = call.shared.read(|state| {
        let sites = state.sites.all();
        sites
            .filter(|site| site.followers.iter().any(|id| id == me))
            .map(|site| site.id)
            .collect()
    });
    let mut rows: Vec<Map<String, Value>> = Vec::new();
    for id in ids {
        let place = super::Place::open(call, id)?;
        // Who lost access sees no more of the site than its absence.
        let row = place.read(call, Level::Read, |state, site| {
            Ok(render::site(&place, state, site))
        });
        rows.extend(row.ok());
    }
    collection::page(call, &schema::SITE, "sites", rows)
}

fn change(call: &Call, follow: bool) -> Result<Reply, Fault> {
    access::require_everywhere(call, Level::Write)?;
    let body = call.json()?;
    let sites = body.get("value").and_then(Value::as_array);
    let sites = sites.ok_or_else(|| fault::invalid("The sites are missing from 'value'."))?;
    let me = call.caller.object_id().to_owned();
    let mut value = Vec::new();
    for site in sites {
        let id = site.get("id").and_then(Value::as_str).unwrap_or_default();
        let (place, _) = address::open(call, id, &[])?;
        let row = place.change(call, None, Level::Read, |state| {
            let site = state
                .sites
                .site_mut(place.id)
                .ok_or_else(fault::not_found)?;
            site.followers.retain(|id| *id != me);
            if follow {
                site.followers.push(me.clone());
            }
            let site = state.sites.site(place.id).ok_or_else(fault::not_found)?;
            Ok(render::site(&place, state, site))
        })?;
        value.push(Value::Object(row));
    }
    if !follow {
        return Ok(Reply::no_content());
    }
    let page = Page {
        context: call.context("Collection(site)"),
        count: None,
        next: None,
        value,
    };
    Ok(Reply::json(&page.into_value()))
}
