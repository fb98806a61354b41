use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use http::header::{DATE, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};

use super::ERROR_BYTES;
use crate::odata::Envelope;
use crate::{Incoming, TransportError};

/// Microsoft Graph's refusal, whole. Dataverse and Business Central answer in the same shape.
///
/// Source: Microsoft Graph docs, `errors`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphFault {
    pub status: StatusCode,
    /// `ErrorItemNotFound`, …; empty when the body is not Graph's.
    pub code: String,
    pub inner_codes: Vec<String>,
    /// Microsoft's sentence, or the beginning of a body that is not Graph's.
    pub message: String,
    pub request_id: Option<String>,
    pub client_request_id: Option<String>,
    pub date: Option<String>,
    pub retry_after: Option<Duration>,
    /// The JSON of a claims challenge: what a new token has to meet.
    pub claims: Option<String>,
}

/// What a refusal means to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The token is expired, revoked or not for this API.
    TokenRefused,
    /// The token must meet more: a new one is needed, and maybe a sign-in.
    ClaimsChallenge,
    /// The permission, licence or access is missing.
    PermissionMissing,
    NotFound,
    /// The thing has changed, is locked, or its name is taken.
    Conflict,
    Throttled,
    /// The request is wrong.
    Invalid,
    /// Trouble at Microsoft.
    Unavailable,
}

impl GraphFault {
    /// Reads the rest of a failing answer.
    pub async fn read(answer: Incoming) -> Result<Self, TransportError> {
        let (status, headers) = (answer.status, answer.headers);
        let (retry_after, sent_id) = (answer.retry_after, answer.client_request_id);
        let body = answer.body.bytes(ERROR_BYTES).await?;
        let mut fault = Self::parse(status, &headers, &body);
        fault.retry_after = retry_after;
        fault.client_request_id = fault.client_request_id.or(sent_id);
        Ok(fault)
    }

    /// The fault of an answer that has been read; `retry_after` is left to [`read`](Self::read), which knows the time.
    pub fn parse(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let mut envelope = Envelope::parse(body).unwrap_or_else(|| Envelope {
            message: String::from_utf8_lossy(&body[..body.len().min(2048)]).into_owned(),
            ..Envelope::default()
        });
        if envelope.message.is_empty() {
            // Dataverse says it there alone.
            envelope.message = challenged(headers, "error_description").unwrap_or_default();
        }
        let header = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
        Self {
            status,
            code: envelope.code,
            inner_codes: envelope.inner_codes,
            message: envelope.message,
            request_id: request_id(headers).or(envelope.request_id),
            client_request_id: header("client-request-id").or(envelope.client_request_id),
            date: envelope.date.or_else(|| header(DATE.as_str())),
            retry_after: None,
            claims: claims_challenge(headers),
        }
    }

    pub fn refusal(&self) -> Refusal {
        match self.status.as_u16() {
            401 if self.claims.is_some() => Refusal::ClaimsChallenge,
            401 => Refusal::TokenRefused,
            402 | 403 => Refusal::PermissionMissing,
            404 | 410 => Refusal::NotFound,
            409 | 412 | 423 => Refusal::Conflict,
            429 | 509 => Refusal::Throttled,
            500 | 502..=504 => Refusal::Unavailable,
            _ => Refusal::Invalid,
        }
    }
}

impl fmt::Display for GraphFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Microsoft answered {}", self.status.as_u16())?;
        if !self.code.is_empty() {
            write!(f, " `{}`", self.code)?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for GraphFault {}

/// What Microsoft's support finds a request by: each API names the header otherwise.
pub fn request_id(headers: &HeaderMap) -> Option<String> {
    let names = [
        "request-id",
        "x-ms-service-request-id",
        "x-ms-request-id",
        "ms-correlation-x",
    ];
    let mut found = names
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok());
    found.next().map(str::to_owned)
}

/// The JSON of a claims challenge: `WWW-Authenticate: Bearer …, error="insufficient_claims", claims="<base64 of JSON>"`; names in
/// any case.
pub fn claims_challenge(headers: &HeaderMap) -> Option<String> {
    let encoded = challenged(headers, "claims")?;
    let json = STANDARD
        .decode(&encoded)
        .or_else(|_| STANDARD_NO_PAD.decode(&encoded))
        .or_else(|_| URL_SAFE_NO_PAD.decode(&encoded))
        .ok()?;
    String::from_utf8(json).ok().filter(|json| !json.is_empty())
}

/// What a challenge says under `name`, in quotes.
fn challenged(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(WWW_AUTHENTICATE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find_map(|challenge| parameter(challenge, name))
}

fn parameter(challenge: &str, name: &str) -> Option<String> {
    let opening = format!("{name}=\"");
    // Lower-casing ASCII moves no byte, so that positions hold for both.
    let lower = challenge.to_ascii_lowercase();
    let start = lower
        .match_indices(&opening)
        .find(|(at, _)| lower[..*at].ends_with([' ', ',']))?
        .0
        + opening.len();
    Some(challenge[start..].split('"').next()?.to_owned())
}

#[cfg(test)]
mod tests;
