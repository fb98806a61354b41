//! Holding a tree against a type: names that exist, operands that fit, a condition at the root.

use super::ast::{Comparison, Expr, Function, Lambda, Literal};
use crate::error::Error;
use crate::schema::{EntityType, Kind};

/// Checks the filter against the type and spells its property names as the type does.
pub fn bind(expr: &mut Expr, entity_type: &EntityType) -> Result<(), Error> {
    let mut binder = Binder {
        entity_type,
        variables: Vec::new(),
    };
    match binder.kind(expr)? {
        Some(Kind::Boolean) | None => Ok(()),
        Some(_) => Err(Error::NotBoolean),
    }
}

struct Binder<'a> {
    entity_type: &'a EntityType,
    variables: Vec<(String, Kind)>,
}

impl Binder<'_> {
    /// What a node answers; `None` for `null`, which fits anywhere.
    fn kind(&mut self, expr: &mut Expr) -> Result<Option<Kind>, Error> {
        match expr {
            Expr::Literal(literal) => Ok(literal_kind(literal)),
            Expr::Path(path) => self.path(path).map(Some),
            Expr::Call(function, arguments) => self.call(*function, arguments).map(Some),
            Expr::Not(inner) => self.condition(inner),
            Expr::And(left, right) | Expr::Or(left, right) => {
                self.condition(left)?;
                self.condition(right)
            }
            Expr::Compare(operator, left, right) => {
                let kinds = (self.kind(left)?, self.kind(right)?);
                comparable(*operator, kinds.0, kinds.1)?;
                Ok(Some(Kind::Boolean))
            }
            Expr::In(inner, literals) => {
                let kind = self.kind(inner)?;
                for literal in literals {
                    comparable(Comparison::Equal, kind, literal_kind(literal))?;
                }
                Ok(Some(Kind::Boolean))
            }
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::Named(named) => Err(Error::UnknownFunction(named.name.clone())),
        }
    }

    fn condition(&mut self, expr: &mut Expr) -> Result<Option<Kind>, Error> {
        match self.kind(expr)? {
            Some(Kind::Boolean) | None => Ok(Some(Kind::Boolean)),
            Some(_) => Err(Error::NotBoolean),
        }
    }

    fn path(&self, path: &mut [String]) -> Result<Kind, Error> {
        let Some((first, rest)) = path.split_first_mut() else {
            return Err(Error::NotBoolean);
        };
        match self.variables.iter().rev().find(|(name, _)| name == first) {
            Some((_, kind)) if rest.is_empty() => Ok(*kind),
            Some((_, Kind::Complex(inner))) => inner.resolve(rest),
            Some((_, kind)) => Err(Error::UnknownProperty {
                name: rest.join("/"),
                type_name: kind.edm_name(),
            }),
            None => self.entity_type.resolve(path),
        }
    }

    fn call(&mut self, function: Function, arguments: &mut [Expr]) -> Result<Kind, Error> {
        for argument in arguments {
            self.kind(argument)?;
        }
        Ok(match function {
            _ if function.is_condition() => Kind::Boolean,
            Function::ToLower | Function::ToUpper | Function::Trim | Function::Concat => Kind::Text,
            Function::Date => Kind::Time,
            _ => Kind::Number,
        })
    }

    fn lambda(&mut self, lambda: &mut Lambda) -> Result<Option<Kind>, Error> {
        let element = match self.path(&mut lambda.path)? {
            Kind::Collection(element) => *element,
            other => {
                return Err(Error::UnknownProperty {
                    name: "any".to_owned(),
                    type_name: other.edm_name(),
                });
            }
        };
        if let Some(body) = &mut lambda.body {
            self.variables.push((lambda.variable.clone(), element));
            let result = self.condition(body);
            self.variables.pop();
            result?;
        }
        Ok(Some(Kind::Boolean))
    }
}

fn literal_kind(literal: &Literal) -> Option<Kind> {
    match literal {
        Literal::Null => None,
        Literal::Boolean(_) => Some(Kind::Boolean),
        Literal::Number(_) => Some(Kind::Number),
        Literal::Text(_) => Some(Kind::Text),
        Literal::Time(_) => Some(Kind::Time),
        Literal::Guid(_) => Some(Kind::Guid),
    }
}

fn comparable(operator: Comparison, left: Option<Kind>, right: Option<Kind>) -> Result<(), Error> {
    let (Some(left), Some(right)) = (left, right) else {
        return Ok(());
    };
    let fits = matches!(
        (left, right),
        (Kind::Boolean, Kind::Boolean)
            | (Kind::Number, Kind::Number)
            | (Kind::Text | Kind::Guid, Kind::Text | Kind::Guid)
            | (Kind::Time, Kind::Time)
    );
    if fits {
        return Ok(());
    }
    Err(Error::IncompatibleTypes {
        left: left.edm_name(),
        right: right.edm_name(),
        operator: operator.name(),
    })
}
