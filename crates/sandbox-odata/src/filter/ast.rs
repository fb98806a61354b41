//! The tree of a `$filter`.

use jiff::Timestamp;

/// A node; the root of a filter is one that answers true or false.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// `'text'`, `5`, `true`, `null`, `2026-01-01T00:00:00Z`
    Literal(Literal),
    /// `from/emailAddress/address`; the first name may be a lambda's variable.
    Path(Vec<String>),
    /// `startswith(subject,'a')`
    Call(Function, Vec<Self>),
    /// `not …`
    Not(Box<Self>),
    /// `… and …`
    And(Box<Self>, Box<Self>),
    /// `… or …`
    Or(Box<Self>, Box<Self>),
    /// `… eq …`
    Compare(Comparison, Box<Self>, Box<Self>),
    /// `… in ('a','b')`
    In(Box<Self>, Vec<Literal>),
    /// `categories/any(c:c eq 'x')`
    Lambda(Lambda),
    /// `Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=['a','b'])`: a function of the service's own.
    Named(Named),
}

/// A call with the names of its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// With its namespace.
    pub name: String,
    /// One literal, or those of a list in brackets.
    pub arguments: Vec<(String, Vec<Literal>)>,
}

/// `path/any(variable: body)`; `any()` has no body and asks whether there is an element.
#[derive(Debug, Clone, PartialEq)]
pub struct Lambda {
    /// `any` or `all`.
    pub quantifier: Quantifier,
    /// The collection.
    pub path: Vec<String>,
    /// What the body calls an element.
    pub variable: String,
    /// The condition on each element.
    pub body: Option<Box<Expr>>,
}

/// Which elements must satisfy a lambda.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// At least one.
    Any,
    /// Every one.
    All,
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// Whole or decimal.
    Number(f64),
    /// In single quotes; a doubled quote stands for one.
    Text(String),
    /// A date stands for its midnight, UTC.
    Time(Timestamp),
    /// Lower-case, with hyphens.
    Guid(String),
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `gt`
    GreaterThan,
    /// `ge`
    GreaterThanOrEqual,
    /// `lt`
    LessThan,
    /// `le`
    LessThanOrEqual,
}

impl Comparison {
    /// From `eq`, `ne`, `gt`, `ge`, `lt`, `le`.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "gt" => Self::GreaterThan,
            "ge" => Self::GreaterThanOrEqual,
            "lt" => Self::LessThan,
            "le" => Self::LessThanOrEqual,
            _ => return None,
        })
    }

    /// As Microsoft's messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Equal => "Equal",
            Self::NotEqual => "NotEqual",
            Self::GreaterThan => "GreaterThan",
            Self::GreaterThanOrEqual => "GreaterThanOrEqual",
            Self::LessThan => "LessThan",
            Self::LessThanOrEqual => "LessThanOrEqual",
        }
    }
}

/// Functions that a filter may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `startswith(text, start)`
    StartsWith,
    /// `endswith(text, end)`
    EndsWith,
    /// `contains(text, part)`
    Contains,
    /// `tolower(text)`
    ToLower,
    /// `toupper(text)`
    ToUpper,
    /// `trim(text)`
    Trim,
    /// `length(text)`
    Length,
    /// `indexof(text, part)`
    IndexOf,
    /// `concat(text, text)`
    Concat,
    /// `year(time)`
    Year,
    /// `month(time)`
    Month,
    /// `day(time)`
    Day,
    /// `date(time)`
    Date,
}

impl Function {
    /// By its name in any case.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "startswith" => Self::StartsWith,
            "endswith" => Self::EndsWith,
            "contains" => Self::Contains,
            "tolower" => Self::ToLower,
            "toupper" => Self::ToUpper,
            "trim" => Self::Trim,
            "length" => Self::Length,
            "indexof" => Self::IndexOf,
            "concat" => Self::Concat,
            "year" => Self::Year,
            "month" => Self::Month,
            "day" => Self::Day,
            "date" => Self::Date,
            _ => return None,
        })
    }

    /// How many arguments it takes.
    pub fn arity(self) -> usize {
        match self {
            Self::StartsWith | Self::EndsWith | Self::Contains | Self::IndexOf | Self::Concat => 2,
            _ => 1,
        }
    }

    /// Whether it answers true or false.
    pub fn is_condition(self) -> bool {
        matches!(self, Self::StartsWith | Self::EndsWith | Self::Contains)
    }
}

impl Expr {
    /// Every property path in reading order, lambda collections included, lambda bodies not.
    /// Outlook's rule that sort keys must come first in the filter needs it.
    pub fn paths(&self) -> Vec<&[String]> {
        match self {
            Self::Literal(_) | Self::Named(_) => Vec::new(),
            Self::Path(path) => vec![path],
            Self::Lambda(lambda) => vec![&lambda.path],
            Self::Not(inner) | Self::In(inner, _) => inner.paths(),
            Self::Call(_, arguments) => arguments.iter().flat_map(Self::paths).collect(),
            Self::And(left, right) | Self::Or(left, right) | Self::Compare(_, left, right) => {
                let mut paths = left.paths();
                paths.extend(right.paths());
                paths
            }
        }
    }

    /// Whether this node or one below it is such; lambda bodies included.
    pub fn has(&self, is_such: &dyn Fn(&Self) -> bool) -> bool {
        let below = match self {
            Self::Literal(_) | Self::Path(_) | Self::Named(_) => false,
            Self::Lambda(lambda) => lambda.body.as_ref().is_some_and(|body| body.has(is_such)),
            Self::Not(inner) | Self::In(inner, _) => inner.has(is_such),
            Self::Call(_, arguments) => arguments.iter().any(|argument| argument.has(is_such)),
            Self::And(left, right) | Self::Or(left, right) | Self::Compare(_, left, right) => {
                left.has(is_such) || right.has(is_such)
            }
        };
        below || is_such(self)
    }
}
