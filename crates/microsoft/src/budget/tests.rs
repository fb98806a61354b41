use std::collections::VecDeque;
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};
use model::Api;
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use super::*;

const ACCOUNT: Account<'_> = Account {
    api: Api::Graph,
    app: "app",
    tenant: "tenant",
    user: Some("ana"),
};

fn drawn(method: &Method, path: &str) -> Vec<(Scope, String, u64)> {
    let url = Url::parse(&format!("https://graph.microsoft.com/v1.0{path}")).expect("a URL");
    let drawn = charges(ACCOUNT, method, &url);
    drawn
        .into_iter()
        .filter(|charge| charge.key.scope != Scope::Graph)
        .map(|charge| {
            let part = charge
                .key
                .of
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_owned();
            (charge.key.scope, part, charge.units)
        })
        .collect()
}

fn one(scope: Scope) -> Vec<Charge> {
    vec![Charge {
        key: Key {
            scope,
            of: "x".to_owned(),
        },
        units: 1,
    }]
}

fn refusal(retry_after: Option<u64>) -> Signals {
    Signals {
        refused: true,
        retry_after: retry_after.map(Duration::from_secs),
        ..Signals::default()
    }
}

#[test]
fn a_batch_draws_what_its_requests_would_each_budget_once() {
    let inner = [
        "/users/bo/messages",
        "/users/bo/events",
        "/users/al/messages",
        "/drives/d/items/i/children",
    ]
    .map(|path| {
        let url = Url::parse(&format!("https://graph.microsoft.com/v1.0{path}"));
        (Method::GET, url.expect("a URL"))
    });
    let outer = Url::parse("https://graph.microsoft.com/v1.0/$batch").expect("a URL");
    let drawn = charges_of_all(ACCOUNT, &inner, &outer);
    let shown: Vec<_> = drawn
        .iter()
        .map(|charge| (charge.key.scope, charge.units))
        .collect();
    assert_eq!(
        shown,
        [
            (Scope::Mailbox, 2),
            (Scope::Graph, 4),
            (Scope::Mailbox, 1),
            (Scope::Sites, 2)
        ]
    );
    let dataverse = Account {
        api: Api::Dataverse,
        ..ACCOUNT
    };
    assert_eq!(charges_of_all(dataverse, &inner, &outer)[0].units, 1);
}

#[test]
fn a_request_draws_on_what_microsoft_counts() {
    let mailbox = |owner: &str| (Scope::Mailbox, owner.to_owned(), 1);
    assert_eq!(drawn(&Method::GET, "/me/messages?$top=5"), [mailbox("ana")]);
    assert_eq!(
        drawn(&Method::GET, "/users/Bo@x.example/events"),
        [mailbox("bo@x.example")]
    );
    assert_eq!(
        drawn(&Method::POST, "/users/bo/sendMail"),
        [mailbox("bo"), (Scope::MailboxSending, "bo".to_owned(), 1)]
    );
    let sites = |units| vec![(Scope::Sites, String::new(), units)];
    assert_eq!(drawn(&Method::GET, "/drives/d/items/i"), sites(1));
    assert_eq!(drawn(&Method::GET, "/drives/d/items/i/children"), sites(2));
    assert_eq!(drawn(&Method::POST, "/drives/d/items/i/invite"), sites(5));
    assert_eq!(
        drawn(&Method::PUT, "/me/drive/root:/a.txt:/content"),
        sites(2)
    );
    assert_eq!(
        drawn(&Method::POST, "/teams/t/channels/c/messages"),
        [
            (Scope::Team, "t".to_owned(), 1),
            (Scope::TeamsPosts, String::new(), 1)
        ]
    );
    let directory = |units| vec![(Scope::Directory, String::new(), units)];
    assert_eq!(drawn(&Method::GET, "/users"), directory(2));
    assert_eq!(drawn(&Method::GET, "/users?$select=id"), directory(1));
    assert_eq!(
        drawn(&Method::GET, "/groups/g/transitiveMembers?$expand=manager"),
        directory(6)
    );
}

#[test]
fn a_wait_that_no_clock_holds_is_an_hour() {
    let endless = u64::MAX.to_string();
    let headers = HeaderMap::from_iter(
        [
            ("ratelimit-limit", "1250"),
            ("ratelimit-remaining", "0"),
            ("ratelimit-reset", endless.as_str()),
        ]
        .map(|(name, value)| {
            (
                name.parse().expect("a name"),
                value.parse().expect("a value"),
            )
        }),
    );
    let status = StatusCode::TOO_MANY_REQUESTS;
    let signals = Signals::read(status, Some(Duration::MAX), &headers);
    let hour = Some(Duration::from_hours(1));
    assert_eq!((signals.retry_after, signals.reset), (hour, hour));
}

