//! What happens to connections is told, signed and again until it is taken; what ends soon is said in time.

use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connections::{Apps, NewSecret, Webhooks, jobs};
use jiff::SignedDuration;
use model::{ConnectionState, EventKind, Proof, ProofId, Service};
use store::{Page, SealedProof};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::world::{ANA, World};

impl World {
    pub(crate) fn webhooks(&self) -> Webhooks {
        Webhooks::new(self.context.clone())
    }

    async fn told(&self) -> Vec<EventKind> {
        let events = self
            .webhooks()
            .feed(&self.admin, Page::first(100))
            .await
            .unwrap();
        events.into_iter().map(|event| event.kind).collect()
    }

    pub(crate) async fn deliver(&self) {
        jobs::deliver(self.context.clone()).await.unwrap();
    }

    fn hours(&self, hours: i64) {
        self.clock.advance(SignedDuration::from_hours(hours));
    }
}

/// Takes what is posted, and answers by script, then 200.
pub(crate) struct Taker {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Taker {
    pub(crate) async fn start(mut script: Vec<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        script.reverse();
        #[expect(
            clippy::disallowed_methods,
            reason = "the other side of the wire is no task of ours"
        )]
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut bytes = Vec::new();
                loop {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    if let Some((head, body)) = text.split_once("\r\n\r\n") {
                        let length = head
                            .lines()
                            .find_map(|line| line.strip_prefix("content-length: "));
                        if body.len() >= length.unwrap().parse::<usize>().unwrap() {
                            break;
                        }
                    }
                    stream.read_buf(&mut bytes).await.unwrap();
                }
                kept.lock().unwrap().push(String::from_utf8(bytes).unwrap());
                let status = script.pop().unwrap_or(200);
                let answer = format!(
                    "HTTP/1.1 {status} Scripted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { url, seen, task }
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Taker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let (head, _) = request.split_once("\r\n\r\n").unwrap();
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("no `{name}` in {head}"))
}

/// Whether the request carries the signature that Standard Webhooks asks for, by this secret.
pub(crate) fn is_signed(request: &str, secret: &str) -> bool {
    let body = request.split_once("\r\n\r\n").unwrap().1;
    let [id, at, signature] =
        ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| header(request, name));
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap());
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key.unwrap());
    let signature = STANDARD.decode(signature.strip_prefix("v1,").unwrap());
    let signed = format!("{id}.{at}.{body}");
    hmac::verify(&key, signed.as_bytes(), &signature.unwrap()).is_ok()
}

#[tokio::test]
async fn the_life_of_a_connection_is_told_in_order() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    world
        .control()
        .expire_secrets(&world.registered.client_id)
        .unwrap();
    let snapshot = world.snapshot(&connection).await;
    world.broker.token_for(&snapshot).await.unwrap_err();
    let secret = world
        .control()
        .add_secret(
            &world.registered.client_id,
            "new",
            std::time::Duration::from_hours(24 * 90),
        )
        .unwrap();
    let secret = NewSecret {
        value: secret.secret_text.into(),
        expires_at: None,
    };
    world
        .life
        .rotate(&world.admin, connection.id, secret.into())
        .await
        .unwrap();
    world
        .life
        .delete(&world.admin, connection.id)
        .await
        .unwrap();
    assert_eq!(
        world.told().await,
        [
            EventKind::Created,
            EventKind::NeedsAdmin,
            EventKind::Rotated,
            EventKind::Recovered,
            EventKind::Removed
        ]
    );
    world.stop().await;
}

#[tokio::test]
async fn neither_a_token_nor_a_new_secret_is_a_recovery_while_the_service_lets_nobody_in() {
    let world = World::start().await;
    let client_id = world.registered.client_id.clone();
    let created = world.connect_dynamics(Service::BusinessCentral).await;
    let connection = created.connection;
    let test = async || world.life.test(&world.admin, connection.id).await.unwrap();
    assert!(!test().await.ok);
    let lasting = std::time::Duration::from_hours(24 * 90);
    let secret = world.control().add_secret(&client_id, "new", lasting);
    let secret = NewSecret {
        value: secret.unwrap().secret_text.into(),
        expires_at: None,
    };
    let rotated = world
        .life
        .rotate(&world.admin, connection.id, secret.into());
    rotated.await.unwrap();
    assert!(!test().await.ok);
    assert_eq!(world.told().await, [EventKind::Created, EventKind::Rotated]);
    let control = world.control();
    control
        .enable_business_central(&client_id, &["D365 BUS FULL ACCESS"])
        .unwrap();
    assert!(test().await.ok);
    assert_eq!(
        world.told().await,
        [EventKind::Created, EventKind::Rotated, EventKind::Recovered]
    );
    world.stop().await;
}

