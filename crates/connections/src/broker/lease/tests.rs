//! A database row, an Entra that counts, and several replicas that are stepped in any order, paused and killed.

mod faults;

use proptest::prelude::*;

use super::{LEASE_SECS, Renewal, Saw, Step};

#[derive(Default)]
struct World {
    now_ms: i64,
    version: i64,
    live: bool,
    /// Owner and end.
    lease: Option<(usize, i64)>,
    /// Version that each request to Entra was made for.
    minted_for: Vec<i64>,
    /// Leases that ended while their holder was still at Entra.
    outlived: usize,
}

struct Replica {
    renewal: Renewal,
    step: Step,
    minting: Option<i64>,
    done: bool,
}

impl Replica {
    fn new(stale: Option<i64>) -> Self {
        let (renewal, step) = Renewal::begin(stale);
        Self {
            renewal,
            step,
            minting: None,
            done: false,
        }
    }

    fn advance(&mut self, me: usize, world: &mut World) {
        let saw = match self.step {
            Step::Use | Step::GiveUp => {
                self.done = true;
                return;
            }
            Step::Read => Saw::Row {
                version: world.version,
                live: world.live,
            },
            Step::Wait { ms } => {
                world.now_ms += i64::try_from(ms).expect("waits are short");
                Saw::Waited
            }
            Step::Acquire { seen } => acquire(me, seen, world),
            Step::Mint { seen } => match self.minting.take() {
                None => {
                    world.minted_for.push(seen);
                    self.minting = Some(seen);
                    return;
                }
                Some(seen) => store(me, seen, world),
            },
        };
        self.step = self.renewal.next(saw);
    }
}

fn acquire(me: usize, seen: i64, world: &mut World) -> Saw {
    match world.lease {
        _ if world.version != seen => Saw::Outdated,
        Some((_, end)) if end > world.now_ms => Saw::Held {
            remaining_ms: end - world.now_ms,
        },
        held => {
            world.outlived += usize::from(held.is_some());
            world.lease = Some((me, world.now_ms + LEASE_SECS * 1000));
            Saw::Acquired
        }
    }
}

fn store(me: usize, seen: i64, world: &mut World) -> Saw {
    if world.version != seen {
        return Saw::Stored(false);
    }
    world.version += 1;
    world.live = true;
    if world.lease.is_some_and(|(owner, _)| owner == me) {
        world.lease = None;
    }
    Saw::Stored(true)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn however_replicas_interleave_each_version_is_asked_for_once(order in prop::collection::vec(0..5usize, 1..400)) {
        let mut world = World::default();
        let mut replicas: Vec<_> = (0..5).map(|_| Replica::new(None)).collect();
        for me in order {
            replicas[me].advance(me, &mut world);
        }
        settle(&mut replicas, &mut world);
        prop_assert_eq!(&world.minted_for, &vec![0]);
        prop_assert!(replicas.iter().all(|replica| replica.step == Step::Use));
    }

    #[test]
    fn a_killed_or_paused_holder_costs_one_more_request_and_never_a_second_result(
        order in prop::collection::vec((0..5usize, 0..3u8), 1..400),
    ) {
        let mut world = World::default();
        let mut replicas: Vec<_> = (0..5).map(|_| Replica::new(None)).collect();
        for (me, event) in order {
            match event {
                0 if replicas[me].minting.is_some() => replicas[me] = Replica::new(None),
                1 => world.now_ms += 10_000,
                _ => replicas[me].advance(me, &mut world),
            }
        }
        settle(&mut replicas, &mut world);
        prop_assert_eq!(world.version, 1, "one result is stored");
        prop_assert_eq!(world.minted_for.len(), 1 + world.outlived, "a further request only after a lease ran out");
    }

    #[test]
    fn a_token_that_was_refused_is_never_used_again(order in prop::collection::vec(0..3usize, 1..200)) {
        let mut world = World { version: 4, live: true, ..World::default() };
        let mut replicas: Vec<_> = (0..3).map(|_| Replica::new(Some(4))).collect();
        for me in order {
            replicas[me].advance(me, &mut world);
        }
        settle(&mut replicas, &mut world);
        prop_assert_eq!(world.version, 5);
    }
}

/// Lets everybody finish; leases of the dead run out by waiting.
fn settle(replicas: &mut [Replica], world: &mut World) {
    for _ in 0..20_000 {
        for (me, replica) in replicas.iter_mut().enumerate() {
            replica.advance(me, world);
        }
        if replicas.iter().all(|replica| replica.done) {
            return;
        }
        if replicas.iter().any(|replica| replica.step == Step::GiveUp) {
            for replica in replicas
                .iter_mut()
                .filter(|replica| replica.step == Step::GiveUp)
            {
                *replica = Replica::new(None);
            }
            world.now_ms += LEASE_SECS * 1000;
        }
    }
    panic!("somebody never finished");
}
