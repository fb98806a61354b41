//! Changes of a list: <https://learn.microsoft.com/graph/api/listitem-delta>
//!
//! A round tells what changed after one number and up to another; a page ends at the number of its last item, so that what
//! changes meanwhile has a later number than the round and comes with the next one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::place::Place;
use super::row::{self, Context};
use super::{fault, render};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::state::sites::site::Level;

const DEFAULT_PAGE: usize = 200;
const MAX_PAGE: usize = 1_000;

/// Where a round is: tells what has a number above `after`, up to `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Round {
    after: u64,
    until: u64,
    /// The first round tells everything, and nothing of what is gone.
    is_first: bool,
}

/// `GET …/items/delta`, `…/items/delta(token='…')`
pub(super) fn delta(
    call: &Call,
    place: &Place,
    list: Uuid,
    function: &str,
) -> Result<Reply, Fault> {
    if call.method != axum::http::Method::GET {
        return Err(Fault::method_not_allowed());
    }
    let given = function
        .split_once("token='")
        .and_then(|(_, rest)| rest.strip_suffix("')"))
        .or_else(|| call.options.custom("token"))
        .or_else(|| call.options.custom("$deltatoken"))
        .or(call.options.skip_token.as_deref());
    place.read_list(call, list, Level::Read, |state, site, list| {
        let context = (state, site, list);
        let latest = latest(context);
        let round = match given {
            None | Some("") => Round {
                after: 0,
                until: latest,
                is_first: true,
            },
            Some(word) if word.eq_ignore_ascii_case("latest") => {
                return Ok(answer(call, Vec::new(), Ok(latest)));
            }
            Some(token) => Round::read(token, latest)
                .filter(|round| round.is_first || round.after >= forgotten(context))
                .ok_or_else(|| fault::resync(link(call, None)))?,
        };
        let size = call
            .options
            .top
            .or(call.prefer.max_page_size)
            .unwrap_or(DEFAULT_PAGE)
            .clamp(1, MAX_PAGE);
        let mut changes = changes(call, place, context, round);
        changes.sort_by_key(|(number, _)| *number);
        let rest = changes.split_off(size.min(changes.len()));
        let next = match changes.last() {
            Some((end_of_page, _)) if !rest.is_empty() => Err(Round {
                after: *end_of_page,
                ..round
            }),
            _ => Ok(round.until),
        };
        let value = changes.into_iter().map(|(_, value)| value).collect();
        Ok(answer(call, value, next))
    })
}

/// Number of the last change of the list's items.
fn latest((state, _, list): Context<'_>) -> u64 {
    let drive = state.drives.of(&list.id.to_string());
    drive.map_or(list.changes, |drive| drive.changes)
}

/// Changes up to this one cannot be told any more.
fn forgotten((state, _, list): Context<'_>) -> u64 {
    let drive = state.drives.of(&list.id.to_string());
    drive.map_or(0, |drive| drive.forgotten)
}

fn changes(call: &Call, place: &Place, context: Context<'_>, round: Round) -> Vec<(u64, Value)> {
    let (state, site, list) = context;
    let is_told = |number: u64| number > round.after && number <= round.until;
    let mut told: Vec<(u64, Value)> = row::all(context)
        .into_iter()
        .filter(|row| is_told(row.changed))
        .map(|row| {
            let mut entity = row.entity(place, context, false);
            let mut expand = call.options.expand.iter();
            if let Some(wanted) = expand.find(|wanted| wanted.path.eq_ignore_ascii_case("fields")) {
                let fields = row.fields(context, &wanted.options.select);
                entity.insert("fields".to_owned(), Value::Object(fields));
            }
            (row.changed, Value::Object(entity))
        })
        .collect();
    if round.is_first {
        return told;
    }
    let gone = |number: u32, unique: Uuid| {
        json!({
            "id": number.to_string(),
            "eTag": render::e_tag(unique, 0),
            "parentReference": {"id": list.id, "siteId": place.site_id(site)},
            "deleted": {"state": "deleted"},
        })
    };
    if let Some(drive) = state.drives.of(&list.id.to_string()) {
        let tombstones = drive.tombstones().filter(|(number, _)| is_told(*number));
        told.extend(tombstones.map(|(at, it)| (at, gone(it.number, it.unique))));
    } else {
        let tombstones = list.gone.iter().filter(|(number, _)| is_told(**number));
        told.extend(tombstones.map(|(at, it)| (*at, gone(it.number, it.unique))));
    }
    told
}

/// A page with the token of the next one, or of the next round.
fn answer(call: &Call, value: Vec<Value>, next: Result<u64, Round>) -> Reply {
    let context = call.context("Collection(listItem)");
    let mut body = Map::from_iter([("@odata.context".to_owned(), json!(context))]);
    let (name, round) = match next {
        Err(round) => ("@odata.nextLink", round),
        Ok(until) => (
            "@odata.deltaLink",
            Round {
                after: until,
                until: 0,
                is_first: false,
            },
        ),
    };
    body.insert(name.to_owned(), json!(link(call, Some(round))));
    body.insert("value".to_owned(), Value::Array(value));
    Reply::json(&Value::Object(body))
}

/// The address of delta with the options of the first call, which stay for the whole round.
fn link(call: &Call, round: Option<Round>) -> String {
    let url = call.url();
    let url = url.split_once("delta(").map_or(url, |(start, _)| start);
    let url = url.trim_end_matches("/delta").trim_end_matches('/');
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in &call.options.pairs {
        let bare = name.trim_start_matches('$').to_ascii_lowercase();
        if !["token", "deltatoken", "skiptoken"].contains(&bare.as_str()) {
            query.append_pair(name, value);
        }
    }
    if let Some(round) = round {
        query.append_pair("token", &round.write());
    }
    let query = query.finish();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{url}/delta{mark}{query}")
}

impl Round {
    fn write(self) -> String {
        let first = u8::from(self.is_first);
        URL_SAFE_NO_PAD.encode(format!("l;{};{};{first}", self.after, self.until))
    }

    /// A round as a token has it; none when it was not made here, or tells of a future that has not come.
    fn read(token: &str, latest: u64) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let mut parts = text.strip_prefix("l;")?.split(';');
        let after = parts.next()?.parse().ok()?;
        let until: u64 = parts.next()?.parse().ok()?;
        let is_first = parts.next()? == "1";
        // The link to the next round does not know yet how far it will go.
        let until = if until == 0 { latest } else { until };
        (after <= latest && until <= latest).then_some(Self {
            after,
            until,
            is_first,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_comes_back_from_its_token() {
        let round = Round {
            after: 7,
            until: 9,
            is_first: true,
        };
        assert_eq!(Round::read(&round.write(), 9), Some(round));
        assert_eq!(Round::read(&round.write(), 8), None);
        assert_eq!(Round::read("made up", 8), None);
    }
}
