use std::collections::HashMap;
use std::time::Duration;

use super::limits::{Charge, Key};
use super::meter::Meter;
use super::signals::Signals;

/// Budgets that are remembered; idle ones go first when there are more.
const MOST_KEYS: usize = 20_000;
/// A refusal without `Retry-After` pauses this long, doubling up to the longest while refusals go on.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(2);

/// What was drawn, by whom it may be drawn again. Time is handed in, as the duration since any fixed moment.
#[derive(Debug, Default)]
pub struct Ledger {
    budgets: HashMap<Key, Budget>,
    share: u32,
}

#[derive(Debug)]
struct Budget {
    meters: Vec<Meter>,
    /// Requests under way, and how many there may be just now.
    under_way: u32,
    window: f64,
    widest: u32,
    paused_until: Duration,
    refusals: u32,
}

/// Proof that a request may go; handed back with its answer.
#[derive(Debug)]
#[must_use = "what was taken has to be settled"]
pub struct Ticket {
    charges: Vec<Charge>,
}

/// The ledger's answer.
#[derive(Debug)]
pub enum Verdict {
    Go(Ticket),
    /// Not now: the first budget in the way, and when to ask again at the latest. An answer to another request may open the
    /// way sooner.
    Wait {
        key: Key,
        at_least: Duration,
    },
}

impl Ledger {
    /// How many replicas share what Microsoft allows: each uses its part.
    pub fn share_with(&mut self, replicas: u32) {
        self.share = replicas.max(1);
    }

    /// Whether a request may go now.
    pub fn ask(&mut self, now: Duration, charges: &[Charge]) -> Verdict {
        let share = self.share.max(1);
        self.make_room(now);
        for charge in charges {
            let budget = self
                .budgets
                .entry(charge.key.clone())
                .or_insert_with(|| Budget::new(&charge.key));
            let wait = budget.wait(now, charge.units, share);
            if wait > Duration::ZERO {
                return Verdict::Wait {
                    key: charge.key.clone(),
                    at_least: wait,
                };
            }
        }
        for charge in charges {
            if let Some(budget) = self.budgets.get_mut(&charge.key) {
                budget.take(charge.units);
            }
        }
        Verdict::Go(Ticket {
            charges: charges.to_vec(),
        })
    }

    /// An answer came, or none will.
    pub fn settle(&mut self, now: Duration, ticket: Ticket, signals: Option<Signals>) {
        let signals = signals.unwrap_or_default();
        // A refusal does not say which budget it is about: the most particular one is held to be.
        let mut blamed = signals.refused;
        for (place, charge) in ticket.charges.into_iter().enumerate() {
            let Some(budget) = self.budgets.get_mut(&charge.key) else {
                continue;
            };
            budget.settle(now, charge.units);
            if place == 0 {
                budget.hear(now, signals);
            }
            if std::mem::take(&mut blamed) {
                budget.refused(now, signals.retry_after);
            } else if !signals.refused {
                budget.went_well();
            }
        }
    }

    fn make_room(&mut self, now: Duration) {
        if self.budgets.len() >= MOST_KEYS {
            self.budgets.retain(|_, budget| !budget.is_idle(now));
        }
    }
}

impl Budget {
    fn new(key: &Key) -> Self {
        let widest = key.scope.concurrency();
        Self {
            meters: key.scope.limits().iter().copied().map(Meter::new).collect(),
            under_way: 0,
            window: f64::from(widest),
            widest,
            paused_until: Duration::ZERO,
            refusals: 0,
        }
    }

    fn wait(&mut self, now: Duration, units: u64, share: u32) -> Duration {
        let paused = self.paused_until.saturating_sub(now);
        let metered = self
            .meters
            .iter_mut()
            .map(|meter| meter.wait(now, units, share));
        let longest = metered.max().unwrap_or_default().max(paused);
        if longest > Duration::ZERO {
            return longest;
        }
        let narrow = f64::from(self.under_way) + 1.0 > (self.window / f64::from(share)).max(1.0);
        // Whoever comes back looks again, so that this is only the longest.
        if narrow {
            LONGEST_PAUSE
        } else {
            Duration::ZERO
        }
    }

    fn take(&mut self, units: u64) {
        self.under_way += 1;
        for meter in &mut self.meters {
            meter.take(units);
        }
    }

    fn settle(&mut self, now: Duration, units: u64) {
        self.under_way = self.under_way.saturating_sub(1);
        for meter in &mut self.meters {
            meter.settle(now, units, units);
        }
    }

    /// Half as many at once, and none for as long as Microsoft says.
    fn refused(&mut self, now: Duration, retry_after: Option<Duration>) {
        let pause = retry_after.unwrap_or_else(|| {
            let doubled = FIRST_PAUSE * 2_u32.saturating_pow(self.refusals.min(16));
            doubled.min(LONGEST_PAUSE)
        });
        self.refusals = self.refusals.saturating_add(1);
        // Those under way when the first was refused say nothing new.
        if self.paused_until <= now {
            self.window = (self.window.min(f64::from(self.under_way + 1)) / 2.0).max(1.0);
        }
        self.paused_until = self.paused_until.max(now + pause);
    }

    /// One more at once for each round of answers.
    fn went_well(&mut self) {
        self.refusals = 0;
        self.window = (self.window + 1.0 / self.window).min(f64::from(self.widest));
    }

    /// What SharePoint and OneDrive tell about the first limit.
    fn hear(&mut self, now: Duration, signals: Signals) {
        let (Some(limit), Some(first)) = (signals.limit, self.meters.first_mut()) else {
            return;
        };
        if limit != first.limit().units {
            first.adopt(limit);
        }
        if let (Some(0), Some(reset)) = (signals.remaining, signals.reset) {
            self.paused_until = self.paused_until.max(now + reset);
        }
    }

    fn is_idle(&mut self, now: Duration) -> bool {
        self.under_way == 0
            && self.paused_until <= now
            && self.meters.iter_mut().all(|meter| meter.is_idle(now))
    }
}
