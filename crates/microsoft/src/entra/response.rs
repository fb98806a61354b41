use std::time::Duration;

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use model::RemoteIds;
use secrecy::SecretString;
use serde::Deserialize;

use super::form::Form;
use super::{EntraError, EntraFault};
use crate::{AccessToken, Incoming};

/// Tokens are a few kilobytes, two hundred groups included.
const LARGEST_ANSWER: usize = 256 * 1024;
/// The trace id of Entra's own logs.
const REQUEST_ID: &str = "x-ms-request-id";
/// How much of an answer that is not Entra's is kept as evidence.
const EXCERPT: usize = 2 * 1024;

/// What the token endpoint gave.
#[derive(Debug)]
pub struct TokenResponse {
    /// It ends when Entra says, by our clock, counted from before it was asked for.
    pub access_token: AccessToken,
    /// When Entra would like it renewed: half its life, for long-lived ones only.
    pub refresh_in: Option<Duration>,
    /// Absent for applications, and now and then for users: then the old one stays.
    pub refresh_token: Option<SecretString>,
    pub id_token: Option<SecretString>,
    /// What was granted, by Graph's short names; absent for applications.
    pub scope: Option<Vec<String>>,
    /// `x-ms-request-id`: the trace id of Entra's own logs.
    pub request_id: Option<String>,
    pub client_request_id: Option<String>,
}

impl TokenResponse {
    /// What Entra's logs know the request and the token by.
    pub fn remote_ids(&self) -> RemoteIds {
        RemoteIds {
            request_id: self.request_id.clone(),
            client_request_id: self.client_request_id.clone(),
            uti: self.access_token.id().map(str::to_owned),
            ..RemoteIds::default()
        }
    }
}

#[derive(Deserialize)]
struct Wire {
    access_token: String,
    expires_in: u32,
    refresh_in: Option<u32>,
    refresh_token: Option<String>,
    id_token: Option<String>,
    scope: Option<String>,
}

/// The tokens of an answer, or the refusal, cleaned of what was sent.
pub(super) async fn read(
    answer: Incoming,
    form: &Form<'_>,
    asked_at: Timestamp,
) -> Result<TokenResponse, EntraError> {
    if !answer.status.is_success() {
        return Err(refusal(answer, |text| form.clean(text)).await);
    }
    let status = answer.status.as_u16();
    let request_id = header(&answer.headers, REQUEST_ID);
    let client_request_id = answer.client_request_id.clone();
    let body = answer.body.bytes(LARGEST_ANSWER).await?;
    match serde_json::from_slice::<Wire>(&body) {
        Ok(wire) => Ok(wire.into_response(asked_at, request_id, client_request_id)),
        // Never shown, not even in part: it may hold tokens.
        Err(_) => Err(EntraError::Unreadable {
            status,
            excerpt: String::new(),
            retry_after: None,
            request_id,
        }),
    }
}

/// The error that an unsuccessful answer is.
pub(super) async fn refusal(answer: Incoming, clean: impl Fn(&str) -> String) -> EntraError {
    let status = answer.status.as_u16();
    let request_id = header(&answer.headers, REQUEST_ID);
    let client_request_id = answer.client_request_id.clone();
    let retry_after = answer.retry_after;
    let body = match answer.body.bytes(LARGEST_ANSWER).await {
        Ok(body) => body,
        Err(error) => return error.into(),
    };
    let text = clean(&String::from_utf8_lossy(&body));
    match EntraFault::parse(status, &text) {
        Some(fault) => EntraFault {
            retry_after,
            request_id,
            client_request_id,
            ..fault
        }
        .into(),
        None => EntraError::Unreadable {
            status,
            excerpt: excerpt(&text),
            retry_after,
            request_id,
        },
    }
}

impl Wire {
    fn into_response(
        self,
        asked_at: Timestamp,
        request_id: Option<String>,
        client_request_id: Option<String>,
    ) -> TokenResponse {
        let expires_at = asked_at + SignedDuration::from_secs(i64::from(self.expires_in));
        TokenResponse {
            access_token: AccessToken::new(self.access_token.into(), expires_at),
            refresh_in: self
                .refresh_in
                .map(|seconds| Duration::from_secs(seconds.into())),
            refresh_token: self.refresh_token.map(Into::into),
            id_token: self.id_token.map(Into::into),
            scope: self
                .scope
                .map(|scope| scope.split_whitespace().map(str::to_owned).collect()),
            request_id,
            client_request_id,
        }
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

fn excerpt(text: &str) -> String {
    let mut end = text.len().min(EXCERPT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}
