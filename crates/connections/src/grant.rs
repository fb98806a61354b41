//! Asking Entra for a token the way the connection's method has it.

use microsoft::{ClientCredentials, EntraError, RefreshGrant, TokenResponse, access_claims};
use model::{Api, ConnectionMethod, Permission, PermissionSet, Service};

use crate::proof::{Material, SourceFailure, Trial};
use crate::seal::place;
use crate::{Context, Error, Snapshot};

/// What a token was asked for with.
pub(crate) struct Grant {
    /// Generation of the refresh token that was redeemed; `None` for an application.
    pub(crate) generation: Option<i64>,
}

pub(crate) enum AskError {
    Entra(EntraError),
    /// The proof's source gave nothing to show.
    Source(SourceFailure),
    Ours(Error),
}

impl<E: Into<Error>> From<E> for AskError {
    fn from(error: E) -> Self {
        Self::Ours(error.into())
    }
}

/// A token by whichever of the registration's proofs works. It meets `claims`, what an API asked for.
pub(crate) async fn ask(
    context: &Context,
    snapshot: &Snapshot,
    claims: Option<&str>,
) -> Result<(TokenResponse, Grant), AskError> {
    let mut trial = Trial::begin(context, &snapshot.app).await?;
    loop {
        let candidate = trial.next().await?;
        let asked = match snapshot.connection.method {
            ConnectionMethod::ServicePrincipal => {
                meeting(context, snapshot, &candidate.material, claims)
                    .await
                    .map(|response| (response, Grant { generation: None }))
            }
            ConnectionMethod::OAuth => {
                as_user(context, snapshot, &candidate.material, claims).await
            }
        };
        match asked {
            Ok(given) => {
                trial.worked(&candidate).await?;
                return Ok(given);
            }
            Err(error) => trial.failed(&candidate, error).await?,
        }
    }
}

/// The application itself, by whichever of its stored proofs works, whatever the connection's method.
pub(crate) async fn application(
    context: &Context,
    snapshot: &Snapshot,
) -> Result<TokenResponse, AskError> {
    let mut trial = Trial::begin(context, &snapshot.app).await?;
    loop {
        let candidate = trial.next().await?;
        match as_application(context, snapshot, &candidate.material).await {
            Ok(response) => {
                trial.worked(&candidate).await?;
                return Ok(response);
            }
            Err(error) => trial.failed(&candidate, error).await?,
        }
    }
}

/// Client credentials with one proof, whether or not it is stored: also how a new one is verified.
pub(crate) async fn as_application(
    context: &Context,
    snapshot: &Snapshot,
    material: &Material,
) -> Result<TokenResponse, AskError> {
    meeting(context, snapshot, material, None).await
}

/// The same with what an API asked of the token. The platform of a managed identity is asked for nothing but the resource.
async fn meeting(
    context: &Context,
    snapshot: &Snapshot,
    material: &Material,
    claims: Option<&str>,
) -> Result<TokenResponse, AskError> {
    if let (Material::ManagedIdentity { client_id }, Some(platform)) =
        (material, &context.federation.platform)
    {
        return platform
            .token(&context.transport, &snapshot.audience, client_id.as_deref())
            .await
            .map_err(AskError::Entra);
    }
    let shown = material.show(context, &snapshot.app).await;
    let shown = shown.map_err(AskError::Source)?;
    let request = ClientCredentials {
        tenant_id: tenant(snapshot),
        client_id: &snapshot.app.client_id,
        proof: shown.proof(),
        scope: &snapshot.cloud.scope_for(&snapshot.audience),
    };
    context
        .entra(&snapshot.cloud)
        .meeting(claims)
        .client_credentials(&request)
        .await
        .map_err(AskError::Entra)
}

async fn as_user(
    context: &Context,
    snapshot: &Snapshot,
    material: &Material,
    claims: Option<&str>,
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
    let row = id.to_string();
    let lies = place::refresh_token(&row, stored.generation);
    let refresh_token = context
        .seals
        .open_text(workspace, lies, &stored.sealed)
        .await?;
    // What was granted, not what was once asked for: a scope that the user declined would fail the renewal.
    let wanted = snapshot
        .connection
        .granted
        .as_ref()
        .unwrap_or(&snapshot.connection.requested);
    let shown = material.show(context, &snapshot.app).await;
    let shown = shown.map_err(AskError::Source)?;
    let request = RefreshGrant {
        tenant_id: tenant(snapshot),
        client_id: &snapshot.app.client_id,
        proof: shown.proof(),
        refresh_token: &refresh_token,
        scopes: &snapshot.cloud.delegated_scopes(&snapshot.audience, wanted),
    };
    let response = context
        .entra(&snapshot.cloud)
        .meeting(claims)
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
