use jiff::Timestamp;
use microsoft::{CodeGrant, IdTokenClaims, TokenResponse};
use model::{Connection, Identity, PermissionSet, RemoteIds, sha256};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use store::{Attempt, AttemptState};

use super::{
    AttemptCookie, OAuth, STEP_RECEIVED, STEP_SENT, Secrets, demanded, from_secret, to_secret,
    wanted,
};
use crate::grant::AskError;
use crate::proof::{Material, Trial};
use crate::seal::place;
use crate::{AttemptError, Error, Result, Snapshot, diagnosis, grant, service_principal};

/// What Microsoft's redirect carried.
#[derive(Debug, Default)]
pub struct Callback {
    pub state: String,
    pub code: Option<SecretString>,
    pub error: Option<String>,
    pub error_description: Option<String>,
    pub error_subcode: Option<String>,
}

/// Who signed in, to be shown and confirmed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Arrival {
    pub connection: String,
    pub service: String,
    pub username: String,
    pub display_name: String,
    pub granted: PermissionSet,
    /// Asked for and declined.
    pub missing: PermissionSet,
}

/// Sealed until it is confirmed.
#[derive(Serialize, Deserialize)]
pub(super) struct Received {
    pub(super) refresh_token: String,
    pub(super) access_token: String,
    pub(super) expires_at: Timestamp,
    pub(super) granted: Option<PermissionSet>,
    pub(super) identity: Identity,
}

impl OAuth {
    /// Takes Microsoft's answer from the browser that was sent. Redeems the code once; nothing is used yet.
    pub async fn arrive(
        &self,
        callback: Callback,
        cookie: Option<&AttemptCookie>,
    ) -> Result<Arrival> {
        let found = self
            .context
            .store
            .read()
            .await?
            .attempt_by_state(sha256(callback.state.as_bytes()))
            .await?;
        let attempt = found.ok_or(AttemptError::StateMismatch)?;
        let outcome = self.take(attempt.clone(), callback, cookie).await;
        let remote = match &outcome {
            Ok((_, remote)) => remote.clone(),
            Err(error) => error.remote_ids(),
        };
        let refused = outcome.as_ref().err();
        self.record_with(&attempt, "connection.consent", refused, remote)
            .await?;
        outcome.map(|(arrival, _)| arrival)
    }

    async fn take(
        &self,
        attempt: Attempt,
        callback: Callback,
        cookie: Option<&AttemptCookie>,
    ) -> Result<(Arrival, RemoteIds)> {
        let ours = cookie.filter(|cookie| cookie.state == callback.state);
        let mut attempt_now = self.of_cookie(ours, AttemptState::Sent).await?;
        let secrets = attempt_now.sealed.take();
        attempt_now.state = AttemptState::Redeeming;
        self.advance(AttemptState::Sent, &attempt_now).await?;
        let outcome = self.redeem(&attempt, secrets, callback).await;
        match outcome {
            Ok((arrival, received, remote)) => {
                self.hold(attempt_now, &received, &arrival).await?;
                Ok((arrival, remote))
            }
            Err(error) => {
                attempt_now.state = AttemptState::Failed;
                attempt_now.note = Some(error.code().to_owned());
                self.advance(AttemptState::Redeeming, &attempt_now).await?;
                let connection = self
                    .live
                    .reread(attempt.workspace_id, attempt.connection_id)
                    .await?;
                Err(self
                    .needs_approval(&attempt, &connection.connection, error)
                    .await?)
            }
        }
    }

    async fn redeem(
        &self,
        attempt: &Attempt,
        sealed: Option<model::Sealed>,
        callback: Callback,
    ) -> Result<(Arrival, Received, RemoteIds)> {
        let snapshot = self
            .live
            .reread(attempt.workspace_id, attempt.connection_id)
            .await?;
        if let Some(error) = &callback.error {
            return Err(diagnosis::declined(
                &snapshot,
                error,
                callback.error_description.as_deref().unwrap_or_default(),
                callback.error_subcode.as_deref(),
            ));
        }
        let code = callback.code.ok_or(AttemptError::StateMismatch)?;
        let secrets = self.secrets(attempt, sealed).await?;
        let asked = wanted(&snapshot.connection, attempt);
        let response = self.exchange(&snapshot, &asked, &code, &secrets).await?;
        let claims = self.who(&snapshot, &response, &secrets).await?;
        let connection = Connection {
            requested: asked,
            ..snapshot.connection.clone()
        };
        let (arrival, received) = received(&connection, &response, claims)?;
        Ok((arrival, received, response.remote_ids()))
    }

    async fn secrets(&self, attempt: &Attempt, sealed: Option<model::Sealed>) -> Result<Secrets> {
        let sealed = sealed.ok_or(AttemptError::Used)?;
        let row = attempt.id.to_string();
        let lies = place::attempt(&row, STEP_SENT);
        let seals = &self.context.seals;
        from_secret(&seals.open_text(attempt.workspace_id, lies, &sealed).await?)
    }

    async fn exchange(
        &self,
        snapshot: &Snapshot,
        asked: &PermissionSet,
        code: &SecretString,
        secrets: &Secrets,
    ) -> Result<TokenResponse> {
        let explain = |error| service_principal::explained(snapshot, error);
        let trial = Trial::begin(&self.context, &snapshot.app).await;
        let mut trial = trial.map_err(explain)?;
        loop {
            let candidate = trial.next().await.map_err(explain)?;
            let given = self
                .redeem_with(snapshot, asked, code, secrets, &candidate.material)
                .await;
            match given {
                Ok(response) => {
                    trial.worked(&candidate).await.map_err(explain)?;
                    return Ok(response);
                }
                // A proof is checked before the code is looked at, so that the code is still good.
                Err(error) => trial.failed(&candidate, error).await.map_err(explain)?,
            }
        }
    }

