use std::time::Duration;

use model::{ChainLink, WorkspaceId};
use store::journal::{Effect, EffectOutcome, Journal, JournalTask, verify_chain};
use store::{Answer, ChainedActivity, ClaimOutcome, Error, Store};

use crate::databases::on_every_database;
use crate::world::World;

fn start(world: &World) -> (Journal, JournalTask) {
    Journal::start(world.store.clone(), world.writer())
}

async fn chain(world: &World, workspace: WorkspaceId, journal: &Journal) -> Vec<ChainedActivity> {
    let mut tx = world.read().await;
    tx.chain(workspace, journal.writer(), 1, 100_000)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_recorded_line_is_committed_when_the_call_returns() {
    on_every_database(async |world| {
        let workspace = world.tenant("contoso").await.workspace;
        let (journal, task) = start(&world);
        let line = world.line(workspace, "a.b");
        journal.record(line.clone()).await.unwrap();
        let stored = chain(&world, workspace, &journal).await;
        assert_eq!(stored[0].line, line);
        task.stop().await;
    })
    .await;
}

#[tokio::test]
async fn lines_of_many_tasks_and_workspaces_form_whole_chains() {
    on_every_database(async |world| {
        let workspaces = [
            world.tenant("contoso").await.workspace,
            world.tenant("fabrikam").await.workspace,
        ];
        let (journal, task) = start(&world);
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..200 {
            let (world, journal) = (world.clone(), journal.clone());
            let line = world.line(workspaces[n % 2], "a.b");
            tasks.spawn(async move {
                if n % 3 == 0 {
                    journal.record(line).await.unwrap();
                } else {
                    journal.note(line).await;
                }
            });
        }
        tasks.join_all().await;
        task.stop().await;
        for workspace in workspaces {
            let chain = chain(&world, workspace, &journal).await;
            assert_eq!((chain.len(), verify_chain(&chain)), (100, Ok(())));
        }
        assert_eq!(journal.lost(), 0);
    })
    .await;
}

#[tokio::test]
async fn stopping_commits_what_was_noted_and_takes_no_more() {
    on_every_database(async |world| {
        let workspace = world.tenant("contoso").await.workspace;
        let (journal, task) = start(&world);
        for _ in 0..2_500 {
            journal.note(world.line(workspace, "a.b")).await;
        }
        task.stop().await;
        assert_eq!(chain(&world, workspace, &journal).await.len(), 2_500);

        assert!(matches!(
            journal.record(world.line(workspace, "a.b")).await,
            Err(Error::Unavailable(_))
        ));
        journal.note(world.line(workspace, "a.b")).await;
        assert_eq!(journal.lost(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_noted_line_is_committed_within_a_tenth_of_a_second() {
    let world = World::new(Store::in_memory().await.unwrap());
    let workspace = world.tenant("contoso").await.workspace;
    let (journal, task) = start(&world);
    // The stopped clock leaps to the journal's deadline as soon as every task waits.
    tokio::time::pause();
    journal.note(world.line(workspace, "a.b")).await;
    tokio::time::sleep(Duration::from_millis(101)).await;
    tokio::time::resume();
    assert_eq!(chain(&world, workspace, &journal).await.len(), 1);
    task.stop().await;
}

#[tokio::test]
async fn a_claim_that_somebody_has_writes_no_line() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (journal, task) = start(&world);
        let mut outcomes = Vec::new();
        for _ in 0..2 {
            let intent = world.intent(tenant.workspace);
            let mut claim = world.claim(&tenant.connection, "key", journal.writer());
            claim.intent_id = intent.id;
            let effect = Effect::Claim(tenant.workspace, claim);
            outcomes.push(journal.record_with(intent, effect).await.unwrap());
        }
        task.stop().await;
        assert_eq!(outcomes[0], EffectOutcome::Claim(ClaimOutcome::Claimed));
        let EffectOutcome::Claim(ClaimOutcome::Existing(row)) = &outcomes[1] else {
            panic!("the key was claimed twice");
        };
        let chain = chain(&world, tenant.workspace, &journal).await;
        assert_eq!(chain.len(), 1);
        assert_eq!(row.claim.intent_id, chain[0].line.id);
    })
    .await;
}

#[tokio::test]
async fn of_many_claims_in_one_group_one_wins_and_has_its_line() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (journal, task) = start(&world);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let (world, journal, tenant) = (world.clone(), journal.clone(), tenant.clone());
            tasks.spawn(async move {
                let claim = world.claim(&tenant.connection, "key", journal.writer());
                let effect = Effect::Claim(tenant.workspace, claim);
                journal
                    .record_with(world.intent(tenant.workspace), effect)
                    .await
                    .unwrap()
            });
        }
        let outcomes = tasks.join_all().await;
        task.stop().await;
        let claimed = EffectOutcome::Claim(ClaimOutcome::Claimed);
        assert_eq!(
            outcomes
                .iter()
                .filter(|outcome| **outcome == claimed)
                .count(),
            1
        );
        assert_eq!(chain(&world, tenant.workspace, &journal).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_stored_with_its_result() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (journal, task) = start(&world);
        let intent = world.intent(tenant.workspace);
        let claim = world.claim(&tenant.connection, "key", journal.writer());
        let effect = Effect::Claim(tenant.workspace, claim.clone());
        journal.record_with(intent.clone(), effect).await.unwrap();
        let answer = Answer {
            status: 200,
            sealed: world.sealed(),
        };
        for expected in [true, false] {
            let effect = Effect::Answer {
                workspace: tenant.workspace,
                key: claim.key.clone(),
                writer: claim.writer,
                answer: answer.clone(),
            };
            let outcome = journal
                .record_with(world.result(&intent), effect)
                .await
                .unwrap();
            assert_eq!(outcome, EffectOutcome::Answer(expected));
        }
        task.stop().await;
        assert_eq!(chain(&world, tenant.workspace, &journal).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn what_the_database_refuses_takes_nobody_with_it() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (journal, task) = start(&world);
        let mut unknown = tenant.connection.clone();
        unknown.id = world.connection_id();
        let claim = world.claim(&unknown, "key", journal.writer());
        let effect = Effect::Claim(tenant.workspace, claim);
        let (poison, good) = (
            world.intent(tenant.workspace),
            world.line(tenant.workspace, "a.b"),
        );
        let (poisoned, recorded) =
            tokio::join!(journal.record_with(poison, effect), journal.record(good));
        assert!(matches!(poisoned, Err(Error::Dangling(_))));
        recorded.unwrap();
        task.stop().await;
        let chain = chain(&world, tenant.workspace, &journal).await;
        assert_eq!((chain.len(), verify_chain(&chain)), (1, Ok(())));
    })
    .await;
}

#[tokio::test]
async fn a_line_that_no_database_can_hold_as_it_is_still_verifies() {
    on_every_database(async |world| {
        let workspace = world.tenant("contoso").await.workspace;
        let (journal, task) = start(&world);
        let mut line = world.line(workspace, "a.b");
        line.target = Some("nul\0 in a target".to_owned());
        line.at = "2026-11-23T12:00:00.123456789Z".parse().unwrap();
        journal.record(line).await.unwrap();
        journal.record(world.line(workspace, "a.b")).await.unwrap();
        task.stop().await;
        let chain = chain(&world, workspace, &journal).await;
        assert_eq!((chain.len(), verify_chain(&chain)), (2, Ok(())));
    })
    .await;
}

#[tokio::test]
async fn a_database_that_is_gone_is_told_to_who_waits_and_counted_for_who_does_not() {
    let world = World::new(Store::in_memory().await.unwrap());
    let workspace = world.tenant("contoso").await.workspace;
    let (journal, task) = start(&world);
    journal.record(world.line(workspace, "a.b")).await.unwrap();
    world.store.close().await;
    tokio::time::pause();
    journal.note(world.line(workspace, "a.b")).await;
    journal.note(world.line(workspace, "a.b")).await;
    let refused = journal.record(world.line(workspace, "a.b")).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))));
    task.stop().await;
    assert_eq!(journal.lost(), 2);
}

#[tokio::test]
async fn a_line_that_was_committed_unseen_is_followed_and_not_written_twice() {
    on_every_database(async |world| {
        let workspace = world.tenant("contoso").await.workspace;
        let (journal, task) = start(&world);
        let (unseen, next) = (world.line(workspace, "a.b"), world.line(workspace, "a.b"));
        // As after a commit whose answer was lost on the way.
        let committed = ChainedActivity {
            link: ChainLink::first(journal.writer(), &unseen),
            line: unseen.clone(),
        };
        let mut tx = world.write().await;
        tx.append_activities(&[committed]).await.unwrap();
        tx.commit().await.unwrap();

        journal.note(unseen.clone()).await;
        journal.record(next.clone()).await.unwrap();
        task.stop().await;
        let chain = chain(&world, workspace, &journal).await;
        let lines: Vec<_> = chain.iter().map(|chained| chained.line.clone()).collect();
        assert_eq!((lines, verify_chain(&chain)), (vec![unseen, next], Ok(())));
        assert_eq!(journal.lost(), 0);
    })
    .await;
}
