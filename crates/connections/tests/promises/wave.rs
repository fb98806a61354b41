//! Many tokens that end in the same minute. `cargo xtask bench --wave` has the figures for ten thousand.

use futures_util::future::join_all;
use jiff::SignedDuration;

use crate::replicas::Replica;
use crate::world::World;

const CONNECTIONS: usize = 120;
const REPLICAS: usize = 3;
const LIFETIME: u64 = 3600;
/// Renewals may begin so long before the end.
const WINDOW: u64 = 700;
const STEP: u64 = 20;
/// What a call must have left.
const LEAST_LEFT: SignedDuration = SignedDuration::from_secs(30);

fn advance(world: &World, replicas: &[Replica], secs: u64) {
    world.advance_all(secs);
    let by = SignedDuration::from_secs(i64::try_from(secs).unwrap());
    for replica in replicas {
        replica.clock.advance(by);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_end_in_the_same_minute_are_renewed_once_each_and_nobody_waits() {
    let world = World::start().await;
    let first = world.connect_application().await;
    world
        .control()
        .set_access_token_lifetime(Some(LIFETIME.try_into().unwrap()));
    let twins = world.alike(&first, CONNECTIONS).await;
    let replicas = world.replicas(REPLICAS).await;
    let before = world.token_requests();
    for replica in &replicas {
        for twin in &twins {
            read(replica, twin).await;
        }
    }
    assert_eq!(
        world.token_requests() - before,
        CONNECTIONS,
        "one token each"
    );

    advance(&world, &replicas, LIFETIME - WINDOW);
    for step in 0..WINDOW / STEP {
        advance(&world, &replicas, STEP);
        join_all(replicas.iter().map(|replica| replica.broker.renew_due())).await;
        // A few callers of each replica; what they get is good for a call.
        for (place, replica) in replicas.iter().enumerate() {
            let turn = usize::try_from(step).unwrap();
            for twin in twins.iter().skip((turn + place) % 10).step_by(10) {
                read(replica, twin).await;
            }
        }
    }
    assert_eq!(
        world.token_requests() - before,
        2 * CONNECTIONS,
        "one renewal each"
    );
    for replica in &replicas {
        let tally = replica.broker.tally();
        assert_eq!((tally.refused, tally.failed, tally.busy), (0, 0, 0));
    }
    for replica in replicas {
        replica.stop().await;
    }
    world.stop().await;
}

async fn read(replica: &Replica, twin: &model::Connection) {
    let snapshot = replica.live.get(twin.workspace_id, twin.id).await.unwrap();
    let token = replica.broker.token_for(&snapshot).await.unwrap();
    assert!(token.expires_at > replica.context.now() + LEAST_LEFT);
}

#[tokio::test]
async fn a_token_that_nobody_asks_for_is_not_renewed() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    world.control().set_access_token_lifetime(Some(3600));
    let replicas = world.replicas(1).await;
    advance(&world, &replicas, 7200);
    read(&replicas[0], &connection).await;
    let before = world.token_requests();
    // Its first renewal comes within the hour in which it was asked for, the second does not.
    for _ in 0..180 {
        advance(&world, &replicas, 60);
        replicas[0].broker.renew_due().await;
    }
    assert_eq!(world.token_requests() - before, 1);
    for replica in replicas {
        replica.stop().await;
    }
    world.stop().await;
}
