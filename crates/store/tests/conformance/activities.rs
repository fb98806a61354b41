use std::collections::HashMap;

use model::{
    Activity, ActivityId, ActivityKind, Actor, ChainLink, Outcome, Phase, RemoteIds, WorkspaceId,
    WriterId,
};
use store::journal::{BrokenChain, verify_chain, verify_chain_after};
use store::{ActivityFilter, ChainedActivity, Page, Transaction};

use crate::databases::on_every_database;
use crate::world::World;

/// The lines as `writer`'s chain, one for each workspace.
pub(crate) fn chained(writer: WriterId, lines: Vec<Activity>) -> Vec<ChainedActivity> {
    let mut heads: HashMap<WorkspaceId, ChainLink> = HashMap::new();
    let place = |line: Activity| {
        let link = match heads.get(&line.workspace_id) {
            None => ChainLink::first(writer, &line),
            Some(head) => head.next(&line),
        };
        heads.insert(line.workspace_id, link.clone());
        ChainedActivity { line, link }
    };
    lines.into_iter().map(place).collect()
}

async fn append(world: &World, lines: Vec<Activity>) -> WriterId {
    let writer = world.writer();
    let mut tx = world.write().await;
    tx.append_activities(&chained(writer, lines)).await.unwrap();
    tx.commit().await.unwrap();
    writer
}

async fn found(
    tx: &mut dyn Transaction,
    workspace: WorkspaceId,
    filter: ActivityFilter,
) -> Vec<ActivityId> {
    let lines = tx
        .activities(workspace, &filter, Page::first(100))
        .await
        .unwrap();
    lines.iter().map(|line| line.id).collect()
}

#[tokio::test]
async fn a_line_is_read_back_whole_within_its_workspace() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let full = Activity {
            actor: Actor::ApiKey("key_1".to_owned()),
            kind: ActivityKind::Token,
            connection_id: Some(contoso.connection.id),
            target: Some("adele@contoso.example, \"quoted\" \\ ü".to_owned()),
            outcome: Outcome::Failed,
            status: Some(429),
            code: Some("TooManyRequests".to_owned()),
            duration_us: Some(1_234),
            bytes_sent: Some(5_368_709_120),
            bytes_received: Some(0),
            remote: RemoteIds {
                request_id: Some("r".to_owned()),
                ..RemoteIds::default()
            },
            ..world.line(contoso.workspace, "token.renew")
        };
        append(&world, vec![full.clone()]).await;
        let mut tx = world.read().await;
        assert_eq!(
            tx.activity(contoso.workspace, full.id).await.unwrap(),
            Some(full.clone())
        );
        assert_eq!(
            tx.activity(fabrikam.workspace, full.id).await.unwrap(),
            None
        );
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_actor_and_line_is_read_back() {
    on_every_database(async |world| {
        let workspace = world.tenant("contoso").await.workspace;
        let actors = [
            Actor::Member("mem_1".to_owned()),
            Actor::System,
            Actor::Anonymous,
            Actor::Local,
        ];
        let kinds = [
            ActivityKind::Token,
            ActivityKind::Change,
            ActivityKind::Access,
            ActivityKind::Change,
        ];
        let mut lines = vec![world.intent(workspace)];
        for (actor, kind) in actors.into_iter().zip(kinds) {
            let line = world.line(workspace, "session.open");
            lines.push(Activity {
                actor,
                kind,
                ..line
            });
        }
        append(&world, lines.clone()).await;
        let mut tx = world.read().await;
        for line in lines {
            assert_eq!(tx.activity(workspace, line.id).await.unwrap(), Some(line));
        }
    })
    .await;
}

