//! The last step before the network: a permit, a valid token, one request. A 401 costs one new token and one repeat.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connections::{Snapshot, Token};
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use microsoft::{Account, ApiCall, Body, Incoming, Repeat, Target};
use url::Url;

use crate::policy::Permit;
use crate::proxy::RawBody;
use crate::runner::Parts;
use crate::{Error, Result};

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
    send_batch(parts, snapshot, permit, wire, &[]).await
}

/// The same for a batch of requests, each of which counts.
pub(crate) async fn send_batch(
    parts: &Parts,
    snapshot: &Arc<Snapshot>,
    _permit: &Permit,
    wire: &Wire,
    inner: &[(Method, Url)],
) -> Result<Incoming> {
    let token = parts.broker.token_for(snapshot).await?;
    let answer = once(parts, snapshot, wire, inner, &token).await?;
    if answer.status != StatusCode::UNAUTHORIZED {
        return Ok(answer);
    }
    // With its answer it gives its place in the line back; waiting for a second place while it holds one, a few calls could
    // block each other for good.
    drop(answer);
    let token = parts.broker.replace(snapshot, &token).await?;
    once(parts, snapshot, wire, inner, &token).await
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
        parts.broker.replace(snapshot, &token).await?;
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
