//! A server that is killed at any moment, again and again, while others work through it.
//!
//! Sandbox, server and driver are three processes; the driver is this one. What was not answered it repeats under the same
//! `Idempotency-Key`. `TEST_KILLS` says how often the server is killed, `TEST_SEED` repeats a run's moments.

mod audit;
mod chance;
mod work;

use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::api::Api;
use crate::browser::Browser;
use crate::environment;
use crate::server::Server;
use crate::world::{AS_APPLICATION, AS_USER, World, connect_application, connect_user, key};
use audit::Audit;
use chance::Chance;
use work::{Answer, Work};

const KILLS: u64 = 12;
/// The server lives so long at most once it is ready: about what the work of a round takes.
const LONGEST_LIFE_MS: u64 = 600;
/// Tokens are over after half of this: each life of the server needs new ones, and the refresh token with them.
const SECONDS: u32 = 2;
const AN_HOUR: u32 = 3600;
/// Longer than it takes until a process that went silent counts as dead.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(250);

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_loses_nothing_and_does_nothing_twice() {
    let kills = environment::number("TEST_KILLS", KILLS);
    let mut chance = Chance::new(environment::number("TEST_SEED", chance::any()));
    eprintln!(
        "{kills} kills; TEST_SEED={} repeats their moments",
        chance.seed()
    );

    let world = World::new().await;
    let mut server = world.setup("server", None, "info").start().await;
    let (_, key) = key(&server, "driver").await;
    let (application, registration) = world.application(&server, &server.with_key(&key)).await;
    connect_user(&server.with_key(&key), &registration, &mut Browser::new()).await;
    connect_application(&server.with_key(&key), &registration).await;
    let mut rounds = work::rounds(&server.with_key(&key), kills).await;
    world.portal.set_access_token_lifetime(SECONDS).await;

    let mut ended = Vec::new();
    let mut open = Vec::new();
    for round in 0..kills {
        open.extend(rounds.pop().unwrap());
        let life = Duration::from_millis(chance.below(LONGEST_LIFE_MS));
        (server, open) = live_and_die(server, &key, open, &mut ended, life).await;
        eprintln!(
            "kill {}: after {life:?}, {} keys without an end",
            round + 1,
            open.len()
        );
    }
    let api = server.with_key(&key);
    settle(&api, open, &mut ended).await;
    world.portal.set_access_token_lifetime(AN_HOUR).await;

    let audit = Audit::of(&world.portal, &application).await;
    let mut asked_again = Vec::new();
    for (work, answer) in &ended {
        audit.check(work, answer);
        asked_again.push(ask_again(&api, work, answer).await);
    }
    for connection in [AS_USER, AS_APPLICATION] {
        let report = api
            .post(&format!("/connections/{connection}/test"), &json!({}))
            .await;
        assert_eq!(report["ok"], true, "`{connection}` does not work: {report}");
    }
    // Nothing that a repeat of an answered key does counts again.
    let after = Audit::of(&world.portal, &application).await;
    for ((work, _), answer) in ended.iter().zip(&asked_again) {
        after.check(work, answer);
    }
    tell(kills, &ended);
}

/// One life of the server: work goes on until it is killed. What was not answered is handed back.
async fn live_and_die(
    server: Server,
    key: &str,
    open: Vec<Work>,
    ended: &mut Vec<(Work, Answer)>,
    life: Duration,
) -> (Server, Vec<Work>) {
    let mut calls = JoinSet::new();
    for work in open {
        let api = server.with_key(key);
        calls.spawn(async move {
            let answer = work.attempt(&api).await;
            (work, answer)
        });
    }
    sleep(life).await;
    let setup = server.kill().await;
    let mut left = Vec::new();
    for (mut work, answer) in calls.join_all().await {
        if let Some(answer) = answer {
            ended.push((work, answer));
        } else {
            work.tries += 1;
            left.push(work);
        }
    }
    (setup.start().await, left)
}

/// Repeats what has no end yet, until everything has one.
async fn settle(api: &Api, mut open: Vec<Work>, ended: &mut Vec<(Work, Answer)>) {
    let deadline = Instant::now() + PATIENCE;
    while let Some(mut work) = open.pop() {
        if let Some(answer) = work.attempt(api).await {
            ended.push((work, answer));
            continue;
        }
        assert!(Instant::now() < deadline, "`{}` never ends", work.key);
        work.tries += 1;
        open.insert(0, work);
        sleep(PAUSE).await;
    }
}

/// Asked again under its key, it answers what it answered; or, where that was uncertain, that its trace turned up since.
async fn ask_again(api: &Api, work: &Work, answer: &Answer) -> Answer {
    let again = work.attempt(api).await;
    match (answer, again) {
        (Answer::Uncertain, Some(answer)) => answer,
        (
            Answer::Done { body, .. },
            Some(Answer::Done {
                body: kept,
                replayed: true,
            }),
        ) => {
            assert_eq!(*body, kept, "`{}` answers differently", work.key);
            Answer::Done {
                body: kept,
                replayed: true,
            }
        }
        (_, other) => panic!("`{}` answered {answer:?} and then {other:?}", work.key),
    }
}

fn tell(kills: u64, ended: &[(Work, Answer)]) {
    let count = |fits: &dyn Fn(&Work, &Answer) -> bool| {
        ended
            .iter()
            .filter(|(work, answer)| fits(work, answer))
            .count()
    };
    let is_uncertain = |answer: &Answer| matches!(answer, Answer::Uncertain);
    let numbers: Value = json!({
        "kills": kills,
        "keys": ended.len(),
        "done_at_first": count(&|work, answer| work.tries == 0 && !is_uncertain(answer)),
        "done_when_repeated": count(&|work, answer| work.tries > 0 && !is_uncertain(answer)),
        "answer_was_kept": count(&|_, answer| matches!(answer, Answer::Done { replayed: true, .. })),
        "uncertain": count(&|_, answer| is_uncertain(answer)),
    });
    eprintln!("{numbers}");
}
