//! Changes of a drive: <https://learn.microsoft.com/graph/api/driveitem-delta>
//!
//! The first page of a round fixes which items it tells; each page then shows them as they are when it is asked for. What
//! changes meanwhile has a later number than the round and comes with the next one, so nothing is lost.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::access::Access;
use super::address::Address;
use super::render::View;
use super::{Target, fault, search};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::state::drive::tree::Drive;

const DEFAULT_PAGE: usize = 200;
const MAX_PAGE: usize = 1_000;
/// Older tokens ask for a new start.
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What a token stands for.
enum Token {
    /// Everything.
    Start,
    /// Nothing but what is to come.
    Latest,
    /// Changes after an instant.
    After(Timestamp),
    /// Changes after this one, and when that was told.
    Since(u64, i64),
    /// A page of a round, from this item on.
    Page(u64, usize),
    /// None that was made here.
    Unknown,
}

/// `GET …/delta`, `…/delta(token='…')`
pub(super) fn delta(
    call: &Call,
    target: &Target,
    address: &Address,
    function: &str,
) -> Result<Reply, Fault> {
    if call.method != axum::http::Method::GET {
        return Err(Fault::method_not_allowed());
    }
    let token = search::argument(function, "token")
        .or_else(|| call.options.custom("token").map(str::to_owned));
    let token = Token::parse(token.as_deref());
    let view = View::of(call, target)?;
    let size = call
        .options
        .top
        .or(call.prefer.max_page_size)
        .unwrap_or(DEFAULT_PAGE)
        .clamp(1, MAX_PAGE);
    target.change(call, |drive, _, _| {
        let unique = target.item(call, drive, address, Access::Read)?;
        if unique != drive.root {
            return Err(fault::invalid_request(
                "'track changes' is only supported on the root of a drive.",
            ));
        }
        let round = match token {
            Token::Start => (drive.crawl(None, None), 0),
            Token::After(instant) => (drive.crawl(None, Some(instant)), 0),
            Token::Latest => {
                return Ok(answer(
                    call,
                    Vec::new(),
                    Err(since(drive.changes, call.now)),
                ));
            }
            Token::Since(number, told_at) if is_told(call, drive, number, told_at) => {
                (drive.crawl(Some(number), None), 0)
            }
            Token::Page(key, from) if drive.crawls.contains_key(&key) => (key, from),
            Token::Since(..) | Token::Page(..) | Token::Unknown => {
                return Err(fault::resync(link(call, None)));
            }
        };
        page(call, &view, drive, round, size)
    })
}

fn is_told(call: &Call, drive: &Drive, number: u64, told_at: i64) -> bool {
    let age = call.now.as_second().saturating_sub(told_at);
    number <= drive.changes && number >= drive.forgotten && age <= TOKEN_LIFETIME.as_secs()
}

fn page(
    call: &Call,
    view: &View<'_>,
    drive: &Drive,
    (key, from): (u64, usize),
    size: usize,
) -> Result<Reply, Fault> {
    let crawl = drive
        .crawls
        .get(&key)
        .ok_or_else(|| fault::resync(link(call, None)))?;
    let end = from.saturating_add(size).min(crawl.items.len());
    let told = crawl.items.get(from..end).unwrap_or_default();
    let value = told
        .iter()
        .filter_map(|unique| entry(view, drive, *unique))
        .collect();
    let next = if end < crawl.items.len() {
        Ok(write(&format!("2;{key};{end}")))
    } else {
        Err(since(crawl.until, call.now))
    };
    Ok(answer(call, value, next))
}

/// An item, or what remains of it.
fn entry(view: &View<'_>, drive: &Drive, unique: Uuid) -> Option<Value> {
    if drive.item(unique).is_some() {
        return view.item(drive, unique).ok().map(Value::Object);
    }
    drive.tombstone(unique).map(|gone| View::gone(drive, gone))
}

/// A page with the token of the next one, or of the next round.
fn answer(call: &Call, value: Vec<Value>, next: Result<String, String>) -> Reply {
    let mut body = Map::from_iter([(
        "@odata.context".to_owned(),
        json!(call.context("Collection(driveItem)")),
    )]);
    let (name, token) = match next {
        Ok(token) => ("@odata.nextLink", token),
        Err(token) => ("@odata.deltaLink", token),
    };
    body.insert(name.to_owned(), json!(link(call, Some(&token))));
    body.insert("value".to_owned(), Value::Array(value));
    Reply::json(&Value::Object(body))
}

/// The address of delta with the options of the first call, which stay for the whole round.
fn link(call: &Call, token: Option<&str>) -> String {
    let url = call.url();
    let url = url
        .split("delta(")
        .next()
        .filter(|rest| rest.len() < url.len())
        .map_or_else(|| url.to_owned(), |start| format!("{start}delta"));
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in &call.options.pairs {
        if !name.eq_ignore_ascii_case("token") {
            query.append_pair(name, value);
        }
    }
    if let Some(token) = token {
        query.append_pair("token", token);
    }
    let query = query.finish();
    if query.is_empty() {
        url
    } else {
        format!("{url}?{query}")
    }
}

fn since(number: u64, now: Timestamp) -> String {
    write(&format!("1;{number};{}", now.as_second()))
}

fn write(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

impl Token {
    fn parse(token: Option<&str>) -> Self {
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Self::Start;
        };
        if token.eq_ignore_ascii_case("latest") {
            return Self::Latest;
        }
        if let Ok(instant) = token.parse() {
            return Self::After(instant);
        }
        Self::read(token).unwrap_or(Self::Unknown)
    }

    fn read(token: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let (kind, numbers) = text.split_once(';')?;
        let (first, second) = numbers.split_once(';')?;
        match kind {
            "1" => Some(Self::Since(first.parse().ok()?, second.parse().ok()?)),
            "2" => Some(Self::Page(first.parse().ok()?, second.parse().ok()?)),
            _ => None,
        }
    }
}
