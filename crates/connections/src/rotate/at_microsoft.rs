//! A client secret replaced through Microsoft Graph by the application itself. The closed list of what is changed there:
//! `addPassword` and `removePassword` of its own registration.
//!
//! Sources: <https://learn.microsoft.com/graph/api/application-addpassword>,
//! <https://learn.microsoft.com/graph/api/application-removepassword>

use std::time::Duration;

use http::Method;
use jiff::{SignedDuration, Timestamp};
use microsoft::{AccessToken, ApiCall, ApiClient, Body, GraphFault, Repeat, Target};
use model::{Api, AppRegistration, AppRegistrationId, Proof, ProofState};
use serde::Deserialize;
use serde_json::json;
use store::SealedProof;
use tokio::time::sleep;

use super::for_graph;
use crate::apps::{self, NewSecret};
use crate::proof::{Draft, NewProof};
use crate::{Caller, Error, Lifecycle, Result, Snapshot, diagnosis, grant, service_principal};

const PATIENCE: Duration = Duration::from_secs(30);
const LARGEST_ANSWER: usize = 64 * 1024;
/// How long a secret made here is good for.
const LIFETIME: SignedDuration = SignedDuration::from_hours(180 * 24);
/// Entra's replicas learn of a new secret one after the other: pauses between the tries to use it.
const PAUSES: [u64; 5] = [2, 5, 10, 20, 30];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    key_id: String,
    secret_text: String,
    end_date_time: Timestamp,
}

pub(super) async fn replace(
    life: &Lifecycle,
    caller: &Caller,
    id: AppRegistrationId,
) -> Result<Proof> {
    let context = &life.context;
    let mut tx = context.store.read().await?;
    let app = tx.app_registration(caller.workspace_id, id).await?;
    drop(tx);
    let app = app.ok_or_else(|| Error::NotFound {
        what: "app registration",
        id: id.to_string(),
    })?;
    let snapshot = life.live.assemble(for_graph(life, caller, id), app)?;
    let given = grant::application(context, &snapshot).await;
    let token = given
        .map_err(|error| service_principal::explained(&snapshot, error))?
        .access_token;
    let made = add(life, &snapshot, &token).await?;
    let key_id = made.key_id.clone();
    let (proof, before) = match adopt(life, &snapshot, made).await {
        Ok(adopted) => adopted,
        Err(error) => {
            // A secret that nobody has must not stay good for half a year. Why it came to this is the error that counts.
            if let Err(left) = remove_password(life, &snapshot, &token, &key_id).await {
                tracing::warn!(
                    app_registration.id = %id, key_id, error = %left,
                    "a client secret that is not used was left at Microsoft"
                );
            }
            return Err(error);
        }
    };
    for old in before.into_iter().map(|known| known.proof) {
        if old.state == ProofState::Retired {
            remove(life, &snapshot, &token, &old).await?;
        }
    }
    Ok(proof)
}

/// Sees the new secret work and switches to it; beside it, the proofs that were there before.
async fn adopt(
    life: &Lifecycle,
    snapshot: &Snapshot,
    made: Made,
) -> Result<(Proof, Vec<SealedProof>)> {
    let (context, app) = (&life.context, &snapshot.app);
    let secret = NewSecret {
        value: made.secret_text.into(),
        expires_at: Some(made.end_date_time),
    };
    let draft = Draft::of(context, app, NewProof::Secret(secret)).await?;
    let draft = draft.with_key_id(made.key_id);
    verify(life, snapshot, &draft).await?;
    let mut tx = context.store.write().await?;
    // What was in use until now goes on working for calls under way; what was replaced before it is done with.
    let before = tx.proofs(app.workspace_id, app.id).await?;
    let proof = apps::store_proof(context, &mut *tx, app, &draft).await?;
    tx.commit().await?;
    Ok((proof, before))
}

async fn add(life: &Lifecycle, snapshot: &Snapshot, token: &AccessToken) -> Result<Made> {
    let end = life.context.now() + LIFETIME;
    let body = json!({ "passwordCredential": {
        "displayName": "made by Consentry", "endDateTime": end.to_string(),
    } });
    let answer = send(life, snapshot, token, "addPassword", body).await?;
    serde_json::from_slice(&answer)
        .map_err(|_| Error::Unexpected("it holds no client secret".to_owned()))
}

/// Tried until Entra knows it, for about a minute.
async fn verify(life: &Lifecycle, snapshot: &Snapshot, draft: &Draft) -> Result<()> {
    for pause in PAUSES {
        let tried = service_principal::verify(&life.context, snapshot, &draft.material).await;
        let Err(error) = tried else {
            return Ok(());
        };
        let code = error.diagnosis().map(|told| told.evidence.code.as_str());
        if code != Some("AADSTS7000215") {
            return Err(error);
        }
        sleep(Duration::from_secs(pause)).await;
    }
    service_principal::verify(&life.context, snapshot, &draft.material)
        .await
        .map(drop)
}

/// There and here. One whose id at Microsoft is not known is forgotten here only, when somebody says so.
async fn remove(
    life: &Lifecycle,
    snapshot: &Snapshot,
    token: &AccessToken,
    old: &Proof,
) -> Result<()> {
    let Some(key_id) = &old.details.key_id else {
        return Ok(());
    };
    remove_password(life, snapshot, token, key_id).await?;
    let mut tx = life.context.store.write().await?;
    tx.delete_proof(old.workspace_id, old.id).await?;
    Ok(tx.commit().await?)
}

async fn remove_password(
    life: &Lifecycle,
    snapshot: &Snapshot,
    token: &AccessToken,
    key_id: &str,
) -> Result<()> {
    let body = json!({ "keyId": key_id });
    send(life, snapshot, token, "removePassword", body)
        .await
        .map(drop)
}

async fn send(
    life: &Lifecycle,
    snapshot: &Snapshot,
    token: &AccessToken,
    action: &str,
    body: serde_json::Value,
) -> Result<bytes::Bytes> {
    let target = Target::Path {
        api: Api::Graph,
        environment: None,
        path_and_query: path(&snapshot.app, action),
    };
    let mut call = ApiCall::new(target, Method::POST, token.clone(), Repeat::Never);
    call.body = Body::Json(body);
    call.deadline = PATIENCE;
    let client = ApiClient::new(life.context.transport.clone());
    let answer = client.send(&snapshot.cloud, call).await;
    let answer = answer.map_err(|error| Error::Unreachable(error.to_string()))?;
    let (status, headers) = (answer.status, answer.headers);
    let bytes = answer.body.bytes(LARGEST_ANSWER).await;
    let bytes = bytes.map_err(|error| Error::Unreachable(error.to_string()))?;
    if status.is_success() {
        return Ok(bytes);
    }
    let fault = GraphFault::parse(status, &headers, &bytes);
    Err(Error::Refused(Box::new(diagnosis::may_not_rotate(
        snapshot, &fault,
    ))))
}

fn path(app: &AppRegistration, action: &str) -> String {
    format!("/applications(appId='{}')/{action}", app.client_id)
}
