//! Holding a tree against an entity.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::tz::Offset;
use serde_json::Value;

use super::Entity;
use super::ast::{Comparison, Expr, Function, Lambda, Quantifier};
use super::datum::Datum;

/// Whether the entity satisfies the filter. A comparison that makes no sense is false, never an error.
pub fn matches(expr: &Expr, entity: &dyn Entity) -> bool {
    Scope {
        entity,
        variables: Vec::new(),
    }
    .is_true(expr)
}

/// The value at the end of a path from the entity.
pub fn property(entity: &dyn Entity, path: &[String]) -> Value {
    let Some((first, rest)) = path.split_first() else {
        return Value::Null;
    };
    descend(entity.property(first), rest)
}

fn descend(value: Value, path: &[String]) -> Value {
    path.iter().fold(value, |mut at, name| {
        at.get_mut(name.as_str()).map_or(Value::Null, Value::take)
    })
}

struct Scope<'a> {
    entity: &'a dyn Entity,
    variables: Vec<(&'a str, &'a Value)>,
}

impl Scope<'_> {
    fn is_true(&self, expr: &Expr) -> bool {
        match expr {
            Expr::And(left, right) => self.is_true(left) && self.is_true(right),
            Expr::Or(left, right) => self.is_true(left) || self.is_true(right),
            Expr::Not(inner) => !self.is_true(inner),
            Expr::Compare(operator, left, right) => self.compare(*operator, left, right),
            Expr::In(inner, literals) => {
                let value = self.value(inner);
                let left = value.datum();
                literals
                    .iter()
                    .any(|literal| left.compare(&Datum::literal(literal)) == Some(Ordering::Equal))
            }
            Expr::Lambda(lambda) => self.lambda(lambda),
            // Holding it against a type has refused it already.
            Expr::Named(_) => false,
            Expr::Literal(_) | Expr::Path(_) | Expr::Call(..) => {
                self.value(expr).datum() == Datum::Boolean(true)
            }
        }
    }

    fn compare(&self, operator: Comparison, left: &Expr, right: &Expr) -> bool {
        let (left, right) = (self.value(left), self.value(right));
        let ordering = left.datum().compare(&right.datum());
        match operator {
            Comparison::Equal => ordering == Some(Ordering::Equal),
            Comparison::NotEqual => ordering != Some(Ordering::Equal),
            Comparison::GreaterThan => ordering == Some(Ordering::Greater),
            Comparison::LessThan => ordering == Some(Ordering::Less),
            Comparison::GreaterThanOrEqual => {
                matches!(ordering, Some(Ordering::Greater | Ordering::Equal))
            }
            Comparison::LessThanOrEqual => {
                matches!(ordering, Some(Ordering::Less | Ordering::Equal))
            }
        }
    }

    fn lambda(&self, lambda: &Lambda) -> bool {
        let collection = self.path(&lambda.path);
        let Value::Array(elements) = &collection else {
            return lambda.quantifier == Quantifier::All;
        };
        let Some(body) = &lambda.body else {
            return !elements.is_empty();
        };
        let satisfies = |element: &Value| {
            let mut variables: Vec<(&str, &Value)> = self.variables.clone();
            variables.push((&lambda.variable, element));
            Scope {
                entity: self.entity,
                variables,
            }
            .is_true(body)
        };
        match lambda.quantifier {
            Quantifier::Any => elements.iter().any(satisfies),
            Quantifier::All => elements.iter().all(satisfies),
        }
    }

    fn path(&self, path: &[String]) -> Value {
        let Some((first, rest)) = path.split_first() else {
            return Value::Null;
        };
        match self.variables.iter().rev().find(|(name, _)| name == first) {
            Some((_, element)) => rest
                .iter()
                .try_fold(*element, |at, name| at.get(name.as_str()))
                .cloned()
                .unwrap_or(Value::Null),
            None => property(self.entity, path),
        }
    }

    fn value<'e>(&self, expr: &'e Expr) -> Held<'e> {
        match expr {
            Expr::Literal(literal) => Held::Datum(Datum::literal(literal)),
            Expr::Path(path) => Held::Json(self.path(path)),
            Expr::Call(function, arguments) => {
                let values: Vec<Held<'_>> = arguments
                    .iter()
                    .map(|argument| self.value(argument))
                    .collect();
                let data: Vec<Datum<'_>> = values.iter().map(Held::datum).collect();
                Held::Datum(call(*function, &data).unwrap_or(Datum::Null))
            }
            _ => Held::Datum(Datum::Boolean(self.is_true(expr))),
        }
    }
}

/// A value that is owned as JSON or already plain.
enum Held<'e> {
    Json(Value),
    Datum(Datum<'e>),
}

impl Held<'_> {
    fn datum(&self) -> Datum<'_> {
        match self {
            Self::Json(value) => Datum::of(value),
            Self::Datum(datum) => datum.clone(),
        }
    }
}

/// The result of a function; `None` (null) when an argument is not of its type.
fn call(function: Function, arguments: &[Datum<'_>]) -> Option<Datum<'static>> {
    let first = arguments.first()?;
    let second = || {
        arguments
            .get(1)
            .and_then(Datum::text)
            .map(str::to_lowercase)
    };
    let lower = || first.text().map(str::to_lowercase);
    let owned = |text: String| Datum::Text(Cow::Owned(text));
    let part = |pick: fn(jiff::civil::DateTime) -> i16| {
        first
            .time()
            .map(|time| Datum::Number(f64::from(pick(Offset::UTC.to_datetime(time)))))
    };
    match function {
        Function::StartsWith => Some(Datum::Boolean(lower()?.starts_with(&second()?))),
        Function::EndsWith => Some(Datum::Boolean(lower()?.ends_with(&second()?))),
        Function::Contains => Some(Datum::Boolean(lower()?.contains(&second()?))),
        Function::ToLower => Some(owned(lower()?)),
        Function::ToUpper => Some(owned(first.text()?.to_uppercase())),
        Function::Trim => Some(owned(first.text()?.trim().to_owned())),
        Function::Concat => Some(owned(format!(
            "{}{}",
            first.text()?,
            arguments.get(1)?.text()?
        ))),
        Function::Length => Some(count(first.text()?.chars().count())),
        Function::IndexOf => {
            let (text, part) = (lower()?, second()?);
            Some(
                text.find(&part)
                    .map_or(Datum::Number(-1.0), |at| count(text[..at].chars().count())),
            )
        }
        Function::Year => part(jiff::civil::DateTime::year),
        Function::Month => part(|time| i16::from(time.month())),
        Function::Day => part(|time| i16::from(time.day())),
        Function::Date => {
            let date = Offset::UTC.to_datetime(first.time()?).date();
            Offset::UTC
                .to_timestamp(date.at(0, 0, 0, 0))
                .ok()
                .map(Datum::Time)
        }
    }
}

fn count(number: usize) -> Datum<'static> {
    Datum::Number(f64::from(u32::try_from(number).unwrap_or(u32::MAX)))
}
