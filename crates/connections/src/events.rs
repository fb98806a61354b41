//! What happened to connections, written down in the transaction in which it happened.

use model::{Connection, ConnectionState, Event, EventId, EventKind};
use serde_json::{Value, json};
use store::Transaction;

use crate::{Context, Result};

/// Says that `kind` happened to the connection as it is now.
pub(crate) async fn note(
    context: &Context,
    tx: &mut dyn Transaction,
    kind: EventKind,
    connection: &Connection,
) -> Result<()> {
    note_with(context, tx, kind, connection, Value::Null).await
}

/// The same with facts of the kind's own under `detail`.
pub(crate) async fn note_with(
    context: &Context,
    tx: &mut dyn Transaction,
    kind: EventKind,
    connection: &Connection,
    detail: Value,
) -> Result<()> {
    write(context, tx, new_id(context), kind, connection, detail).await
}

/// Says that the proof of the connection's application was replaced, and what that changed from `before`, in this order
/// however fast it went.
pub(crate) async fn note_rotation(
    context: &Context,
    tx: &mut dyn Transaction,
    before: ConnectionState,
    connection: &Connection,
) -> Result<()> {
    let mut ids = [new_id(context), new_id(context)];
    ids.sort_unstable();
    write(
        context,
        tx,
        ids[0],
        EventKind::Rotated,
        connection,
        Value::Null,
    )
    .await?;
    match meaning(before, connection.state) {
        Some(kind) => write(context, tx, ids[1], kind, connection, Value::Null).await,
        None => Ok(()),
    }
}

fn new_id(context: &Context) -> EventId {
    EventId::generate(&*context.clock, &*context.random)
}

async fn write(
    context: &Context,
    tx: &mut dyn Transaction,
    id: EventId,
    kind: EventKind,
    connection: &Connection,
    detail: Value,
) -> Result<()> {
    let diagnosis = connection.diagnosis.as_ref().map(|diagnosis| {
        json!({
            "group": diagnosis.group,
            "cause": diagnosis.cause,
            "act": diagnosis.act,
            "code": diagnosis.evidence.code,
            "remedy": diagnosis.remedy,
        })
    });
    let mut data = json!({
        "connection_id": connection.id,
        "name": connection.name,
        "service": connection.service,
        "method": connection.method,
        "state": connection.state,
        "diagnosis": diagnosis,
    });
    if !detail.is_null() {
        data["detail"] = detail;
    }
    let event = Event {
        id,
        workspace_id: connection.workspace_id,
        kind,
        at: context.now(),
        connection_id: connection.id,
        data,
    };
    tracing::info!(
        connection.id = %connection.id,
        event = kind.id(),
        "something happened to a connection"
    );
    Ok(tx.add_event(&event).await?)
}

/// Says what the change from `before` means, if it means anything to others.
pub(crate) async fn note_change(
    context: &Context,
    tx: &mut dyn Transaction,
    before: ConnectionState,
    connection: &Connection,
) -> Result<()> {
    match meaning(before, connection.state) {
        Some(kind) => note(context, tx, kind, connection).await,
        None => Ok(()),
    }
}

fn meaning(before: ConnectionState, after: ConnectionState) -> Option<EventKind> {
    use ConnectionState as State;
    if before == after {
        return None;
    }
    match (before, after) {
        (State::Pending, State::Active) => Some(EventKind::Created),
        (_, State::Degraded) => Some(EventKind::Degraded),
        (_, State::NeedsReconnect) => Some(EventKind::NeedsReconnect),
        (_, State::NeedsAdmin) => Some(EventKind::NeedsAdmin),
        (
            State::Degraded | State::NeedsReconnect | State::NeedsAdmin | State::Expiring,
            State::Active,
        ) => Some(EventKind::Recovered),
        // What is expiring is told by the sweep, with the days that are left.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ConnectionState as State;

    #[test]
    fn a_change_means_one_thing_or_nothing() {
        let cases = [
            (State::Active, State::Active, None),
            (State::Pending, State::Active, Some(EventKind::Created)),
            (State::Active, State::Degraded, Some(EventKind::Degraded)),
            (State::Degraded, State::Active, Some(EventKind::Recovered)),
            (
                State::Active,
                State::NeedsReconnect,
                Some(EventKind::NeedsReconnect),
            ),
            (
                State::Degraded,
                State::NeedsAdmin,
                Some(EventKind::NeedsAdmin),
            ),
            (State::Active, State::Disabled, None),
            (State::Disabled, State::Active, None),
            (State::Active, State::Expiring, None),
        ];
        for (before, after, wanted) in cases {
            assert_eq!(meaning(before, after), wanted, "{before} to {after}");
        }
    }
}
