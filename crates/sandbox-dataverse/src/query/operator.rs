//! Operators by name: those of FetchXML, and the functions of `$filter` that mean the same.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/queryfunctions>

use std::cmp::Ordering;

use uuid::Uuid;

use super::condition::{Condition, Path, Test};
use super::period::{self, Period, Unit};
use super::value;
use crate::Dataverse;
use crate::cell::Cell;
use crate::fault::Fault;
use crate::schema::{Kind, Schema};
use crate::security::Principal;

/// What a condition is made in: whose query, and when.
#[derive(Clone, Copy)]
pub(crate) struct Maker<'a> {
    pub(crate) dataverse: &'a Dataverse,
    pub(crate) who: &'a Principal,
    pub(crate) now: jiff::Timestamp,
}

impl Maker<'_> {
    fn schema(&self) -> &Schema {
        &self.dataverse.schema
    }

    /// A value of the path's column, from text.
    pub(crate) fn cell(&self, path: &Path, text: &str) -> Result<Cell, Fault> {
        let column = self.schema().table(path.table).column(path.column);
        value::from_text(column, text).ok_or_else(|| {
            Fault::invalid_argument(format!(
                "The value '{text}' is not valid for the attribute '{}' of type '{}'.",
                column.name,
                column.type_names().0
            ))
        })
    }

    /// The condition that an operator of FetchXML makes of a column and these values.
    pub(crate) fn condition(
        &self,
        operator: &str,
        path: Path,
        values: &[String],
    ) -> Result<Condition, Fault> {
        let missing = || Fault::bad_fetch(format!("The operator '{operator}' requires a value."));
        let first = || values.first().map(String::as_str).ok_or_else(missing);
        let cell = |path: &Path| self.cell(path, first()?);
        let test = |path: Path, test: Test| Ok(Condition::test(path, test));
        let like =
            |path: Path, pattern: String| Ok(Condition::test(path, Test::Like(pattern.into())));
        if let Some(period) = period_of(operator, values)? {
            let (from, to) = period
                .bounds(self.now)
                .ok_or_else(|| Fault::bad_fetch("The date is out of range."))?;
            return test(path, Test::Within(from, to));
        }
        if let Some(positive) = operator.strip_prefix("not-").or(match operator {
            "ne" | "neq" => Some("eq"),
            "ne-userid" => Some("eq-userid"),
            "ne-businessid" => Some("eq-businessid"),
            "does-not-contain" => Some("contains"),
            "not-begin-with" => Some("begins-with"),
            "not-end-with" => Some("ends-with"),
            _ => None,
        }) {
            let positive = match positive {
                "begin-with" => "begins-with",
                "end-with" => "ends-with",
                "contain-values" => "contain-values",
                other => other,
            };
            return Ok(self.condition(positive, path, values)?.negated());
        }
        match operator {
            "eq" => {
                let cell = cell(&path)?;
                test(path, Test::Equal(cell))
            }
            "gt" => {
                let cell = cell(&path)?;
                test(path, Test::Greater(cell))
            }
            "ge" => {
                let cell = cell(&path)?;
                test(path, Test::GreaterOrEqual(cell))
            }
            "lt" => {
                let cell = cell(&path)?;
                test(path, Test::Less(cell))
            }
            "le" => {
                let cell = cell(&path)?;
                test(path, Test::LessOrEqual(cell))
            }
            "like" => like(path, first()?.to_owned()),
            "contains" => like(path, format!("%{}%", first()?)),
            "begins-with" => like(path, format!("{}%", first()?)),
            "ends-with" => like(path, format!("%{}", first()?)),
            "null" => test(path, Test::IsNull),
            "in" => {
                let cells = values.iter().map(|text| self.cell(&path, text));
                let cells = cells.collect::<Result<_, _>>()?;
                test(path, Test::In(cells))
            }
            "between" => self.between(path, values),
            "contain-values" => {
                let values = values.iter().flat_map(|text| text.split(','));
                let values: Option<_> = values.map(|text| text.trim().parse().ok()).collect();
                test(path, Test::Contains(values.ok_or_else(missing)?))
            }
            "on" => {
                let (from, to) = day(first()?)?;
                test(path, Test::Within(from, to))
            }
            "on-or-after" => {
                let (from, _) = day(first()?)?;
                test(path, Test::GreaterOrEqual(Cell::Time(from)))
            }
            "on-or-before" => {
                let (_, to) = day(first()?)?;
                test(path, Test::Less(Cell::Time(to)))
            }
            "eq-userid" => test(path, Test::Equal(Cell::Guid(self.who.user))),
            "eq-businessid" => test(path, Test::Equal(Cell::Guid(self.who.business_unit))),
            "eq-userteams" => test(path, ids(&self.who.teams)),
            "eq-useroruserteams" => {
                let mut all = self.who.teams.clone();
                all.push(self.who.user);
                test(path, ids(&all))
            }
            "under" | "eq-or-under" => {
                let top = value::guid(first()?).ok_or_else(missing)?;
                let mut all = self.below(&path, top);
                if operator == "eq-or-under" {
                    all.push(top);
                }
                test(path, ids(&all))
            }
            _ => Err(Fault::not_implemented(&format!(
                "the condition operator {operator}"
            ))),
        }
    }

    fn between(&self, path: Path, values: &[String]) -> Result<Condition, Fault> {
        let [low, high] = values else {
            return Err(Fault::bad_fetch(
                "The operator 'between' requires exactly two values.",
            ));
        };
        let (low, high) = (self.cell(&path, low)?, self.cell(&path, high)?);
        Ok(Condition::All(vec![
            Condition::test(path.clone(), Test::GreaterOrEqual(low)),
            Condition::test(path, Test::LessOrEqual(high)),
        ]))
    }

    /// Rows of the path's own table that have this one above them, through a lookup of the table to itself.
    fn below(&self, path: &Path, top: Uuid) -> Vec<Uuid> {
        let schema = self.schema();
        let table = schema.table(path.table);
        let parent = table.columns().find(|(_, column)| {
            column.name.starts_with("parent")
                && matches!(&column.kind, Kind::Lookup { targets } if targets.contains(&table.name))
        });
        let Some((parent, _)) = parent else {
            return Vec::new();
        };
        let (mut found, mut from) = (Vec::new(), vec![top]);
        while let Some(at) = from.pop() {
            for row in self.dataverse.store.referring(path.table, parent, at) {
                if !found.contains(&row.id) {
                    found.push(row.id);
                    from.push(row.id);
                }
            }
        }
        found
    }
}