#[test]
fn headers_say_what_is_left() {
    let headers = HeaderMap::from_iter([
        (
            "ratelimit-limit".parse().expect("a name"),
            "1250".parse().expect("a value"),
        ),
        (
            "ratelimit-remaining".parse().expect("a name"),
            "0".parse().expect("a value"),
        ),
        (
            "ratelimit-reset".parse().expect("a name"),
            "17".parse().expect("a value"),
        ),
    ]);
    let signals = Signals::read(StatusCode::OK, None, &headers);
    let mut ledger = Ledger::default();
    let charges = one(Scope::Sites);
    let Verdict::Go(ticket) = ledger.ask(Duration::ZERO, &charges) else {
        panic!("nothing was drawn yet");
    };
    ledger.settle(Duration::ZERO, ticket, Some(signals));
    let Verdict::Wait { at_least, .. } = ledger.ask(Duration::ZERO, &charges) else {
        panic!("nothing remains");
    };
    assert_eq!(at_least, Duration::from_secs(17));
}

#[test]
fn a_refusal_pauses_for_as_long_as_it_says_and_halves_what_goes_at_once() {
    let mut ledger = Ledger::default();
    let charges = one(Scope::Mailbox);
    let go = |ledger: &mut Ledger, now| match ledger.ask(now, &one(Scope::Mailbox)) {
        Verdict::Go(ticket) => Some(ticket),
        Verdict::Wait { .. } => None,
    };
    let mut tickets: Vec<_> = (0..5)
        .filter_map(|_| go(&mut ledger, Duration::ZERO))
        .collect();
    assert_eq!(tickets.len(), 4, "four at once in a mailbox");
    ledger.settle(Duration::ZERO, tickets.remove(0), Some(refusal(Some(30))));
    for ticket in tickets {
        ledger.settle(Duration::ZERO, ticket, Some(refusal(Some(30))));
    }
    assert!(matches!(
        ledger.ask(Duration::from_secs(29), &charges),
        Verdict::Wait { .. }
    ));
    let later = Duration::from_secs(30);
    let tickets: Vec<_> = (0..5).filter_map(|_| go(&mut ledger, later)).collect();
    assert_eq!(tickets.len(), 2, "half as many after a refusal");
    for ticket in tickets {
        ledger.settle(later, ticket, Some(Signals::default()));
    }
}

#[test]
fn refusals_that_name_no_time_pause_longer_each_time() {
    let mut ledger = Ledger::default();
    let mut now = Duration::ZERO;
    let mut pauses = Vec::new();
    for _ in 0..9 {
        let Verdict::Go(ticket) = ledger.ask(now, &one(Scope::Mailbox)) else {
            panic!("the pause is over");
        };
        ledger.settle(now, ticket, Some(refusal(None)));
        let Verdict::Wait { at_least, .. } = ledger.ask(now, &one(Scope::Mailbox)) else {
            panic!("a pause follows");
        };
        pauses.push(at_least.as_secs());
        now += at_least;
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 120, 120]);
}

#[test]
fn replicas_share_what_is_allowed() {
    let mut ledger = Ledger::default();
    ledger.share_with(3);
    let mut passed = 0;
    while let Verdict::Go(ticket) = ledger.ask(Duration::ZERO, &one(Scope::MailboxSending)) {
        ledger.settle(Duration::ZERO, ticket, None);
        passed += 1;
    }
    assert_eq!(passed, 10, "a third of 30 a minute");
}

/// A judge that counts as Microsoft might: each request at any moment between its leaving and its answer, in a sliding or a
/// fixed period.
struct Judge {
    limit: Limit,
    arrivals: VecDeque<Duration>,
    worst: usize,
}

impl Judge {
    fn count(&mut self, at: Duration) {
        self.arrivals.push_back(at);
        let mut sorted: Vec<_> = self.arrivals.iter().copied().collect();
        sorted.sort_unstable();
        let inside = sorted
            .iter()
            .filter(|arrival| **arrival + self.limit.period > at && **arrival <= at);
        self.worst = self.worst.max(inside.count());
        self.arrivals
            .retain(|arrival| *arrival + self.limit.period * 2 > at);
    }
}

/// Repeatable numbers, without a library.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[test]
fn whatever_the_delays_no_period_of_microsofts_holds_more_than_its_limit_and_nearly_all_of_it_is_used()
 {
    for (scope, seeds) in [
        (Scope::MailboxSending, 40),
        (Scope::Team, 40),
        (Scope::TeamsPosts, 20),
    ] {
        for seed in 0..seeds {
            let (worst, passed, expected) = simulate(scope, seed);
            let limit = scope.limits()[0];
            assert!(
                worst as u64 <= limit.units,
                "{scope:?} {seed}: {worst} in one period"
            );
            assert!(
                passed * 100 >= expected * 90,
                "{scope:?} {seed}: {passed} of {expected}"
            );
        }
    }
}

