//! The closed list of what is asked and changed at Microsoft in an administrator's name.
//!
//! Sources: <https://learn.microsoft.com/graph/api/application-upsert>,
//! <https://learn.microsoft.com/graph/api/serviceprincipal-post-serviceprincipals>,
//! <https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignments>,
//! <https://learn.microsoft.com/graph/api/oauth2permissiongrant-post>,
//! <https://learn.microsoft.com/graph/api/application-post-owners>,
//! <https://learn.microsoft.com/graph/api/application-addpassword>,
//! <https://learn.microsoft.com/graph/api/application-update>,
//! <https://learn.microsoft.com/graph/api/application-post-federatedidentitycredentials>,
//! <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/systemuser>

mod dataverse;
mod directory;

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};
use microsoft::{AccessToken, ApiCall, ApiClient, Body, Cloud, GraphFault, Repeat, Target};
use model::Api;
use serde_json::Value;
use url::Url;

use super::refusal::Refusal;
use crate::Context;

pub(super) use dataverse::Dataverse;
pub(super) use directory::{Application, Directory};

const PATIENCE: Duration = Duration::from_secs(30);
/// The service principal of Microsoft Graph lists some thousand permissions.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

type Answer<T> = Result<T, Refusal>;

/// One API of Microsoft's, with the administrator's token for it.
struct Session<'a> {
    context: &'a Context,
    cloud: &'a Arc<Cloud>,
    token: AccessToken,
    api: Api,
    environment: Option<Url>,
}

impl Session<'_> {
    /// What is there; `None` when it is not.
    async fn find(&self, path: String) -> Answer<Option<Value>> {
        match self.send(Method::GET, path, Value::Null, &[]).await {
            Ok((_, found)) => Ok(Some(found)),
            Err(Refusal::Fault(fault)) if fault.status == StatusCode::NOT_FOUND => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// The items of a list that fits on a page.
    async fn list(&self, path: String) -> Answer<Vec<Value>> {
        let (_, mut answer) = self.send(Method::GET, path, Value::Null, &[]).await?;
        match answer["value"].take() {
            Value::Array(items) => Ok(items),
            _ => Err(Refusal::Unreachable(
                "Microsoft's answer is no list".to_owned(),
            )),
        }
    }

    async fn post(&self, path: String, body: Value) -> Answer<Value> {
        let (_, answer) = self.send(Method::POST, path, body, &[]).await?;
        Ok(answer)
    }

    async fn send(
        &self,
        method: Method,
        path: String,
        body: Value,
        headers: &[(&'static str, &'static str)],
    ) -> Answer<(StatusCode, Value)> {
        let target = Target::Path {
            api: self.api,
            environment: self.environment.clone(),
            path_and_query: path,
        };
        // What makes something is never sent twice by itself: the step is done anew, and looks first.
        let repeat = if method == Method::POST {
            Repeat::Never
        } else {
            Repeat::Safe
        };
        let mut call = ApiCall::new(target, method, self.token.clone(), repeat);
        call.headers = headers
            .iter()
            .map(|&(name, value)| {
                (
                    http::HeaderName::from_static(name),
                    http::HeaderValue::from_static(value),
                )
            })
            .collect::<HeaderMap>();
        if !body.is_null() {
            call.body = Body::Json(body);
        }
        call.deadline = PATIENCE;
        let client = ApiClient::new(self.context.transport.clone());
        let answer = client.send(self.cloud, call).await?;
        let (status, headers) = (answer.status, answer.headers);
        let bytes = answer.body.bytes(LARGEST_ANSWER).await;
        let bytes = bytes.map_err(|error| Refusal::Unreachable(error.to_string()))?;
        if !status.is_success() {
            let fault = GraphFault::parse(status, &headers, &bytes);
            return Err(Refusal::Fault(Box::new(fault)));
        }
        if bytes.is_empty() {
            return Ok((status, Value::Null));
        }
        let body = serde_json::from_slice(&bytes);
        let body =
            body.map_err(|_| Refusal::Unreachable("Microsoft's answer is no JSON".to_owned()))?;
        Ok((status, body))
    }
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
