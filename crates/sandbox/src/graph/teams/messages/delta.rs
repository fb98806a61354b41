//! What has changed in a channel: <https://learn.microsoft.com/graph/api/chatmessage-delta>
//!
//! Every change of a message has a number. A token names the last one that was told and, between the pages of one round,
//! how far the round goes and how far it has come.

use axum::http::{Method, StatusCode};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::super::rows;
use super::list::{self, MESSAGE, SIZES};
use super::{Place, render};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::graph::teams::only;
use crate::odata::filter::{self, eval};

/// The first round reaches back eight months.
const REACH: SignedDuration = SignedDuration::from_hours(24 * 243);

struct Token {
    after: u64,
    until: u64,
    skip: usize,
    filter: String,
}

impl Token {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '~');
        Some(Self {
            after: parts.next()?.parse().ok()?,
            until: parts.next()?.parse().ok()?,
            skip: parts.next()?.parse().ok()?,
            filter: parts.next()?.to_owned(),
        })
    }

    fn text(&self) -> String {
        format!(
            "{}~{}~{}~{}",
            self.after, self.until, self.skip, self.filter
        )
    }
}

pub(super) fn answer(call: &Call, place: &Place) -> Result<Reply, Fault> {
    only(call, &Method::GET)?;
    place.read().require(call)?;
    let entered = place.enter(call)?;
    let option = |name: &str| {
        let mut pairs = call.options.pairs.iter();
        let found = pairs.find(|(key, _)| key.trim_start_matches('$').eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone())
    };
    let last = call.shared.read(|state| state.teams.last_change);
    let written = option("skiptoken").or_else(|| option("deltatoken"));
    let token = match written {
        Some(text) => Token::parse(&text).ok_or_else(gone)?,
        None => Token {
            after: 0,
            until: last,
            skip: 0,
            filter: option("filter").unwrap_or_default(),
        },
    };
    // Zero begins a new round after an old one.
    let until = if token.until == 0 { last } else { token.until };
    let condition = match token.filter.as_str() {
        "" => None,
        text => {
            let parsed = filter::parse(text).and_then(|mut condition| {
                filter::bind(&mut condition, &MESSAGE)?;
                Ok(condition)
            });
            Some(parsed.map_err(|error| Fault::bad_request(error.to_string()))?)
        }
    };
    let oldest = call.now.saturating_sub(REACH).unwrap_or(call.now);
    let mut found = list::all(call, &entered, |it| {
        it.thread.is_none()
            && it.change > token.after
            && it.change <= until
            && (token.after > 0 || it.created_at >= oldest)
    });
    found.retain(|it| {
        condition.as_ref().is_none_or(|condition| {
            let dates = json!({
                "createdDateTime": it.created_at,
                "lastModifiedDateTime": it.modified_at,
            });
            eval::matches(condition, &dates)
        })
    });
    found.sort_by_key(|it| it.change);
    let size = rows::size(call, SIZES)?;
    let shown = found.iter().skip(token.skip).take(size);
    let value: Vec<Value> = shown
        .map(|it| Value::Object(render::message(call, &entered.place, it)))
        .collect();
    let next = token.skip + value.len();
    let (name, follow) = if next < found.len() {
        let follow = Token {
            until,
            skip: next,
            ..token
        };
        ("@odata.nextLink", ("$skiptoken", follow))
    } else {
        let follow = Token {
            after: until,
            until: 0,
            skip: 0,
            filter: token.filter,
        };
        ("@odata.deltaLink", ("$deltatoken", follow))
    };
    let encoded: String = form_urlencoded::byte_serialize(follow.1.text().as_bytes()).collect();
    let mut link = format!("{}?{}={encoded}", call.url(), follow.0);
    if let Some(top) = call.options.top {
        link = format!("{link}&$top={top}");
    }
    Ok(Reply::json(&json!({
        "@odata.context": call.context("Collection(chatMessage)"),
        name: link,
        "value": value,
    })))
}

fn gone() -> Fault {
    Fault::new(
        StatusCode::GONE,
        "SyncStateNotFound",
        "The delta token is not valid any more; start with a full synchronisation.",
    )
}
