//! Microsoft's published limits, when the control API switches them on. What lies behind an address that needs no token, as
//! downloads do, is not counted.
//! Source: <https://learn.microsoft.com/graph/throttling-limits>

mod files;
mod identity;
mod outlook;
mod place;
mod teams;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, Response, StatusCode, Uri, header};

use super::auth::Caller;
use super::fault::Fault;
use super::paths;
use crate::shared::Shared;
use crate::throttling::{Limit, Slot, Standing, Throttling};
use place::Place;

/// Requests of an application in ten seconds, whatever it asks and in whichever tenant.
const OF_AN_APPLICATION: u64 = 130_000;

/// A request as limits see it.
struct Asked<'a> {
    caller: &'a Caller,
    method: &'a Method,
    /// Below the version, in small letters.
    segments: &'a [&'a str],
    query: &'a str,
    size_bytes: u64,
    /// Accounts of the tenant, which Microsoft's larger limits grow with.
    people: u64,
    switch: Throttling,
}

/// Whether a request may go on, and what its answer says of limits.
#[derive(Default)]
pub(super) struct Admission {
    headers: Vec<(HeaderName, String)>,
    refused: Option<Fault>,
    /// Held until the answer is made.
    _slot: Option<Slot>,
}

/// How a request came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Alone,
    /// Microsoft runs four parts on a mailbox at once and lets the others wait, so they are never too many.
    InABatch,
}

/// Counts a request in everything that it is part of.
pub(super) fn admit(shared: &Shared, parts: &Parts, uri: &Uri, way: Way) -> Admission {
    let switch = shared.read(|state| state.settings.throttling);
    if switch == Throttling::Off {
        return Admission::default();
    }
    // Who is nobody is refused for that.
    let Ok(caller) = Caller::identify(shared, &parts.headers) else {
        return Admission::default();
    };
    let path = uri.path().to_ascii_lowercase();
    let below = path.get(1..).and_then(|path| path.split_once('/'));
    let segments = below
        .and_then(|(_, below)| paths::segments(below))
        .unwrap_or_default();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let length = parts.headers.get(header::CONTENT_LENGTH);
    let asked = Asked {
        caller: &caller,
        method: &parts.method,
        segments: &segments,
        query: uri.query().unwrap_or_default(),
        size_bytes: length
            .and_then(|it| it.to_str().ok()?.parse().ok())
            .unwrap_or_default(),
        people: shared.read(|state| {
            state
                .directory
                .users
                .iter()
                .filter(|user| user.tenant_id == caller.tenant_id())
                .count() as u64
        }),
        switch,
    };
    asked.admit(shared, way)
}

impl Asked<'_> {
    fn admit(&self, shared: &Shared, way: Way) -> Admission {
        let of_all = self.limit("all", OF_AN_APPLICATION, 10, 1);
        if let Some(over) = spend(shared, of_all).filter(|standing| standing.is_over()) {
            return refused(over, too_many("TooManyRequests", "Too many requests."));
        }
        match place::of(self.segments) {
            Place::Mailbox(whose) => outlook::admit(self, shared, whose, way),
            Place::Files => files::admit(self, shared),
            Place::Teams => teams::admit(self, shared),
            Place::Directory => identity::admit(self, shared),
            Place::Subscriptions if self.is_write() => {
                let made = self.limit("subscriptions", 500, 20, 1);
                held(
                    shared,
                    vec![made],
                    too_many("TooManyRequests", "Too many requests."),
                )
            }
            Place::Subscriptions | Place::Elsewhere => Admission::default(),
        }
    }

    /// A limit of the calling application; what it is called keeps it apart from others.
    fn limit(&self, name: &str, most: u64, window_secs: i64, cost: u64) -> Option<Limit> {
        let most = self.switch.scaled(most)?;
        let key = format!("{}/{name}", self.caller.client_id());
        Some(Limit {
            key,
            most,
            window_secs,
            cost,
        })
    }

    /// The same, of the application in the caller's tenant.
    fn limit_in_tenant(&self, name: &str, most: u64, window_secs: i64, cost: u64) -> Option<Limit> {
        let name = format!("{}/{name}", self.caller.tenant_id());
        self.limit(&name, most, window_secs, cost)
    }

    fn is_write(&self) -> bool {
        !matches!(*self.method, Method::GET | Method::HEAD)
    }

    fn has_option(&self, option: &str) -> bool {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.any(|(name, _)| name.trim_start_matches('$').eq_ignore_ascii_case(option))
    }

    fn option(&self, option: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        let found =
            pairs.find(|(name, _)| name.trim_start_matches('$').eq_ignore_ascii_case(option));
        found.map(|(_, value)| value.into_owned())
    }
}

/// Counts in each of these; the first that is over refuses.
fn held(shared: &Shared, limits: Vec<Option<Limit>>, fault: Fault) -> Admission {
    let standings = limits.into_iter().filter_map(|limit| spend(shared, limit));
    let mut over = standings.filter(|standing| standing.is_over());
    over.next()
        .map_or_else(Admission::default, |over| refused(over, fault))
}

/// How a limit stands with this request; none when there is no throttling.
fn spend(shared: &Shared, limit: Option<Limit>) -> Option<Standing> {
    limit.map(|limit| shared.throttle().spend(&limit, shared.now()))
}

impl Admission {
    /// The refusal, if it is one.
    pub(super) fn refusal(&mut self) -> Option<Fault> {
        self.refused.take()
    }

    /// Says on the answer how things stand.
    pub(super) fn tell(&self, response: &mut Response<Body>) {
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(name.clone(), value);
            }
        }
    }
}

fn refused(over: Standing, fault: Fault) -> Admission {
    Admission {
        headers: vec![(header::RETRY_AFTER, over.reset_secs.to_string())],
        refused: Some(fault),
        _slot: None,
    }
}

fn too_many(code: &'static str, message: &str) -> Fault {
    Fault::new(StatusCode::TOO_MANY_REQUESTS, code, message)
}
