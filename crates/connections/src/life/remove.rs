//! How a connection ends.

use model::{Connection, ConnectionId, EventKind};
use store::repeated;

use super::Lifecycle;
use crate::{Caller, Error, Result, events, revoke};

impl Lifecycle {
    /// Takes the user's consent back at Microsoft first, then removes it. Nothing is removed here where Microsoft refuses.
    pub async fn delete_with_consent(&self, caller: &Caller, id: ConnectionId) -> Result<()> {
        let connection = self.managed(caller, id).await?;
        let outcome = revoke::consent(self, caller, &connection).await;
        self.context
            .record(
                caller,
                "connection.revoke_consent",
                Some(id),
                outcome.as_ref().err(),
            )
            .await?;
        outcome?;
        self.delete(caller, id).await
    }

    /// Removes it with everything sealed for it; the activity stays.
    pub async fn delete(&self, caller: &Caller, id: ConnectionId) -> Result<()> {
        let connection = self.managed(caller, id).await?;
        let snapshot = self.live.reread(caller.workspace_id, id).await?;
        repeated(|| self.remove(&connection)).await?;
        self.broker.forget(&snapshot);
        self.live.forget(caller.workspace_id, id).await;
        self.context.seals.forget(connection.data_key_id).await;
        self.context
            .record(caller, "connection.delete", Some(id), None)
            .await
    }

    async fn remove(&self, connection: &Connection) -> Result<()> {
        let mut tx = self.context.store.write().await?;
        let (workspace, id) = (connection.workspace_id, connection.id);
        // Whoever comes second finds none, and has nothing to tell.
        if !tx
            .delete_connection(workspace, id, self.context.now())
            .await?
        {
            return Err(Error::no_connection(&id));
        }
        events::note(&self.context, &mut *tx, EventKind::Removed, connection).await?;
        Ok(tx.commit().await?)
    }
}
