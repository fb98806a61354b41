//! What Graph, Dataverse and Business Central have in common, the protocol `OData` 4: pages, batches and
//! the shape of refusals.

mod batch;
mod fault;
mod page;

pub use self::batch::{
    Part, Reply, change_set_body, json_body, json_replies, multipart_body, multipart_replies,
};
pub use self::fault::Envelope;
pub use self::page::next_link;