fn day(text: &str) -> Result<(jiff::Timestamp, jiff::Timestamp), Fault> {
    value::time(text)
        .and_then(period::day)
        .ok_or_else(|| Fault::invalid_argument(format!("'{text}' is not a date.")))
}

fn period_of(operator: &str, values: &[String]) -> Result<Option<Period>, Fault> {
    let fixed = match operator {
        "today" => Period::Calendar(Unit::Day, 0),
        "yesterday" => Period::Calendar(Unit::Day, -1),
        "tomorrow" => Period::Calendar(Unit::Day, 1),
        "last-seven-days" => Period::Last(Unit::Day, 7),
        "next-seven-days" => Period::Next(Unit::Day, 7),
        _ => match named_period(operator) {
            Some((make, unit)) => {
                let count = values
                    .first()
                    .and_then(|text| text.trim().parse::<u32>().ok());
                let count = count.ok_or_else(|| {
                    Fault::bad_fetch(format!(
                        "The operator '{operator}' requires a whole number."
                    ))
                })?;
                make(unit, i64::from(count))
            }
            None => match calendar_period(operator) {
                Some(period) => period,
                None => return Ok(None),
            },
        },
    };
    Ok(Some(fixed))
}

fn ids(list: &[Uuid]) -> Test {
    Test::In(list.iter().copied().map(Cell::Guid).collect())
}

type Make = fn(Unit, i64) -> Period;

/// `last-x-days`, `next-x-hours`, `olderthan-x-months`
fn named_period(operator: &str) -> Option<(Make, Unit)> {
    let (make, rest): (Make, &str) = if let Some(rest) = operator.strip_prefix("last-x-") {
        (Period::Last, rest)
    } else if let Some(rest) = operator.strip_prefix("next-x-") {
        (Period::Next, rest)
    } else {
        (Period::Older, operator.strip_prefix("olderthan-x-")?)
    };
    Some((make, unit(rest.strip_suffix('s')?)?))
}

/// `this-month`, `last-week`, `next-year`
fn calendar_period(operator: &str) -> Option<Period> {
    let (word, rest) = operator.split_once('-')?;
    let distance = match word {
        "this" => 0,
        "last" => -1,
        "next" => 1,
        _ => return None,
    };
    Some(Period::Calendar(unit(rest)?, distance))
}

fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "minute" => Unit::Minute,
        "hour" => Unit::Hour,
        "day" => Unit::Day,
        "week" => Unit::Week,
        "month" => Unit::Month,
        "year" => Unit::Year,
        _ => return None,
    })
}

/// The operator of FetchXML that a function of `$filter` stands for: `LastXDays` is `last-x-days`.
pub(crate) fn from_function(name: &str) -> Option<String> {
    let bare = name.strip_prefix("Microsoft.Dynamics.CRM.")?;
    Some(match bare {
        "EqualUserId" => "eq-userid".to_owned(),
        "NotEqualUserId" => "ne-userid".to_owned(),
        "EqualBusinessId" => "eq-businessid".to_owned(),
        "NotEqualBusinessId" => "ne-businessid".to_owned(),
        "EqualUserTeams" => "eq-userteams".to_owned(),
        "EqualUserOrUserTeams" => "eq-useroruserteams".to_owned(),
        "UnderOrEqual" => "eq-or-under".to_owned(),
        "Last7Days" => "last-seven-days".to_owned(),
        "Next7Days" => "next-seven-days".to_owned(),
        "DoesNotContainValues" => "not-contain-values".to_owned(),
        "ContainValues" => "contain-values".to_owned(),
        _ if bare.starts_with("OlderThanX") => {
            format!(
                "olderthan-x-{}",
                bare["OlderThanX".len()..].to_ascii_lowercase()
            )
        }
        _ => kebab(bare),
    })
}

fn kebab(name: &str) -> String {
    let mut text = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.push(character.to_ascii_lowercase());
    }
    text
}

/// What comparing two columns asks for: the ordering wanted, and whether equal ones pass too.
pub(crate) fn same(word: &str) -> Option<(Ordering, bool)> {
    Some(match word {
        "eq" => (Ordering::Equal, true),
        "gt" => (Ordering::Greater, false),
        "ge" => (Ordering::Greater, true),
        "lt" => (Ordering::Less, false),
        "le" => (Ordering::Less, true),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_filters_are_operators_of_fetch_xml() {
        let of = |name: &str| {
            from_function(&format!("Microsoft.Dynamics.CRM.{name}")).unwrap_or_default()
        };
        assert_eq!(of("LastXDays"), "last-x-days");
        assert_eq!(of("OnOrAfter"), "on-or-after");
        assert_eq!(of("NotBetween"), "not-between");
        assert_eq!(of("OlderThanXMonths"), "olderthan-x-months");
        assert_eq!(of("ThisMonth"), "this-month");
    }
}
