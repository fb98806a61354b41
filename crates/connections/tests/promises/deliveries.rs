//! How often a webhook is tried, and what of the feed a key reads.

use jiff::SignedDuration;
use store::Page;

use crate::events::{Taker, header, is_signed};
use crate::world::{ANA, World, outlook};

/// Between the tries, in seconds; the world's clock goes on a little during each.
const PAUSES: [i64; 8] = [5, 60, 300, 1_800, 7_200, 18_000, 36_000, 36_000];

#[tokio::test]
async fn a_webhook_that_takes_nothing_is_tried_with_growing_pauses_and_keeps_nobody_waiting() {
    let world = World::start().await;
    let never = Taker::start(vec![503; 50]).await;
    let takes = Taker::start(vec![]).await;
    let webhooks = world.webhooks();
    let made = webhooks.create(&world.admin, &never.url, None).await;
    let id = made.unwrap().webhook.id;
    let made = webhooks.create(&world.admin, &takes.url, None).await;
    made.unwrap();
    world.connect_application().await;
    for (number, pause) in PAUSES.into_iter().enumerate() {
        world.deliver().await;
        let waiting = webhooks.deliveries(&world.admin, id, 10).await.unwrap();
        let tried = header(&never.seen()[number], "webhook-timestamp")
            .parse::<i64>()
            .unwrap();
        let after = waiting[0].next_at.as_second() - tried;
        assert!((pause..pause + 60).contains(&after), "{after}, not {pause}");
        let left = waiting[0].next_at.duration_since(world.context.now());
        world.clock.advance(left + SignedDuration::from_secs(1));
    }
    assert_eq!((never.seen().len(), takes.seen().len()), (8, 1));
    world.deliver().await;
    let waiting = webhooks.deliveries(&world.admin, id, 10).await.unwrap();
    assert!(waiting.is_empty(), "it is given up");
    world.stop().await;
}

#[tokio::test]
async fn an_address_that_is_added_again_gets_each_event_by_the_old_secret_and_the_new_one() {
    let world = World::start().await;
    let taker = Taker::start(vec![]).await;
    let webhooks = world.webhooks();
    let old = webhooks
        .create(&world.admin, &taker.url, None)
        .await
        .unwrap();
    let new = webhooks
        .create(&world.admin, &taker.url, None)
        .await
        .unwrap();
    assert_ne!(old.secret, new.secret);
    world.connect_application().await;
    world.deliver().await;
    let seen = taker.seen();
    let ids = [0, 1].map(|at| header(&seen[at], "webhook-id").to_owned());
    assert_eq!(ids[0], ids[1], "whoever takes both takes each event once");
    let signed = |at: usize, secret: &str| is_signed(&seen[at], secret);
    let first_is_old = signed(0, &old.secret);
    assert_eq!(signed(1, &new.secret), first_is_old);
    assert_eq!(signed(0, &new.secret), !first_is_old);
    webhooks.delete(&world.admin, old.webhook.id).await.unwrap();
    world.connect_user(ANA).await;
    world.deliver().await;
    let seen = taker.seen();
    assert_eq!(seen.len(), 3);
    assert!(is_signed(&seen[2], &new.secret));
    world.stop().await;
}

#[tokio::test]
async fn a_key_for_some_connections_reads_their_events_however_many_others_there_are() {
    let world = World::start().await;
    let app = world.register().await;
    let connect = async |name: &str| {
        let made = world
            .life
            .connect_application(&world.admin, outlook(name), app);
        made.await.unwrap().connection
    };
    let one = connect("one").await;
    for number in 0..5 {
        connect(&format!("other {number}")).await;
    }
    let last = connect("last").await;
    let mut limited = world.admin.clone();
    limited.scope.connections = Some([one.id, last.id].into());
    let (webhooks, mut after, mut told) = (world.webhooks(), None, Vec::new());
    loop {
        let page = Page { after, limit: 2 };
        let events = webhooks.feed(&limited, page).await.unwrap();
        let Some(event) = events.last() else {
            break;
        };
        after = Some(event.id);
        told.extend(events.into_iter().map(|event| event.connection_id));
    }
    assert_eq!(told, [one.id, last.id]);
    world.stop().await;
}