#[tokio::test]
async fn the_log_goes_back_in_time_in_pages_without_loss_or_duplicates() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let lines: Vec<_> = (0..7)
            .map(|_| world.line(contoso.workspace, "a.b"))
            .collect();
        let mut expected: Vec<_> = lines.iter().map(|line| line.id).collect();
        expected.reverse();
        append(&world, lines).await;
        append(&world, vec![world.line(fabrikam.workspace, "a.b")]).await;

        let mut tx = world.read().await;
        let filter = ActivityFilter::default();
        let mut page = Page::first(3);
        let mut seen = Vec::new();
        loop {
            let lines = tx
                .activities(contoso.workspace, &filter, page)
                .await
                .unwrap();
            let Some(last) = lines.last() else { break };
            page.after = Some(last.id);
            seen.extend(lines.iter().map(|line| line.id));
        }
        assert_eq!(seen, expected);
    })
    .await;
}

#[tokio::test]
async fn filters_narrow_the_log_alone_and_together() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let workspace = tenant.workspace;
        let mut send = world.intent(workspace);
        send.connection_id = Some(tenant.connection.id);
        let mut list = world.line(workspace, "outlook.messages.list");
        list.connection_id = Some(tenant.connection.id);
        let other = world.line(workspace, "outlook.messagesx");
        append(&world, vec![send.clone(), list.clone(), other.clone()]).await;

        let mut tx = world.read().await;
        let tx = tx.as_mut();
        let all = ActivityFilter::default();
        let action = |action: &str| ActivityFilter {
            action: Some(action.to_owned()),
            ..ActivityFilter::default()
        };
        assert_eq!(
            found(tx, workspace, all.clone()).await,
            [other.id, list.id, send.id]
        );
        assert_eq!(
            found(tx, workspace, action("outlook.messages.")).await,
            [list.id, send.id]
        );
        assert_eq!(
            found(tx, workspace, action("outlook.messages.list")).await,
            [list.id]
        );
        assert!(
            found(tx, workspace, action("outlook.messages"))
                .await
                .is_empty()
        );
        let of_connection = ActivityFilter {
            connection: Some(tenant.connection.id),
            ..all.clone()
        };
        assert_eq!(
            found(tx, workspace, of_connection.clone()).await,
            [list.id, send.id]
        );
        let recent = ActivityFilter {
            since: Some(list.at),
            ..all.clone()
        };
        assert_eq!(found(tx, workspace, recent).await, [other.id, list.id]);
        let together = ActivityFilter {
            action: Some("outlook.".to_owned()),
            phase: Some(Phase::Intent),
            since: Some(send.at),
            ..of_connection
        };
        assert_eq!(found(tx, workspace, together).await, [send.id]);
    })
    .await;
}

#[tokio::test]
async fn lines_outlive_their_connection() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let mut line = world.line(tenant.workspace, "connection.create");
        line.connection_id = Some(tenant.connection.id);
        append(&world, vec![line.clone()]).await;
        let mut tx = world.write().await;
        let (workspace, id) = (tenant.workspace, tenant.connection.id);
        assert!(
            tx.delete_connection(workspace, id, world.now())
                .await
                .unwrap()
        );
        assert_eq!(tx.activity(workspace, line.id).await.unwrap(), Some(line));
    })
    .await;
}

#[tokio::test]
async fn a_result_is_found_by_its_intent() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let intent = world.intent(contoso.workspace);
        let result = world.result(&intent);
        append(&world, vec![intent.clone()]).await;
        let mut tx = world.read().await;
        assert_eq!(
            tx.result_of(contoso.workspace, intent.id).await.unwrap(),
            None
        );
        drop(tx);
        append(&world, vec![result.clone()]).await;
        let mut tx = world.read().await;
        assert_eq!(
            tx.result_of(contoso.workspace, intent.id).await.unwrap(),
            Some(result)
        );
        assert_eq!(
            tx.result_of(fabrikam.workspace, intent.id).await.unwrap(),
            None
        );
    })
    .await;
}

