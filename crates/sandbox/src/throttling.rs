//! What callers have used of the limits that they are held to, in the sandbox's time. Kept in memory only.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Most windows remembered before those that are over are forgotten.
const KEPT: usize = 10_000;

/// Whether callers are held to Microsoft's published limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Throttling {
    /// Nobody is.
    #[default]
    Off,
    /// Everybody is.
    On,
    /// To so small a part of them, at least one request, that a test meets them soon. What may run at once stays as it is.
    OneIn(NonZeroU32),
}

/// One published limit, as a request meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    /// Whose it is.
    pub(crate) key: String,
    /// What may be used in a window.
    pub(crate) most: u64,
    pub(crate) window_secs: i64,
    /// What this request uses.
    pub(crate) cost: u64,
}

/// How a limit stands after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) most: u64,
    /// With this request.
    pub(crate) used: u64,
    /// Seconds until the window is over, at least one.
    pub(crate) reset_secs: u64,
}

/// What was used so far.
#[derive(Clone, Default)]
pub(crate) struct Throttle(Arc<Mutex<Usage>>);

#[derive(Default)]
struct Usage {
    windows: HashMap<String, Window>,
    in_flight: HashMap<String, usize>,
}

struct Window {
    ends: Timestamp,
    used: u64,
}

/// A place among those that may run at once, given back when dropped.
pub(crate) struct Slot {
    throttle: Throttle,
    key: String,
}

impl Throttling {
    /// What is left of a published limit; none when there is no throttling.
    pub(crate) fn scaled(self, published: u64) -> Option<u64> {
        match self {
            Self::Off => None,
            Self::On => Some(published),
            Self::OneIn(parts) => Some((published / u64::from(parts.get())).max(1)),
        }
    }
}

impl Standing {
    pub(crate) fn is_over(self) -> bool {
        self.used > self.most
    }

    pub(crate) fn remaining(self) -> u64 {
        self.most.saturating_sub(self.used)
    }

    /// Used parts of a hundred, more than a hundred when it is over.
    pub(crate) fn percent(self) -> u64 {
        self.used.saturating_mul(100) / self.most.max(1)
    }
}

impl Throttle {
    /// Counts a request, refused ones too, as Microsoft does.
    pub(crate) fn spend(&self, limit: &Limit, now: Timestamp) -> Standing {
        self.with(|usage| {
            if usage.windows.len() > KEPT {
                usage.windows.retain(|_, window| window.ends > now);
            }
            let ends = end(now, limit.window_secs);
            let window = usage.windows.entry(limit.key.clone());
            let window = window.or_insert(Window { ends, used: 0 });
            if window.ends <= now {
                *window = Window { ends, used: 0 };
            }
            window.used = window.used.saturating_add(limit.cost);
            let left = window.ends.as_second() - now.as_second();
            Standing {
                most: limit.most,
                used: window.used,
                reset_secs: u64::try_from(left).unwrap_or_default().max(1),
            }
        })
    }

    /// A place for one that runs now; none when there are as many as may.
    pub(crate) fn enter(&self, key: &str, most: usize) -> Option<Slot> {
        self.with(|usage| {
            let running = usage.in_flight.entry(key.to_owned()).or_default();
            if *running >= most {
                return None;
            }
            *running += 1;
            Some(Slot {
                throttle: self.clone(),
                key: key.to_owned(),
            })
        })
    }

    /// Forgets what was used.
    pub(crate) fn clear(&self) {
        self.with(|usage| usage.windows.clear());
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Usage) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.throttle.with(|usage| {
            if let Some(running) = usage.in_flight.get_mut(&self.key) {
                *running -= 1;
                if *running == 0 {
                    usage.in_flight.remove(&self.key);
                }
            }
        });
    }
}

fn end(now: Timestamp, window_secs: i64) -> Timestamp {
    now.checked_add(jiff::SignedDuration::from_secs(window_secs))
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap_or_default()
    }

    #[test]
    fn a_window_fills_says_when_it_ends_and_begins_anew() {
        let throttle = Throttle::default();
        let limit = Limit {
            key: "app".to_owned(),
            most: 3,
            window_secs: 10,
            cost: 2,
        };
        let first = throttle.spend(&limit, at(0));
        assert_eq!(
            (first.used, first.remaining(), first.reset_secs),
            (2, 1, 10)
        );
        let second = throttle.spend(&limit, at(4));
        assert!(second.is_over() && second.reset_secs == 6);
        assert!(!throttle.spend(&limit, at(10)).is_over());
    }

    #[test]
    fn a_place_is_free_again_when_its_holder_is_done() {
        let throttle = Throttle::default();
        let first = throttle.enter("mailbox", 1);
        assert!(first.is_some() && throttle.enter("mailbox", 1).is_none());
        assert!(throttle.enter("another", 1).is_some());
        drop(first);
        assert!(throttle.enter("mailbox", 1).is_some());
    }
}
