//! How one replica comes to renew a token, or to use what another renewed: as a state machine without clock, sockets
//! or database, so that thousands of interleavings can be run against it.
//!
//! Correctness rests on the version alone: a result is stored only where the version is still the one that was read.
//! The lease merely keeps the others from asking Entra for the same thing meanwhile.

/// Seconds a lease runs: longer than the token request may take in all, retries included.
pub(crate) const LEASE_SECS: i64 = 20;
/// Longest that anyone waits for another's renewal before failing, retryably.
const PATIENCE_MS: u64 = 22_000;
/// Rounds that may end without a token: a row that never becomes usable, or a connection that is gone, ends the renewal.
const ROUNDS: u32 = 4;
const FIRST_WAIT_MS: u64 = 15;
const LONGEST_WAIT_MS: u64 = 250;

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Read the row.
    Read,
    /// Try to take the lease at this version.
    Acquire { seen: i64 },
    /// Wait, then say so.
    Wait { ms: u64 },
    /// Ask Entra, then store where the version is still this one.
    Mint { seen: i64 },
    /// The row that was just read has a token to use.
    Use,
    /// Somebody renews for too long. Try again later; never renew without the lease.
    GiveUp,
}

/// What was seen after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Saw {
    /// A row: its version, and whether it holds a token that has time left.
    Row {
        version: i64,
        live: bool,
    },
    Acquired,
    /// Another holds the lease, for so long.
    Held {
        remaining_ms: i64,
    },
    /// The version moved on.
    Outdated,
    Waited,
    /// The result was stored, or somebody else's was first.
    Stored(bool),
}

/// One caller's way to a token newer than the one it cannot use.
#[derive(Debug)]
pub(crate) struct Renewal {
    /// Version of the token that will not do; -1 when there was none.
    stale: i64,
    read: i64,
    waited_ms: u64,
    wait_ms: u64,
    rounds: u32,
}

impl Renewal {
    /// Begins. `stale` names the token that will not do any more, by its version.
    pub(crate) fn begin(stale: Option<i64>) -> (Self, Step) {
        let renewal = Self {
            stale: stale.unwrap_or(-1),
            read: 0,
            waited_ms: 0,
            wait_ms: FIRST_WAIT_MS,
            rounds: 0,
        };
        (renewal, Step::Read)
    }

    pub(crate) fn next(&mut self, saw: Saw) -> Step {
        match saw {
            Saw::Row { version, live } => {
                self.read = version;
                if live && version > self.stale {
                    Step::Use
                } else {
                    Step::Acquire { seen: version }
                }
            }
            Saw::Acquired => Step::Mint { seen: self.read },
            Saw::Held { remaining_ms } => self.wait(remaining_ms),
            Saw::Waited => Step::Read,
            Saw::Outdated | Saw::Stored(_) => self.again(),
        }
    }

    fn again(&mut self) -> Step {
        self.rounds += 1;
        if self.rounds > ROUNDS {
            Step::GiveUp
        } else {
            Step::Read
        }
    }

    fn wait(&mut self, remaining_ms: i64) -> Step {
        if self.waited_ms >= PATIENCE_MS {
            return Step::GiveUp;
        }
        let left = u64::try_from(remaining_ms).unwrap_or(0).max(1);
        let ms = self.wait_ms.min(left);
        self.wait_ms = (self.wait_ms * 2).min(LONGEST_WAIT_MS);
        self.waited_ms += ms;
        Step::Wait { ms }
    }
}

#[cfg(test)]
mod tests;
