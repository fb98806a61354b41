//! `$filter`, held against a table.

use std::cmp::Ordering;

use sandbox_odata::filter::ast::{Comparison, Expr, Function, Lambda, Literal, Named};

use super::condition::{Condition, Path, Test};
use super::operator::{Maker, from_function};
use crate::cell::{Cell, seconds};
use crate::fault::Fault;
use crate::schema::{Kind, Navigation, TableId};

impl Maker<'_> {
    /// The condition that a filter puts on rows of a table.
    pub(crate) fn filter(&self, expr: &Expr, table: TableId) -> Result<Condition, Fault> {
        Binder {
            maker: *self,
            table,
            variable: None,
        }
        .condition(expr)
    }

    /// A column by the path of a filter or of `$orderby`: `name`, `_ownerid_value`, `primarycontactid/fullname`.
    pub(crate) fn path(&self, names: &[String], table: TableId) -> Result<Path, Fault> {
        let schema = &self.dataverse.schema;
        let (mut at, mut through) = (table, Vec::new());
        let Some((last, on_the_way)) = names.split_last() else {
            return Err(Fault::bad_query("A property is missing."));
        };
        for name in on_the_way {
            let found = schema.table(at).navigations.get(name);
            let Some(Navigation::Single { column, target }) = found else {
                return Err(Fault::unknown_property(name, &schema.table(at).type_name()));
            };
            through.push(*column);
            at = *target;
        }
        let known = schema.table(at);
        // A lookup's navigation property stands for its value when it is held against null.
        let column = known
            .find_property(last)
            .or_else(|| match known.navigations.get(last) {
                Some(Navigation::Single { column, .. }) => Some(*column),
                _ => None,
            });
        Ok(Path {
            scope: 0,
            through,
            table: at,
            column: column.ok_or_else(|| Fault::unknown_property(last, &known.type_name()))?,
        })
    }
}

struct Binder<'a> {
    maker: Maker<'a>,
    table: TableId,
    /// What the body of a lambda calls the row.
    variable: Option<&'a str>,
}

