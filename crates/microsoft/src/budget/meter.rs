use std::collections::VecDeque;
use std::time::Duration;

/// A period is counted in this many slots: what was spent is given back at most half a percent too late.
const SLOTS: u32 = 200;

/// So many units in any period of this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub units: u64,
    pub period: Duration,
}

impl Limit {
    pub const fn new(units: u64, period: Duration) -> Self {
        Self { units, period }
    }
}

/// What was drawn from one limit, over a sliding period.
///
/// A request counts from when it is let go until a period after its answer: Microsoft counted it somewhere between the two,
/// so that no period of Microsoft's ever holds more than ours does.
#[derive(Debug)]
pub(super) struct Meter {
    limit: Limit,
    /// By when a slot ends, with what was spent in it.
    spent: VecDeque<(Duration, u64)>,
    total: u64,
    in_flight: u64,
}

impl Meter {
    pub(super) fn new(limit: Limit) -> Self {
        Self {
            limit,
            spent: VecDeque::new(),
            total: 0,
            in_flight: 0,
        }
    }

    pub(super) fn limit(&self) -> Limit {
        self.limit
    }

    /// Microsoft may say that the limit is another one than the published.
    pub(super) fn adopt(&mut self, units: u64) {
        self.limit.units = units.max(1);
    }

    /// How long until `units` fit, when this process may use one part in `share`. Something that is larger than the whole
    /// limit goes when nothing else is counted.
    pub(super) fn wait(&mut self, now: Duration, units: u64, share: u32) -> Duration {
        self.forget(now);
        let allowed = (self.limit.units / u64::from(share.max(1))).max(1);
        let over = (self.total + self.in_flight + units).saturating_sub(allowed.max(units));
        if over == 0 {
            return Duration::ZERO;
        }
        let mut freed = 0;
        for (ends, amount) in &self.spent {
            freed += amount;
            if freed >= over {
                return (*ends + self.limit.period).saturating_sub(now);
            }
        }
        // What is in flight has to come back first; whoever returns it looks again.
        self.limit.period
    }

    pub(super) fn take(&mut self, units: u64) {
        self.in_flight += units;
    }

    /// An answer came, or is known never to come: the units count for one more period.
    pub(super) fn settle(&mut self, now: Duration, taken: u64, counted: u64) {
        self.in_flight = self.in_flight.saturating_sub(taken);
        self.add(now, counted);
    }

    fn add(&mut self, now: Duration, units: u64) {
        if units == 0 {
            return;
        }
        self.total += units;
        let slot = self.limit.period / SLOTS;
        match self.spent.back_mut() {
            Some((ends, amount)) if *ends >= now => *amount += units,
            _ => self.spent.push_back((now + slot, units)),
        }
    }

    fn forget(&mut self, now: Duration) {
        while let Some((ends, amount)) = self.spent.front() {
            if *ends + self.limit.period > now {
                break;
            }
            self.total -= amount;
            self.spent.pop_front();
        }
    }

    pub(super) fn is_idle(&mut self, now: Duration) -> bool {
        self.forget(now);
        self.total == 0 && self.in_flight == 0
    }
}
