//! What is kept of an attempt while it goes on, so that it is known after its process and to the others: how far it is, and what
//! it was to make. Nothing of the administrator, and no code that anybody signs in with.

use model::{AppRegistrationId, ConnectionId, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{BootstrapRow, BootstrapState, Store};

use super::attempt::{Connected, Failure, Progress, State, StepProgress};
use super::steps::Found;
use crate::{Error, Result, SetUpError};

#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    tenant_id: Option<String>,
    client_id: Option<String>,
    app_registration_id: Option<AppRegistrationId>,
    steps: Vec<StepProgress>,
    connections: Vec<ConnectionId>,
    failure: Option<Failure>,
}

impl Record {
    pub(super) fn of(found: &Found, steps: &[StepProgress], failure: Option<&Failure>) -> Value {
        let application = found.application.as_ref();
        let record = Self {
            tenant_id: found.tenant_id.clone(),
            client_id: application.map(|it| it.client_id.clone()),
            app_registration_id: found.registration.as_ref().map(|it| it.id),
            steps: steps.to_vec(),
            connections: found.created.iter().map(|it| it.connection.id).collect(),
            failure: failure.cloned(),
        };
        serde_json::to_value(record).unwrap_or_default()
    }
}

/// How an attempt looks from a process that does not know its administrator.
pub(super) fn state(row: &BootstrapRow) -> State {
    match row.state {
        BootstrapState::Done => State::Done,
        BootstrapState::Failed | BootstrapState::Superseded => State::Failed,
        BootstrapState::SigningIn | BootstrapState::Working => State::NeedsSignIn,
    }
}

/// The same with everything that is known of it.
pub(super) async fn progress(store: &Store, row: &BootstrapRow) -> Result<Progress> {
    let record: Record = read(&row.progress)?;
    let is_superseded = row.state == BootstrapState::Superseded;
    let taken_over = is_superseded.then(|| Failure::of(&SetUpError::TakenOver.into()));
    Ok(Progress {
        id: row.id.clone(),
        name: row.name.clone(),
        state: state(row),
        user_code: None,
        verification_uri: None,
        authorize_url: None,
        expires_at: None,
        next_in_secs: None,
        tenant_id: record.tenant_id,
        client_id: record.client_id,
        app_registration_id: record.app_registration_id,
        steps: record.steps,
        connections: connected(store, row.workspace_id, &record.connections).await?,
        failure: taken_over.or(record.failure),
    })
}

/// As they are by now. One that was removed since is left out.
async fn connected(
    store: &Store,
    workspace: WorkspaceId,
    ids: &[ConnectionId],
) -> Result<Vec<Connected>> {
    let mut tx = store.read().await?;
    let mut all = Vec::new();
    for id in ids {
        let found = tx.connection(workspace, *id).await?;
        all.extend(found.map(Connected::untested));
    }
    Ok(all)
}

/// What lies in a row that this version, or the one before, wrote.
pub(super) fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T> {
    T::deserialize(value).map_err(|error| {
        Error::Unexpected(format!("a set-up that is kept cannot be read: {error}"))
    })
}
