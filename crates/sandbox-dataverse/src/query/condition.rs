//! Conditions on rows, of `$filter` and of FetchXML alike.

use std::cmp::Ordering;

use jiff::Timestamp;
use sandbox_odata::filter::ast::Quantifier;
use uuid::Uuid;

use crate::Dataverse;
use crate::cell::{Cell, compare_text};
use crate::schema::{ColumnId, Navigation, TableId};
use crate::store::Row;

/// Something that a row satisfies or not.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    Always(bool),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Test {
        path: Path,
        test: Test,
    },
    /// Of related rows.
    Related {
        scope: usize,
        navigation: Navigation,
        quantifier: Quantifier,
        inner: Box<Self>,
    },
}

/// A column of the row itself, of one it is joined with, or of one that its lookups lead to.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    /// Which of the joined rows; the first is the one asked for.
    pub(crate) scope: usize,
    /// Lookups on the way.
    pub(crate) through: Vec<ColumnId>,
    /// Where they end.
    pub(crate) table: TableId,
    pub(crate) column: ColumnId,
}

/// What is asked of a value.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    IsNull,
    Equal(Cell),
    Greater(Cell),
    GreaterOrEqual(Cell),
    Less(Cell),
    LessOrEqual(Cell),
    /// With `%` and `_`.
    Like(Box<str>),
    In(Vec<Cell>),
    /// From the first instant, before the second.
    Within(Timestamp, Timestamp),
    /// Chosen among several.
    Contains(Vec<i32>),
    /// The same as another column.
    Same(Path, Ordering, bool),
}

/// The rows that a condition looks at.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) dataverse: &'a Dataverse,
    pub(crate) rows: &'a [Option<&'a Row>],
}

impl Condition {
    pub(crate) fn test(path: Path, test: Test) -> Self {
        Self::Test { path, test }
    }

    pub(crate) fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Every id that satisfies it at all, where that follows from the condition on the key alone.
    pub(crate) fn only_id(&self) -> Option<Uuid> {
        match self {
            Self::Test {
                path,
                test: Test::Equal(cell),
            } if path.column == 0 && path.through.is_empty() && path.scope == 0 => cell.as_guid(),
            Self::All(parts) => parts.iter().find_map(Self::only_id),
            _ => None,
        }
    }

    /// The lookup that must lead to one row, which an index answers.
    pub(crate) fn only_referring(&self) -> Option<(ColumnId, Uuid)> {
        match self {
            Self::Test {
                path,
                test: Test::Equal(cell @ (Cell::Guid(_) | Cell::Link(_))),
            } if path.through.is_empty() && path.scope == 0 && path.column != 0 => {
                Some((path.column, cell.as_guid()?))
            }
            Self::All(parts) => parts.iter().find_map(Self::only_referring),
            _ => None,
        }
    }
}

impl<'a> Scope<'a> {
    /// Whether a single row satisfies the condition.
    pub(crate) fn one(dataverse: &Dataverse, row: &Row, condition: &Condition) -> bool {
        Scope {
            dataverse,
            rows: &[Some(row)],
        }
        .holds(condition)
    }

    pub(crate) fn holds(self, condition: &Condition) -> bool {
        match condition {
            Condition::Always(answer) => *answer,
            Condition::All(parts) => parts.iter().all(|part| self.holds(part)),
            Condition::Any(parts) => parts.iter().any(|part| self.holds(part)),
            Condition::Not(inner) => !self.holds(inner),
            Condition::Test { path, test } => self.passes(path, test),
            Condition::Related {
                scope,
                navigation,
                quantifier,
                inner,
            } => {
                let Some(Some(row)) = self.rows.get(*scope) else {
                    return false;
                };
                let mut rows = related(self.dataverse, row, *navigation);
                match quantifier {
                    Quantifier::Any => rows.any(|row| Scope::one(self.dataverse, row, inner)),
                    Quantifier::All => rows.all(|row| Scope::one(self.dataverse, row, inner)),
                }
            }
        }
    }

