//! A FetchXML held against the tables.

use super::model::{Attribute, ConditionOf, Entity, Fetch, Filter, LinkKind};
use crate::fault::Fault;
use crate::query::aggregate::{DatePart, Function};
use crate::query::condition::{Condition, Path, Test};
use crate::query::operator::{Maker, same};
use crate::schema::{ColumnId, TableId};
use crate::security::Access;

/// The tables of a query, each a scope: the first is the one asked for, the others are joined to it.
pub(super) struct Bound {
    pub(super) scopes: Vec<Scoped>,
    /// Sort keys: a path, or the place of an aliased attribute among all outputs.
    pub(super) orders: Vec<(Sort, bool)>,
    pub(super) outputs: Vec<Output>,
}

/// A table in the query.
pub(super) struct Scoped {
    pub(super) table: TableId,
    pub(super) alias: String,
    pub(super) condition: Condition,
    pub(super) join: Option<Join>,
}

/// How a table is joined with one before it.
#[derive(Debug, Clone)]
pub(super) struct Join {
    pub(super) kind: LinkKind,
    pub(super) parent: usize,
    /// Of the table that is joined.
    pub(super) from: ColumnId,
    /// Of the one before.
    pub(super) to: ColumnId,
    /// The join goes through a many-to-many relationship, whose second side this is.
    pub(super) pairs: Option<(usize, bool)>,
}

/// A value of the answer.
pub(super) struct Output {
    /// Name in the answer.
    pub(super) name: String,
    pub(super) path: Path,
    pub(super) role: Role,
}

/// What a value is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role {
    Shown,
    /// Groups are told apart by it, or by a part of its date.
    Group(Option<DatePart>),
    Measure(Function),
}

impl Role {
    pub(super) fn part(self) -> Option<DatePart> {
        match self {
            Self::Group(part) => part,
            _ => None,
        }
    }

    pub(super) fn function(self) -> Function {
        match self {
            Self::Measure(function) => function,
            _ => Function::Count,
        }
    }
}

pub(super) enum Sort {
    Path(Path),
    Output(usize),
}

impl Bound {
    pub(super) fn new(maker: Maker<'_>, fetch: &Fetch) -> Result<Self, Fault> {
        let mut binder = Binder {
            maker,
            bound: Self {
                scopes: Vec::new(),
                orders: Vec::new(),
                outputs: Vec::new(),
            },
            aggregate: fetch.aggregate,
        };
        binder.tables(&fetch.entity, None)?;
        let mut next = 0;
        binder.details(&fetch.entity, &mut next)?;
        Ok(binder.bound)
    }
}

struct Binder<'a> {
    maker: Maker<'a>,
    bound: Bound,
    aggregate: bool,
}