impl Binder<'_> {
    fn condition(&self, expr: &Expr) -> Result<Condition, Fault> {
        match expr {
            Expr::And(left, right) => Ok(Condition::All(vec![
                self.condition(left)?,
                self.condition(right)?,
            ])),
            Expr::Or(left, right) => Ok(Condition::Any(vec![
                self.condition(left)?,
                self.condition(right)?,
            ])),
            Expr::Not(inner) => Ok(self.condition(inner)?.negated()),
            Expr::Compare(operator, left, right) => self.compare(*operator, left, right),
            Expr::In(inner, literals) => {
                let path = self.operand(inner)?;
                let cells = literals
                    .iter()
                    .map(|literal| self.cell(&path, literal, Comparison::Equal));
                let cells = cells.collect::<Result<_, _>>()?;
                Ok(Condition::test(path, Test::In(cells)))
            }
            Expr::Call(function, arguments) => self.call(*function, arguments),
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::Named(named) => self.named(named),
            Expr::Literal(Literal::Boolean(answer)) => Ok(Condition::Always(*answer)),
            Expr::Path(_) => {
                let path = self.operand(expr)?;
                Ok(Condition::test(path, Test::Equal(Cell::Flag(true))))
            }
            Expr::Literal(_) => Err(sandbox_odata::error::Error::NotBoolean.into()),
        }
    }

    fn operand(&self, expr: &Expr) -> Result<Path, Fault> {
        let Expr::Path(names) = expr else {
            return Err(Fault::not_implemented(
                "functions on the left side of a comparison",
            ));
        };
        let names = match (self.variable, names.split_first()) {
            (Some(variable), Some((first, rest))) if first == variable => rest,
            _ => names.as_slice(),
        };
        self.maker.path(names, self.table)
    }

    fn compare(&self, operator: Comparison, left: &Expr, right: &Expr) -> Result<Condition, Fault> {
        let (left, right, operator) = match (left, right) {
            (Expr::Literal(_), Expr::Path(_)) => (right, left, turned(operator)),
            _ => (left, right, operator),
        };
        let path = self.operand(left)?;
        let test = match right {
            Expr::Literal(Literal::Null) => {
                return match operator {
                    Comparison::Equal => Ok(Condition::test(path, Test::IsNull)),
                    Comparison::NotEqual => Ok(Condition::test(path, Test::IsNull).negated()),
                    _ => Ok(Condition::Always(false)),
                };
            }
            Expr::Literal(literal) => {
                let cell = self.cell(&path, literal, operator)?;
                match operator {
                    Comparison::Equal => Test::Equal(cell),
                    Comparison::NotEqual => {
                        return Ok(Condition::test(path, Test::Equal(cell)).negated());
                    }
                    Comparison::GreaterThan => Test::Greater(cell),
                    Comparison::GreaterThanOrEqual => Test::GreaterOrEqual(cell),
                    Comparison::LessThan => Test::Less(cell),
                    Comparison::LessThanOrEqual => Test::LessOrEqual(cell),
                }
            }
            _ => {
                let other = self.operand(right)?;
                let (wanted, or_equal) = match operator {
                    Comparison::Equal | Comparison::NotEqual => (Ordering::Equal, true),
                    Comparison::GreaterThan => (Ordering::Greater, false),
                    Comparison::GreaterThanOrEqual => (Ordering::Greater, true),
                    Comparison::LessThan => (Ordering::Less, false),
                    Comparison::LessThanOrEqual => (Ordering::Less, true),
                };
                let same = Condition::test(path, Test::Same(other, wanted, or_equal));
                return Ok(if operator == Comparison::NotEqual {
                    same.negated()
                } else {
                    same
                });
            }
        };
        Ok(Condition::test(path, test))
    }

    /// A literal as the column's type has it.
    fn cell(&self, path: &Path, literal: &Literal, operator: Comparison) -> Result<Cell, Fault> {
        let column = self
            .maker
            .dataverse
            .schema
            .table(path.table)
            .column(path.column);
        let wrong = || {
            sandbox_odata::error::Error::IncompatibleTypes {
                left: column.edm().to_owned(),
                right: kind_of(literal).to_owned(),
                operator: operator.name(),
            }
            .into()
        };
        let fits = match literal {
            Literal::Null => false,
            Literal::Boolean(_) => matches!(column.kind, Kind::Flag { .. }),
            Literal::Number(_) => matches!(
                column.kind,
                Kind::Whole { .. }
                    | Kind::Big
                    | Kind::Decimal { .. }
                    | Kind::Double { .. }
                    | Kind::Money { .. }
                    | Kind::MoneyBase
                    | Kind::Choice(_)
                    | Kind::State(_)
                    | Kind::Status(_)
            ),
            // Dataverse takes a guid in quotes, and a choice or a date too.
            Literal::Text(_) => !matches!(column.kind, Kind::Flag { .. } | Kind::Party),
            Literal::Time(_) => matches!(column.kind, Kind::Time | Kind::Date),
            Literal::Guid(_) => matches!(
                column.kind,
                Kind::Key
                    | Kind::Guid
                    | Kind::Lookup { .. }
                    | Kind::Owner
                    | Kind::Text { .. }
                    | Kind::File { .. }
            ),
        };
        if !fits {
            return Err(wrong());
        }
        let text = match literal {
            Literal::Number(number) => return Ok(number_cell(column, *number)),
            Literal::Time(time) if column.kind == Kind::Time => return Ok(Cell::Time(*time)),
            Literal::Time(time) => seconds(*time),
            Literal::Text(text) | Literal::Guid(text) => text.clone(),
            Literal::Boolean(flag) => flag.to_string(),
            Literal::Null => String::new(),
        };
        super::value::from_text(column, &text).ok_or_else(wrong)
    }

    fn call(&self, function: Function, arguments: &[Expr]) -> Result<Condition, Fault> {
        let pattern = |text: &str| match function {
            Function::StartsWith => Some(format!("{text}%")),
            Function::EndsWith => Some(format!("%{text}")),
            Function::Contains => Some(format!("%{text}%")),
            _ => None,
        };
        let [on, Expr::Literal(Literal::Text(text))] = arguments else {
            return Err(Fault::bad_query(
                "The second argument of the function has to be a string literal.",
            ));
        };
        let Some(pattern) = pattern(text) else {
            return Err(Fault::not_implemented("this function in $filter"));
        };
        Ok(Condition::test(
            self.operand(on)?,
            Test::Like(pattern.into()),
        ))
    }

    fn lambda(&self, lambda: &Lambda) -> Result<Condition, Fault> {
        let schema = &self.maker.dataverse.schema;
        let table = schema.table(self.table);
        let names = match (self.variable, lambda.path.split_first()) {
            (Some(variable), Some((first, rest))) if first == variable => rest,
            _ => lambda.path.as_slice(),
        };
        let [name] = names else {
            return Err(Fault::bad_query(
                "A collection after a lookup is not supported in $filter.",
            ));
        };
        let found = table.navigations.get(name);
        let (navigation, target) = match found {
            Some(it @ Navigation::Children { table, .. }) => (*it, *table),
            Some(it @ Navigation::Peers { target, .. }) => (*it, *target),
            _ => return Err(Fault::unknown_property(name, &table.type_name())),
        };
        let inner = Binder {
            maker: self.maker,
            table: target,
            variable: Some(&lambda.variable),
        };
        let inner = match &lambda.body {
            Some(body) => inner.condition(body)?,
            None => Condition::Always(true),
        };
        Ok(Condition::Related {
            scope: 0,
            navigation,
            quantifier: lambda.quantifier,
            inner: Box::new(inner),
        })
    }

    fn named(&self, named: &Named) -> Result<Condition, Fault> {
        let argument = |name: &str| {
            let found = named.arguments.iter().find(|(known, _)| known == name);
            found.map(|(_, values)| values.iter().map(literal_text).collect::<Vec<_>>())
        };
        let unknown = || {
            Fault::from(sandbox_odata::error::Error::UnknownFunction(
                named.name.clone(),
            ))
        };
        let operator = from_function(&named.name).ok_or_else(unknown)?;
        let property = argument("PropertyName").unwrap_or_default();
        let property = property
            .first()
            .ok_or_else(|| Fault::bad_query("The parameter PropertyName is missing."))?;
        let parts: Vec<String> = property.split('/').map(str::to_owned).collect();
        let path = match self.maker.path(&parts, self.table) {
            Ok(path) => path,
            // These functions name a lookup by its column.
            Err(fault) => {
                let column = self.maker.dataverse.schema.table(self.table).find(property);
                Path {
                    scope: 0,
                    through: Vec::new(),
                    table: self.table,
                    column: column.ok_or(fault)?,
                }
            }
        };
        let mut values = argument("PropertyValues")
            .or_else(|| argument("PropertyValue"))
            .unwrap_or_default();
        for (number, name) in ["PropertyValue1", "PropertyValue2"].iter().enumerate() {
            if let Some(more) = argument(name) {
                values.truncate(number);
                values.extend(more);
            }
        }
        self.maker.condition(&operator, path, &values)
    }
}

