//! What somebody disabled or removed stays so, whatever is under way.

use std::sync::Arc;

use connections::{BrokerError, Token};
use model::{Connection, ConnectionState};
use tokio::task::JoinHandle;

use crate::world::{ANA, World};

/// Begins a token request and waits until Entra is at it.
async fn minting(
    world: &World,
    connection: &Connection,
) -> JoinHandle<Result<Arc<Token>, BrokerError>> {
    world.control().inject(sandbox::Fault::once(
        "POST",
        "/token",
        sandbox::Action::Delay(700),
    ));
    let snapshot = world.snapshot(connection).await;
    let broker = world.broker.clone();
    let minting = world
        .context
        .tasks
        .spawn(async move { broker.token_for(&snapshot).await });
    while !world.control().faults().is_empty() {
        tokio::task::yield_now().await;
    }
    minting
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_disabled_during_a_renewal_hands_out_nothing() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    let under_way = minting(&world, &connection).await;
    world
        .life
        .disable(&world.admin, connection.id)
        .await
        .unwrap();
    drop(under_way.await.unwrap());
    let after = world.snapshot(&connection).await;
    assert_eq!(after.connection.state, ConnectionState::Disabled);
    assert!(world.broker.token_for(&after).await.is_err());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_degraded_connection_disabled_during_a_renewal_stays_disabled() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    let mut tx = world.context.store.write().await.unwrap();
    let degraded = Connection {
        state: ConnectionState::Degraded,
        ..connection.clone()
    };
    assert!(tx.update_connection(&degraded).await.unwrap());
    tx.commit().await.unwrap();
    let under_way = minting(&world, &connection).await;
    world
        .life
        .disable(&world.admin, connection.id)
        .await
        .unwrap();
    drop(under_way.await.unwrap());
    assert_eq!(
        world.snapshot(&connection).await.connection.state,
        ConnectionState::Disabled
    );
    world.stop().await;
}

#[tokio::test]
async fn a_replica_that_holds_a_token_stops_as_well() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    let other = connections::TokenBroker::new(world.context.clone(), world.live.clone());
    other
        .token_for(&world.snapshot(&connection).await)
        .await
        .unwrap();
    world
        .life
        .disable(&world.admin, connection.id)
        .await
        .unwrap();
    let after = world.snapshot(&connection).await;
    assert!(other.token_for(&after).await.is_err());
    world.stop().await;
}

#[tokio::test]
async fn a_consent_does_not_bring_a_disabled_connection_back() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let invitation = world
        .life
        .reconnect(&world.admin, connection.id)
        .await
        .unwrap();
    let (callback, cookie) = world.consent(&invitation.connect_url, ANA).await;
    world
        .life
        .oauth
        .arrive(callback, Some(&cookie))
        .await
        .unwrap();
    world
        .life
        .disable(&world.admin, connection.id)
        .await
        .unwrap();
    let refused = world.life.oauth.confirm(Some(&cookie)).await.unwrap_err();
    assert_eq!(refused.code(), "connection_unusable");
    assert_eq!(
        world.snapshot(&connection).await.connection.state,
        ConnectionState::Disabled
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_for_a_removed_connection_ends() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    let stale = world.snapshot(&connection).await;
    let under_way = minting(&world, &connection).await;
    world
        .life
        .delete(&world.admin, connection.id)
        .await
        .unwrap();
    assert!(under_way.await.unwrap().is_err());
    assert!(
        world.broker.token_for(&stale).await.is_err(),
        "a snapshot of a moment ago"
    );
    world.stop().await;
}