#[tokio::test]
async fn an_event_is_signed_and_comes_again_until_it_is_taken() {
    let world = World::start().await;
    let taker = Taker::start(vec![500, 302]).await;
    let made = world
        .webhooks()
        .create(&world.admin, &taker.url, None)
        .await
        .unwrap();
    let connection = world.connect_application().await;
    world.deliver().await;
    world.deliver().await;
    assert_eq!(taker.seen().len(), 1);
    for _ in 0..2 {
        world.clock.advance(SignedDuration::from_mins(1));
        world.deliver().await;
    }
    world.hours(24);
    world.deliver().await;
    let seen = taker.seen();
    assert_eq!(seen.len(), 3);
    let feed = world.webhooks().feed(&world.admin, Page::first(10)).await;
    let event = feed.unwrap().remove(0);
    let mut at = Vec::new();
    for request in &seen {
        assert_eq!(header(request, "webhook-id"), event.id.to_string());
        at.push(header(request, "webhook-timestamp").parse::<i64>().unwrap());
    }
    assert_eq!(at[0], event.at.as_second());
    assert!(
        at.is_sorted_by(|one, next| next - one >= 60),
        "each try has its own time: {at:?}"
    );
    for request in &seen {
        let body = request.split_once("\r\n\r\n").unwrap().1;
        assert!(is_signed(request, &made.secret));
        assert!(body.contains(&connection.id.to_string()) && !request.contains(&made.secret));
    }
    world.stop().await;
}

#[tokio::test]
async fn a_webhook_that_never_takes_anything_is_given_up_and_one_that_is_gone_is_disabled() {
    let world = World::start().await;
    let (never, gone) = (
        Taker::start(vec![500; 50]).await,
        Taker::start(vec![410]).await,
    );
    for taker in [&never, &gone] {
        world
            .webhooks()
            .create(&world.admin, &taker.url, None)
            .await
            .unwrap();
    }
    world.connect_application().await;
    for _ in 0..12 {
        world.deliver().await;
        world.hours(11);
    }
    assert_eq!((never.seen().len(), gone.seen().len()), (9, 1));
    let hooks = world.webhooks().list(&world.admin).await.unwrap();
    assert!(hooks[0].disabled_at.is_none() && hooks[1].disabled_at.is_some());
    world.stop().await;
}

#[tokio::test]
async fn a_secret_that_ends_is_told_thirty_fourteen_seven_three_and_one_days_ahead() {
    let world = World::start().await;
    let mut app = world.new_app("reports");
    let end = world.context.now() + SignedDuration::from_hours(24 * 40);
    let secret = NewSecret {
        value: world.secret.clone().into(),
        expires_at: Some(end),
    };
    app.proof = Some(secret.into());
    let created = world
        .life
        .connect_new_application(&world.admin, crate::world::outlook("reports"), app)
        .await
        .unwrap();
    let id = created.connection.id;
    for _ in 0..39 {
        world.hours(24);
        jobs::warn(
            world.context.clone(),
            world.live.clone(),
            world.broker.clone(),
        )
        .await
        .unwrap();
        jobs::warn(
            world.context.clone(),
            world.live.clone(),
            world.broker.clone(),
        )
        .await
        .unwrap();
    }
    let told = world.told().await;
    let warned = told
        .iter()
        .filter(|kind| **kind == EventKind::Expiring)
        .count();
    assert_eq!((warned, told.len()), (5, 6));
    let expiring = world.snapshot(&created.connection).await;
    assert_eq!(expiring.connection.state, ConnectionState::Expiring);
    let diagnosis = expiring.connection.diagnosis.clone().unwrap();
    assert!(
        diagnosis.remedy[0]
            .command
            .as_deref()
            .unwrap()
            .contains("rotate reports")
    );
    // It works until the end, and a renewal does not make the warning go away.
    assert!(world.life.test(&world.admin, id).await.unwrap().ok);
    let still = world.snapshot(&created.connection).await;
    assert_eq!(still.connection.state, ConnectionState::Expiring);
    let secret = NewSecret {
        value: world.secret.clone().into(),
        expires_at: Some(end + SignedDuration::from_hours(9_000)),
    };
    let (rotated, _) = world
        .life
        .rotate(&world.admin, id, secret.into())
        .await
        .unwrap();
    assert_eq!(rotated.state, ConnectionState::Active);
    world.stop().await;
}