    async fn redeem_with(
        &self,
        snapshot: &Snapshot,
        asked: &PermissionSet,
        code: &SecretString,
        secrets: &Secrets,
        material: &Material,
    ) -> std::result::Result<TokenResponse, AskError> {
        let shown = material.show(&self.context, &snapshot.app).await;
        let shown = shown.map_err(AskError::Source)?;
        let request = CodeGrant {
            tenant_id: &snapshot.app.tenant_id,
            client_id: &snapshot.app.client_id,
            proof: shown.proof(),
            code,
            redirect_uri: &self.context.redirect_uri(),
            code_verifier: &secrets.verifier.clone().into(),
            scopes: &snapshot.cloud.delegated_scopes(&snapshot.audience, asked),
        };
        let entra = self.context.entra(&snapshot.cloud);
        let entra = entra.meeting(demanded(&snapshot.connection));
        entra.redeem_code(&request).await.map_err(AskError::Entra)
    }

    async fn who(
        &self,
        snapshot: &Snapshot,
        response: &TokenResponse,
        secrets: &Secrets,
    ) -> Result<IdTokenClaims> {
        let id_token = response
            .id_token
            .as_ref()
            .ok_or_else(|| Error::Unexpected("there is no id token in it".to_owned()))?;
        self.context
            .entra(&snapshot.cloud)
            .verify_id_token(
                id_token,
                &snapshot.app.client_id,
                &secrets.nonce,
                &snapshot.app.tenant_id,
            )
            .await
            .map_err(|error| diagnosis::refusal(snapshot, &error))
    }

    /// Seals what came until somebody confirms it.
    async fn hold(
        &self,
        mut attempt: Attempt,
        received: &Received,
        arrival: &Arrival,
    ) -> Result<()> {
        let snapshot = self
            .live
            .get(attempt.workspace_id, attempt.connection_id)
            .await?;
        let key = self
            .context
            .seals
            .key(attempt.workspace_id, snapshot.connection.data_key_id)
            .await?;
        let row = attempt.id.to_string();
        attempt.sealed =
            Some(key.seal_str(place::attempt(&row, STEP_RECEIVED), &to_secret(received)));
        attempt.note = serde_json::to_string(arrival).ok();
        attempt.state = AttemptState::Received;
        self.advance(AttemptState::Redeeming, &attempt).await
    }
}

/// Checks that the account is the connection's own, and gathers what is to be kept.
fn received(
    connection: &Connection,
    response: &TokenResponse,
    claims: IdTokenClaims,
) -> Result<(Arrival, Received)> {
    let username = claims
        .preferred_username
        .clone()
        .unwrap_or_else(|| claims.oid.clone());
    let identity = Identity {
        tenant_id: claims.tid,
        object_id: claims.oid,
        username: Some(username.clone()),
        display_name: claims.name.clone(),
    };
    same_account(connection, &identity)?;
    let refresh_token = response.refresh_token.as_ref().ok_or_else(|| {
        Error::Unexpected(
            "there is no refresh token in it; the scope `offline_access` was not granted"
                .to_owned(),
        )
    })?;
    let granted = grant::granted(response, connection.service);
    let missing = crate::missing(&Connection {
        granted: granted.clone(),
        ..connection.clone()
    });
    let arrival = Arrival {
        connection: connection.name.clone(),
        service: connection.service.title().to_owned(),
        username: username.clone(),
        display_name: claims.name.clone().unwrap_or_default(),
        granted: granted.clone().unwrap_or_default(),
        missing,
    };
    let received = Received {
        refresh_token: refresh_token.expose_secret().to_owned(),
        access_token: response.access_token.expose().to_owned(),
        expires_at: response.access_token.expires_at(),
        granted,
        identity,
    };
    Ok((arrival, received))
}

/// A connection keeps the account that it was first confirmed with.
pub(super) fn same_account(connection: &Connection, got: &Identity) -> Result<()> {
    let Some(known) = &connection.identity else {
        return Ok(());
    };
    if (&known.tenant_id, &known.object_id) == (&got.tenant_id, &got.object_id) {
        return Ok(());
    }
    Err(AttemptError::AccountMismatch {
        expected: told(known, got),
        got: told(got, known),
    }
    .into())
}

/// The account by its name; by its ids too where the other has the same name, having been made anew, or being another
/// organisation's guest.
fn told(account: &Identity, other: &Identity) -> String {
    let Some(name) = &account.username else {
        return account.object_id.clone();
    };
    if other.username.as_ref() != Some(name) {
        return name.clone();
    }
    let (object, tenant) = (&account.object_id, &account.tenant_id);
    format!("{name} ({object} of tenant {tenant})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_accounts_of_one_name_are_told_apart_by_their_ids() {
        let account = |name: Option<&str>, object: &str| Identity {
            tenant_id: "contoso".to_owned(),
            object_id: object.to_owned(),
            username: name.map(str::to_owned),
            display_name: None,
        };
        let old = account(Some("ana"), "one");
        assert_eq!(told(&old, &account(Some("ben"), "two")), "ana");
        let anew = account(Some("ana"), "two");
        assert_eq!(told(&old, &anew), "ana (one of tenant contoso)");
        assert_eq!(told(&anew, &old), "ana (two of tenant contoso)");
        assert_eq!(told(&account(None, "three"), &old), "three");
    }
}
