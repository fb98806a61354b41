//! Connecting as an application: everything is checked with Entra before anything is stored.

use std::sync::Arc;

use microsoft::TokenResponse;
use model::{
    Api, AppRegistration, AppRegistrationId, Connection, ConnectionMethod, ConnectionState,
    Identity,
};
use secrecy::SecretString;
use serde::Serialize;

use crate::apps::{self, NewApp};
use crate::grant::{self, AskError};
use crate::life::{NewConnection, fresh_connection};
use crate::test::{self, TestReport};
use crate::{Caller, Context, Error, Live, Result, Snapshot, diagnosis, place, probe};

/// A connection that works, with the test that showed it.
#[derive(Debug, Clone, Serialize)]
pub struct Created {
    pub connection: Connection,
    pub test: TestReport,
}

/// Where the application comes from: registered before, or described now.
pub(crate) enum Source {
    Registered(AppRegistrationId),
    New(NewApp),
}

pub(crate) async fn connect(
    context: &Context,
    live: &Live,
    caller: &Caller,
    new: NewConnection,
    source: Source,
) -> Result<Created> {
    let outcome = attempt(context, live, caller, new, source).await;
    let id = outcome.as_ref().ok().map(|created| created.connection.id);
    context
        .record(caller, "connection.create", id, outcome.as_ref().err())
        .await?;
    outcome
}

async fn attempt(
    context: &Context,
    live: &Live,
    caller: &Caller,
    new: NewConnection,
    source: Source,
) -> Result<Created> {
    place::check(new.service, &new.place)?;
    let (app, secret) = resolve(context, caller, &source).await?;
    if app.tenant_id == "organizations" {
        return Err(Error::Invalid {
            field: "tenant_id",
            message: "a service principal belongs to one tenant; give its GUID or domain"
                .to_owned(),
        });
    }
    let connection = fresh_connection(
        context,
        caller,
        &new,
        app.id,
        ConnectionMethod::ServicePrincipal,
    );
    let snapshot = Arc::new(live.assemble(connection, app)?);
    let response = verify(context, &snapshot, &secret).await?;
    let connection = save(context, caller, &snapshot, source, &response).await?;
    let mut report = test::of_token(&connection, &response);
    // Only the service itself tells whether it knows the application, which no consent decides.
    if connection.service.api() != Api::Graph {
        let access = &response.access_token;
        report.add(probe::run(context, &snapshot, access).await);
    }
    Ok(Created {
        connection,
        test: report,
    })
}

/// The registration, stored or not yet, and its secret.
async fn resolve(
    context: &Context,
    caller: &Caller,
    source: &Source,
) -> Result<(AppRegistration, SecretString)> {
    match source {
        Source::Registered(id) => {
            let app = context
                .store
                .read()
                .await?
                .app_registration(caller.workspace_id, *id)
                .await?;
            let app = app.ok_or_else(|| Error::NotFound {
                what: "app registration",
                id: id.to_string(),
            })?;
            let secret = grant::secret_of(context, &app).await?;
            Ok((app, secret))
        }
        Source::New(new) => {
            let secret = new
                .secret
                .as_ref()
                .map(|secret| secret.value.clone())
                .ok_or(Error::Invalid {
                    field: "client_secret",
                    message: "is needed to connect as an application".to_owned(),
                })?;
            apps::check(context, new)?;
            Ok((apps::unsaved(context, caller, new), secret))
        }
    }
}

/// Signs in with `secret`, or explains why Entra refuses it.
pub(crate) async fn verify(
    context: &Context,
    snapshot: &Snapshot,
    secret: &SecretString,
) -> Result<TokenResponse> {
    grant::as_application(context, snapshot, secret)
        .await
        .map_err(|error| match error {
            AskError::Ours(error) => error,
            AskError::Entra(error) => diagnosis::refusal(snapshot, &error),
        })
}

async fn save(
    context: &Context,
    caller: &Caller,
    snapshot: &Snapshot,
    source: Source,
    response: &TokenResponse,
) -> Result<Connection> {
    let mut connection = snapshot.connection.clone();
    let mut tx = context.store.write().await?;
    if let Source::New(new) = source {
        let (app, _) = apps::create_in(context, &mut *tx, caller, new).await?;
        connection.app_registration_id = app.id;
    }
    let (data_key_id, _) = context
        .seals
        .create(&mut *tx, caller.workspace_id, &connection.id.to_string())
        .await?;
    connection.data_key_id = Some(data_key_id);
    connection.state = ConnectionState::Active;
    connection.granted = grant::granted(response, connection.service);
    connection.identity = identity(snapshot, response);
    tx.create_connection(&connection).await?;
    tx.commit().await?;
    Ok(connection)
}

fn identity(snapshot: &Snapshot, response: &TokenResponse) -> Option<Identity> {
    let claims = microsoft::access_claims(&response.access_token)?;
    Some(Identity {
        tenant_id: claims.tid.unwrap_or_else(|| snapshot.app.tenant_id.clone()),
        object_id: claims.oid.unwrap_or_default(),
        username: None,
        display_name: None,
    })
}
