//! Actions on documents and journals, and what they write into the ledgers.
//!
//! Every posting is a voucher whose debits and credits are equal; the ledgers of customers, vendors and items agree with the
//! accounts that stand for them at any time.

mod actions;
mod cancel;
mod convert;
mod currency;
pub(crate) mod inventory;
mod invoice;
mod journal;
pub(crate) mod ledger;
mod order;
pub(crate) mod parties;

pub(crate) use actions::run;
