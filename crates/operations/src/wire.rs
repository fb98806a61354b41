//! The last step before the network: a permit, a valid token, one request. A 401 costs one new token and one repeat.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connections::{BrokerError, Snapshot, Token};
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use microsoft::graph::claims_challenge;
use microsoft::{Account, ApiCall, Body, Incoming, Repeat, Target};
use url::Url;

use crate::policy::Permit;
use crate::proxy::RawBody;
use crate::runner::Parts;
use crate::{Error, Result, exchange};

/// Longest that one call waits for Microsoft, retries included.
const PATIENCE: Duration = Duration::from_mins(1);

/// Longest that a body is sent for, while its bytes keep moving; this only ends what was forgotten.
const LONGEST_BODY: Duration = Duration::from_hours(24);

/// A request as it will leave. It can be sent twice, since a 401 asks for that.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    pub(crate) target: Target,
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    pub(crate) repeat: Repeat,
}

impl Wire {
    /// The address that it goes to.
    pub(crate) fn url(&self, snapshot: &Snapshot) -> Result<Url> {
        microsoft::resolve(&snapshot.cloud, &self.target)
            .map_err(|error| Error::Unexpected(error.to_string()))
    }
}

/// Sends what `permit` allows.
pub(crate) async fn send(
    parts: &Parts,
    snapshot: &Arc<Snapshot>,
    permit: &Permit,
    wire: &Wire,
) -> Result<Incoming> {
    let (answer, _) = send_members(parts, snapshot, permit, wire, &[]).await?;
    Ok(answer)
}

/// The same for a batch of requests, each of which counts, with the token that went along: a member may be refused it although the
/// batch was not.
pub(crate) async fn send_members(
    parts: &Parts,
    snapshot: &Arc<Snapshot>,
    _permit: &Permit,
    wire: &Wire,
    inner: &[(Method, Url)],
) -> Result<(Incoming, Arc<Token>)> {
    let mut token = parts.broker.token_for(snapshot).await?;
    let mut replaced = 0;
    loop {
        let answer = once(parts, snapshot, wire, inner, &token).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok((answer, token));
        }
        let claims = claims_challenge(&answer.headers);
        match &claims {
            // A token that somebody renewed meanwhile may have come in between, once.
            Some(claims) if is_met(&token, claims, replaced) => {
                return Err(challenged_again(parts, snapshot, answer).await);
            }
            None if replaced > 0 => return Ok((answer, token)),
            _ => {}
        }
        // With its answer it gives its place in the line back; waiting for a second place while it holds one, a few calls could
        // block each other for good.
        drop(answer);
        token = another(parts, snapshot, &token, claims.as_deref()).await?;
        replaced += 1;
    }
}

/// Whether what this challenge asks for was asked of Entra already.
pub(crate) fn is_met(token: &Token, claims: &str, replaced: u32) -> bool {
    token.meets(claims) || (replaced > 0 && token.was_demanded()) || replaced > 1
}

/// A token in place of one that was refused, by what the challenge asks for where it is one.
pub(crate) async fn another(
    parts: &Parts,
    snapshot: &Arc<Snapshot>,
    token: &Token,
    claims: Option<&str>,
) -> std::result::Result<Arc<Token>, BrokerError> {
    match claims {
        Some(claims) => parts.broker.meet(snapshot, token, claims).await,
        None => parts.broker.replace(snapshot, token).await,
    }
}

/// A new token does not do either: the connection waits for whoever has to act.
async fn challenged_again(parts: &Parts, snapshot: &Snapshot, answer: Incoming) -> Error {
    let error = exchange::refused(snapshot, None, None, answer).await;
    waits_for_somebody(parts, snapshot, error).await
}

/// The connection waits for whoever `error`, a challenge that came again, says has to act.
pub(crate) async fn waits_for_somebody(parts: &Parts, snapshot: &Snapshot, error: Error) -> Error {
    if let Some(diagnosis) = error.diagnosis()
        && let Err(error) = parts.broker.challenged_again(snapshot, diagnosis).await
    {
        return error.into();
    }
    error
}

/// Sends `wire` with a body that comes as a stream. It is there once only: what is throttled or refused for its token is not sent
/// again, and a caller who sends it again finds a new token.
pub(crate) async fn send_stream(
    parts: &Parts,
    snapshot: &Arc<Snapshot>,
    _permit: &Permit,
    wire: &Wire,
    body: RawBody,
) -> Result<Incoming> {
    let token = parts.broker.token_for(snapshot).await?;
    let mut call = call(snapshot, wire, &[], &token);
    if let Some(length) = body.length {
        call.headers.insert(CONTENT_LENGTH, length.into());
    }
    call.body = Body::Stream(body.bytes);
    call.repeat = Repeat::Never;
    call.deadline = LONGEST_BODY;
    let answer = parts.api.send(&snapshot.cloud, call).await?;
    if answer.status == StatusCode::UNAUTHORIZED {
        let claims = claims_challenge(&answer.headers);
        if claims.as_ref().is_some_and(|claims| token.meets(claims)) {
            return Err(challenged_again(parts, snapshot, answer).await);
        }
        another(parts, snapshot, &token, claims.as_deref()).await?;
    }
    Ok(answer)
}

async fn once(
    parts: &Parts,
    snapshot: &Snapshot,
    wire: &Wire,
    inner: &[(Method, Url)],
    token: &Token,
) -> Result<Incoming> {
    let call = call(snapshot, wire, inner, token);
    Ok(parts.api.send(&snapshot.cloud, call).await?)
}

fn call<'a>(
    snapshot: &'a Snapshot,
    wire: &Wire,
    inner: &'a [(Method, Url)],
    token: &Token,
) -> ApiCall<'a> {
    ApiCall {
        target: wire.target.clone(),
        method: wire.method.clone(),
        headers: wire.headers.clone(),
        body: wire.body.clone().map_or(Body::Empty, Body::Bytes),
        token: token.access.clone(),
        repeat: wire.repeat,
        deadline: PATIENCE,
        account: Some(account(snapshot)),
        inner,
    }
}

/// Whose budgets a call draws on.
fn account(snapshot: &Snapshot) -> Account<'_> {
    let identity = snapshot.connection.identity.as_ref();
    Account {
        api: snapshot.connection.service.api(),
        app: &snapshot.app.client_id,
        tenant: identity.map_or(&snapshot.app.tenant_id, |identity| &identity.tenant_id),
        user: identity.map(|identity| identity.object_id.as_str()),
    }
}

/// Headers by name and value, as the catalogue writes them. Several of one name are joined, as `Prefer` wants it.
pub(crate) fn headers(pairs: &[(String, String)]) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let wrong = || Error::Unexpected(format!("the header `{name}` cannot be sent"));
        let name = HeaderName::try_from(name.as_str()).map_err(|_| wrong())?;
        let joined = match headers.get(&name).and_then(|known| known.to_str().ok()) {
            Some(known) => format!("{known}, {value}"),
            None => value.clone(),
        };
        headers.insert(name, HeaderValue::try_from(joined).map_err(|_| wrong())?);
    }
    Ok(headers)
}
