use axum::Json;
use axum::extract::State;
use http::StatusCode;
use jiff::Timestamp;
use model::{Actor, ApiKey, ApiKeyId, KeyScope, Role};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::input::{At, Input};
use super::list::List;
use crate::App;
use crate::auth::{self, Caller};
use crate::problem::Problem;

const LONGEST_NAME: usize = 100;

/// A key for a program that acts as the caller, at most.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyRequest {
    pub(crate) name: String,
    /// At most the caller's own, which it is unless given.
    #[schema(value_type = Option<String>)]
    pub(crate) role: Option<Role>,
    /// Limits to connections and to kinds of operation; none unless given.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub(crate) scope: KeyScope,
    /// At most the end of the key that makes it, which it is unless given. It lives on when that one is revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) expires_at: Option<Timestamp>,
}

#[derive(Serialize)]
pub(crate) struct NewKey {
    pub(crate) key: ApiKey,
    /// Shown this once; only its SHA-256 is kept.
    pub(crate) secret: String,
}

/// Builders see their own, administrators all.
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<List<ApiKey>>, Problem> {
    let mut keys = app
        .store()
        .read()
        .await?
        .api_keys(caller.workspace_id)
        .await?;
    keys.retain(|key| may_see(&caller, key));
    Ok(Json(List::whole(keys)))
}

pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    Input(request): Input<KeyRequest>,
) -> Result<(StatusCode, Json<NewKey>), Problem> {
    Ok((
        StatusCode::CREATED,
        Json(make(&app, &caller, request).await?),
    ))
}

/// A new key, with its secret.
pub(crate) async fn make(
    app: &App,
    caller: &Caller,
    request: KeyRequest,
) -> Result<NewKey, Problem> {
    check(app, caller, &request).await?;
    let expires_at = end_of(app, caller, request.expires_at).await?;
    let context = app.context();
    let (secret, secret_hash) = auth::new_key(&*context.random);
    let key = ApiKey {
        id: ApiKeyId::generate(&*context.clock, &*context.random),
        workspace_id: caller.workspace_id,
        member_id: caller.member_id,
        name: request.name.trim().to_owned(),
        role: request.role.unwrap_or(caller.role),
        scope: request.scope,
        secret_hash,
        expires_at,
        revoked_at: None,
        created_at: app.now(),
    };
    let mut tx = app.store().write().await?;
    tx.create_api_key(&key).await?;
    tx.commit().await?;
    app.record_change(caller, "key.create", &key.id.to_string())
        .await?;
    let secret = secret.expose_secret().to_owned();
    Ok(NewKey { key, secret })
}

/// Holds here at once and on every replica within a second.
pub(crate) async fn revoke(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<StatusCode, Problem> {
    end(&app, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Revokes the key of that id.
pub(crate) async fn end(app: &App, caller: &Caller, id: &str) -> Result<(), Problem> {
    caller.may_change()?;
    let unknown = || Problem::not_found("API key", id);
    let wanted: ApiKeyId = id.parse().map_err(|_| unknown())?;
    let mut tx = app.store().write().await?;
    let keys = tx.api_keys(caller.workspace_id).await?;
    let key = keys
        .into_iter()
        .find(|key| key.id == wanted && may_see(caller, key));
    let key = key.ok_or_else(unknown)?;
    tx.revoke_api_key(caller.workspace_id, key.id, app.now())
        .await?;
    tx.commit().await?;
    app.identities().forget_key(key.secret_hash).await;
    app.record_change(caller, "key.revoke", &key.id.to_string())
        .await
}

pub(crate) fn may_see(caller: &Caller, key: &ApiKey) -> bool {
    caller.role >= Role::Admin || key.member_id == caller.member_id
}

/// A key gives nobody more than they have.
async fn check(app: &App, caller: &Caller, request: &KeyRequest) -> Result<(), Problem> {
    let name = request.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control)
    {
        return Err(Problem::invalid(
            "name",
            "must have 1 to 100 characters, none of them control",
        ));
    }
    if request.role.is_some_and(|role| role > caller.role) {
        return Err(Problem::invalid(
            "role",
            format!("must be at most your own, `{}`", caller.role),
        ));
    }
    if request.expires_at.is_some_and(|end| end <= app.now()) {
        return Err(Problem::invalid("expires_at", "must lie ahead"));
    }
    if caller.scope != KeyScope::default() {
        return Err(Problem::forbidden("a key with limits makes no other keys")
            .next("make the key with one that has no limits, or in the browser"));
    }
    for id in request.scope.connections.iter().flatten() {
        app.lifecycle()
            .find(caller, &id.to_string())
            .await
            .map_err(|error| Problem::invalid("scope.connections", error.to_string()))?;
    }
    Ok(())
}

/// When the new key ends: made by a key, not after that one.
async fn end_of(
    app: &App,
    caller: &Caller,
    wanted: Option<Timestamp>,
) -> Result<Option<Timestamp>, Problem> {
    let Some(latest) = end_of_own(app, caller).await? else {
        return Ok(wanted);
    };
    // Stored to the microsecond.
    if wanted.is_some_and(|end| end.as_microsecond() > latest.as_microsecond()) {
        return Err(Problem::invalid(
            "expires_at",
            format!("must be at most the end of the key that makes it, {latest}"),
        ));
    }
    Ok(Some(wanted.unwrap_or(latest)))
}

/// When the key that is calling ends; `None` where it has no end, or none is used.
pub(super) async fn end_of_own(app: &App, caller: &Caller) -> Result<Option<Timestamp>, Problem> {
    let Actor::ApiKey(own) = &caller.actor else {
        return Ok(None);
    };
    let mut tx = app.store().read().await?;
    let keys = tx.api_keys(caller.workspace_id).await?;
    let own = keys.into_iter().find(|key| key.id.to_string() == *own);
    Ok(own.and_then(|key| key.expires_at))
}
