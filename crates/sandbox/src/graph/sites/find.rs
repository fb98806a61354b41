//! Sites: one, some by words, all, those below another, and what changed.
//! Sources: <https://learn.microsoft.com/graph/api/site-search>, <https://learn.microsoft.com/graph/api/site-getallsites>,
//! <https://learn.microsoft.com/graph/api/site-delta>

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::place::Place;
use super::{access, address, collection, fault, render, schema};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::state::State;
use crate::state::sites::site::{Level, Site};

/// `GET /sites/{id}`
pub(super) fn get(call: &Call, place: &Place) -> Result<Reply, Fault> {
    place.read(call, Level::Read, |state, site| {
        let mut entity = render::site(place, state, site);
        render::add_selected_ids(call, place, site, &mut entity);
        for wanted in &call.options.expand {
            let (name, value) = match wanted.path.as_str() {
                "lists" => ("lists", json!(render::lists(place, site))),
                "sites" => ("sites", json!(below(call, place, state, site))),
                other => return Err(Fault::not_implemented(&format!("$expand={other}"))),
            };
            entity.insert(name.to_owned(), value);
        }
        collection::single(call, &schema::SITE, "sites", entity)
    })
}

/// `getByPath(path='…')`
pub(super) fn by_path(
    call: &Call,
    place: &Place,
    function: &str,
    rest: &[&str],
) -> Result<Reply, Fault> {
    let path = function
        .split_once("='")
        .and_then(|(_, rest)| rest.strip_suffix("')"))
        .ok_or_else(|| fault::invalid("The path is not valid."))?;
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
    let key = format!("{}:", place.host);
    let (found, _) = address::open(call, &key, &names)?;
    super::below_site(call, &found, rest)
}

/// `GET /sites?search=…`. A token for selected sites finds none of them.
pub(super) fn search(call: &Call) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    let words = call.options.search.clone().unwrap_or_default();
    let selected = call.caller.has_any(&["Sites.Selected"]);
    if !selected {
        access::require_everywhere(call, Level::Read)?;
    }
    let rows = matching(call, &words);
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    collection::page(call, &schema::SITE, "sites", rows)
}

/// The sites that the caller can see and that have all these words, as they are shown.
pub(in crate::graph) fn matching(
    call: &Call,
    words: &str,
) -> Vec<(uuid::Uuid, Map<String, Value>)> {
    if access::require_everywhere(call, Level::Read).is_err() {
        return Vec::new();
    }
    let words = words.trim_matches('"').to_lowercase();
    let words: Vec<&str> = words
        .split_whitespace()
        .filter(|word| *word != "*")
        .collect();
    rows(call, |site| {
        let text = format!("{} {} {}", site.display_name, site.path, site.description);
        let text = text.to_lowercase();
        words
            .iter()
            .all(|word| text.contains(word.trim_end_matches('*')))
    })
}

/// `GET /sites/getAllSites`: for applications.
pub(super) fn all(call: &Call) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    require_application(call)?;
    let rows = rows(call, |_| true);
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    collection::page(call, &schema::SITE, "sites", rows)
}

fn require_application(call: &Call) -> Result<(), Fault> {
    if !call.caller.is_application() {
        return Err(fault::access_denied());
    }
    access::require_everywhere(call, Level::Read)
}

/// `GET /sites/{id}/sites`
pub(super) fn subsites(call: &Call, place: &Place) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    let rows = place.read(call, Level::Read, |state, site| {
        Ok(below(call, place, state, site))
    })?;
    collection::page(call, &schema::SITE, "sites", rows)
}

fn below(call: &Call, place: &Place, state: &State, site: &Site) -> Vec<Map<String, Value>> {
    let below = state
        .sites
        .all()
        .filter(|other| other.parent == Some(site.id));
    below
        .filter(|other| access::level(call, state, other).is_some())
        .map(|other| render::site(place, state, other))
        .collect()
}

/// `GET /sites/delta`: for applications.
pub(super) fn delta(call: &Call, function: &str) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    require_application(call)?;
    let given = function
        .split_once("token='")
        .and_then(|(_, rest)| rest.strip_suffix("')"))
        .or_else(|| call.options.custom("token"))
        .or_else(|| call.options.custom("$deltatoken"));
    let latest = call.shared.read(|state| state.sites.changes);
    let base = format!("{}/sites/delta", call.base);
    let since = match given {
        None | Some("") => 0,
        Some("latest") => latest,
        Some(token) => match token.strip_prefix('s').map(str::parse::<u64>) {
            Some(Ok(since)) if since <= latest => since,
            _ => return Err(fault::resync(base)),
        },
    };
    let rows = rows(call, |site| site.changed > since);
    let value: Vec<Value> = rows
        .into_iter()
        .map(|(_, row)| Value::Object(row))
        .collect();
    Ok(Reply::json(&json!({
        "@odata.context": call.context("sites"),
        "@odata.deltaLink": format!("{base}?token=s{latest}"),
        "value": value,
    })))
}

/// The sites that the caller can see, as they are shown.
fn rows(call: &Call, is_wanted: impl Fn(&Site) -> bool) -> Vec<(uuid::Uuid, Map<String, Value>)> {
    let ids: Vec<_> = call.shared.read(|state| {
        let sites = state.sites.all().filter(|site| {
            site.tenant_id == call.caller.tenant_id()
                && is_wanted(site)
                && access::level(call, state, site).is_some()
        });
        sites.map(|site| site.id).collect()
    });
    let shown = ids.into_iter().filter_map(|id| {
        let place = Place::open(call, id).ok()?;
        call.shared.read(|state| {
            let site = state.sites.site(id)?;
            Some((id, render::site(&place, state, site)))
        })
    });
    shown.collect()
}
