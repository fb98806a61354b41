//! What can be wrong with a query, in Microsoft's words; the service that answers adds the code and the status.

/// A query that cannot be answered. `Display` is the text that Microsoft sends as `error.message`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text of an option does not follow the grammar.
    #[error("Syntax error at position {position} in '{text}'.")]
    Syntax {
        /// Offset in characters.
        position: usize,
        /// The option's value as it was sent.
        text: String,
    },
    /// Nested deeper than [`super::MAX_DEPTH`].
    #[error("The maximum depth of the query expression has been exceeded.")]
    TooDeep,
    /// A property that the type does not have.
    #[error("Could not find a property named '{name}' on type '{type_name}'.")]
    UnknownProperty {
        /// As it was sent.
        name: String,
        /// Qualified, `microsoft.graph.message`.
        type_name: String,
    },
    /// A function that `$filter` does not have.
    #[error(
        "An unknown function with name '{0}' was found. This may also be a function import or a key lookup on a navigation property, which is not allowed."
    )]
    UnknownFunction(String),
    /// `subject eq 5`.
    #[error(
        "A binary operator with incompatible types was detected. Found operand types '{left}' and '{right}' for operator kind '{operator}'."
    )]
    IncompatibleTypes {
        /// `Edm.String`
        left: String,
        /// `Edm.Int32`
        right: String,
        /// `Equal`
        operator: &'static str,
    },
    /// The whole filter is a string or a number.
    #[error("The $filter expression must evaluate to a single boolean value.")]
    NotBoolean,
    /// An option given twice.
    #[error(
        "Query option '{0}' was specified more than once, but it must be specified at most once."
    )]
    Repeated(String),
    /// `$top=many`, `$count=perhaps`.
    #[error(
        "Invalid value '{value}' for {option} query option found. The {option} query option requires {wanted}."
    )]
    InvalidOption {
        /// With its `$`.
        option: &'static str,
        /// As it was sent.
        value: String,
        /// "a non-negative integer value"
        wanted: &'static str,
    },
    /// An option with a `$` that nobody knows.
    #[error("The query parameter '{0}' is not supported.")]
    UnknownOption(String),
    /// A `$search` that is not KQL.
    #[error(
        "Syntax error: character '{character}' is not valid at position {position} in '{text}'."
    )]
    Search {
        /// The first one that does not fit.
        character: char,
        /// Offset in characters.
        position: usize,
        /// The search as it was sent.
        text: String,
    },
}

impl Error {
    /// A syntax error at a byte offset of `text`, told in characters as Microsoft does.
    pub fn syntax(text: &str, byte: usize) -> Self {
        let position = text
            .get(..byte)
            .map_or(byte, |before| before.chars().count());
        Self::Syntax {
            position,
            text: text.to_owned(),
        }
    }
}
