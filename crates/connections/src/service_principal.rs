//! Connecting as an application: everything is checked with Entra before anything is stored.

use microsoft::TokenResponse;
use model::{
    Api, AppRegistration, AppRegistrationId, Connection, ConnectionMethod, ConnectionState,
    EventKind, Identity, RemoteIds,
};
use serde::Serialize;

use crate::apps::{self, NewApp, Unsaved};
use crate::grant::{self, AskError};
use crate::life::{NewConnection, fresh_connection};
use crate::probe::{self, Findings};
use crate::proof::{Draft, Material};
use crate::test::{self, TestReport};
use crate::{Caller, Context, Error, Live, Result, Snapshot, diagnosis, events, limits, place};

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
    let (id, remote) = match &outcome {
        Ok((created, remote)) => (Some(created.connection.id), remote.clone()),
        Err(error) => (None, error.remote_ids()),
    };
    let refused = outcome.as_ref().err();
    context
        .record_with(caller, "connection.create", id, refused, remote)
        .await?;
    outcome.map(|(created, _)| created)
}

async fn attempt(
    context: &Context,
    live: &Live,
    caller: &Caller,
    new: NewConnection,
    source: Source,
) -> Result<(Created, RemoteIds)> {
    place::check(new.service, &new.place)?;
    let source = match source {
        Source::Registered(id) => Resolved::Registered(registered(context, caller, id).await?),
        Source::New(new) => Resolved::New(Box::new(apps::prepare(context, caller, new).await?)),
    };
    let app = source.app().clone();
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
    let mut snapshot = live.assemble(connection, app)?;
    limits::check(&new.policy, new.service, &new.place, &snapshot.cloud)?;
    let response = match &source {
        Resolved::Registered(_) => grant::application(context, &snapshot).await,
        Resolved::New(unsaved) => {
            let proof = unsaved.proof.as_ref().ok_or(Error::Invalid {
                field: "client_secret",
                message: "is needed to connect as an application, or another proof".to_owned(),
            })?;
            grant::as_application(context, &snapshot, &proof.material).await
        }
    };
    let response = response.map_err(|error| explained(&snapshot, error))?;
    snapshot.connection.granted = grant::granted(&response, snapshot.connection.service);
    // Only the service itself tells whether it knows the application, or opens a site or mailbox to it, which no consent decides.
    let asked = &snapshot.connection;
    let findings = if asked.service.api() == Api::Graph && !asked.policy.is_held_to_places() {
        Findings::default()
    } else {
        probe::run(context, &snapshot, &response.access_token).await
    };
    let connection = save(context, caller, &snapshot, source, &response, &findings).await?;
    let mut report = test::of_token(&snapshot, &connection, &response);
    report.add(findings);
    let created = Created {
        connection,
        test: report,
    };
    Ok((created, response.remote_ids()))
}

/// The registration, stored or not yet.
enum Resolved {
    Registered(AppRegistration),
    New(Box<Unsaved>),
}

impl Resolved {
    fn app(&self) -> &AppRegistration {
        match self {
            Self::Registered(app) => app,
            Self::New(unsaved) => &unsaved.app,
        }
    }
}

async fn registered(
    context: &Context,
    caller: &Caller,
    id: AppRegistrationId,
) -> Result<AppRegistration> {
    let app = context
        .store
        .read()
        .await?
        .app_registration(caller.workspace_id, id)
        .await?;
    app.ok_or_else(|| Error::NotFound {
        what: "app registration",
        id: id.to_string(),
    })
}

/// Signs in with one proof, or explains why it is refused.
pub(crate) async fn verify(
    context: &Context,
    snapshot: &Snapshot,
    material: &Material,
) -> Result<TokenResponse> {
    grant::as_application(context, snapshot, material)
        .await
        .map_err(|error| explained(snapshot, error))
}

pub(crate) fn explained(snapshot: &Snapshot, error: AskError) -> Error {
    match error {
        AskError::Ours(error) => error,
        AskError::Entra(error) => diagnosis::refusal(snapshot, &error),
        AskError::Source(failure) => {
            Error::Refused(Box::new(diagnosis::without_assertion(snapshot, &failure)))
        }
    }
}

async fn save(
    context: &Context,
    caller: &Caller,
    snapshot: &Snapshot,
    source: Resolved,
    response: &TokenResponse,
    findings: &Findings,
) -> Result<Connection> {
    let mut connection = snapshot.connection.clone();
    let mut tx = context.store.write().await?;
    if let Resolved::New(mut unsaved) = source {
        unsaved.proof = unsaved.proof.map(Draft::proven);
        let (app, _) = apps::create_in(context, &mut *tx, *unsaved).await?;
        connection.app_registration_id = app.id;
    }
    let (data_key_id, _) = context
        .seals
        .create(&mut *tx, caller.workspace_id, &connection.id.to_string())
        .await?;
    connection.data_key_id = Some(data_key_id);
    connection.state = findings.state.unwrap_or(ConnectionState::Active);
    connection.diagnosis = findings.state.and(findings.diagnosis.clone());
    connection.identity = identity(snapshot, response);
    tx.create_connection(&connection).await?;
    events::note(context, &mut *tx, EventKind::Created, &connection).await?;
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