impl Binder<'_> {
    fn find_table(&self, name: &str) -> Result<TableId, Fault> {
        let schema = &self.maker.dataverse.schema;
        let found = schema.find(name);
        found.ok_or_else(|| Fault::unknown_table(name))
    }

    fn column(&self, table: TableId, name: &str) -> Result<ColumnId, Fault> {
        let known = self.maker.dataverse.schema.table(table);
        let found = known.find(&name.to_ascii_lowercase());
        found.ok_or_else(|| Fault::unknown_column(&known.name, name))
    }

    /// Tables first, so that conditions may name any alias.
    fn tables(&mut self, entity: &Entity, parent: Option<usize>) -> Result<(), Fault> {
        let number = self.bound.scopes.len();
        let table;
        let mut join = None;
        if let Some(parent) = parent {
            let parent_table = self.bound.scopes[parent].table;
            if let Some(pairs) = self.intersect(&entity.table) {
                return self.through_pairs(entity, parent, pairs);
            }
            table = self.find_table(&entity.table)?;
            let known = self.maker.dataverse.schema.table(table);
            let from = if entity.from.is_empty() {
                known.key_name().to_owned()
            } else {
                entity.from.clone()
            };
            join = Some(Join {
                kind: entity.kind,
                parent,
                from: self.column(table, &from)?,
                to: self.column(parent_table, &entity.to)?,
                pairs: None,
            });
        } else {
            table = self.find_table(&entity.table)?;
        }
        self.maker
            .dataverse
            .need(self.maker.who, Access::Read, table)?;
        self.bound.scopes.push(Scoped {
            table,
            alias: entity
                .alias
                .clone()
                .unwrap_or_else(|| format!("{}{number}", entity.table)),
            condition: Condition::Always(true),
            join,
        });
        entity
            .links
            .iter()
            .try_for_each(|link| self.tables(link, Some(number)))
    }

    fn intersect(&self, name: &str) -> Option<usize> {
        let list = &self.maker.dataverse.schema.many_to_many;
        list.iter()
            .position(|it| it.as_ref().is_some_and(|it| it.intersect == name))
    }

    /// A link to the table between two others stands for the pairs; what it links to is joined through them.
    fn through_pairs(
        &mut self,
        between: &Entity,
        parent: usize,
        relationship: usize,
    ) -> Result<(), Fault> {
        let schema = std::sync::Arc::clone(&self.maker.dataverse.schema);
        let many = schema
            .many_to_many
            .get(relationship)
            .and_then(Option::as_ref);
        let (Some(many), [far]) = (many, &between.links[..]) else {
            return Err(Fault::not_implemented(
                "a link-entity to an intersect table alone",
            ));
        };
        let is_second = many.tables[0] != self.bound.scopes[parent].table
            || (many.tables[0] == many.tables[1] && between.from.ends_with("two"));
        let number = self.bound.scopes.len();
        let table = self.find_table(&far.table)?;
        self.maker
            .dataverse
            .need(self.maker.who, Access::Read, table)?;
        self.bound.scopes.push(Scoped {
            table,
            alias: far
                .alias
                .clone()
                .unwrap_or_else(|| format!("{}{number}", far.table)),
            condition: Condition::Always(true),
            join: Some(Join {
                kind: between.kind,
                parent,
                from: 0,
                to: 0,
                pairs: Some((relationship, is_second)),
            }),
        });
        far.links
            .iter()
            .try_for_each(|link| self.tables(link, Some(number)))
    }

    /// Attributes, filters and orders, scope by scope in the same order as the tables.
    fn details(&mut self, entity: &Entity, next: &mut usize) -> Result<(), Fault> {
        if *next > 0 && self.intersect(&entity.table).is_some() {
            return entity
                .links
                .iter()
                .try_for_each(|far| self.details(far, next));
        }
        let scope = *next;
        *next += 1;
        let table = self.bound.scopes[scope].table;
        self.attributes(entity, scope, table)?;
        let mut parts = Vec::new();
        for filter in &entity.filters {
            parts.push(self.filter(filter, scope)?);
        }
        self.bound.scopes[scope].condition = Condition::All(parts);
        for order in &entity.orders {
            let sort = match (&order.alias, &order.attribute) {
                (Some(alias), _) => {
                    let found = self.bound.outputs.iter().position(|it| it.name == *alias);
                    Sort::Output(found.ok_or_else(|| {
                        Fault::bad_fetch(format!("The alias '{alias}' of an order is not known."))
                    })?)
                }
                (None, Some(attribute)) => {
                    Sort::Path(self.path(scope, order.entity.as_deref(), attribute)?)
                }
                (None, None) => {
                    return Err(Fault::bad_fetch("An order needs an attribute or an alias."));
                }
            };
            self.bound.orders.push((sort, order.descending));
        }
        entity
            .links
            .iter()
            .try_for_each(|link| self.details(link, next))
    }

    fn attributes(&mut self, entity: &Entity, scope: usize, table: TableId) -> Result<(), Fault> {
        let schema = std::sync::Arc::clone(&self.maker.dataverse.schema);
        let known = schema.table(table);
        let names_nothing = scope == 0
            && entity.attributes.is_empty()
            && entity.links.is_empty()
            && !self.aggregate;
        if entity.all_attributes || names_nothing {
            for (column, known) in known.columns().filter(|(_, column)| column.is_property()) {
                let path = Path {
                    scope,
                    through: Vec::new(),
                    table,
                    column,
                };
                let name = self.output_name(scope, &known.property(), &known.name);
                self.bound.outputs.push(Output {
                    name,
                    path,
                    role: Role::Shown,
                });
            }
        }
        for attribute in &entity.attributes {
            let column = self.column(table, &attribute.name)?;
            let role = self.summary(attribute)?;
            let known = known.column(column);
            let name = match &attribute.alias {
                Some(alias) => alias.clone(),
                None if self.aggregate => {
                    return Err(Fault::bad_fetch(
                        "An attribute of an aggregate query needs an alias.",
                    ));
                }
                None => self.output_name(scope, &known.property(), &known.name),
            };
            let path = Path {
                scope,
                through: Vec::new(),
                table,
                column,
            };
            self.bound.outputs.push(Output { name, path, role });
        }
        Ok(())
    }

    fn output_name(&self, scope: usize, property: &str, column: &str) -> String {
        if scope == 0 {
            property.to_owned()
        } else {
            format!("{}.{column}", self.bound.scopes[scope].alias)
        }
    }

    fn summary(&self, attribute: &Attribute) -> Result<Role, Fault> {
        if !self.aggregate {
            return Ok(Role::Shown);
        }
        if attribute.group {
            return Ok(Role::Group(match attribute.date_grouping.as_deref() {
                None => None,
                Some("day") => Some(DatePart::Day),
                Some("week") => Some(DatePart::Week),
                Some("month") => Some(DatePart::Month),
                Some("quarter") => Some(DatePart::Quarter),
                Some("year") => Some(DatePart::Year),
                Some(other) => {
                    return Err(Fault::not_implemented(&format!("the dategrouping {other}")));
                }
            }));
        }
        Ok(Role::Measure(match attribute.aggregate.as_deref() {
            Some("sum") => Function::Sum,
            Some("avg") => Function::Average,
            Some("min") => Function::Min,
            Some("max") => Function::Max,
            Some("count") => Function::Count,
            Some("countcolumn") if attribute.distinct => Function::CountDistinct,
            Some("countcolumn") => Function::CountValues,
            _ => {
                return Err(Fault::bad_fetch(
                    "An attribute of an aggregate query is grouped by or aggregated.",
                ));
            }
        }))
    }

    fn path(&self, scope: usize, alias: Option<&str>, attribute: &str) -> Result<Path, Fault> {
        let scope = match alias {
            None => scope,
            Some(alias) => {
                let found = self.bound.scopes.iter().position(|it| it.alias == alias);
                found.ok_or_else(|| {
                    Fault::bad_fetch(format!(
                        "Link entity with name or alias {alias} is not found."
                    ))
                })?
            }
        };
        let table = self.bound.scopes[scope].table;
        Ok(Path {
            scope,
            through: Vec::new(),
            table,
            column: self.column(table, attribute)?,
        })
    }

    fn filter(&self, filter: &Filter, scope: usize) -> Result<Condition, Fault> {
        if !filter.links.is_empty() {
            return Err(Fault::not_implemented("a link-entity inside of a filter"));
        }
        let mut parts = Vec::new();
        for condition in &filter.conditions {
            parts.push(self.condition(condition, scope)?);
        }
        for inner in &filter.filters {
            parts.push(self.filter(inner, scope)?);
        }
        Ok(if filter.is_or && !parts.is_empty() {
            Condition::Any(parts)
        } else {
            Condition::All(parts)
        })
    }

    fn condition(&self, condition: &ConditionOf, scope: usize) -> Result<Condition, Fault> {
        let path = self.path(scope, condition.entity.as_deref(), &condition.attribute)?;
        if let Some(other) = &condition.value_of {
            let (alias, name) = match other.split_once('.') {
                Some((alias, name)) => (Some(alias), name),
                None => (None, other.as_str()),
            };
            let other = self.path(scope, alias, name)?;
            let negated = matches!(condition.operator.as_str(), "ne" | "neq");
            let word = if negated { "eq" } else { &condition.operator };
            let (wanted, or_equal) = same(word)
                .ok_or_else(|| Fault::bad_fetch("The operator does not compare columns."))?;
            let test = Condition::test(path, Test::Same(other, wanted, or_equal));
            return Ok(if negated { test.negated() } else { test });
        }
        self.maker
            .condition(&condition.operator, path, &condition.values)
    }
}
