use model::{
    Activity, ActivityId, ActivityKind, Actor, OperationKind, Outcome as How, Phase, RemoteIds,
    WriterId,
};
use store::journal::Journal;

use crate::support::{Outcome, TestServer};

/// A process that announced a write and died: it never said how that ended.
async fn announced(test: &TestServer) -> Result<ActivityId, Box<dyn std::error::Error>> {
    let context = test.server.context();
    let workspace = context
        .store
        .read()
        .await?
        .workspaces()
        .await?
        .first()
        .ok_or("a workspace")?
        .id;
    let writer = WriterId::generate(&*context.clock, &*context.random);
    let (journal, task) = Journal::start(context.store.clone(), writer);
    let id = ActivityId::generate(&*context.clock, &*context.random);
    journal
        .record(Activity {
            id,
            workspace_id: workspace,
            at: context.now(),
            actor: Actor::System,
            kind: ActivityKind::Operation(OperationKind::Action),
            action: "outlook.messages.send".to_owned(),
            connection_id: None,
            target: None,
            phase: Phase::Intent,
            intent_id: None,
            outcome: How::Started,
            status: None,
            code: None,
            duration_us: None,
            bytes_sent: None,
            bytes_received: None,
            remote: RemoteIds::default(),
        })
        .await?;
    task.stop().await;
    Ok(id)
}

#[tokio::test]
async fn a_write_that_nobody_finished_is_said_to_be_uncertain() -> Outcome {
    let test = TestServer::start().await?;
    let intent = announced(&test).await?;
    let (again, _directory) = test.restart().await?;
    let mut tx = again.context().store.read().await?;
    let workspace = tx.workspaces().await?.first().ok_or("a workspace")?.id;
    let result = tx.result_of(workspace, intent).await?.ok_or("a result")?;
    assert_eq!(
        (result.outcome, result.intent_id),
        (How::Uncertain, Some(intent))
    );
    drop(tx);
    again.shutdown().await;
    Ok(())
}