/// Keeps the ledger under pressure for twenty periods. Answers take up to a fiftieth of the period.
fn simulate(scope: Scope, seed: u64) -> (usize, u64, u64) {
    let limit = scope.limits()[0];
    let mut dice = Dice(seed);
    let mut judge = Judge {
        limit,
        arrivals: VecDeque::new(),
        worst: 0,
    };
    let mut ledger = Ledger::default();
    let mut under_way: Vec<(Duration, Duration, Ticket)> = Vec::new();
    let step = limit.period / 500;
    let (mut now, mut passed) = (Duration::ZERO, 0);
    while now < limit.period * 20 {
        while let Verdict::Go(ticket) = ledger.ask(now, &one(scope)) {
            let answered = now + step * u32::try_from(1 + dice.below(10)).unwrap_or(1);
            let arrived = now
                + answered
                    .saturating_sub(now)
                    .mul_f64(f64::from(u32::try_from(dice.below(100)).unwrap_or(0)) / 100.0);
            under_way.push((answered, arrived, ticket));
            passed += 1;
        }
        now += step;
        under_way.sort_unstable_by_key(|(_, arrived, _)| *arrived);
        let done: Vec<_> = under_way
            .extract_if(.., |(answered, _, _)| *answered <= now)
            .collect();
        for (_, arrived, ticket) in done {
            judge.count(arrived);
            ledger.settle(now, ticket, Some(Signals::default()));
        }
    }
    (judge.worst, passed, limit.units * 20)
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_go_in_the_order_in_which_they_came() {
    let budgets = Budgets::published();
    let far = Instant::now() + Duration::from_hours(1);
    let charges = one(Scope::MailboxSending);
    for _ in 0..30 {
        drop(budgets.pass(&charges, far).await.expect("room"));
    }
    let order = std::sync::Mutex::new(Vec::new());
    let (line, written, drawn) = (&budgets, &order, &charges);
    let everybody = (0..45).map(|number| async move {
        // They come one after another.
        sleep(Duration::from_millis(number)).await;
        let pass = line.pass(drawn, far).await.expect("a turn");
        written.lock().expect("no panic").push(number);
        drop(pass);
    });
    futures_util::future::join_all(everybody).await;
    let order = order.lock().expect("no panic");
    assert_eq!(*order, (0..45).collect::<Vec<_>>());
    assert_eq!(budgets.waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_larger_part_lets_those_go_who_wait() {
    let budgets = Budgets::published();
    budgets.share_with(3);
    let charges = one(Scope::MailboxSending);
    let far = Instant::now() + Duration::from_secs(30);
    for _ in 0..10 {
        drop(budgets.pass(&charges, far).await.expect("room"));
    }
    let alone = async {
        sleep(Duration::from_secs(5)).await;
        budgets.share_with(1);
    };
    let (turn, ()) = tokio::join!(budgets.pass(&charges, far), alone);
    assert!(turn.is_ok(), "two thirds became free");
    assert!(Instant::now() < far);
}

#[tokio::test(start_paused = true)]
async fn at_its_deadline_a_request_says_what_it_waited_for() {
    let budgets = Budgets::published();
    let charges = one(Scope::MailboxSending);
    let far = Instant::now() + Duration::from_hours(1);
    for _ in 0..30 {
        drop(budgets.pass(&charges, far).await.expect("room"));
    }
    let deadline = Instant::now() + Duration::from_secs(5);
    let held = budgets.pass(&charges, deadline).await.expect_err("no room");
    assert_eq!(held.waited.as_secs(), 5);
    assert_eq!(
        held.key.to_string(),
        "messages sent from the mailbox (30 in 60 s)"
    );
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_while_waiting_takes_nothing_along() {
    let budgets = Budgets::published();
    let charges = one(Scope::Mailbox);
    let far = Instant::now() + Duration::from_hours(1);
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(budgets.pass(&charges, far).await.expect("room"));
    }
    let moment = Duration::from_millis(1);
    let waiting = timeout(moment, budgets.pass(&charges, far)).await;
    assert!(waiting.is_err(), "there was no room");
    held.clear();
    for _ in 0..4 {
        held.push(budgets.pass(&charges, far).await.expect("room"));
    }
    assert_eq!((held.len(), budgets.waiting()), (4, 0));
}
