//! What an administrator of Power Platform does: application users and their security roles, service protection limits.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use sandbox_dataverse::{ApplicationUser, Limits, UserError};
use serde::Deserialize;

use crate::control::{Body, Control, ControlError};

fn refusal(error: &UserError) -> ControlError {
    ControlError::InvalidRequest(error.to_string())
}

impl Control {
    /// Makes an application a user of the environment of Dataverse, with these security roles (`System Administrator`,
    /// `Salesperson`), as the Power Platform admin centre does. One that is a user has these roles from then on.
    pub fn add_application_user(
        &self,
        client_id: &str,
        roles: &[&str],
    ) -> Result<ApplicationUser, ControlError> {
        let unknown = || ControlError::UnknownApplication(client_id.to_owned());
        let (object_id, name) = self
            .shared
            .read(|state| {
                let application = state.directory.application(client_id)?;
                let tenant = state.directory.tenants.first()?;
                let principal = state.directory.service_principal(client_id, &tenant.id)?;
                Some((principal.id.clone(), application.display_name.clone()))
            })
            .ok_or_else(unknown)?;
        let now = self.shared.now();
        let user = self.shared.services().dataverse.with(|environment| {
            environment.add_application_user(client_id, &object_id, &name, roles, now)
        });
        self.shared.look_again();
        user.map_err(|error| refusal(&error))
    }

    /// Takes the application's user out of the environment.
    pub fn remove_application_user(&self, client_id: &str) -> Result<(), ControlError> {
        let dataverse = &self.shared.services().dataverse;
        let removed = dataverse.with(|environment| environment.remove_application_user(client_id));
        self.shared.look_again();
        removed.map_err(|error| refusal(&error))
    }

    /// Disables the application's user, or enables it again.
    pub fn disable_application_user(
        &self,
        client_id: &str,
        disabled: bool,
    ) -> Result<(), ControlError> {
        let dataverse = &self.shared.services().dataverse;
        let changed =
            dataverse.with(|environment| environment.disable_application_user(client_id, disabled));
        self.shared.look_again();
        changed.map_err(|error| refusal(&error))
    }

    /// Application users of the environment.
    pub fn application_users(&self) -> Vec<ApplicationUser> {
        let dataverse = &self.shared.services().dataverse;
        dataverse.with(|environment| environment.application_users())
    }

    /// Names of its security roles.
    pub fn security_roles(&self) -> Vec<String> {
        let dataverse = &self.shared.services().dataverse;
        dataverse.with(|environment| environment.roles())
    }

    /// Whether Dataverse keeps its service protection limits.
    pub fn limit_dataverse(&self, are_kept: bool) {
        let limits = are_kept.then(Limits::default);
        let dataverse = &self.shared.services().dataverse;
        dataverse.with(|environment| environment.set_limits(limits));
    }
}

/// Below `/_sandbox`.
pub(crate) fn router() -> Router<Control> {
    Router::new()
        .route("/dataverse/application-users", get(list).post(add))
        .route(
            "/dataverse/application-users/{client_id}",
            axum::routing::patch(change).delete(remove),
        )
        .route("/dataverse/roles", get(roles))
        .route("/dataverse/limits", post(limit))
}

async fn list(State(control): State<Control>) -> Json<Vec<ApplicationUser>> {
    Json(control.application_users())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewUser {
    client_id: String,
    #[serde(default)]
    roles: Vec<String>,
}

async fn add(
    State(control): State<Control>,
    Body(new): Body<NewUser>,
) -> Result<(StatusCode, Json<ApplicationUser>), ControlError> {
    let roles: Vec<&str> = new.roles.iter().map(String::as_str).collect();
    let user = control.add_application_user(&new.client_id, &roles)?;
    Ok((StatusCode::CREATED, Json(user)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    disabled: bool,
}

async fn change(
    State(control): State<Control>,
    Path(client_id): Path<String>,
    Body(change): Body<Change>,
) -> Result<StatusCode, ControlError> {
    control.disable_application_user(&client_id, change.disabled)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(
    State(control): State<Control>,
    Path(client_id): Path<String>,
) -> Result<StatusCode, ControlError> {
    control.remove_application_user(&client_id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn roles(State(control): State<Control>) -> Json<Vec<String>> {
    Json(control.security_roles())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    are_kept: bool,
}

async fn limit(State(control): State<Control>, Body(body): Body<Kept>) -> StatusCode {
    control.limit_dataverse(body.are_kept);
    StatusCode::NO_CONTENT
}
