use axum::Json;
use axum::extract::State;
use http::StatusCode;
use model::{Member, MemberId, Role};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::input::{At, Input};
use super::list::List;
use crate::auth::{self, Caller, NewLink, Session};
use crate::problem::Problem;
use crate::{App, secret};

const LONGEST: usize = 254;

/// Somebody who may sign in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMember {
    /// The mail address they sign in with; unique in the workspace.
    pub(crate) email: String,
    pub(crate) name: String,
    /// `owner`, `admin`, `builder`, `member` or `auditor`.
    #[schema(value_type = String)]
    pub(crate) role: Role,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// 12 to 1024 characters.
    #[serde(deserialize_with = "secret::required")]
    #[schema(value_type = String)]
    password: SecretString,
    /// The one before, where there is one.
    #[serde(default, deserialize_with = "secret::optional")]
    #[schema(value_type = Option<String>)]
    current: Option<SecretString>,
}

pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<List<Member>>, Problem> {
    let members = app
        .store()
        .read()
        .await?
        .members(caller.workspace_id)
        .await?;
    Ok(Json(List::whole(members)))
}

pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    Input(new): Input<NewMember>,
) -> Result<(StatusCode, Json<Member>), Problem> {
    Ok((StatusCode::CREATED, Json(add(&app, &caller, new).await?)))
}

/// A new member, who cannot sign in before they have a link.
pub(crate) async fn add(app: &App, caller: &Caller, new: NewMember) -> Result<Member, Problem> {
    check(&new)?;
    caller.may_change()?;
    may_manage(caller, new.role)?;
    let context = app.context();
    let member = Member {
        id: MemberId::generate(&*context.clock, &*context.random),
        workspace_id: caller.workspace_id,
        email: new.email.trim().to_owned(),
        name: new.name.trim().to_owned(),
        role: new.role,
        password_hash: None,
        disabled_at: None,
        created_at: app.now(),
    };
    let mut tx = app.store().write().await?;
    tx.create_member(&member).await?;
    tx.commit().await?;
    app.record_change(caller, "member.create", &member.id.to_string())
        .await?;
    Ok(member)
}

pub(crate) async fn sign_in_link(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Json<NewLink>, Problem> {
    Ok(Json(link(&app, &caller, &id).await?))
}

/// Whoever opens it is the member, so a link for an administrator is an owner's to make.
pub(crate) async fn link(app: &App, caller: &Caller, id: &str) -> Result<NewLink, Problem> {
    let unknown = || Problem::not_found("member", id);
    let wanted: MemberId = match id {
        "me" => caller.member_id,
        text => text.parse().map_err(|_| unknown())?,
    };
    let member = app
        .store()
        .read()
        .await?
        .member(caller.workspace_id, wanted)
        .await?;
    let member = member.ok_or_else(unknown)?;
    caller.may_change()?;
    // A key may stand below its member; the link would not.
    if member.role > caller.role {
        return Err(Problem::role_required(member.role, caller.role));
    }
    if member.id != caller.member_id {
        may_manage(caller, member.role)?;
    }
    // Whoever opens it has a session, and in it keys without an end.
    if super::keys::end_of_own(app, caller).await?.is_some() {
        return Err(Problem::forbidden(
            "a key that ends makes no sign-in link, which would outlast it",
        )
        .next("make the link with a key that has no end, or in the browser"));
    }
    let link = auth::new_link(app, member.workspace_id, member.id).await?;
    app.record_change(caller, "member.sign_in_link", &member.id.to_string())
        .await?;
    Ok(link)
}

pub(crate) async fn password(
    State(app): State<App>,
    caller: Caller,
    session: Result<Session, Problem>,
    Input(new): Input<NewPassword>,
) -> Result<StatusCode, Problem> {
    caller.may_change()?;
    let member = app
        .store()
        .read()
        .await?
        .member(caller.workspace_id, caller.member_id)
        .await?;
    let member =
        member.ok_or_else(|| Problem::not_found("member", &caller.member_id.to_string()))?;
    let chosen = auth::NewPassword {
        password: new.password,
        current: new.current,
        session: session.ok().map(|session| session.id()),
    };
    auth::choose_password(&app, &caller, &member, chosen).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Administrators are managed by owners.
pub(crate) fn may_manage(caller: &Caller, role: Role) -> Result<(), Problem> {
    if role >= Role::Admin && caller.role < Role::Owner {
        return Err(Problem::role_required(Role::Owner, caller.role));
    }
    Ok(())
}

fn check(new: &NewMember) -> Result<(), Problem> {
    let email = new.email.trim();
    let has_parts = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    });
    let is_clean = |text: &str| text.len() <= LONGEST && !text.chars().any(char::is_control);
    if !has_parts || !is_clean(email) || email.contains(char::is_whitespace) {
        return Err(Problem::invalid(
            "email",
            "must be a mail address such as `ada@contoso.com`",
        ));
    }
    if new.name.trim().is_empty() || !is_clean(&new.name) {
        return Err(Problem::invalid(
            "name",
            "must have 1 to 254 characters, none of them control",
        ));
    }
    Ok(())
}