    /// The value at the end of a path.
    pub(crate) fn value(self, path: &Path) -> Option<Value<'a>> {
        let mut row: &Row = (*self.rows.get(path.scope)?)?;
        for column in &path.through {
            row = self.dataverse.store.follow(row.get(*column)?.as_link()?)?;
        }
        if path.column == 0 {
            return Some(Value::Id(row.id));
        }
        match row.get(path.column) {
            Some(cell) => Some(Value::Cell(cell)),
            None => self
                .dataverse
                .computed(path.table, row, path.column)
                .map(Value::Made),
        }
    }

    fn passes(self, path: &Path, test: &Test) -> bool {
        let value = self.value(path);
        let Some(value) = value else {
            return matches!(test, Test::IsNull);
        };
        let cell = value.cell();
        let compare = |other: &Cell| cell.compare(other);
        match test {
            Test::IsNull => false,
            Test::Equal(other) => compare(other) == Some(Ordering::Equal),
            Test::Greater(other) => compare(other) == Some(Ordering::Greater),
            Test::GreaterOrEqual(other) => {
                matches!(compare(other), Some(Ordering::Greater | Ordering::Equal))
            }
            Test::Less(other) => compare(other) == Some(Ordering::Less),
            Test::LessOrEqual(other) => {
                matches!(compare(other), Some(Ordering::Less | Ordering::Equal))
            }
            Test::Like(pattern) => cell.as_text().is_some_and(|text| is_like(text, pattern)),
            Test::In(cells) => cells
                .iter()
                .any(|other| compare(other) == Some(Ordering::Equal)),
            Test::Within(from, to) => cell
                .as_time()
                .is_some_and(|time| *from <= time && time < *to),
            Test::Contains(values) => match &*cell {
                Cell::Choices(chosen) => values.iter().any(|value| chosen.contains(value)),
                _ => false,
            },
            Test::Same(other, wanted, or_equal) => self.value(other).is_some_and(|other| {
                let ordering = cell.compare(&other.cell());
                ordering == Some(*wanted) || (*or_equal && ordering == Some(Ordering::Equal))
            }),
        }
    }
}

/// A value as a condition meets it.
pub(crate) enum Value<'a> {
    Cell(&'a Cell),
    Id(Uuid),
    Made(Cell),
}

impl Value<'_> {
    pub(crate) fn cell(&self) -> std::borrow::Cow<'_, Cell> {
        match self {
            Self::Cell(cell) => std::borrow::Cow::Borrowed(*cell),
            Self::Made(cell) => std::borrow::Cow::Borrowed(cell),
            Self::Id(id) => std::borrow::Cow::Owned(Cell::Guid(*id)),
        }
    }
}

/// The rows that a navigation property leads to.
pub(crate) fn related<'a>(
    dataverse: &'a Dataverse,
    row: &Row,
    navigation: Navigation,
) -> Box<dyn Iterator<Item = &'a Row> + 'a> {
    let store = &dataverse.store;
    match navigation {
        Navigation::Single { column, target } => {
            let link = row.get(column).and_then(Cell::as_link);
            let link = link.filter(|link| link.table == target);
            Box::new(link.and_then(|link| store.follow(link)).into_iter())
        }
        Navigation::Children { table, column } => Box::new(store.referring(table, column, row.id)),
        Navigation::Peers {
            relationship,
            is_second,
            target,
        } => Box::new(
            store
                .peers(relationship, is_second, row.id)
                .filter_map(move |id| store.get(target, id)),
        ),
    }
}

/// SQL's LIKE without regard to case: `%` stands for any text, `_` for one character.
fn is_like(text: &str, pattern: &str) -> bool {
    let fold = |text: &str| -> Vec<char> { text.chars().flat_map(char::to_lowercase).collect() };
    let (text, pattern) = (fold(text), fold(pattern));
    let (mut at, mut in_pattern) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some('%') => {
                back = Some((in_pattern, at));
                in_pattern += 1;
            }
            Some(one) if *one == '_' || *one == text[at] => {
                at += 1;
                in_pattern += 1;
            }
            _ => match back {
                Some((star, from)) => {
                    back = Some((star, from + 1));
                    at = from + 1;
                    in_pattern = star + 1;
                }
                None => return false,
            },
        }
    }
    pattern[in_pattern..].iter().all(|rest| *rest == '%')
}

/// Which of two rows comes first, by one column of each: nothing before anything.
pub(crate) fn compare(left: Option<&Cell>, right: Option<&Cell>) -> Ordering {
    match (left, right) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(left), Some(right)) => match (left, right) {
            (Cell::Text(left), Cell::Text(right)) => compare_text(left, right),
            _ => left.compare(right).unwrap_or(Ordering::Equal),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_knows_its_wildcards() {
        assert!(is_like("Contoso Ltd", "con%"));
        assert!(is_like("Contoso Ltd", "%TOSO%"));
        assert!(is_like("abc", "a_c"));
        assert!(!is_like("abc", "%d"));
        assert!(is_like("aab", "%ab"));
        assert!(is_like("", "%"));
    }
}
