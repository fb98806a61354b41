//! What Business Central's own administrator does: registers applications inside of it, licenses people, switches limits.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use sandbox_business_central::Application;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::{Body, Control, ControlError};
use crate::state::directory::first_party::BUSINESS_CENTRAL;

impl Control {
    /// Registers an application inside of every environment, as the page *Microsoft Entra Applications* does, with these
    /// permission sets (`D365 BUS FULL ACCESS`), and grants it `API.ReadWrite.All` for the organisation. What an application
    /// may do there is decided by both.
    pub fn enable_business_central(
        &self,
        client_id: &str,
        permission_sets: &[&str],
    ) -> Result<(), ControlError> {
        self.grant_api_roles(client_id, BUSINESS_CENTRAL, &["API.ReadWrite.All"])?;
        self.register_in_business_central(
            None,
            &Application {
                client_id: client_id.to_owned(),
                description: String::new(),
                is_enabled: true,
                permission_sets: permission_sets.iter().map(|&it| it.to_owned()).collect(),
            },
        )
    }

    /// Puts a card into every environment of Business Central, or into one, in place of what was there.
    pub fn register_in_business_central(
        &self,
        environment: Option<&str>,
        application: &Application,
    ) -> Result<(), ControlError> {
        let services = self.shared.services();
        let is_known = services
            .business_central
            .write(|cloud| cloud.register_application(environment, application));
        self.shared.look_again();
        known(is_known, environment)
    }

    /// Takes an application's card away again; whether there was one is answered.
    pub fn unregister_from_business_central(&self, client_id: &str) -> bool {
        let services = self.shared.services();
        let was_there = services
            .business_central
            .write(|cloud| cloud.unregister_application(None, client_id));
        self.shared.look_again();
        was_there
    }

    /// Environments of Business Central, and the applications registered in each.
    pub fn business_central_applications(&self) -> Vec<(String, Vec<Application>)> {
        let services = self.shared.services();
        services
            .business_central
            .read(sandbox_business_central::BusinessCentral::applications)
    }

    /// Gives a person a licence for Business Central, or takes it. Everybody has one at first.
    pub fn license_business_central(
        &self,
        user: &str,
        is_licensed: bool,
    ) -> Result<(), ControlError> {
        let id = self
            .shared
            .read(|state| state.directory.user(user).map(|user| user.id.clone()))
            .ok_or_else(|| ControlError::UnknownUser(user.to_owned()))?;
        let services = self.shared.services();
        services
            .business_central
            .write(|cloud| cloud.license(&id, is_licensed));
        self.shared.look_again();
        Ok(())
    }

    /// Makes a group of the tenant a security group of Business Central under this code, in every environment or in one.
    pub fn add_business_central_group(
        &self,
        environment: Option<&str>,
        code: &str,
        group_id: &str,
    ) -> Result<(), ControlError> {
        let services = self.shared.services();
        let is_known = services
            .business_central
            .write(|cloud| cloud.add_security_group(environment, code, group_id));
        self.shared.look_again();
        known(is_known, environment)
    }

    /// Whether Business Central keeps its limit of requests.
    pub fn limit_business_central(&self, are_kept: bool) {
        let services = self.shared.services();
        services
            .business_central
            .write(|cloud| cloud.keep_limits(are_kept));
        self.shared.look_again();
    }
}

fn known(is_known: bool, environment: Option<&str>) -> Result<(), ControlError> {
    if is_known {
        return Ok(());
    }
    let name = environment.unwrap_or("any");
    Err(ControlError::InvalidRequest(format!(
        "Business Central has no environment `{name}`"
    )))
}

/// Below `/_sandbox`.
pub(crate) fn router() -> Router<Control> {
    Router::new()
        .route("/business-central/applications", get(list).post(register))
        .route(
            "/business-central/applications/{client_id}",
            delete(unregister),
        )
        .route("/business-central/security-groups", post(add_group))
        .route("/business-central/licenses", post(license))
        .route("/business-central/limits", post(limit))
}

async fn list(State(control): State<Control>) -> Json<Value> {
    let all = control.business_central_applications().into_iter();
    let all: Vec<Value> = all
        .map(|(name, applications)| json!({ "environment": name, "applications": applications }))
        .collect();
    Json(json!(all))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCard {
    client_id: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    permission_sets: Vec<String>,
    /// All of them when absent.
    environment: Option<String>,
    #[serde(default)]
    is_disabled: bool,
    /// Grants `API.ReadWrite.All` as well.
    #[serde(default)]
    admin_consent: bool,
}

async fn register(
    State(control): State<Control>,
    Body(card): Body<NewCard>,
) -> Result<StatusCode, ControlError> {
    if card.admin_consent {
        control.grant_api_roles(&card.client_id, BUSINESS_CENTRAL, &["API.ReadWrite.All"])?;
    }
    let application = Application {
        client_id: card.client_id,
        description: card.description,
        is_enabled: !card.is_disabled,
        permission_sets: card.permission_sets,
    };
    control.register_in_business_central(card.environment.as_deref(), &application)?;
    Ok(StatusCode::CREATED)
}

async fn unregister(
    State(control): State<Control>,
    Path(client_id): Path<String>,
) -> Result<StatusCode, ControlError> {
    if control.unregister_from_business_central(&client_id) {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(ControlError::UnknownApplication(client_id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewGroup {
    code: String,
    group_id: String,
    /// All of them when absent.
    environment: Option<String>,
}

async fn add_group(
    State(control): State<Control>,
    Body(new): Body<NewGroup>,
) -> Result<StatusCode, ControlError> {
    let environment = new.environment.as_deref();
    control.add_business_central_group(environment, &new.code, &new.group_id)?;
    Ok(StatusCode::CREATED)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct License {
    user: String,
    is_licensed: bool,
}

async fn license(
    State(control): State<Control>,
    Body(body): Body<License>,
) -> Result<StatusCode, ControlError> {
    control.license_business_central(&body.user, body.is_licensed)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    are_kept: bool,
}

async fn limit(State(control): State<Control>, Body(body): Body<Limits>) -> StatusCode {
    control.limit_business_central(body.are_kept);
    StatusCode::NO_CONTENT
}
