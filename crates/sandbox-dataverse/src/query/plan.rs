//! `$select`, `$expand` and `$orderby`, held against a table once for all of its rows.

use sandbox_odata::options::{Expand, Options};

use super::condition::{Condition, Path};
use super::operator::Maker;
use crate::fault::Fault;
use crate::schema::{ColumnId, Navigation, TableId};
use crate::security::Access;

/// The platform's limit of expanded properties in a query.
const MOST_EXPANDS: usize = 15;

/// What of each row is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) table: TableId,
    /// All, when nothing was selected.
    pub(crate) columns: Vec<ColumnId>,
    pub(crate) selects: bool,
    pub(crate) expands: Vec<Expansion>,
}

/// Related rows that are wanted with each row.
#[derive(Debug, Clone)]
pub(crate) struct Expansion {
    pub(crate) name: String,
    pub(crate) navigation: Navigation,
    pub(crate) plan: Plan,
    pub(crate) condition: Option<Condition>,
    pub(crate) order: Order,
    pub(crate) top: Option<usize>,
    /// `$ref`: the rows' addresses alone.
    pub(crate) references: bool,
    /// The options as they were sent, for the link to more.
    pub(crate) query: String,
}

/// Sort keys, the first one leading; `true` is descending.
pub(crate) type Order = Vec<(Path, bool)>;

impl Plan {
    /// Every property of a table.
    pub(crate) fn all(maker: Maker<'_>, table: TableId) -> Self {
        let known = maker.dataverse.schema.table(table);
        let shown = known.columns().filter(|(_, column)| column.is_property());
        Self {
            table,
            columns: shown.map(|(id, _)| id).collect(),
            selects: false,
            expands: Vec::new(),
        }
    }

    pub(crate) fn read(maker: Maker<'_>, table: TableId, options: &Options) -> Result<Self, Fault> {
        let mut plan = if options.select.is_empty() {
            Self::all(maker, table)
        } else {
            Self {
                table,
                columns: select(maker, table, &options.select)?,
                selects: true,
                expands: Vec::new(),
            }
        };
        for expand in &options.expand {
            plan.expands.push(expansion(maker, table, expand)?);
        }
        if plan.count_expands() > MOST_EXPANDS {
            return Err(Fault::bad_query(format!(
                "Number of expands exceeds the limit of {MOST_EXPANDS}."
            )));
        }
        Ok(plan)
    }

    fn count_expands(&self) -> usize {
        let nested = self.expands.iter().map(|it| 1 + it.plan.count_expands());
        nested.sum()
    }

    /// What stands in parentheses behind the set in a context: `(name,primarycontactid(fullname))`.
    pub(crate) fn fragment(&self, maker: Maker<'_>) -> String {
        let table = maker.dataverse.schema.table(self.table);
        let mut parts = Vec::new();
        if self.selects {
            let columns = self.columns.iter().map(|id| table.column(*id).property());
            parts.extend(columns);
        }
        for expand in &self.expands {
            let inner = expand.plan.fragment(maker);
            let inner = if inner.is_empty() {
                "()".to_owned()
            } else {
                inner
            };
            parts.push(format!("{}{inner}", expand.name));
        }
        if parts.is_empty() {
            String::new()
        } else {
            format!("({})", parts.join(","))
        }
    }
}

fn select(maker: Maker<'_>, table: TableId, names: &[String]) -> Result<Vec<ColumnId>, Fault> {
    let known = maker.dataverse.schema.table(table);
    let mut columns = Vec::new();
    for name in names {
        let found = known.find_property(name).or_else(|| {
            // A selected navigation property brings its lookup.
            match known.navigations.get(name) {
                Some(Navigation::Single { column, .. }) => Some(*column),
                _ => None,
            }
        });
        let id = found.ok_or_else(|| Fault::unknown_property(name, &known.type_name()))?;
        if !columns.contains(&id) {
            columns.push(id);
        }
    }
    Ok(columns)
}

fn expansion(maker: Maker<'_>, table: TableId, expand: &Expand) -> Result<Expansion, Fault> {
    let schema = &maker.dataverse.schema;
    let known = schema.table(table);
    let (name, references) = match expand.path.strip_suffix("/$ref") {
        Some(name) => (name, true),
        None => (expand.path.as_str(), false),
    };
    let navigation = known.navigations.get(name).copied();
    let navigation = navigation.ok_or_else(|| Fault::unknown_property(name, &known.type_name()))?;
    let target = match navigation {
        Navigation::Single { target, .. } | Navigation::Peers { target, .. } => target,
        Navigation::Children { table, .. } => table,
    };
    maker.dataverse.need(maker.who, Access::Read, target)?;
    let options = &expand.options;
    let is_single = matches!(navigation, Navigation::Single { .. });
    if is_single
        && (options.filter.is_some() || options.top.is_some() || !options.order_by.is_empty())
    {
        return Err(Fault::bad_query(
            "Query options $filter, $orderby and $top can be applied only to collection-valued navigation properties.",
        ));
    }
    let condition = match &options.filter {
        Some(filter) => Some(maker.filter(filter, target)?),
        None => None,
    };
    Ok(Expansion {
        name: name.to_owned(),
        navigation,
        plan: Plan::read(maker, target, options)?,
        condition,
        order: order(maker, target, options)?,
        top: options.top,
        references,
        query: nested_query(options),
    })
}

/// `$orderby` against a table.
pub(crate) fn order(maker: Maker<'_>, table: TableId, options: &Options) -> Result<Order, Fault> {
    options
        .order_by
        .iter()
        .map(|key| Ok((maker.path(&key.path, table)?, key.descending)))
        .collect()
}

fn nested_query(options: &Options) -> String {
    if options.select.is_empty() {
        String::new()
    } else {
        format!("?$select={}", options.select.join(","))
    }
}
