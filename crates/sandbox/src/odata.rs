//! The `OData` conventions that Graph, Dataverse and Business Central share, written once.
//!
//! Pure functions on text and JSON: nothing here knows a resource, a token or a socket. A resource describes itself
//! with a [`schema::EntityType`], answers properties through [`filter::Entity`], and gets query options, filtering,
//! ordering, projection and paging from here. Input comes from the network, so every parser is total: it answers a
//! value or an [`error::Error`], whatever the text, and recursion is bounded by [`MAX_DEPTH`].
//!
//! Learnt from <https://learn.microsoft.com/graph/query-parameters> and the `OData` 4.01 URL conventions.

pub(crate) mod envelope;
pub(crate) mod error;
pub(crate) mod filter;
pub(crate) mod options;
pub(crate) mod order;
pub(crate) mod paging;
pub(crate) mod project;
pub(crate) mod schema;
pub(crate) mod search;

mod text;

/// Deepest nesting of parentheses, lambdas and expands that is read; Microsoft's own limit is 100 nodes on a path.
pub(crate) const MAX_DEPTH: usize = 64;

#[cfg(test)]
mod tests;
