//! Asking Entra for a token the way the connection's method has it.

use microsoft::{
    ClientCredentials, ClientProof, EntraError, RefreshGrant, TokenResponse, access_claims,
};
use model::{
    Api, AppRegistration, ConnectionMethod, Permission, PermissionSet, ProofState, Service,
};
use secrecy::SecretString;
use store::SealedProof;

use crate::seal::{open_text, place};
use crate::{Context, Error, Snapshot};

/// What a token was asked for with.
pub(crate) struct Grant {
    /// Generation of the refresh token that was redeemed; `None` for an application.
    pub(crate) generation: Option<i64>,
}

pub(crate) enum AskError {
    Entra(EntraError),
    Ours(Error),
}

impl<E: Into<Error>> From<E> for AskError {
    fn from(error: E) -> Self {
        Self::Ours(error.into())
    }
}

pub(crate) async fn ask(
    context: &Context,
    snapshot: &Snapshot,
) -> Result<(TokenResponse, Grant), AskError> {
    let secret = secret_of(context, &snapshot.app).await?;
    match snapshot.connection.method {
        ConnectionMethod::ServicePrincipal => {
            let response = as_application(context, snapshot, &secret).await?;
            Ok((response, Grant { generation: None }))
        }
        ConnectionMethod::OAuth => as_user(context, snapshot, &secret).await,
    }
}

/// Client credentials with `secret`, whether or not it is stored: also how a new secret is verified.
pub(crate) async fn as_application(
    context: &Context,
    snapshot: &Snapshot,
    secret: &SecretString,
) -> Result<TokenResponse, AskError> {
    let request = ClientCredentials {
        tenant_id: tenant(snapshot),
        client_id: &snapshot.app.client_id,
        proof: ClientProof::Secret(secret),
        scope: &snapshot.cloud.scope_for(&snapshot.audience),
    };
    context
        .entra(&snapshot.cloud)
        .client_credentials(&request)
        .await
        .map_err(AskError::Entra)
}

async fn as_user(
    context: &Context,
    snapshot: &Snapshot,
    secret: &SecretString,
) -> Result<(TokenResponse, Grant), AskError> {
    let (workspace, id) = (snapshot.connection.workspace_id, snapshot.connection.id);
    let stored = context
        .store
        .read()
        .await?
        .refresh_token(workspace, id)
        .await?
        .ok_or_else(|| Error::NotUsable {
            state: model::ConnectionState::NeedsReconnect,
            diagnosis: None,
        })?;
    let key = context
        .seals
        .key(workspace, snapshot.connection.data_key_id)
        .await?;
    let refresh_token = open_text(
        &key,
        place::refresh_token(&id.to_string(), stored.generation),
        &stored.sealed,
    )?;
    // What was granted, not what was once asked for: a scope that the user declined would fail the renewal.
    let wanted = snapshot
        .connection
        .granted
        .as_ref()
        .unwrap_or(&snapshot.connection.requested);
    let request = RefreshGrant {
        tenant_id: tenant(snapshot),
        client_id: &snapshot.app.client_id,
        proof: ClientProof::Secret(secret),
        refresh_token: &refresh_token,
        scopes: &snapshot.cloud.delegated_scopes(&snapshot.audience, wanted),
    };
    let response = context
        .entra(&snapshot.cloud)
        .refresh(&request)
        .await
        .map_err(AskError::Entra)?;
    Ok((
        response,
        Grant {
            generation: Some(stored.generation),
        },
    ))
}

/// The tenant to ask: the one the account belongs to once it is known, else the registration's.
fn tenant(snapshot: &Snapshot) -> &str {
    snapshot
        .connection
        .identity
        .as_ref()
        .map(|identity| identity.tenant_id.as_str())
        .filter(|tenant| !tenant.is_empty())
        .unwrap_or(&snapshot.app.tenant_id)
}

/// The newest active client secret of the registration.
pub(crate) async fn secret_of(
    context: &Context,
    app: &AppRegistration,
) -> crate::Result<SecretString> {
    let proofs = context
        .store
        .read()
        .await?
        .proofs(app.workspace_id, app.id)
        .await?;
    let SealedProof { proof, sealed } = proofs
        .into_iter()
        .find(|candidate| candidate.proof.state == ProofState::Active)
        .ok_or_else(|| Error::Invalid {
            field: "client_secret",
            message: format!(
                "app registration `{}` has no client secret; add one",
                app.name
            ),
        })?;
    let key = context.seals.key(app.workspace_id, app.data_key_id).await?;
    open_text(
        &key,
        place::proof(&proof.id.to_string(), proof.generation),
        &sealed,
    )
}

/// The permissions that a fresh token carries: its claims, else what the answer said. `None` when neither tells, and for
/// Dataverse, where the security roles of the application user decide and no token tells of them.
pub(crate) fn granted(response: &TokenResponse, service: Service) -> Option<PermissionSet> {
    if service.api() == Api::Dataverse {
        return None;
    }
    let names = match access_claims(&response.access_token) {
        Some(claims) if !claims.scp.is_empty() => claims.scp,
        // An application token without any role has no `roles` at all, and is a token for nothing.
        Some(claims) if !claims.roles.is_empty() || claims.idtyp.as_deref() == Some("app") => {
            claims.roles
        }
        _ => response.scope.clone()?,
    };
    let sign_in = ["openid", "profile", "email", "offline_access"];
    Some(
        names
            .into_iter()
            .filter(|name| !sign_in.contains(&name.as_str()))
            .map(Permission::new)
            .collect(),
    )
}
