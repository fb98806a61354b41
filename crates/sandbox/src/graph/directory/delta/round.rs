//! Where a client is: the number of the change that it was told last, and how far a page went.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Kind;
use super::query::Query;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::state::directory::watched::{MEMORY, Set};

/// An object in a round, and the part of it that comes next.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) id: String,
    pub(super) part: usize,
}

/// One request of a round.
#[derive(Debug)]
pub(super) struct Round {
    /// Whether the client has nothing yet.
    pub(super) is_first: bool,
    /// Whether it wants to know of what comes only.
    pub(super) is_latest: bool,
    /// Changes up to this one have been told.
    pub(super) after: u64,
    /// The round ends with this one.
    pub(super) until: u64,
    pub(super) from: Option<Place>,
}

/// A token as it was given out.
#[derive(Debug)]
pub(super) struct Written {
    is_first: bool,
    after: u64,
    /// None begins a round.
    until: Option<u64>,
    from: Option<Place>,
    pub(super) query: String,
}

/// The token of this call, when it has one; 410 when it is too old.
pub(super) fn written(call: &Call, kind: &Kind) -> Result<Option<Written>, Fault> {
    match token(call) {
        None | Some("") => Ok(None),
        Some(word) if is_latest(word) => Ok(None),
        Some(text) => {
            let (told_at, written) = parse(text, call, kind)
                .ok_or_else(|| Fault::directory("Badly formed token in a delta query."))?;
            if call.now.as_second() - told_at > MEMORY.as_secs() {
                return Err(resync(call));
            }
            Ok(Some(written))
        }
    }
}

fn is_latest(token: &str) -> bool {
    token.eq_ignore_ascii_case("latest")
}

fn token(call: &Call) -> Option<&str> {
    let named = |name: &str| {
        let mut pairs = call.options.pairs.iter();
        let found = pairs.find(|(key, _)| key.trim_start_matches('$').eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    };
    named("deltatoken").or_else(|| named("skiptoken"))
}

fn parse(text: &str, call: &Call, kind: &Kind) -> Option<(i64, Written)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let mut fields = text.splitn(9, ';');
    let (set, tenant) = (fields.next()?, fields.next()?);
    let is_first = fields.next()? == "first";
    let after = fields.next()?.parse().ok()?;
    let until: u64 = fields.next()?.parse().ok()?;
    let told_at = fields.next()?.parse().ok()?;
    let id = fields.next()?.to_owned();
    let part = fields.next()?.parse().ok()?;
    let written = Written {
        is_first,
        after,
        until: (until > 0).then_some(until),
        from: (!id.is_empty()).then_some(Place { id, part }),
        query: fields.next()?.to_owned(),
    };
    (set == kind.set && tenant == call.caller.tenant_id()).then_some((told_at, written))
}

impl Round {
    /// 410 when what the token leans on is forgotten.
    pub(super) fn open(call: &Call, written: Option<&Written>, set: &Set) -> Result<Self, Fault> {
        let Some(written) = written else {
            return Ok(Self {
                is_first: true,
                is_latest: token(call).is_some_and(is_latest),
                after: 0,
                until: set.last(),
                from: None,
            });
        };
        let until = written.until.unwrap_or(set.last());
        let is_known = (written.is_first || set.remembers(written.after)) && until <= set.last();
        if !is_known {
            return Err(resync(call));
        }
        Ok(Self {
            is_first: written.is_first,
            is_latest: false,
            after: written.after,
            until,
            from: written.from.clone(),
        })
    }

    /// The annotation of the link to go on with, and the link.
    pub(super) fn link(
        &self,
        call: &Call,
        kind: &Kind,
        query: &Query,
        next: Option<Place>,
    ) -> (&'static str, String) {
        let goes_on = next.is_some();
        let phase = if goes_on && self.is_first {
            "first"
        } else {
            "later"
        };
        let (after, until) = if goes_on {
            (self.after, self.until)
        } else {
            (self.until, 0)
        };
        let Place { id, part } = next.unwrap_or(Place {
            id: String::new(),
            part: 0,
        });
        let text = format!(
            "{};{};{phase};{after};{until};{};{id};{part};{}",
            kind.set,
            call.caller.tenant_id(),
            call.now.as_second(),
            query.text,
        );
        let token = URL_SAFE_NO_PAD.encode(text);
        if goes_on {
            let link = format!("{}?$skiptoken={token}", call.url());
            ("@odata.nextLink", link)
        } else {
            let link = format!("{}?$deltatoken={token}", call.url());
            ("@odata.deltaLink", link)
        }
    }
}

/// 410 with the address of a new start.
pub(super) fn resync(call: &Call) -> Fault {
    Fault::new(
        StatusCode::GONE,
        "syncStateNotFound",
        "The token is too old, or the directory no longer knows what changed since; the client has to start with a full synchronization.",
    )
    .with_location(format!("{}?$deltatoken=", call.url()))
}
