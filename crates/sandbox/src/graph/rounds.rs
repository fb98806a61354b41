//! Rounds of delta in Outlook: <https://learn.microsoft.com/graph/delta-query-messages>
//!
//! Everything in a mailbox carries the number of its latest change. A round tells what changed after one number and up to
//! another, in the order of the changes; what changes meanwhile has a higher number and comes with the next round. So a
//! token is two numbers and the options of the first call, and no round has to be remembered.

use axum::http::{Method, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::fault::Fault;
use super::reply::Reply;
use crate::odata::options::Options;
use crate::state::mail::Mailbox;

const DEFAULT_PAGE: usize = 10;
const MAX_PAGE: usize = 1_000;
/// Older tokens ask for a new start. Microsoft names no time for Outlook, only the size of a cache.
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

/// One request of a round.
#[derive(Debug)]
pub(super) struct Round {
    /// Changes up to this one have been told.
    pub(super) after: u64,
    /// The round ends with this one.
    pub(super) until: u64,
    /// Whether the client has nothing yet.
    pub(super) is_first: bool,
    /// The options of the first call, which stay.
    pub(super) options: Options,
    query: String,
    size: usize,
}

/// What changed, under its number.
pub(super) type Change<T> = (u64, T);

impl Round {
    /// Reads where this client is; 410 when it has to start afresh.
    pub(super) fn open(call: &Call, mailbox: &Mailbox) -> Result<Self, Fault> {
        if call.method != Method::GET {
            return Err(Fault::method_not_allowed());
        }
        let token = |name: &str| {
            let named = |(key, _): &&(String, String)| {
                key.trim_start_matches('$').eq_ignore_ascii_case(name)
            };
            call.options
                .pairs
                .iter()
                .find(named)
                .map(|(_, value)| value.as_str())
        };
        let written = token("deltatoken").or_else(|| token("skiptoken"));
        let round = match written {
            None => Self::first(call, mailbox),
            Some(text) => Self::parse(text, call, mailbox).ok_or_else(|| resync(call))?,
        };
        let size = call.prefer.max_page_size.or(round.options.top);
        Ok(Self {
            size: size.unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE),
            ..round
        })
    }

    fn first(call: &Call, mailbox: &Mailbox) -> Self {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&call.options.pairs);
        Self {
            after: 0,
            until: mailbox.last(),
            is_first: true,
            options: call.options.clone(),
            query: query.finish(),
            size: DEFAULT_PAGE,
        }
    }

    fn parse(text: &str, call: &Call, mailbox: &Mailbox) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let mut fields = text.splitn(5, ';');
        let owner = fields.next()?;
        let after: u64 = fields.next()?.parse().ok()?;
        let until: u64 = fields.next()?.parse().ok()?;
        let told_at: i64 = fields.next()?.parse().ok()?;
        let query = fields.next()?.to_owned();
        let is_young = call.now.as_second() - told_at <= TOKEN_LIFETIME.as_secs();
        let (kind, owner) = owner.split_at_checked(1)?;
        if owner != mailbox.id.simple().to_string() || !is_young {
            return None;
        }
        // A page of the first round leans on nothing that could have been forgotten.
        let is_first = kind == "f";
        if !is_first && !mailbox.remembers(after) {
            return None;
        }
        Some(Self {
            after,
            until: if until == 0 { mailbox.last() } else { until },
            is_first,
            options: Options::parse(&query).ok()?,
            query,
            size: DEFAULT_PAGE,
        })
    }

    /// What the first call said of something that `OData` does not define.
    pub(super) fn custom(&self, name: &str) -> Option<&str> {
        self.options.custom(name)
    }

    /// Whether a change belongs to this request.
    pub(super) fn tells(&self, change: u64) -> bool {
        change > self.after && change <= self.until
    }

    /// One page of what changed, each written by `show`, with the link to go on with.
    pub(super) fn page<T>(
        self,
        call: &Call,
        mailbox: &Mailbox,
        context: &str,
        mut changes: Vec<Change<T>>,
        show: impl Fn(T) -> Result<Option<Value>, Fault>,
    ) -> Result<Reply, Fault> {
        changes.sort_by_key(|(change, _)| *change);
        // What changed together is told together, as a token cannot stand between.
        let mut end = self.size.min(changes.len());
        while end > 0 && end < changes.len() && changes[end].0 == changes[end - 1].0 {
            end += 1;
        }
        let more = changes.len() > end;
        changes.truncate(end);
        let reached = changes.last().map_or(self.until, |(change, _)| *change);
        let mut value = Vec::with_capacity(changes.len());
        for (_, changed) in changes {
            value.extend(show(changed)?);
        }
        let mut body =
            Map::from_iter([("@odata.context".to_owned(), json!(call.context(context)))]);
        let (name, link) = if more {
            (
                "@odata.nextLink",
                self.link(call, mailbox, "$skiptoken", reached),
            )
        } else {
            (
                "@odata.deltaLink",
                self.link(call, mailbox, "$deltatoken", self.until),
            )
        };
        body.insert(name.to_owned(), json!(link));
        body.insert("value".to_owned(), Value::Array(value));
        Ok(Reply::json(&Value::Object(body)))
    }

    fn link(&self, call: &Call, mailbox: &Mailbox, option: &str, after: u64) -> String {
        let goes_on = option == "$skiptoken";
        let kind = if goes_on && self.is_first { 'f' } else { 'n' };
        let until = if goes_on { self.until } else { 0 };
        let text = format!(
            "{kind}{};{after};{until};{};{}",
            mailbox.id.simple(),
            call.now.as_second(),
            self.query
        );
        format!("{}?{option}={}", call.url(), URL_SAFE_NO_PAD.encode(text))
    }
}

/// `{"id": …, "@removed": {"reason": "deleted"}}`
pub(super) fn removed(id: &str) -> Value {
    json!({"@removed": {"reason": "deleted"}, "id": id})
}

/// 410 with the address of a new start.
fn resync(call: &Call) -> Fault {
    Fault::new(
        StatusCode::GONE,
        "syncStateNotFound",
        "The sync state generation is not found; the client has to start a new round without a token.",
    )
    .with_location(call.url().to_owned())
}
