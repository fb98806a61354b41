use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use connections::oauth::Invitation;
use connections::{NewApp, NewSecret};
use http::StatusCode;
use jiff::Timestamp;
use model::{
    AppRegistrationId, Connection, ConnectionMethod, PermissionSet, Place, Policy, Role, Service,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::app_registrations::DEFAULT_CLOUD;
use crate::api::input::Input;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::{App, secret};

/// A service and one of the two ways to it. OAuth needs an app registration; an application may be described with it
/// instead, by tenant id, client id and client secret.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewConnection {
    #[schema(value_type = String, example = "outlook")]
    service: Service,
    /// `oauth` or `service_principal`.
    #[schema(value_type = String, example = "oauth")]
    method: ConnectionMethod,
    /// Unique in the workspace.
    name: String,
    #[schema(value_type = Option<String>)]
    app_registration_id: Option<AppRegistrationId>,
    /// Microsoft's names; a default for the service when absent.
    #[schema(value_type = Option<Vec<String>>)]
    permissions: Option<PermissionSet>,
    /// In place of permissions: what shall be possible. The least that these operations need is asked for.
    #[serde(default)]
    operations: Vec<String>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    policy: Policy,
    #[serde(default)]
    shared: bool,
    /// Of Dataverse, which it needs: `https://contoso.crm4.dynamics.com`.
    environment_url: Option<String>,
    /// Of Business Central, which it needs: `Production`.
    environment: Option<String>,
    /// The company of Business Central that operations act on unless told otherwise.
    company_id: Option<String>,
    tenant_id: Option<String>,
    client_id: Option<String>,
    #[serde(default, deserialize_with = "secret::optional")]
    #[schema(value_type = Option<String>)]
    client_secret: Option<SecretString>,
    #[schema(value_type = Option<String>, format = DateTime)]
    secret_expires_at: Option<Timestamp>,
    cloud: Option<String>,
}

/// A connection that waits for its account, with the page where that consents.
#[derive(Serialize)]
struct Invited {
    connection: Connection,
    #[serde(flatten)]
    invitation: Invitation,
}

pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    Input(mut new): Input<NewConnection>,
) -> Result<Response, Problem> {
    new.settle_permissions()?;
    match new.method {
        ConnectionMethod::OAuth => invite(&app, &caller, new).await,
        ConnectionMethod::ServicePrincipal => connect(&app, &caller, new).await,
    }
}

async fn invite(app: &App, caller: &Caller, new: NewConnection) -> Result<Response, Problem> {
    if new.describes_an_application() {
        return Err(Problem::invalid(
            "app_registration_id",
            "a user is connected through an app registration; make it first and give its id",
        ));
    }
    let registration = new.app_registration_id.ok_or_else(|| {
        Problem::missing("app_registration_id").next("list them at `/api/v1/app-registrations`")
    })?;
    let (connection, invitation) = app
        .lifecycle()
        .connect_user(caller, new.into_connection(), registration)
        .await?;
    Ok((
        StatusCode::CREATED,
        Json(Invited {
            connection,
            invitation,
        }),
    )
        .into_response())
}

async fn connect(app: &App, caller: &Caller, new: NewConnection) -> Result<Response, Problem> {
    if caller.role < Role::Admin {
        return Err(Problem::role_required(Role::Admin, caller.role));
    }
    let created = match new.app_registration_id {
        Some(_) if new.describes_an_application() => {
            return Err(Problem::invalid(
                "app_registration_id",
                "give either an app registration or tenant id, client id and client secret",
            ));
        }
        Some(registration) => {
            app.lifecycle()
                .connect_application(caller, new.into_connection(), registration)
                .await?
        }
        None => {
            let described = new.application()?;
            app.lifecycle()
                .connect_new_application(caller, new.into_connection(), described)
                .await?
        }
    };
    Ok((StatusCode::CREATED, Json(created)).into_response())
}

impl NewConnection {
    /// What is asked for, where operations say it.
    fn settle_permissions(&mut self) -> Result<(), Problem> {
        if self.operations.is_empty() {
            return Ok(());
        }
        if self.permissions.is_some() {
            return Err(Problem::invalid(
                "operations",
                "give either permissions or operations",
            ));
        }
        let least = super::needed_by(self.service, self.method, &self.operations)?;
        self.permissions = Some(least);
        Ok(())
    }

    fn describes_an_application(&self) -> bool {
        self.tenant_id.is_some() || self.client_id.is_some() || self.client_secret.is_some()
    }

    /// The registration that is made with the connection, under its name.
    fn application(&self) -> Result<NewApp, Problem> {
        let needed = |field: &'static str, value: &Option<String>| {
            value.clone().ok_or_else(|| Problem::missing(field))
        };
        let value = self
            .client_secret
            .clone()
            .ok_or_else(|| Problem::missing("client_secret"))?;
        Ok(NewApp {
            name: self.name.clone(),
            cloud: self
                .cloud
                .clone()
                .unwrap_or_else(|| DEFAULT_CLOUD.to_owned()),
            tenant_id: needed("tenant_id", &self.tenant_id)?,
            client_id: needed("client_id", &self.client_id)?,
            proof: Some(
                NewSecret {
                    value,
                    expires_at: self.secret_expires_at,
                }
                .into(),
            ),
        })
    }

    fn into_connection(self) -> connections::NewConnection {
        connections::NewConnection {
            name: self.name,
            service: self.service,
            permissions: self.permissions,
            policy: self.policy,
            shared: self.shared,
            place: Place {
                environment_url: self.environment_url,
                environment: self.environment,
                company_id: self.company_id,
            },
        }
    }
}

impl Problem {
    fn missing(field: &'static str) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "missing_field",
            format!("`{field}` is missing"),
        )
        .field(field)
        .next("add the field and send it again")
    }
}
