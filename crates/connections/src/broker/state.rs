//! What a renewal's end makes of the connection.

use microsoft::TokenResponse;
use model::{Connection, ConnectionState, Diagnosis};
use store::repeated;

use super::{BrokerError, TokenBroker};
use crate::{Snapshot, diagnosis, events, grant};

/// Whether somebody decided that no call goes through: nothing that a renewal finds out changes that.
fn is_held(state: ConnectionState) -> bool {
    matches!(state, ConnectionState::Disabled | ConnectionState::Pending)
}

/// Whether the service itself lets nobody in. A token is no end of that: only a test that is let in says so.
pub(crate) fn is_shut_out(connection: &Connection) -> bool {
    let told = connection.diagnosis.as_ref();
    let waits = !connection.state.is_usable() && !is_held(connection.state);
    waits && told.is_some_and(|told| !diagnosis::is_of_entra(told))
}

impl TokenBroker {
    /// A token came: trouble of getting one is over, and what was granted is known anew.
    pub(super) async fn recovered(
        &self,
        snapshot: &Snapshot,
        response: &TokenResponse,
    ) -> Result<(), BrokerError> {
        let granted = grant::granted(response, snapshot.connection.service);
        let before = &snapshot.connection;
        let is_well = matches!(
            before.state,
            ConnectionState::Active | ConnectionState::Expiring
        );
        if is_well && granted == before.granted {
            return Ok(());
        }
        self.change(snapshot, |connection| {
            // What ends soon goes on ending, however well it works until then.
            let is_over = !is_held(connection.state) && !is_shut_out(connection);
            if is_over && connection.state != ConnectionState::Expiring {
                connection.state = ConnectionState::Active;
                connection.diagnosis = None;
            }
            if granted.is_some() {
                connection.granted.clone_from(&granted);
            }
            true
        })
        .await
    }

    /// The service let the application or user in that it had shut out.
    pub(crate) async fn let_in(&self, snapshot: &Snapshot) -> Result<(), BrokerError> {
        if !is_shut_out(&snapshot.connection) {
            return Ok(());
        }
        self.change(snapshot, |connection| {
            let is_over = is_shut_out(connection);
            if is_over {
                connection.state = ConnectionState::Active;
                connection.diagnosis = None;
            }
            is_over
        })
        .await
    }

    /// A renewal failed. What was changed since it began, by a new consent or a new secret, is not its failure.
    pub(crate) async fn fail(
        &self,
        snapshot: &Snapshot,
        state: ConnectionState,
        diagnosis: &Diagnosis,
    ) -> Result<(), BrokerError> {
        let mut diagnosis = diagnosis.clone();
        // Where Microsoft did not answer, nobody but us knows when.
        diagnosis
            .evidence
            .at
            .get_or_insert_with(|| self.context.now());
        self.change(snapshot, |connection| {
            let unchanged = connection.version == snapshot.connection.version;
            if unchanged && !is_held(connection.state) {
                connection.state = state;
                connection.diagnosis = Some(diagnosis.clone());
            }
            unchanged
        })
        .await
    }

    /// Changes the stored connection, again if somebody else changed it meanwhile. Nothing is written when `apply` says
    /// that it changed nothing.
    async fn change(
        &self,
        snapshot: &Snapshot,
        apply: impl Fn(&mut Connection) -> bool + Send + Sync,
    ) -> Result<(), BrokerError> {
        while !repeated(|| self.try_change(snapshot, &apply)).await? {}
        Ok(())
    }

    /// False when somebody else changed it meanwhile.
    async fn try_change(
        &self,
        snapshot: &Snapshot,
        apply: &(impl Fn(&mut Connection) -> bool + Send + Sync),
    ) -> Result<bool, BrokerError> {
        let (workspace, id) = (snapshot.connection.workspace_id, snapshot.connection.id);
        let mut tx = self.context.store.write().await?;
        let Some(mut connection) = tx.connection(workspace, id).await? else {
            return Ok(true);
        };
        let before = connection.state;
        if !apply(&mut connection) {
            return Ok(true);
        }
        connection.updated_at = self.context.now();
        if !tx.update_connection(&connection).await? {
            return Ok(false);
        }
        events::note_change(&self.context, &mut *tx, before, &connection).await?;
        tx.commit().await?;
        self.live.forget(workspace, id).await;
        Ok(true)
    }
}
