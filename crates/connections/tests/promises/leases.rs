//! What befalls whoever holds the lease on a renewal, in process. Processes that are killed and stopped, and a database that goes
//! away, are in the system's tests.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::SignedDuration;
use model::ConnectionState;
use sandbox::{Action, Fault};

use crate::world::{ANA, World};

const A_MINUTE: SignedDuration = SignedDuration::from_secs(60);

fn at_the_token_endpoint(action: Action) -> Fault {
    Fault::once("POST", "/token", action)
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_whose_clocks_differ_by_minutes_ask_once_and_use_what_came() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let replicas = world.replicas(3).await;
    for (replica, step) in replicas
        .iter()
        .zip([A_MINUTE, SignedDuration::ZERO, -A_MINUTE])
    {
        replica.clock.advance(step + SignedDuration::from_hours(2));
    }
    world.advance_all(7200);
    let before = world.token_requests();
    let snapshot = world.snapshot(&connection).await;
    let callers = replicas.iter().flat_map(|replica| {
        (0..20).map(|_| {
            let (broker, snapshot) = (replica.broker.clone(), Arc::clone(&snapshot));
            async move {
                let token = broker.token_for(&snapshot).await.unwrap();
                token.access.expose().to_owned()
            }
        })
    });
    let mut tokens = join_all(callers).await;
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    assert_eq!(world.token_requests() - before, 1);

    // The clock of whoever asks steps while a renewal is under way.
    for step in [A_MINUTE, -A_MINUTE] {
        world.advance_all(7200);
        for replica in &replicas {
            replica.clock.advance(SignedDuration::from_hours(2));
        }
        world
            .control()
            .inject(at_the_token_endpoint(Action::Delay(300)));
        let before = world.token_requests();
        let asked = replicas.iter().map(|replica| {
            let (broker, snapshot) = (replica.broker.clone(), Arc::clone(&snapshot));
            async move {
                let token = broker.token_for(&snapshot).await.unwrap();
                token.access.expose().to_owned()
            }
        });
        let stepped = async {
            while !world.control().faults().is_empty() {
                tokio::task::yield_now().await;
            }
            replicas[0].clock.advance(step);
        };
        let (tokens, ()) = futures_util::future::join(join_all(asked), stepped).await;
        assert!(tokens.iter().all(|token| *token == tokens[0]));
        assert_eq!(world.token_requests() - before, 1);
        replicas[0].clock.advance(-step);
    }
    for replica in replicas {
        replica.stop().await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_answer_that_is_lost_on_the_way_loses_no_refresh_token() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    for lost in [Action::ResetAfter, Action::CutBody] {
        world.advance_all(7200);
        world.control().inject(at_the_token_endpoint(lost));
        let before = world.token_requests();
        until_it_works(&world, &connection).await;
        // The one that was lost, and one more.
        assert_eq!(world.token_requests() - before, 2);
    }
    let after = world.snapshot(&connection).await;
    assert_eq!(after.connection.state, ConnectionState::Active);
    world.advance_all(7200);
    let before = world.token_requests();
    until_it_works(&world, &connection).await;
    assert_eq!(world.token_requests() - before, 1);
    world.stop().await;
}

/// As callers do who come again after a failure that may be gone.
async fn until_it_works(world: &World, connection: &model::Connection) {
    for _ in 0..5 {
        let snapshot = world.snapshot(connection).await;
        if world.broker.token_for(&snapshot).await.is_ok() {
            return;
        }
        world.advance_all(120);
    }
    panic!("it never works again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_locked_while_entra_answers_costs_no_answer() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    world.advance_all(7200);
    world
        .control()
        .inject(at_the_token_endpoint(Action::Delay(200)));
    let before = world.token_requests();
    let snapshot = world.snapshot(&connection).await;
    let asked = world.broker.token_for(&snapshot);
    let held = async {
        while !world.control().faults().is_empty() {
            tokio::task::yield_now().await;
        }
        let tx = world.context.store.write().await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
        drop(tx);
    };
    let (token, ()) = futures_util::future::join(asked, held).await;
    token.unwrap();
    assert_eq!(world.token_requests() - before, 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_whose_renewal_fails_lets_the_lease_go() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    world.advance_all(7200);
    let away = Action::Status {
        status: 503,
        retry_after: Some(120),
        body: None,
    };
    world.control().inject(Fault {
        times: 50,
        ..at_the_token_endpoint(away)
    });
    let snapshot = world.snapshot(&connection).await;
    world.broker.token_for(&snapshot).await.unwrap_err();
    let mut tx = world.context.store.read().await.unwrap();
    let row = tx
        .token(connection.workspace_id, connection.id, &snapshot.audience)
        .await;
    assert_eq!(row.unwrap().unwrap().lease, None);
    drop(tx);
    world.stop().await;
}
