//! How requests travel. Every one has a deadline, says whether it may be repeated and whether its URL is a secret, carries a
//! `client-request-id`, and follows no redirect: an `Authorization` header goes to the host it was meant for and nowhere
//! else. Plain http is for this machine only.
//!
//! Elapsed time is measured on the runtime's monotonic clock; the [`Clock`](model::Clock) says what the date is.

mod connect;
mod error;
mod options;
mod outside;
mod redact;
mod request;
mod response;
mod retry;
mod retry_after;
mod send;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use model::{SharedClock, SharedRandom};

pub use self::error::{Attempted, TransportError};
pub use self::options::TransportOptions;
pub use self::outside::{Outside, OutsideError};
pub use self::redact::redacted;
pub use self::request::{Body, Outgoing, Repeat};
pub use self::response::{Incoming, IncomingBody};
pub use self::retry::RetryPolicy;
pub use self::retry_after::retry_after;
use crate::{Budgets, Error};

/// Sends requests. A clone shares connections.
#[derive(Clone)]
pub struct Transport(Arc<Inner>);

struct Inner {
    clients: connect::Clients,
    options: TransportOptions,
    clock: SharedClock,
    random: SharedRandom,
}

impl Transport {
    pub(crate) fn random(&self) -> &dyn model::Random {
        &*self.0.random
    }

    /// [`Error::CaFile`] when the extra certificates cannot be read. The machine's own are read at the first request
    /// that leaves it.
    pub fn new(
        options: TransportOptions,
        clock: SharedClock,
        random: SharedRandom,
    ) -> Result<Self, Error> {
        let clients = connect::Clients::new(&options)?;
        Ok(Self(Arc::new(Inner {
            clients,
            options,
            clock,
            random,
        })))
    }
}

impl Transport {
    /// How long to wait before what failed `attempts` times is sent again, where Microsoft does not say.
    pub(crate) fn pause_after(&self, attempts: u32) -> std::time::Duration {
        self.0
            .options
            .retry
            .backoff(attempts.max(1), &*self.0.random)
    }

    /// Microsoft's limits, as far as this process draws on them.
    pub fn budgets(&self) -> &Budgets {
        &self.0.options.budgets
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Transport").field(&self.0.options).finish()
    }
}