fn literal_text(literal: &Literal) -> String {
    match literal {
        Literal::Null => String::new(),
        Literal::Boolean(flag) => flag.to_string(),
        Literal::Number(number) => number.to_string(),
        Literal::Text(text) | Literal::Guid(text) => text.clone(),
        Literal::Time(time) => time.to_string(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a whole number was checked for"
)]
fn number_cell(column: &crate::schema::Column, number: f64) -> Cell {
    let is_whole = matches!(
        column.kind,
        Kind::Whole { .. } | Kind::Big | Kind::Choice(_) | Kind::State(_) | Kind::Status(_)
    );
    if is_whole && number.fract() == 0.0 && number.abs() < 9e15 {
        Cell::Whole(number as i64)
    } else {
        Cell::Number(number)
    }
}

fn kind_of(literal: &Literal) -> &'static str {
    match literal {
        Literal::Null => "null",
        Literal::Boolean(_) => "Edm.Boolean",
        Literal::Number(number) if number.fract() == 0.0 => "Edm.Int32",
        Literal::Number(_) => "Edm.Double",
        Literal::Text(_) => "Edm.String",
        Literal::Time(_) => "Edm.DateTimeOffset",
        Literal::Guid(_) => "Edm.Guid",
    }
}

fn turned(operator: Comparison) -> Comparison {
    match operator {
        Comparison::GreaterThan => Comparison::LessThan,
        Comparison::GreaterThanOrEqual => Comparison::LessThanOrEqual,
        Comparison::LessThan => Comparison::GreaterThan,
        Comparison::LessThanOrEqual => Comparison::GreaterThanOrEqual,
        same => same,
    }
}
