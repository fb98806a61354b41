//! Making, changing and removing people, and ending their sessions.
//! Source: <https://learn.microsoft.com/graph/api/user-post-users>

use axum::http::Method;
use serde_json::{Map, Value};

use super::{project_all, render};
use crate::graph::call::Call;
use crate::graph::directory;
use crate::graph::fault::Fault;
use crate::graph::permission;
use crate::graph::reply::Reply;
use crate::graph::route::find_user;
use crate::odata::envelope;
use crate::state::State;
use crate::state::changes::{ChangeKind, What};
use crate::state::directory::User;

const TYPE: &str = "microsoft.graph.user";

/// `POST /users`
pub(in crate::graph) fn create(call: &Call) -> Result<Reply, Fault> {
    require(call)?;
    let body = call.json()?;
    for name in [
        "accountEnabled",
        "displayName",
        "mailNickname",
        "userPrincipalName",
        "passwordProfile",
    ] {
        if body.get(name).is_none_or(Value::is_null) {
            return Err(Fault::directory(&format!(
                "A value is required for property '{name}' of resource 'User'."
            )));
        }
    }
    let tenant = call.caller.tenant_id();
    let user = call.shared.write(|state| {
        let mut user = User {
            id: state.ids.uuid().to_string(),
            tenant_id: tenant.to_owned(),
            ..User::default()
        };
        apply(&mut user, &body)?;
        check_name(state, &user)?;
        note(state, ChangeKind::Created, &user);
        state.directory.users.push(user.clone());
        Ok(user)
    })?;
    let location = format!("{}/users/{}", call.base, user.id);
    let context = call.context("users/$entity");
    let entity = project_all(render(&user));
    Ok(Reply::created(
        &envelope::entity(&context, entity),
        location,
    ))
}

/// Tells of a change to those who watch people.
pub(in crate::graph) fn note(state: &mut State, kind: ChangeKind, user: &User) {
    let what = What::User {
        id: user.id.clone(),
    };
    state.changes.note(&user.tenant_id, kind, what);
}

/// `PATCH` and `DELETE /users/{id}`
pub(in crate::graph) fn of_one(call: &Call, key: &str) -> Result<Reply, Fault> {
    require(call)?;
    let found = find_user(call, key).ok_or_else(|| Fault::user_not_found(key))?;
    match call.method {
        Method::PATCH => {
            let body = call.json()?;
            call.shared.write(|state| {
                let mut changed = found.clone();
                apply(&mut changed, &body)?;
                if changed.user_principal_name != found.user_principal_name {
                    check_name(state, &changed)?;
                }
                // A new password ends what the old one began.
                if changed.password != found.password {
                    changed.tokens_valid_from = Some(call.now);
                    state.sign_in.revoke(&changed.id, call.now);
                }
                note(state, ChangeKind::Updated, &found);
                if let Some(user) = state.directory.user_mut(&found.id) {
                    *user = changed;
                }
                Ok::<_, Fault>(())
            })?;
            Ok(Reply::no_content())
        }
        Method::DELETE => {
            call.shared.write(|state| {
                note(state, ChangeKind::Deleted, &found);
                directory::deleted::bury_user(state, &found, call.now);
            });
            Ok(Reply::no_content())
        }
        _ => Err(Fault::method_not_allowed()),
    }
}

/// `POST /users/{id}/revokeSignInSessions`; for oneself no right over others is needed.
pub(in crate::graph) fn revoke(call: &Call, key: &str) -> Result<Reply, Fault> {
    if call.method != Method::POST {
        return Err(Fault::method_not_allowed());
    }
    let own = !call.caller.is_application()
        && find_user(call, key).is_some_and(|user| user.id == call.caller.object_id());
    if !(own
        && call
            .caller
            .has_any(&["User.ReadWrite", "User.ReadWrite.All"]))
    {
        require(call)?;
    }
    let found = find_user(call, key).ok_or_else(|| Fault::user_not_found(key))?;
    call.shared.write(|state| {
        if let Some(user) = state.directory.user_mut(&found.id) {
            user.tokens_valid_from = Some(call.now);
        }
        state.sign_in.revoke(&found.id, call.now);
    });
    let mut answer = Map::new();
    answer.insert("value".to_owned(), Value::Bool(true));
    let context = call.context("Edm.Boolean");
    Ok(Reply::json(&envelope::entity(&context, answer)))
}

fn require(call: &Call) -> Result<(), Fault> {
    let is_entitled = call.caller.is_application()
        || call.shared.read(|state| {
            let user = state.directory.user(call.caller.object_id());
            user.is_some_and(|user| user.is_admin)
        });
    if is_entitled && permission::may_change_users(&call.caller) {
        Ok(())
    } else {
        Err(Fault::request_denied())
    }
}

/// The name has to be nobody else's, in a domain of the tenant.
pub(in crate::graph) fn check_name(state: &crate::state::State, user: &User) -> Result<(), Fault> {
    let name = &user.user_principal_name;
    let tenant = name
        .rsplit_once('@')
        .and_then(|(_, domain)| state.directory.tenant(domain));
    if tenant.is_none_or(|tenant| tenant.id != user.tenant_id) {
        return Err(Fault::directory(
            "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.",
        ));
    }
    if state
        .directory
        .user(name)
        .is_some_and(|other| other.id != user.id)
    {
        return Err(Fault::directory(
            "Another object with the same value for property userPrincipalName already exists.",
        ));
    }
    Ok(())
}

fn apply(user: &mut User, body: &Map<String, Value>) -> Result<(), Fault> {
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        match name.as_str() {
            "accountEnabled" => user.disabled = !boolean(name, value)?,
            "displayName" => user.display_name = text(name, value)?.unwrap_or_default(),
            "givenName" => user.given_name = text(name, value)?.unwrap_or_default(),
            "surname" => user.surname = text(name, value)?.unwrap_or_default(),
            "jobTitle" => user.job_title = text(name, value)?,
            "department" => user.department = text(name, value)?,
            "officeLocation" => user.office_location = text(name, value)?,
            "mobilePhone" => user.mobile_phone = text(name, value)?,
            "city" => user.city = text(name, value)?,
            "country" => user.country = text(name, value)?,
            "companyName" => user.company_name = text(name, value)?,
            "userPrincipalName" => {
                user.user_principal_name = text(name, value)?.unwrap_or_default();
            }
            // Nicknames follow the name here.
            "mailNickname" | "usageLocation" => {
                text(name, value)?;
            }
            "passwordProfile" => {
                let password = value["password"].as_str().filter(|it| it.len() >= 8);
                user.password = password.map(str::to_owned).ok_or_else(|| {
                    Fault::directory("The specified password does not comply with password complexity requirements.")
                })?;
            }
            "id" | "mail" | "userType" | "preferredLanguage" | "businessPhones"
            | "proxyAddresses" | "assignedLicenses" => {
                return Err(Fault::not_implemented(&format!(
                    "changes of {name} of users"
                )));
            }
            _ => return Err(Fault::unknown_property(name, TYPE)),
        }
    }
    Ok(())
}

fn text(name: &str, value: &Value) -> Result<Option<String>, Fault> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(Fault::invalid_value(name, "Edm.String")),
    }
}

fn boolean(name: &str, value: &Value) -> Result<bool, Fault> {
    value
        .as_bool()
        .ok_or_else(|| Fault::invalid_value(name, "Edm.Boolean"))
}
