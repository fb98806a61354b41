//! Staying inside of what Microsoft allows. Each API counts requests, resource units, bytes or time of an application, a
//! tenant, a mailbox, a site or an environment; a request that would be one too many waits in line instead of being refused,
//! and says at its deadline what it waited for.
//!
//! [`charges`] says what a request draws on, [`Ledger`] decides as a pure state machine (no clock, no sockets), and
//! [`Budgets`] lets tasks wait for its decisions.

mod ledger;
mod limits;
mod line;
mod meter;
mod signals;
#[cfg(test)]
mod tests;

pub use self::ledger::{Ledger, Ticket, Verdict};
pub use self::limits::{Account, Charge, Key, Scope, charges, charges_of_all};
pub use self::line::{Budgets, Pass};
pub use self::meter::Limit;
pub use self::signals::Signals;
