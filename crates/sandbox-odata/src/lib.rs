#![doc = include_str!("../README.md")]

pub mod batch;
pub mod envelope;
pub mod error;
pub mod filter;
pub mod options;
pub mod order;
pub mod paging;
pub mod project;
pub mod schema;
pub mod search;
pub mod service;

mod text;

/// Deepest nesting of parentheses, lambdas and expands that is read; Microsoft's own limit is 100 nodes on a path.
pub const MAX_DEPTH: usize = 64;

#[cfg(test)]
mod tests;
