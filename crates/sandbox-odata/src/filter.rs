//! `$filter`: text to tree ([`parse`]), tree held against a type ([`bind()`]), tree against an entity ([`eval::matches`]).

pub mod ast;
pub mod datum;
pub mod eval;

mod bind;
mod lexer;
mod parser;

use serde_json::Value;

pub use bind::bind;
pub use parser::parse;

/// Something that a filter or a sort key can be held against without rendering all of it.
pub trait Entity {
    /// The value of a property by the name its type gives it; `Null` when there is none.
    fn property(&self, name: &str) -> Value;
}

impl Entity for Value {
    fn property(&self, name: &str) -> Value {
        self.get(name).cloned().unwrap_or(Self::Null)
    }
}

#[cfg(test)]
mod tests;
