//! Data keys that are replaced while calls go on.

use connections::{Seals, TokenBroker, jobs};
use model::DataKeyId;

use crate::world::{ANA, World};

async fn has_key(world: &World, id: DataKeyId) -> bool {
    let mut tx = world.context.store.read().await.unwrap();
    tx.data_key(world.admin.workspace_id, id)
        .await
        .unwrap()
        .is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_gets_a_new_data_key_and_the_old_one_goes_when_nothing_is_sealed_by_it() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let (old, before) = (connection.data_key_id.unwrap(), world.token_requests());
    let seals: &Seals = &world.context.seals;
    let kept = seals.seal_answer(&connection, "key", "kept").await.unwrap();

    let new = world
        .life
        .rotate_data_key(&world.admin, connection.id)
        .await
        .unwrap();
    assert_eq!(new.resealed, 2, "the refresh token and the access token");
    let after = world.snapshot(&connection).await;
    assert_eq!(after.connection.data_key_id, Some(new.data_key_id));
    assert_ne!(new.data_key_id, old);
    jobs::shred(world.context.clone()).await.unwrap();
    assert!(has_key(&world, old).await, "somebody may still seal by it");

    // A process that remembers nothing opens what is stored; what was sealed before opens as well.
    let other = TokenBroker::new(world.context.clone(), world.live.clone());
    other.token_for(&after).await.unwrap();
    assert_eq!(world.token_requests(), before);
    let opened = seals.open_answer(&after.connection, "key", &kept).await;
    assert_eq!(opened.unwrap(), "kept");
    world.advance_all(7200);
    other
        .token_for(&world.snapshot(&connection).await)
        .await
        .unwrap();
    assert_eq!(world.token_requests() - before, 1);

    assert!(has_key(&world, old).await);
    jobs::shred(world.context.clone()).await.unwrap();
    assert!(!has_key(&world, old).await);
    assert!(has_key(&world, new.data_key_id).await);
    assert!(
        world
            .actions()
            .await
            .contains(&"connection.rotate_data_key".to_owned())
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sealed_late_by_the_old_key_follows_before_the_old_key_goes() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let old = connection.data_key_id.unwrap();
    world.advance_all(7200);
    world.control().inject(sandbox::Fault::once(
        "POST",
        "/token",
        sandbox::Action::Delay(500),
    ));
    // A renewal that began with the old key stores what it gets after the key was replaced.
    let snapshot = world.snapshot(&connection).await;
    let renewal = world.broker.token_for(&snapshot);
    let replaced = async {
        while !world.control().faults().is_empty() {
            tokio::task::yield_now().await;
        }
        world
            .life
            .rotate_data_key(&world.admin, connection.id)
            .await
            .unwrap()
    };
    let (token, new) = futures_util::future::join(renewal, replaced).await;
    token.unwrap();
    let again = world
        .life
        .rotate_data_key(&world.admin, connection.id)
        .await
        .unwrap();
    world.advance_all(3000);
    jobs::shred(world.context.clone()).await.unwrap();
    assert!(!has_key(&world, old).await);
    assert!(!has_key(&world, new.data_key_id).await);
    assert!(has_key(&world, again.data_key_id).await);
    let other = TokenBroker::new(world.context.clone(), world.live.clone());
    world.advance_all(7200);
    other
        .token_for(&world.snapshot(&connection).await)
        .await
        .unwrap();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_came_late_is_sealed_anew_by_whoever_removes_the_old_key() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let old = connection.data_key_id.unwrap();
    world.advance_all(7200);
    let delay = sandbox::Fault::once("POST", "/token", sandbox::Action::Delay(500));
    world.control().inject(delay);
    let snapshot = world.snapshot(&connection).await;
    let renewal = world.broker.token_for(&snapshot);
    let replaced = async {
        while !world.control().faults().is_empty() {
            tokio::task::yield_now().await;
        }
        let replaced = world.life.rotate_data_key(&world.admin, connection.id);
        replaced.await.unwrap()
    };
    let (token, new) = futures_util::future::join(renewal, replaced).await;
    token.unwrap();
    world.advance_all(1200);
    jobs::shred(world.context.clone()).await.unwrap();
    assert!(!has_key(&world, old).await);
    assert!(has_key(&world, new.data_key_id).await);
    // A process that remembers nothing opens the access token, and after its end the refresh token.
    let other = TokenBroker::new(world.context.clone(), world.live.clone());
    let before = world.token_requests();
    let snapshot = world.snapshot(&connection).await;
    other.token_for(&snapshot).await.unwrap();
    assert_eq!(world.token_requests(), before);
    world.advance_all(7200);
    let snapshot = world.snapshot(&connection).await;
    other.token_for(&snapshot).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn nothing_that_was_sealed_for_a_connection_opens_once_it_is_removed() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let seals: &Seals = &world.context.seals;
    let kept = seals.seal_answer(&connection, "key", "kept").await.unwrap();
    let opened = seals.open_answer(&connection, "key", &kept).await;
    assert_eq!(opened.unwrap(), "kept");
    let key = connection.data_key_id.unwrap();
    world
        .life
        .delete(&world.admin, connection.id)
        .await
        .unwrap();
    assert!(!has_key(&world, key).await);
    let opened = seals.open_answer(&connection, "key", &kept).await;
    assert!(opened.is_err(), "not from memory either");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_registration_gets_a_new_data_key_and_its_proofs_go_on_working() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    let app = connection.app_registration_id;
    let new = world
        .life
        .rotate_app_data_key(&world.admin, app)
        .await
        .unwrap();
    assert_eq!(new.resealed, 1);
    world.advance_all(7200);
    jobs::shred(world.context.clone()).await.unwrap();
    let snapshot = world.snapshot(&connection).await;
    world.broker.token_for(&snapshot).await.unwrap();
    assert_eq!(snapshot.app.data_key_id, Some(new.data_key_id));
    world.stop().await;
}
