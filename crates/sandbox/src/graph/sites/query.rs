//! `$filter` and `$orderby` of items: by columns, which have to be indexed unless the client takes the risk.
//! Source: <https://learn.microsoft.com/graph/api/listitem-list>

use serde_json::Value;

use super::fault;
use super::row::{Context, Row};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::odata::filter::ast::{Expr, Literal};
use crate::odata::filter::eval;
use crate::odata::options::Options;
use crate::odata::order;
use crate::state::sites::column::Kind;
use crate::state::sites::list::List;

/// The words by which a client says that slow queries may fail.
const RISK: &str = "honornonindexedquerieswarningmayfailrandomly";

/// What every item has, whatever columns its list has.
const STANDARD: [&str; 18] = [
    "id",
    "ContentType",
    "Created",
    "Modified",
    "AuthorLookupId",
    "EditorLookupId",
    "_UIVersionString",
    "Attachments",
    "LinkTitle",
    "LinkTitleNoMenu",
    "ItemChildCount",
    "FolderChildCount",
    "FileLeafRef",
    "LinkFilename",
    "LinkFilenameNoMenu",
    "FileSizeDisplay",
    "DocIcon",
    "CheckoutUser",
];

/// Keeps the rows that the request's condition admits, in the order that it wants.
pub(super) fn apply<'a>(
    call: &Call,
    options: &Options,
    context: Context<'a>,
    mut rows: Vec<Row<'a>>,
) -> Result<Vec<Row<'a>>, Fault> {
    let query = Query {
        list: context.2,
        takes_risk: call
            .header("prefer")
            .is_some_and(|words| words.to_ascii_lowercase().contains(RISK)),
    };
    if let Some(mut condition) = options.filter.clone() {
        query.check(&mut condition)?;
        rows.retain(|row| eval::matches(&condition, &seen(row, context)));
    }
    let mut keys = options.order_by.clone();
    for key in &mut keys {
        query.path(&mut key.path)?;
    }
    if !keys.is_empty() {
        let mut sorted: Vec<(Value, Row<'a>)> = rows
            .into_iter()
            .map(|row| (seen(&row, context), row))
            .collect();
        sorted.sort_by(|(a, _), (b, _)| order::compare(&keys, a, b));
        rows = sorted.into_iter().map(|(_, row)| row).collect();
    }
    Ok(rows)
}

fn seen(row: &Row<'_>, context: Context<'_>) -> Value {
    serde_json::json!({"fields": row.fields(context, &[]), "id": row.number.to_string()})
}

struct Query<'a> {
    list: &'a List,
    takes_risk: bool,
}

impl Query<'_> {
    /// Holds a condition against the columns of the list, and gives numbers the form that their columns have.
    fn check(&self, expr: &mut Expr) -> Result<(), Fault> {
        match expr {
            Expr::Literal(_) => Ok(()),
            Expr::Path(path) => self.path(path),
            Expr::Call(_, arguments) => arguments.iter_mut().try_for_each(|part| self.check(part)),
            Expr::Not(inner) => self.check(inner),
            Expr::And(left, right) | Expr::Or(left, right) => {
                self.check(left)?;
                self.check(right)
            }
            Expr::Compare(_, left, right) => {
                self.check(left)?;
                self.check(right)?;
                if let (Expr::Path(path), Expr::Literal(literal)) = (&**left, &mut **right) {
                    self.suit(path, literal);
                }
                Ok(())
            }
            Expr::In(inner, literals) => {
                self.check(inner)?;
                if let Expr::Path(path) = &**inner {
                    for literal in literals {
                        self.suit(path, literal);
                    }
                }
                Ok(())
            }
            Expr::Lambda(_) | Expr::Named(_) => {
                Err(fault::invalid("The query filter is not supported."))
            }
        }
    }

    /// Spells a path as the list does, and refuses a column that is unknown, or not indexed.
    fn path(&self, path: &mut [String]) -> Result<(), Fault> {
        let [first, name] = path else {
            return match path {
                [id] if id.eq_ignore_ascii_case("id") => Ok(()),
                _ => Err(fault::invalid(format!(
                    "The property '{}' cannot be used in a query of items; columns are named as 'fields/{{name}}'.",
                    path.join("/")
                ))),
            };
        };
        if !first.eq_ignore_ascii_case("fields") {
            return Err(fault::invalid("Items are queried by their fields."));
        }
        "fields".clone_into(first);
        let standard = STANDARD
            .iter()
            .find(|known| known.eq_ignore_ascii_case(name));
        let mut columns = self.list.columns.iter();
        let column = columns.find(|column| {
            column.field().eq_ignore_ascii_case(name) || column.name.eq_ignore_ascii_case(name)
        });
        let is_indexed = match (standard, column) {
            (Some(known), _) => {
                (*known).clone_into(name);
                *known == "id"
            }
            (None, Some(column)) => {
                *name = column.field();
                column.is_indexed
            }
            (None, None) => {
                return Err(fault::invalid(format!("Field '{name}' is not recognized")));
            }
        };
        if is_indexed || self.takes_risk {
            return Ok(());
        }
        Err(fault::invalid(format!(
            "Field '{name}' cannot be referenced in filter or orderby as it is not indexed. Provide the 'Prefer: HonorNonIndexedQueriesWarningMayFailRandomly' header to allow this, but be warned that such queries may fail on large lists."
        )))
    }

    /// References are texts of digits, and switches are written as 1 and 0 too.
    fn suit(&self, path: &[String], literal: &mut Literal) {
        let Some(name) = path.last() else {
            return;
        };
        let is_switch = || {
            let column = self.list.column(name);
            column.is_some_and(|column| column.kind == Kind::Boolean)
        };
        if let Literal::Number(number) = literal {
            if name.ends_with("LookupId") || name == "id" {
                *literal = Literal::Text(number.to_string());
            } else if is_switch() {
                *literal = Literal::Boolean(*number != 0.0);
            }
        }
    }
}
