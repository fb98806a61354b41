//! The same replicas on a bad day: holders that are killed, or stand still for longer than their lease and come back; answers that
//! are lost on the way; a database that is gone for a while, or whose clock steps; and an Entra that hands out a new refresh
//! token each time. Callers come again until each has a token.

use proptest::prelude::*;

use super::super::{LEASE_SECS, Renewal, Saw, Step};

const REPLICAS: usize = 4;
const MINUTE_MS: i64 = 60_000;

/// What befalls the replica that was drawn, or everybody.
#[derive(Debug, Clone, Copy)]
enum Event {
    Step,
    Kill,
    /// It stands still while time goes on, or goes on again.
    Freeze,
    LoseAnswer,
    DatabaseGoes,
    DatabaseComes,
    /// The database's clock, which leases run by.
    ClockSteps(i64),
    /// Longer than a lease.
    TimePasses,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        20 => Just(Event::Step),
        1 => Just(Event::Kill),
        2 => Just(Event::Freeze),
        1 => Just(Event::LoseAnswer),
        1 => Just(Event::DatabaseGoes),
        2 => Just(Event::DatabaseComes),
        1 => prop_oneof![Just(MINUTE_MS), Just(-MINUTE_MS)].prop_map(Event::ClockSteps),
        1 => Just(Event::TimePasses),
    ]
}

#[derive(Default)]
struct Entra {
    /// Refresh tokens by number. Those of before live on.
    handed_out: Vec<u32>,
    lost: usize,
}

#[derive(Default)]
struct Row {
    version: i64,
    live: bool,
    refresh: u32,
    generation: i64,
    lease: Option<(usize, i64)>,
}

#[derive(Default)]
struct World {
    now_ms: i64,
    gone: bool,
    row: Row,
    entra: Entra,
    /// Leases that were taken although their holder had not let them go.
    outlived: usize,
    stored: usize,
}

/// An answer of Entra's on its way into the row.
#[derive(Clone, Copy)]
struct Answer {
    refresh: u32,
    /// Of the refresh token that was shown.
    generation: i64,
}

struct Replica {
    renewal: Renewal,
    step: Step,
    asking: Option<Answer>,
    answered: Option<Answer>,
    lost: bool,
    frozen: bool,
}

impl Replica {
    fn new() -> Self {
        let (renewal, step) = Renewal::begin(None);
        Self {
            renewal,
            step,
            asking: None,
            answered: None,
            lost: false,
            frozen: false,
        }
    }

    /// A caller whose renewal failed comes again.
    fn again(&mut self) {
        *self = Self::new();
    }

    fn advance(&mut self, me: usize, world: &mut World) {
        if self.frozen || self.step == Step::Use {
            return;
        }
        let saw = match self.step {
            Step::Use => return,
            Step::GiveUp => return self.again(),
            Step::Wait { ms } => {
                world.now_ms += i64::try_from(ms).expect("waits are short");
                Saw::Waited
            }
            Step::Mint { seen } => match self.mint(me, seen, world) {
                Some(saw) => saw,
                None => return,
            },
            Step::Read | Step::Acquire { .. } if world.gone => return self.again(),
            Step::Read => Saw::Row {
                version: world.row.version,
                live: world.row.live,
            },
            Step::Acquire { seen } => acquire(me, seen, world),
        };
        self.step = self.renewal.next(saw);
    }

    /// Asks, hears, stores: each a step of its own, so that anything may happen between.
    fn mint(&mut self, me: usize, seen: i64, world: &mut World) -> Option<Saw> {
        if let Some(answer) = self.answered {
            // While the database is gone it is tried again.
            return (!world.gone).then(|| store(seen, answer, world));
        }
        if let Some(answer) = self.asking.take() {
            if self.lost {
                world.entra.lost += 1;
                release(me, world);
                self.again();
            } else {
                self.answered = Some(answer);
            }
            return None;
        }
        if world.gone {
            // The refresh token cannot be read.
            self.again();
            return None;
        }
        let refresh = u32::try_from(world.entra.handed_out.len()).expect("few are asked for") + 1;
        world.entra.handed_out.push(refresh);
        self.asking = Some(Answer {
            refresh,
            generation: world.row.generation,
        });
        None
    }
}

fn acquire(me: usize, seen: i64, world: &mut World) -> Saw {
    match world.row.lease {
        _ if world.row.version != seen => Saw::Outdated,
        Some((_, end)) if end > world.now_ms => Saw::Held {
            remaining_ms: end - world.now_ms,
        },
        held => {
            world.outlived += usize::from(held.is_some());
            world.row.lease = Some((me, world.now_ms + LEASE_SECS * 1000));
            Saw::Acquired
        }
    }
}

fn release(me: usize, world: &mut World) {
    if !world.gone && world.row.lease.is_some_and(|(owner, _)| owner == me) {
        world.row.lease = None;
    }
}

/// As `TokenBroker::keep`: where the version is still the one that was read, and the refresh token where its generation is.
fn store(seen: i64, answer: Answer, world: &mut World) -> Saw {
    if world.row.version != seen {
        return Saw::Stored(false);
    }
    if world.row.generation == answer.generation {
        world.row.generation += 1;
        world.row.refresh = answer.refresh;
    }
    world.row.version += 1;
    world.row.live = true;
    world.row.lease = None;
    world.stored += 1;
    Saw::Stored(true)
}

fn befall(replicas: &mut [Replica], me: usize, event: Event, world: &mut World) {
    match event {
        Event::Step => replicas[me].advance(me, world),
        Event::Kill => replicas[me].again(),
        Event::Freeze => replicas[me].frozen = !replicas[me].frozen,
        Event::LoseAnswer => replicas[me].lost = replicas[me].asking.is_some(),
        Event::DatabaseGoes => world.gone = true,
        Event::DatabaseComes => world.gone = false,
        Event::ClockSteps(by) => world.now_ms += by,
        Event::TimePasses => world.now_ms += LEASE_SECS * 1000 + 1,
    }
}

/// Everything works again: how many rounds it takes until each replica has its token.
fn recover(replicas: &mut [Replica], world: &mut World) -> Option<u32> {
    world.gone = false;
    for replica in replicas.iter_mut() {
        replica.frozen = false;
    }
    for round in 0..5_000 {
        if replicas.iter().all(|replica| replica.step == Step::Use) {
            return Some(round);
        }
        for (me, replica) in replicas.iter_mut().enumerate() {
            replica.advance(me, world);
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_befalls_holders_answers_database_and_clock_nothing_is_lost_and_all_recovers(
        events in prop::collection::vec((0..REPLICAS, event()), 1..300),
    ) {
        let mut world = World::default();
        let mut replicas: Vec<_> = (0..REPLICAS).map(|_| Replica::new()).collect();
        for (me, event) in events {
            befall(&mut replicas, me, event, &mut world);
        }
        prop_assert!(recover(&mut replicas, &mut world).is_some(), "somebody never gets a token");
        prop_assert_eq!(world.stored, 1, "one result is stored");
        prop_assert_eq!(world.row.version, 1);
        prop_assert_eq!(world.row.generation, 1, "one refresh token is stored with it");
        prop_assert!(world.entra.handed_out.contains(&world.row.refresh), "the stored refresh token is one that Entra gave");
        prop_assert!(
            world.entra.handed_out.len() <= 1 + world.outlived + world.entra.lost,
            "{} requests, {} leases outlived, {} answers lost", world.entra.handed_out.len(), world.outlived, world.entra.lost
        );
    }
}
