use std::time::Duration;

use http::{HeaderMap, Method};
use model::Api;
use url::Url;

use crate::budget;
use crate::cloud::append;
use crate::{
    AccessToken, Account, Body, Cloud, Error, Incoming, Outgoing, Repeat, Transport, TransportError,
};

/// Calls Microsoft's APIs with a token that the caller provides. It knows no endpoint: those are data in the catalogue.
#[derive(Debug, Clone)]
pub struct ApiClient {
    transport: Transport,
}

/// Where a call goes.
#[derive(Debug, Clone)]
pub enum Target {
    /// `/me/messages?$top=10` below the API's root, `https://graph.microsoft.com/v1.0`. Dataverse needs its environment.
    Path {
        api: Api,
        environment: Option<Url>,
        path_and_query: String,
    },
    /// A whole URL: a next page, another version. The host must be one of the cloud's APIs.
    Url(Url),
}

/// One call.
#[derive(Debug)]
pub struct ApiCall<'a> {
    pub target: Target,
    pub method: Method,
    pub headers: HeaderMap,
    pub body: Body,
    pub token: AccessToken,
    pub repeat: Repeat,
    pub deadline: Duration,
    /// Whose budgets it draws on; `None` for what is not counted, such as the few probes of a test.
    pub account: Option<Account<'a>>,
    /// The requests inside, for a batch: Microsoft counts each as if it had come alone.
    pub inner: &'a [(Method, Url)],
}

impl ApiCall<'_> {
    /// A call without headers and body, with the usual deadline.
    pub fn new(target: Target, method: Method, token: AccessToken, repeat: Repeat) -> Self {
        Self {
            target,
            method,
            headers: HeaderMap::new(),
            body: Body::Empty,
            token,
            repeat,
            deadline: Outgoing::DEADLINE,
            account: None,
            inner: &[],
        }
    }
}

/// The URL could not be made, or the call did not come through.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    #[error(transparent)]
    Target(#[from] Error),
    #[error(transparent)]
    Transport(#[from] TransportError),
}

impl ApiClient {
    pub fn new(transport: Transport) -> Self {
        Self { transport }
    }

    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// The answer, whatever its status; read a failing one with [`GraphFault::read`](crate::GraphFault::read).
    pub async fn send(&self, cloud: &Cloud, call: ApiCall<'_>) -> Result<Incoming, CallError> {
        let url = resolve(cloud, &call.target)?;
        let mut request = Outgoing::new(call.method, url, call.repeat)
            .body(call.body)
            .deadline(call.deadline);
        request.headers = call.headers;
        if let Target::Path { path_and_query, .. } = &call.target
            && climbs(path_and_query)
        {
            return Err(request
                .invalid("the path must begin with `/` and stay below the API's root")
                .into());
        }
        if let Some(account) = call.account {
            request.charges = match call.inner {
                [] => budget::charges(account, &request.method, &request.url),
                inner => budget::charges_of_all(account, inner, &request.url),
            };
        }
        let token_id = call.token.id().map(str::to_owned);
        let request = request.bearer(call.token, cloud)?;
        let answer = self.transport.send(request).await?;
        Ok(Incoming { token_id, ..answer })
    }
}

/// The URL that a target means.
pub fn resolve(cloud: &Cloud, target: &Target) -> Result<Url, Error> {
    match target {
        Target::Url(url) => Ok(url.clone()),
        Target::Path {
            api,
            environment,
            path_and_query,
        } => {
            let root = cloud.api_root(*api, environment.as_ref())?;
            let (path, query) = match path_and_query.split_once('?') {
                Some((path, query)) => (path, Some(query)),
                None => (path_and_query.as_str(), None),
            };
            let mut url = append(&root, path.trim_start_matches('/'));
            url.set_query(query);
            Ok(url)
        }
    }
}

/// Whether the text could mean another place than below the root: dot segments, raw or encoded, are resolved by some
/// readers of a URL and not by others.
fn climbs(path_and_query: &str) -> bool {
    let path = path_and_query.split('?').next().unwrap_or_default();
    !path.starts_with('/')
        || path.starts_with("//")
        || path.contains(['\\', '#'])
        || path.split('/').any(is_dots)
}

fn is_dots(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

#[cfg(test)]
mod tests;