#[tokio::test]
async fn a_secret_that_is_added_in_time_ends_the_warning() {
    let world = World::start().await;
    let secret = |days: i64| NewSecret {
        value: world.secret.clone().into(),
        expires_at: Some(world.context.now() + SignedDuration::from_hours(24 * days)),
    };
    let mut app = world.new_app("reports");
    app.proof = Some(secret(20).into());
    let created = world
        .life
        .connect_new_application(&world.admin, crate::world::outlook("reports"), app)
        .await
        .unwrap();
    let (id, app) = (
        created.connection.id,
        created.connection.app_registration_id,
    );
    let (context, live, broker) = (
        world.context.clone(),
        world.live.clone(),
        world.broker.clone(),
    );
    jobs::warn(context, live, broker).await.unwrap();
    let state = async || {
        let found = world.life.find(&world.admin, &id.to_string()).await;
        let found = found.unwrap();
        (found.state, found.diagnosis.is_some())
    };
    assert_eq!(state().await, (ConnectionState::Expiring, true));
    let apps = Apps::new(world.context.clone());
    for (days, after) in [
        (25, (ConnectionState::Expiring, true)),
        (300, (ConnectionState::Active, false)),
    ] {
        let added = apps.add_proof(&world.admin, app, secret(days).into()).await;
        added.unwrap();
        assert_eq!(state().await, after, "with one for {days} days");
    }
    assert_eq!(world.told().await.last(), Some(&EventKind::Recovered));
    world.stop().await;
}

/// As where the other proof was waiting, and was in use from its first success.
#[tokio::test]
async fn the_next_look_ends_a_warning_that_another_proof_made_void() {
    let world = World::start().await;
    let mut app = world.new_app("reports");
    app.proof = Some(
        NewSecret {
            value: world.secret.clone().into(),
            expires_at: Some(world.context.now() + SignedDuration::from_hours(24 * 20)),
        }
        .into(),
    );
    let created = world
        .life
        .connect_new_application(&world.admin, crate::world::outlook("reports"), app)
        .await
        .unwrap()
        .connection;
    let look = async || {
        let (context, live) = (world.context.clone(), world.live.clone());
        jobs::warn(context, live, world.broker.clone())
            .await
            .unwrap();
        let found = world.life.find(&world.admin, &created.id.to_string()).await;
        let found = found.unwrap();
        (found.state, found.diagnosis.is_some())
    };
    assert_eq!(look().await, (ConnectionState::Expiring, true));
    let (context, app) = (&world.context, created.app_registration_id);
    let mut tx = context.store.write().await.unwrap();
    let first = tx
        .proofs(created.workspace_id, app)
        .await
        .unwrap()
        .remove(0);
    let lasting = SealedProof {
        proof: Proof {
            id: ProofId::generate(&*context.clock, &*context.random),
            generation: first.proof.generation + 1,
            expires_at: Some(context.now() + SignedDuration::from_hours(24 * 300)),
            ..first.proof
        },
        sealed: first.sealed,
    };
    tx.add_proof(&lasting).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(look().await, (ConnectionState::Expiring, true), "not due");
    world.advance_all(7 * 86_400);
    assert_eq!(look().await, (ConnectionState::Active, false));
    let told = world.told().await;
    let last_two = &told[told.len() - 2..];
    assert_eq!(last_two, [EventKind::Expiring, EventKind::Recovered]);
    world.stop().await;
}

#[tokio::test]
async fn an_idle_connection_of_a_user_outlives_ninety_days() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    for _ in 0..13 {
        world.advance_all(10 * 86_400);
        jobs::look_after(
            world.context.clone(),
            world.live.clone(),
            world.broker.clone(),
        )
        .await
        .unwrap();
    }
    let report = world.life.test(&world.admin, connection.id).await.unwrap();
    assert!(report.ok, "{report:?}");
    world.stop().await;
}
