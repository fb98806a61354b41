use std::sync::Arc;
use std::time::Duration;

use microsoft::Cloud;
use model::{AppRegistration, Connection, ConnectionId, WorkspaceId};
use moka::future::Cache;
use url::Url;

use crate::{Caller, Context, Error, Result, place};

/// How old a snapshot may be: a policy change or a disabled connection holds everywhere within this.
const FRESH_FOR: Duration = Duration::from_millis(600);
const SNAPSHOTS: u64 = 50_000;

/// A connection as it was at most a second ago, with what a call through it needs.
#[derive(Debug)]
pub struct Snapshot {
    pub connection: Connection,
    pub app: AppRegistration,
    pub cloud: Arc<Cloud>,
    /// The resource its tokens are for.
    pub audience: Arc<str>,
    /// The environment of Dynamics 365 that it goes to.
    pub environment: Option<Url>,
}

impl Snapshot {
    /// The root of the API that its operations are below.
    pub fn api_root(&self) -> Result<Url> {
        self.cloud
            .api_root(self.connection.service.api(), self.environment.as_ref())
            .map_err(|error| Error::Unexpected(error.to_string()))
    }
}

/// Connections read lately, so that a busy one costs the database one read a second and not one a call.
#[derive(Clone)]
pub struct Live {
    context: Context,
    snapshots: Cache<(WorkspaceId, ConnectionId), Arc<Snapshot>>,
    /// Which connection had a name lately; the snapshot says whether it still has.
    names: Cache<(WorkspaceId, String), ConnectionId>,
}

impl Live {
    pub fn new(context: Context) -> Self {
        let snapshots = Cache::builder()
            .max_capacity(SNAPSHOTS)
            .time_to_live(FRESH_FOR)
            .build();
        Self {
            context,
            snapshots,
            names: Cache::new(SNAPSHOTS),
        }
    }

    /// The connection of this name that the caller sees, at most a second old.
    pub async fn named(&self, caller: &Caller, name: &str) -> Result<Arc<Snapshot>> {
        let key = (caller.workspace_id, name.to_owned());
        let known = match self.names.get(&key).await {
            Some(id) => self.get(caller.workspace_id, id).await.ok(),
            None => None,
        };
        let snapshot = match known.filter(|snapshot| snapshot.connection.name == name) {
            Some(snapshot) => snapshot,
            None => self.look_up(key).await?,
        };
        if caller.sees(&snapshot.connection) {
            Ok(snapshot)
        } else {
            Err(Error::no_connection(name))
        }
    }

    async fn look_up(&self, key: (WorkspaceId, String)) -> Result<Arc<Snapshot>> {
        let (workspace, name) = &key;
        let mut tx = self.context.store.read().await?;
        let found = tx.connection_by_name(*workspace, name).await?;
        drop(tx);
        let id = found.ok_or_else(|| Error::no_connection(name.as_str()))?.id;
        let snapshot = self.reread(*workspace, id).await?;
        self.names.insert(key, id).await;
        Ok(snapshot)
    }

    /// The connection, at most a second old.
    pub async fn get(&self, workspace: WorkspaceId, id: ConnectionId) -> Result<Arc<Snapshot>> {
        let key = (workspace, id);
        if let Some(snapshot) = self.snapshots.get(&key).await {
            return Ok(snapshot);
        }
        self.snapshots
            .try_get_with(key, self.read(workspace, id))
            .await
            .map_err(|error: Arc<Error>| shared(&error, id))
    }

    /// The connection as it is now, not as somebody began to read it before.
    pub async fn reread(&self, workspace: WorkspaceId, id: ConnectionId) -> Result<Arc<Snapshot>> {
        let snapshot = self.read(workspace, id).await?;
        self.snapshots
            .insert((workspace, id), Arc::clone(&snapshot))
            .await;
        Ok(snapshot)
    }

    pub(crate) async fn forget(&self, workspace: WorkspaceId, id: ConnectionId) {
        self.snapshots.invalidate(&(workspace, id)).await;
    }

    async fn read(&self, workspace: WorkspaceId, id: ConnectionId) -> Result<Arc<Snapshot>> {
        let mut tx = self.context.store.read().await?;
        let connection = tx
            .connection(workspace, id)
            .await?
            .ok_or_else(|| Error::no_connection(&id))?;
        let app = tx
            .app_registration(workspace, connection.app_registration_id)
            .await?
            .ok_or_else(|| Error::NotFound {
                what: "app registration",
                id: connection.app_registration_id.to_string(),
            })?;
        drop(tx);
        Ok(Arc::new(self.assemble(connection, app)?))
    }

    pub(crate) fn assemble(
        &self,
        connection: Connection,
        app: AppRegistration,
    ) -> Result<Snapshot> {
        let cloud = self.context.cloud(&app.cloud)?;
        let environment = place::environment(&cloud, &connection, &app)?;
        let field = match environment {
            Some(_) => "environment_url",
            None => "service",
        };
        let audience = cloud
            .audience(connection.service, environment.as_ref())
            .map_err(|error| Error::Invalid {
                field,
                message: error.to_string(),
            })?;
        Ok(Snapshot {
            connection,
            app,
            cloud,
            audience: audience.into(),
            environment,
        })
    }
}

/// A load shared by several callers fails for all of them; each gets an error of its own.
fn shared(error: &Error, id: ConnectionId) -> Error {
    match error {
        Error::NotFound { what, id } => Error::NotFound {
            what,
            id: id.clone(),
        },
        Error::Invalid { field, message } => Error::Invalid {
            field,
            message: message.clone(),
        },
        Error::Store(error) => Error::Store(Arc::clone(error)),
        other => Error::Unexpected(format!("connection `{id}` could not be read: {other}")),
    }
}
