//! What Graph, Dataverse and Business Central have in common, the protocol `OData` 4: pages and the
//! shape of refusals.

mod fault;
mod page;

pub use self::fault::Envelope;
pub use self::page::next_link;
