use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;

use model::{ConnectionId, WorkspaceId};
use store::{Error, Store, repeated};
use tokio::sync::Barrier;

use crate::databases::{Schema, file, on_every_database, on_shared_databases};
use crate::world::World;

#[tokio::test]
async fn dropping_a_transaction_undoes_it() {
    on_every_database(async |world| {
        let workspace = world.workspace("contoso");
        let mut tx = world.write().await;
        tx.create_workspace(&workspace).await.unwrap();
        drop(tx);
        let mut tx = world.read().await;
        assert_eq!(tx.workspace(workspace.id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_transaction_with_a_failed_statement_cannot_be_committed() {
    on_every_database(async |world| {
        let (first, second) = (world.workspace("contoso"), world.workspace("fabrikam"));
        let mut tx = world.write().await;
        tx.create_workspace(&first).await.unwrap();
        assert!(tx.create_workspace(&first).await.is_err());
        let _ = tx.create_workspace(&second).await;
        assert!(matches!(tx.commit().await, Err(Error::Refused(_))));
        let mut tx = world.read().await;
        assert!(tx.workspaces().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_reading_transaction_cannot_write() {
    on_every_database(async |world| {
        let mut tx = world.read().await;
        assert!(
            tx.create_workspace(&world.workspace("contoso"))
                .await
                .is_err()
        );
        drop(tx);
        let mut tx = world.write().await;
        tx.create_workspace(&world.workspace("contoso"))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_reading_transaction_sees_one_state() {
    on_shared_databases(async |world| {
        let mut reading = world.read().await;
        assert!(reading.workspaces().await.unwrap().is_empty());
        let mut tx = world.write().await;
        tx.create_workspace(&world.workspace("contoso"))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(reading.workspaces().await.unwrap().is_empty());
        drop(reading);
        let mut reading = world.read().await;
        assert_eq!(reading.workspaces().await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_task_that_is_cancelled_in_the_middle_leaves_nothing_behind() {
    on_every_database(async |world| {
        let (opened, is_open) = tokio::sync::oneshot::channel();
        let theirs = world.clone();
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(async move {
            let mut tx = theirs.write().await;
            tx.create_workspace(&theirs.workspace("contoso"))
                .await
                .unwrap();
            opened.send(()).unwrap();
            std::future::pending::<()>().await;
        });
        is_open.await.unwrap();
        tasks.shutdown().await;
        let mut tx = world.write().await;
        assert!(tx.workspaces().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_caller_that_leaves_while_a_transaction_begins_leaves_none_open() {
    on_every_database(async |world| {
        for wakes in 1..5 {
            // How far a begin is at each wake is up to the database's own thread: some of many are where it hurts.
            for _ in 0..50 {
                leave(wakes, world.store.read()).await;
                drop(world.read().await);
                leave(wakes, world.store.write()).await;
                drop(world.write().await);
            }
            // More than there are connections, so that each has its turn.
            for _ in 0..16 {
                let mut tx = world.read().await;
                assert!(tx.workspaces().await.unwrap().is_empty());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_caller_that_leaves_while_a_transaction_is_committed_leaves_all_of_it_or_nothing() {
    on_every_database(async |world| {
        for wakes in 0..5 {
            for round in 0..20 {
                let (one, other) = (
                    world.workspace(&format!("one {wakes} {round}")),
                    world.workspace(&format!("other {wakes} {round}")),
                );
                let mut tx = world.write().await;
                tx.create_workspace(&one).await.unwrap();
                tx.create_workspace(&other).await.unwrap();
                leave(wakes, tx.commit()).await;
                // Whoever has the connection next is in a transaction of its own.
                let third = world.workspace(&format!("third {wakes} {round}"));
                let mut tx = world.write().await;
                let there = tx.workspace(one.id).await.unwrap();
                let also_there = tx.workspace(other.id).await.unwrap();
                assert_eq!(there.is_some(), also_there.is_some());
                tx.create_workspace(&third).await.unwrap();
                tx.commit().await.unwrap();
                let mut tx = world.read().await;
                assert_eq!(tx.workspace(one.id).await.unwrap(), there, "it is over");
                assert_eq!(tx.workspace(third.id).await.unwrap(), Some(third));
            }
        }
    })
    .await;
}

/// Takes two connections, one after the other; the first time both takers have their first one before either asks for its second.
async fn take(world: &World, ids: [(WorkspaceId, ConnectionId); 2], met: &Barrier) -> u32 {
    let tries = AtomicU32::new(0);
    let taken = repeated(|| async {
        let is_first = tries.fetch_add(1, Ordering::SeqCst) == 0;
        let mut tx = world.store.write().await?;
        tx.hold_connection(ids[0].0, ids[0].1).await?;
        if is_first {
            met.wait().await;
        }
        tx.hold_connection(ids[1].0, ids[1].1).await?;
        tx.commit().await
    });
    taken.await.unwrap();
    tries.into_inner()
}

#[tokio::test]
async fn of_transactions_that_wait_for_each_other_one_is_given_up_and_done_again() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let world = World::new(Store::connect(&schema.url()).await.unwrap());
    let (one, other) = (
        world.tenant("contoso").await,
        world.tenant("fabrikam").await,
    );
    let [one, other] = [one, other].map(|tenant| (tenant.workspace, tenant.connection.id));
    let met = Barrier::new(2);
    let (tries, more) = tokio::join!(
        take(&world, [one, other], &met),
        take(&world, [other, one], &met)
    );
    assert_eq!(tries + more, 3);
    world.store.close().await;
    schema.close().await;
}

/// Polls `future` so many times, and drops it when it is woken once more.
async fn leave(wakes: usize, future: impl Future) {
    let mut future = pin!(future);
    let mut left = wakes;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        future.as_mut().poll(context).map(drop)
    })
    .await;
}

#[tokio::test]
async fn a_file_that_was_not_closed_has_every_committed_line() {
    let (folder, database) = file();
    let world = World::new(Store::open(&database).await.unwrap());
    let workspace = world.workspace("contoso");
    let mut tx = world.write().await;
    tx.create_workspace(&workspace).await.unwrap();
    tx.commit().await.unwrap();
    let mut unfinished = world.write().await;
    unfinished
        .create_workspace(&world.workspace("fabrikam"))
        .await
        .unwrap();

    // What lies on the disk while the process lives is what is there when it dies.
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let revived = Store::open(&copy.path().join("consentry.db"))
        .await
        .unwrap();
    let mut tx = revived.read().await.unwrap();
    assert_eq!(tx.workspaces().await.unwrap(), [workspace]);
}

#[tokio::test]
async fn a_file_is_opened_again_with_what_was_in_it() {
    let (_folder, database) = file();
    let world = World::new(Store::open(&database).await.unwrap());
    let tenant = world.tenant("contoso").await;
    world.store.close().await;
    let store = Store::open(&database).await.unwrap();
    let mut tx = store.read().await.unwrap();
    let connection = tx
        .connection(tenant.workspace, tenant.connection.id)
        .await
        .unwrap();
    assert_eq!(connection, Some(tenant.connection));
}

#[tokio::test]
async fn processes_that_start_together_bring_the_schema_up_to_date_once() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let url = schema.url();
    let (a, b, c) = tokio::join!(
        Store::connect(&url),
        Store::connect(&url),
        Store::connect(&url)
    );
    for store in [a, b, c] {
        let store = store.unwrap();
        assert_eq!(store.backend(), "postgres");
        assert!(
            store
                .read()
                .await
                .unwrap()
                .workspaces()
                .await
                .unwrap()
                .is_empty()
        );
        store.close().await;
    }
    schema.close().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_not_available() {
    let refused = Store::connect("postgres://nobody@127.0.0.1:1/none").await;
    assert!(matches!(refused, Err(Error::Unavailable(_))));
}

#[tokio::test]
async fn a_database_tells_its_version_and_that_it_is_migrated() {
    on_every_database(async |world| {
        let status = world.store.status().await.unwrap();
        assert!(["sqlite", "postgres"].contains(&status.backend));
        assert!(status.version.starts_with(|c: char| c.is_ascii_digit()));
        assert_eq!(status.migrations_applied, status.migrations_known);
        assert!(status.connections_open <= status.connections_most.max(1) + 1);
    })
    .await;
}
