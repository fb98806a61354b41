use axum::Json;
use axum::extract::State;
use model::{Actor, KeyScope, Member, Role, Workspace};
use serde::Serialize;

use crate::App;
use crate::auth::Caller;
use crate::problem::Problem;

#[derive(Serialize)]
pub(crate) struct Me {
    workspace: Workspace,
    member: Member,
    /// What the caller may do, which for an API key may be less than its member's.
    role: Role,
    actor: Actor,
    scope: KeyScope,
}

pub(crate) async fn show(State(app): State<App>, caller: Caller) -> Result<Json<Me>, Problem> {
    let mut tx = app.store().read().await?;
    let workspace = tx.workspace(caller.workspace_id).await?;
    let member = tx.member(caller.workspace_id, caller.member_id).await?;
    let workspace = workspace
        .ok_or_else(|| Problem::not_found("workspace", &caller.workspace_id.to_string()))?;
    let member =
        member.ok_or_else(|| Problem::not_found("member", &caller.member_id.to_string()))?;
    Ok(Json(Me {
        workspace,
        member,
        role: caller.role,
        actor: caller.actor.clone(),
        scope: caller.scope.clone(),
    }))
}
