//! How far the log has come is signed, and what was taken from it shows.

use connections::{checkpoints, jobs};
use store::Checkpoint;

use crate::world::World;

#[tokio::test]
async fn checkpoints_vouch_for_the_log_and_what_was_not_made_here_shows() {
    let world = World::start().await;
    world.connect_application().await;
    world.activities().await;
    jobs::vouch(world.context.clone()).await.unwrap();
    world.connect_user(crate::world::ANA).await;
    world.activities().await;
    let workspace = world.admin.workspace_id;
    let before = checkpoints::verify(&world.context, workspace)
        .await
        .unwrap();
    assert!(before.ok, "{:?}", before.faults);
    assert_eq!((before.checkpoints, before.chains), (1, 1));
    assert!(before.lines > before.not_yet_vouched && before.not_yet_vouched > 0);
    jobs::vouch(world.context.clone()).await.unwrap();
    // Nothing is signed twice.
    jobs::vouch(world.context.clone()).await.unwrap();
    let after = checkpoints::verify(&world.context, workspace)
        .await
        .unwrap();
    assert!(after.ok, "{:?}", after.faults);
    assert_eq!((after.checkpoints, after.not_yet_vouched), (2, 0));

    let mut tx = world.context.store.write().await.unwrap();
    let last = tx.last_checkpoint(workspace).await.unwrap().unwrap();
    let mut heads = last.heads.clone();
    heads[0].seq += 10;
    let forged = Checkpoint {
        number: last.number + 1,
        prev_hash: last.hash,
        heads,
        ..last
    };
    tx.add_checkpoint(&forged).await.unwrap();
    tx.commit().await.unwrap();
    let found = checkpoints::verify(&world.context, workspace)
        .await
        .unwrap();
    assert!(!found.ok);
    assert!(
        found.faults[0].contains("was not made here"),
        "{:?}",
        found.faults
    );
    assert!(
        found.faults[1].contains("are missing"),
        "{:?}",
        found.faults
    );
    world.stop().await;
}
