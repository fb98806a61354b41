//! What an application is asked and changes about its own registration, by its own token. The closed list: `addPassword` and
//! `removePassword`, `addKey` and `removeKey`, the list of its certificates, and `keyCredentials` where none is there yet.
//!
//! Sources: <https://learn.microsoft.com/graph/api/application-addpassword>,
//! <https://learn.microsoft.com/graph/api/application-removepassword>,
//! <https://learn.microsoft.com/graph/api/application-addkey>,
//! <https://learn.microsoft.com/graph/api/application-removekey>,
//! <https://learn.microsoft.com/graph/applications-how-to-add-certificate>

use std::time::Duration;

use http::Method;
use jiff::{SignedDuration, Timestamp};
use microsoft::{AccessToken, ApiCall, ApiClient, Body, GraphFault, Repeat, Target};
use model::{Api, AppRegistration, Proof};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::for_graph;
use crate::proof::key_credential;
use crate::{Caller, Context, Error, Lifecycle, Result, Snapshot};
use crate::{diagnosis, grant, service_principal};

const PATIENCE: Duration = Duration::from_secs(30);
const LARGEST_ANSWER: usize = 256 * 1024;
/// How long a secret made here is good for.
const SECRET: SignedDuration = SignedDuration::from_hours(180 * 24);

/// A client secret that was just made: its text is told this once.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Made {
    pub(super) key_id: String,
    pub(super) secret_text: String,
    pub(super) end_date_time: Timestamp,
}

/// A registration as it is there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct There {
    /// What proofs of possession name.
    #[serde(rename = "id")]
    pub(super) object_id: String,
    /// As they are listed, bytes included: the list is only ever changed as a whole.
    pub(super) key_credentials: Vec<Value>,
}

impl There {
    /// The entries that are this certificate.
    pub(super) fn entries<'a>(&'a self, proof: &'a Proof) -> impl Iterator<Item = &'a Value> {
        let all = self.key_credentials.iter();
        all.filter(|entry| key_credential::is_of(entry, proof))
    }
}

/// A registration in the hands of its own application.
pub(super) struct Registration<'a> {
    pub(super) life: &'a Lifecycle,
    pub(super) snapshot: Snapshot,
}

impl<'a> Registration<'a> {
    pub(super) fn new(life: &'a Lifecycle, caller: &Caller, app: AppRegistration) -> Result<Self> {
        let connection = for_graph(life, caller, app.id);
        let snapshot = life.live.assemble(connection, app)?;
        Ok(Self { life, snapshot })
    }

    /// Signs in by whichever stored proof works; anew for each request, since Entra may be waited for in between.
    async fn token(&self) -> Result<AccessToken> {
        let given = grant::application(self.context(), &self.snapshot).await;
        let given = given.map_err(|error| service_principal::explained(&self.snapshot, error))?;
        Ok(given.access_token)
    }

    pub(super) fn app(&self) -> &AppRegistration {
        &self.snapshot.app
    }

    pub(super) fn context(&self) -> &Context {
        &self.life.context
    }

    pub(super) async fn look(&self) -> Result<There> {
        let path = self.path("?$select=id,keyCredentials");
        let found = self.send(Method::GET, path, Value::Null).await?;
        serde_json::from_slice(&found)
            .map_err(|_| Error::Unexpected("it holds no registration".to_owned()))
    }

    pub(super) async fn add_password(&self) -> Result<Made> {
        let end = self.context().now() + SECRET;
        let body = json!({ "passwordCredential": {
            "displayName": "made by Consentry", "endDateTime": end.to_string(),
        } });
        let answer = self.post("addPassword", body).await?;
        serde_json::from_slice(&answer)
            .map_err(|_| Error::Unexpected("it holds no client secret".to_owned()))
    }

    pub(super) async fn remove_password(&self, key_id: &str) -> Result<()> {
        let body = json!({ "keyId": key_id });
        self.post("removePassword", body).await.map(drop)
    }

    /// Needs no permission: the proof is signed by a certificate that is registered.
    pub(super) async fn add_key(&self, new: &Proof, proof: &SecretString) -> Result<()> {
        let body = json!({
            "keyCredential": key_credential::entry(new),
            "passwordCredential": null,
            "proof": proof.expose_secret(),
        });
        self.post("addKey", body).await.map(drop)
    }

    pub(super) async fn remove_key(&self, key_id: &str, proof: &SecretString) -> Result<()> {
        let body = json!({ "keyId": key_id, "proof": proof.expose_secret() });
        self.post("removeKey", body).await.map(drop)
    }

    /// The same of a certificate that no other can vouch for: the whole list with one more.
    pub(super) async fn put_key(&self, there: &There, new: &Proof) -> Result<()> {
        let mut all = there.key_credentials.clone();
        all.push(key_credential::entry(new));
        let body = json!({ "keyCredentials": all });
        let path = self.path("");
        self.send(Method::PATCH, path, body).await.map(drop)
    }

    fn path(&self, rest: &str) -> String {
        format!("/applications(appId='{}'){rest}", self.app().client_id)
    }

    async fn post(&self, action: &str, body: Value) -> Result<bytes::Bytes> {
        let path = self.path(&format!("/{action}"));
        self.send(Method::POST, path, body).await
    }

    async fn send(&self, method: Method, path: String, body: Value) -> Result<bytes::Bytes> {
        let target = Target::Path {
            api: Api::Graph,
            environment: None,
            path_and_query: path,
        };
        // What makes something is never sent twice by itself.
        let repeat = if method == Method::POST {
            Repeat::Never
        } else {
            Repeat::Safe
        };
        let mut call = ApiCall::new(target, method, self.token().await?, repeat);
        if !body.is_null() {
            call.body = Body::Json(body);
        }
        call.deadline = PATIENCE;
        let client = ApiClient::new(self.context().transport.clone());
        let answer = client.send(&self.snapshot.cloud, call).await;
        let answer = answer.map_err(|error| Error::Unreachable(error.to_string()))?;
        let (status, headers) = (answer.status, answer.headers);
        let bytes = answer.body.bytes(LARGEST_ANSWER).await;
        let bytes = bytes.map_err(|error| Error::Unreachable(error.to_string()))?;
        if status.is_success() {
            return Ok(bytes);
        }
        let fault = GraphFault::parse(status, &headers, &bytes);
        let told = diagnosis::may_not_rotate(&self.snapshot, &fault);
        Err(Error::Refused(Box::new(told)))
    }
}