#[tokio::test]
async fn intents_of_dead_writers_without_a_result_are_orphans_oldest_first() {
    on_every_database(async |world| {
        let workspace = world.tenant("contoso").await.workspace;
        let [first, done, second, alive] = std::array::from_fn(|_| world.intent(workspace));
        let result = world.result(&done);
        let dead = append(&world, vec![first.clone(), done, result]).await;
        append(&world, vec![second.clone()]).await;
        let living = append(&world, vec![alive.clone()]).await;

        let mut tx = world.read().await;
        let orphans = [first, second, alive];
        let found = tx.orphaned_intents(&[living], 10).await.unwrap();
        assert_eq!(found, orphans[..2]);
        let oldest = tx.orphaned_intents(&[living], 1).await.unwrap();
        assert_eq!(oldest, orphans[..1]);
        let found = tx.orphaned_intents(&[living, dead], 10).await.unwrap();
        assert_eq!(found, orphans[1..2]);
        assert_eq!(tx.orphaned_intents(&[], 10).await.unwrap(), orphans);
    })
    .await;
}

#[tokio::test]
async fn a_result_in_another_workspace_ends_no_intent() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let intent = world.intent(contoso.workspace);
        let mut foreign = world.result(&intent);
        foreign.workspace_id = fabrikam.workspace;
        append(&world, vec![intent.clone(), foreign]).await;
        let mut tx = world.read().await;
        assert_eq!(tx.orphaned_intents(&[], 10).await.unwrap(), [intent]);
    })
    .await;
}

#[tokio::test]
async fn a_chain_is_read_back_in_order_and_verifies() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let lines = (0..5).flat_map(|_| {
            [contoso.workspace, fabrikam.workspace].map(|workspace| world.line(workspace, "a.b"))
        });
        let writer = append(&world, lines.collect()).await;
        let mut tx = world.read().await;
        assert_eq!(tx.chain_writers(contoso.workspace).await.unwrap(), [writer]);
        let chain = tx.chain(contoso.workspace, writer, 1, 10).await.unwrap();
        assert_eq!(
            chain.iter().map(|line| line.link.seq).collect::<Vec<_>>(),
            [1, 2, 3, 4, 5]
        );
        assert_eq!(verify_chain(&chain), Ok(()));
        let rest = tx.chain(contoso.workspace, writer, 3, 2).await.unwrap();
        assert_eq!(rest, chain[2..4]);
        assert_eq!(verify_chain_after(Some(&chain[1].link), &rest), Ok(()));
    })
    .await;
}

#[tokio::test]
async fn verification_notices_a_changed_and_a_removed_line() {
    on_every_database(async |world| {
        let workspace = world.tenant("contoso").await.workspace;
        let writer = append(
            &world,
            (0..4).map(|_| world.line(workspace, "a.b")).collect(),
        )
        .await;
        let mut tx = world.read().await;
        let chain = tx.chain(workspace, writer, 1, 10).await.unwrap();

        let mut changed = chain.clone();
        changed[2].line.outcome = Outcome::Denied;
        assert_eq!(verify_chain(&changed), Err(BrokenChain { seq: 3 }));
        for removed in 0..3 {
            let mut rest = chain.clone();
            rest.remove(removed);
            let seq = i64::try_from(removed).unwrap() + 1;
            assert_eq!(verify_chain(&rest), Err(BrokenChain { seq }));
        }
    })
    .await;
}

#[tokio::test]
async fn a_place_in_a_chain_is_taken_once() {
    on_every_database(async |world| {
        let workspace = world.tenant("contoso").await.workspace;
        let writer = world.writer();
        let mut tx = world.write().await;
        tx.append_activities(&chained(writer, vec![world.line(workspace, "a.b")]))
            .await
            .unwrap();
        let again = tx
            .append_activities(&chained(writer, vec![world.line(workspace, "a.b")]))
            .await;
        assert_eq!(crate::world::taken(again), "activities.seq");
    })
    .await;
}

#[tokio::test]
async fn ten_thousand_lines_are_added_at_once() {
    on_every_database(async |world| {
        let workspace = world.tenant("contoso").await.workspace;
        let lines = (0..10_000).map(|_| world.line(workspace, "a.b")).collect();
        let writer = append(&world, lines).await;
        let mut tx = world.read().await;
        let last = tx.chain(workspace, writer, 10_000, 10).await.unwrap();
        assert_eq!(last.len(), 1);
    })
    .await;
}
