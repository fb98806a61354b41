//! Identities that the platform manages: a machine in Azure asks a service beside it for tokens and holds no secret.
//!
//! Sources: <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>,
//! <https://learn.microsoft.com/azure/app-service/overview-managed-identity>

use std::fmt;

use http::{HeaderName, HeaderValue, Method};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::entra::{EntraError, EntraFault, TOKEN_DEADLINE, TokenResponse};
use crate::{AccessToken, Incoming, Outgoing, Repeat, Transport};

const LARGEST_ANSWER: usize = 256 * 1024;
const METADATA: HeaderName = HeaderName::from_static("metadata");
const IDENTITY: HeaderName = HeaderName::from_static("x-identity-header");

/// Where this machine gets tokens for its identity.
#[derive(Clone)]
pub enum ManagedIdentity {
    /// The instance metadata service of a virtual machine, `http://169.254.169.254` unless it is a stand-in.
    Metadata { base: Url },
    /// What `IDENTITY_ENDPOINT` and `IDENTITY_HEADER` name in App Service, Functions and Container Apps.
    AppService { endpoint: Url, header: SecretString },
}

#[derive(Deserialize)]
struct Wire {
    access_token: String,
    /// Seconds since 1970; text in some versions, a number in others.
    expires_on: Value,
}

impl ManagedIdentity {
    /// The address at which every virtual machine of Azure finds its metadata service.
    pub fn metadata() -> Self {
        Self::Metadata {
            base: Url::parse("http://169.254.169.254/").expect("a constant URL"),
        }
    }

    /// A token for `resource`. `client_id` chooses among several identities of one machine.
    pub async fn token(
        &self,
        transport: &Transport,
        resource: &str,
        client_id: Option<&str>,
    ) -> Result<TokenResponse, EntraError> {
        let answer = transport.send(self.request(resource, client_id)?).await?;
        read(answer).await
    }

    fn request(&self, resource: &str, client_id: Option<&str>) -> Result<Outgoing, EntraError> {
        let (mut url, version, name, value) = match self {
            Self::Metadata { base } => {
                let mut url = base.clone();
                url.set_path("/metadata/identity/oauth2/token");
                (
                    url,
                    "2018-02-01",
                    METADATA,
                    HeaderValue::from_static("true"),
                )
            }
            Self::AppService { endpoint, header } => {
                let mut value = HeaderValue::from_str(header.expose_secret()).map_err(|_| {
                    EntraError::Untrusted {
                        reason: "the platform's identity header cannot be sent",
                    }
                })?;
                value.set_sensitive(true);
                (endpoint.clone(), "2019-08-01", IDENTITY, value)
            }
        };
        url.query_pairs_mut()
            .append_pair("api-version", version)
            .append_pair("resource", resource);
        if let Some(client_id) = client_id {
            url.query_pairs_mut().append_pair("client_id", client_id);
        }
        Ok(Outgoing::new(Method::GET, url, Repeat::Safe)
            .beside_this_machine()
            .header(name, value)
            .deadline(TOKEN_DEADLINE))
    }
}

async fn read(answer: Incoming) -> Result<TokenResponse, EntraError> {
    let status = answer.status;
    let retry_after = answer.retry_after;
    let client_request_id = answer.client_request_id.clone();
    let body = answer.body.bytes(LARGEST_ANSWER).await?;
    let unreadable = || EntraError::Unreadable {
        status: status.as_u16(),
        excerpt: String::new(),
        retry_after,
        request_id: None,
    };
    if !status.is_success() {
        let text = String::from_utf8_lossy(&body);
        return Err(match EntraFault::parse(status.as_u16(), &text) {
            Some(fault) => fault.into(),
            None => unreadable(),
        });
    }
    // Never shown, not even in part: it may hold a token.
    let wire: Wire = serde_json::from_slice(&body).map_err(|_| unreadable())?;
    let expires_at = expiry(&wire.expires_on).ok_or_else(unreadable)?;
    Ok(TokenResponse {
        access_token: AccessToken::new(wire.access_token.into(), expires_at),
        refresh_in: None,
        refresh_token: None,
        id_token: None,
        scope: None,
        request_id: None,
        client_request_id,
    })
}

fn expiry(value: &Value) -> Option<Timestamp> {
    let seconds = match value {
        Value::String(text) => text.parse().ok()?,
        other => other.as_i64()?,
    };
    let at = Timestamp::from_second(seconds).ok()?;
    // The platform hands out one token until five minutes before its end, so that one is never nearly over.
    at.checked_sub(SignedDuration::from_secs(1)).ok()
}

impl fmt::Debug for ManagedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metadata { .. } => f.write_str("ManagedIdentity(metadata service)"),
            Self::AppService { .. } => f.write_str("ManagedIdentity(App Service)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::support::{Reply, Responder, shown, transport};

    fn given(expires_on: &Value) -> Reply {
        let body =
            json!({ "access_token": "t0ken", "expires_on": expires_on, "token_type": "Bearer" });
        Reply::json(200, &body)
    }

    #[tokio::test]
    async fn each_platform_is_asked_as_its_page_says() {
        let server = Responder::start(vec![
            given(&json!("1795435200")),
            given(&json!(1_795_435_200)),
        ])
        .await;
        let machine = ManagedIdentity::Metadata {
            base: server.url.clone(),
        };
        let service = ManagedIdentity::AppService {
            endpoint: server.url("/msi/token"),
            header: "h3ader".into(),
        };
        assert!(!format!("{service:?}").contains("h3ader"));
        for platform in [machine, service] {
            let token = platform
                .token(&transport(), "https://graph.microsoft.com", Some("c1"))
                .await;
            let ends = token.expect("a token").access_token.expires_at();
            assert_eq!(ends.as_second(), 1_795_435_199);
        }
        let seen = server.seen();
        assert_eq!(
            seen[0].line,
            "GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fgraph.microsoft.com&client_id=c1"
        );
        assert_eq!(seen[0].header("metadata"), Some("true"));
        assert!(
            seen[1]
                .line
                .starts_with("GET /msi/token?api-version=2019-08-01&resource=")
        );
        assert_eq!(seen[1].header("x-identity-header"), Some("h3ader"));
    }

    #[tokio::test]
    async fn a_refusal_is_explained_and_a_broken_answer_shows_nothing() {
        let body = json!({ "error": "invalid_request", "error_description": "Identity not found" });
        let server = Responder::start(vec![
            Reply::json(400, &body),
            Reply::text(200, r#"{"access_token":"t0ken"}"#),
        ])
        .await;
        let machine = ManagedIdentity::Metadata {
            base: server.url.clone(),
        };
        let refused = machine
            .token(&transport(), "r", None)
            .await
            .expect_err("refused");
        assert_eq!(
            refused.fault().map(|fault| fault.error.as_str()),
            Some("invalid_request")
        );
        let broken = machine
            .token(&transport(), "r", None)
            .await
            .expect_err("broken");
        assert!(!shown(&broken).contains("t0ken"));
    }

    #[tokio::test]
    async fn plain_http_reaches_link_local_addresses_only() {
        let elsewhere = ManagedIdentity::Metadata {
            base: Url::parse("http://192.0.2.1/").expect("a URL"),
        };
        let refused = elsewhere
            .token(&transport(), "r", None)
            .await
            .expect_err("refused");
        assert!(
            shown(&refused).contains("only https"),
            "{}",
            shown(&refused)
        );
    }
}
