//! A new client secret: seen to work before it is used, without a call failing meanwhile.

use model::{Connection, ConnectionState, Proof};

use crate::apps::{self, NewSecret};
use crate::{Caller, Lifecycle, Result, service_principal};

pub(crate) async fn run(
    life: &Lifecycle,
    caller: &Caller,
    connection: &Connection,
    secret: NewSecret,
) -> Result<(Connection, Proof)> {
    let outcome = replace(life, connection, &secret).await;
    life.context
        .record(
            caller,
            "connection.rotate",
            Some(connection.id),
            outcome.as_ref().err(),
        )
        .await?;
    let proof = outcome?;
    revive(life, connection).await?;
    Ok((life.find(caller, &connection.id.to_string()).await?, proof))
}

async fn replace(life: &Lifecycle, connection: &Connection, secret: &NewSecret) -> Result<Proof> {
    apps::check_secret(&secret.value)?;
    let snapshot = life
        .live
        .reread(connection.workspace_id, connection.id)
        .await?;
    // Client credentials show the secret to be right for a registration used with OAuth too: Entra answers with a
    // token that carries no role, or at least checks the secret first.
    service_principal::verify(&life.context, &snapshot, &secret.value).await?;
    let mut tx = life.context.store.write().await?;
    let proof = apps::replace_secret(&life.context, &mut *tx, &snapshot.app, secret).await?;
    tx.commit().await?;
    Ok(proof)
}

/// Tells every connection of the application: one that waited for an administrator goes on, and a renewal that still fails
/// with the old secret does not speak for any of them.
async fn revive(life: &Lifecycle, connection: &Connection) -> Result<()> {
    let mut tx = life.context.store.read().await?;
    let siblings = tx
        .connections_of_app(connection.workspace_id, connection.app_registration_id)
        .await?;
    drop(tx);
    for sibling in siblings {
        while !touch(life, &sibling).await? {}
    }
    Ok(())
}

/// False when somebody else changed it meanwhile.
async fn touch(life: &Lifecycle, sibling: &Connection) -> Result<bool> {
    let (workspace, id) = (sibling.workspace_id, sibling.id);
    let mut tx = life.context.store.write().await?;
    let Some(mut connection) = tx.connection(workspace, id).await? else {
        return Ok(true);
    };
    if matches!(
        connection.state,
        ConnectionState::NeedsAdmin | ConnectionState::Degraded
    ) {
        connection.state = ConnectionState::Active;
        connection.diagnosis = None;
    }
    connection.updated_at = life.context.now();
    if !tx.update_connection(&connection).await? {
        return Ok(false);
    }
    tx.commit().await?;
    life.live.forget(workspace, id).await;
    Ok(true)
}
