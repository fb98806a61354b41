//! `$filter`: text to tree ([`parse`]), tree held against a type ([`bind()`]), tree against an entity ([`eval::matches`]).

pub(crate) mod ast;
pub(crate) mod datum;
pub(crate) mod eval;

mod bind;
mod lexer;
mod parser;

use serde_json::Value;

pub(crate) use bind::bind;
pub(crate) use parser::parse;

/// Something that a filter or a sort key can be held against without rendering all of it.
pub(crate) trait Entity {
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
