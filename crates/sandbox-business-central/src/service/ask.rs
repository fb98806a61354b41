//! A request below an environment, by itself or as a part of a batch.

use http::Method;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use sandbox_odata::service::{Caller, Request};

use crate::fault::Fault;

pub(super) struct Ask<'a> {
    pub(super) method: Method,
    /// As it was sent.
    pub(super) path: String,
    pub(super) query: String,
    pub(super) if_match: Option<String>,
    pub(super) prefer: String,
    pub(super) content_type: Option<String>,
    /// `Isolation`, for batches.
    pub(super) isolation: String,
    pub(super) body: Vec<u8>,
    pub(super) origin: &'a str,
    pub(super) caller: &'a Caller,
    pub(super) now: Timestamp,
}

impl<'a> Ask<'a> {
    pub(super) fn new(request: &'a Request) -> Self {
        let text = |name| request.header(name).map(str::to_owned);
        Self {
            method: request.method.clone(),
            path: request.uri.path().to_owned(),
            query: request.uri.query().unwrap_or_default().to_owned(),
            if_match: text("if-match"),
            prefer: text("prefer").unwrap_or_default(),
            content_type: text("content-type"),
            isolation: text("isolation").unwrap_or_default(),
            body: request.body.to_vec(),
            origin: &request.origin,
            caller: &request.caller,
            now: request.now,
        }
    }

    /// `odata.maxpagesize` of `Prefer`.
    pub(super) fn page_size(&self) -> Option<usize> {
        self.preference("odata.maxpagesize")
            .or_else(|| self.preference("maxpagesize"))?
            .parse()
            .ok()
    }

    /// The value of a preference; empty for one without.
    pub(super) fn preference(&self, name: &str) -> Option<&str> {
        self.prefer.split([',', ';']).find_map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (key.trim().eq_ignore_ascii_case(name)).then(|| value.trim().trim_matches('"'))
        })
    }
}

/// Segments of a path, decoded.
pub(super) fn segments(path: &str) -> Result<Vec<String>, Fault> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| {
            let decoded = percent_decode_str(segment).decode_utf8();
            decoded
                .map(std::borrow::Cow::into_owned)
                .map_err(|_| Fault::bad_address(segment))
        })
        .collect()
}
