use std::sync::Arc;

use futures_util::future::join_all;
use model::{ConnectionState, Outcome};

use crate::world::{ANA, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_callers_with_an_expired_token_cost_one_request() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    world.advance_all(7200);
    let before = world.token_requests();
    let renewals = world.broker.tally().renewed;
    let snapshot = world.snapshot(&connection).await;
    let callers = (0..1000).map(|_| {
        let (broker, snapshot) = (world.broker.clone(), Arc::clone(&snapshot));
        async move {
            broker
                .token_for(&snapshot)
                .await
                .unwrap()
                .access
                .expose()
                .to_owned()
        }
    });
    let mut tokens = join_all(callers).await;
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    assert_eq!(world.token_requests() - before, 1);
    let tally = world.broker.tally();
    assert_eq!(tally.renewed, renewals + 1, "they share one renewal");
    world.stop().await;
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_the_caller_does_not_wait() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    world.control().set_access_token_lifetime(Some(3600));
    let snapshot = world.snapshot(&connection).await;
    let first = world.broker.token_for(&snapshot).await.unwrap();
    let before = world.token_requests();
    world.advance_all(3600 - 200);
    let inside_the_window = world.broker.token_for(&snapshot).await.unwrap();
    assert_eq!(inside_the_window.access.expose(), first.access.expose());
    world.context.tasks.close();
    world.context.tasks.wait().await;
    let renewed = world.broker.token_for(&snapshot).await.unwrap();
    assert_ne!(renewed.access.expose(), first.access.expose());
    assert_eq!(world.token_requests() - before, 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_replaced_once_whoever_reports_it() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    let snapshot = world.snapshot(&connection).await;
    let refused = world.broker.token_for(&snapshot).await.unwrap();
    let before = world.token_requests();
    let callers = (0..50).map(|_| {
        let (broker, snapshot, refused) = (
            world.broker.clone(),
            Arc::clone(&snapshot),
            Arc::clone(&refused),
        );
        async move {
            broker
                .replace(&snapshot, &refused)
                .await
                .unwrap()
                .access
                .expose()
                .to_owned()
        }
    });
    let mut tokens = join_all(callers).await;
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    assert_ne!(tokens[0], refused.access.expose());
    assert_eq!(world.token_requests() - before, 1);
    world.stop().await;
}

#[tokio::test]
async fn a_terminal_refusal_sets_the_state_and_costs_no_further_request() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    world
        .control()
        .expire_secrets(&world.registered.client_id)
        .unwrap();
    let snapshot = world.snapshot(&connection).await;
    world.broker.token_for(&snapshot).await.unwrap_err();
    let before = world.token_requests();
    let snapshot = world.snapshot(&connection).await;
    assert_eq!(snapshot.connection.state, ConnectionState::NeedsAdmin);
    let diagnosis = snapshot.connection.diagnosis.clone().unwrap();
    assert_eq!(diagnosis.evidence.code, "AADSTS7000222");
    assert_eq!(diagnosis.act, model::Act::Administrator);
    for _ in 0..100 {
        world.broker.token_for(&snapshot).await.unwrap_err();
    }
    assert_eq!(world.token_requests(), before);
    let failed = world
        .activities()
        .await
        .into_iter()
        .find(|line| line.outcome == Outcome::Failed)
        .unwrap();
    assert_eq!(failed.code.as_deref(), Some("AADSTS7000222"));
    assert!(failed.remote.trace_id.is_some());
    world.stop().await;
}

#[tokio::test]
async fn transient_trouble_degrades_and_recovers_by_itself() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    world.control().inject(sandbox::Fault {
        times: 50,
        ..sandbox::Fault::once(
            "POST",
            "/token",
            sandbox::Action::Status {
                status: 503,
                retry_after: Some(120),
                body: None,
            },
        )
    });
    let snapshot = world.snapshot(&connection).await;
    world.broker.token_for(&snapshot).await.unwrap_err();
    assert_eq!(
        world.snapshot(&connection).await.connection.state,
        ConnectionState::Degraded
    );
    world.control().clear_faults();
    let before = world.token_requests();
    let paused = world.snapshot(&connection).await;
    world.broker.token_for(&paused).await.unwrap_err();
    assert_eq!(world.token_requests(), before, "Entra gets time");
    world.advance_all(300);
    let snapshot = world.snapshot(&connection).await;
    world.broker.token_for(&snapshot).await.unwrap();
    let recovered = world.snapshot(&connection).await;
    assert_eq!(recovered.connection.state, ConnectionState::Active);
    assert_eq!(recovered.connection.diagnosis, None);
    world.stop().await;
}

#[tokio::test]
async fn a_restarted_process_uses_the_stored_token() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let before = world.token_requests();
    let restarted = connections::TokenBroker::new(world.context.clone(), world.live.clone());
    restarted
        .token_for(&world.snapshot(&connection).await)
        .await
        .unwrap();
    assert_eq!(world.token_requests(), before);
    world.stop().await;
}

#[tokio::test]
async fn revoked_sessions_ask_the_user_to_reconnect() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    world.control().advance(std::time::Duration::from_secs(5));
    world.control().revoke_sessions(ANA).unwrap();
    world.advance_all(7200);
    let snapshot = world.snapshot(&connection).await;
    world.broker.token_for(&snapshot).await.unwrap_err();
    let after = world.snapshot(&connection).await;
    assert_eq!(after.connection.state, ConnectionState::NeedsReconnect);
    let diagnosis = after.connection.diagnosis.clone().unwrap();
    assert_eq!(
        (diagnosis.evidence.code.as_str(), diagnosis.act),
        ("AADSTS50173", model::Act::User)
    );
    assert_eq!(diagnosis.group, model::Group::TokenRefreshFailed);
    world.stop().await;
}

#[tokio::test]
async fn a_very_short_token_is_asked_for_once() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    world.control().set_access_token_lifetime(Some(20));
    let before = world.token_requests();
    let snapshot = world.snapshot(&connection).await;
    world.broker.token_for(&snapshot).await.unwrap();
    world.broker.token_for(&snapshot).await.unwrap();
    assert_eq!(world.token_requests() - before, 1);
    world.stop().await;
}

#[tokio::test]
async fn while_a_token_lasts_trouble_at_entra_is_not_made_worse() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    world.control().set_access_token_lifetime(Some(3600));
    world
        .broker
        .token_for(&world.snapshot(&connection).await)
        .await
        .unwrap();
    world.advance_all(3600 - 200);
    world.control().inject(sandbox::Fault {
        times: 1000,
        ..sandbox::Fault::once(
            "POST",
            "/token",
            sandbox::Action::Status {
                status: 429,
                retry_after: Some(120),
                body: None,
            },
        )
    });
    let before = world.token_requests();
    for _ in 0..20 {
        world
            .broker
            .token_for(&world.snapshot(&connection).await)
            .await
            .unwrap();
        world.context.tasks.close();
        world.context.tasks.wait().await;
    }
    assert_eq!(world.token_requests() - before, 1);
    world.stop().await;
}

#[tokio::test]
async fn another_replica_uses_the_token_of_a_new_consent() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let other = connections::TokenBroker::new(world.context.clone(), world.live.clone());
    let old = other
        .token_for(&world.snapshot(&connection).await)
        .await
        .unwrap();
    let invitation = world
        .life
        .reconnect(&world.admin, connection.id)
        .await
        .unwrap();
    world.follow(&invitation.connect_url, ANA).await;
    let new = other
        .token_for(&world.snapshot(&connection).await)
        .await
        .unwrap();
    assert_ne!(new.access.expose(), old.access.expose());
    world.stop().await;
}
