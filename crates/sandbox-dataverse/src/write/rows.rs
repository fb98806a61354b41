//! Rows as the platform writes them, whoever asked: defaults, system columns, rules, keys, cascades.

use uuid::Uuid;

use super::{Actor, key, status};
use crate::Dataverse;
use crate::cell::{Cell, Link};
use crate::fault::Fault;
use crate::rules;
use crate::schema::{Cascade, Kind, Required, Table, TableId};
use crate::store::Row;

impl Dataverse {
    /// A row of the platform's own making; nothing of it can be wrong.
    pub(crate) fn insert(
        &mut self,
        actor: Actor,
        table: TableId,
        id: Uuid,
        values: Vec<(&str, Option<Cell>)>,
    ) {
        let mut row = Row::new(id);
        let schema = self.schema.clone();
        for (name, cell) in values {
            if let Some(column) = schema.table(table).find(name) {
                row.set(column, cell);
            }
        }
        let stored = self.create_row(actor, table, row);
        debug_assert!(stored.is_ok(), "{stored:?}");
    }

    /// Changes a row without any rule or privilege.
    pub(crate) fn change(&mut self, table: TableId, id: Uuid, values: Vec<(&str, Option<Cell>)>) {
        let Some(mut row) = self.store.get(table, id).cloned() else {
            return;
        };
        let schema = self.schema.clone();
        let mut changed = false;
        for (name, cell) in values {
            if let Some(column) = schema.table(table).find(name) {
                changed |= row.set(column, cell);
            }
        }
        if changed {
            self.money(table, &mut row);
            self.keep(table, row);
        }
    }

    /// Completes a new row and puts it in its place.
    pub(crate) fn create_row(
        &mut self,
        actor: Actor,
        table: TableId,
        mut row: Row,
    ) -> Result<Uuid, Fault> {
        let schema = self.schema.clone();
        let known = schema.table(table);
        let id = row.id;
        if self.store.get(table, id).is_some() {
            return Err(Fault::duplicate_id());
        }
        defaults(known, &mut row);
        self.stamp(actor, table, &mut row, true);
        rules::before(self, actor, table, None, &mut row)?;
        status::settle(known, None, &mut row)?;
        require(known, &row)?;
        self.money(table, &mut row);
        key::unique(self, table, &row)?;
        self.keep(table, row);
        rules::after(self, actor, table, None, id);
        Ok(id)
    }

    /// Puts a changed row in the place of the old one.
    pub(crate) fn update_row(
        &mut self,
        actor: Actor,
        table: TableId,
        mut row: Row,
    ) -> Result<(), Fault> {
        let schema = self.schema.clone();
        let known = schema.table(table);
        let id = row.id;
        let Some(old) = self.store.get(table, id).cloned() else {
            return Err(Fault::no_row(&known.name, id));
        };
        self.stamp(actor, table, &mut row, false);
        status::settle(known, Some(&old), &mut row)?;
        rules::before(self, actor, table, Some(&old), &mut row)?;
        self.money(table, &mut row);
        key::unique(self, table, &row)?;
        self.keep(table, row);
        rules::after(self, actor, table, Some(&old), id);
        Ok(())
    }

    /// Deletes a row, with what hangs on it as its relationships say.
    pub(crate) fn delete_row(
        &mut self,
        actor: Actor,
        table: TableId,
        id: Uuid,
    ) -> Result<(), Fault> {
        let schema = self.schema.clone();
        let Some(old) = self.store.get(table, id).cloned() else {
            return Err(Fault::no_row(&schema.table(table).name, id));
        };
        rules::before_delete(self, table, &old)?;
        let relationships = schema.one_to_many.iter().flatten();
        for relationship in relationships.filter(|it| it.referenced == table) {
            let many = relationship.referencing;
            let rows: Vec<Uuid> = self
                .store
                .referring(many, relationship.column, id)
                .map(|row| row.id)
                .collect();
            if !rows.is_empty() && relationship.on_delete == Cascade::Restrict {
                return Err(Fault::conflict(
                    "0x80040227",
                    "The object you tried to delete is associated with another object and cannot be deleted.",
                ));
            }
            for row in rows {
                if relationship.on_delete == Cascade::Delete {
                    self.delete_row(actor, many, row)?;
                } else if let Some(mut changed) = self.store.get(many, row).cloned() {
                    changed.set(relationship.column, None);
                    self.keep(many, changed);
                }
            }
        }
        self.store.remove(table, id);
        if schema.table(table).is_activity {
            self.store.remove(self.tables.activity, id);
        }
        rules::after(self, actor, table, Some(&old), id);
        Ok(())
    }

    /// Puts a row away; an activity's pointer follows it.
    pub(crate) fn keep(&mut self, table: TableId, row: Row) {
        if self.schema.table(table).is_activity {
            let pointer = self.pointer(table, &row);
            self.store.put(self.tables.activity, pointer);
        }
        self.store.put(table, row);
    }

    /// An activity as `activitypointer` shows it.
    fn pointer(&self, table: TableId, row: &Row) -> Row {
        let (from, to) = (
            self.schema.table(table),
            self.schema.table(self.tables.activity),
        );
        let mut pointer = Row::new(row.id);
        for (column, cell) in row.cells() {
            let name = &from.column(column).name;
            if name != "statuscode"
                && let Some(at) = to.find(name)
            {
                pointer.set(at, Some(cell.clone()));
            }
        }
        let state = self
            .cell(table, row, "statecode")
            .and_then(Cell::as_whole)
            .unwrap_or_default();
        if let Some(column) = to.find("statuscode") {
            pointer.set(column, Some(Cell::Whole(state + 1)));
        }
        pointer
    }

    /// Columns that say who and when.
    fn stamp(&self, actor: Actor, table: TableId, row: &mut Row, is_new: bool) {
        let schema = self.schema.clone();
        let known = schema.table(table);
        let user = Cell::link(self.tables.user, actor.user);
        let behalf = actor
            .on_behalf
            .map(|user| Cell::link(self.tables.user, user));
        let mut set = |name: &str, cell: Option<Cell>| {
            if let Some(column) = known.find(name) {
                row.set(column, cell);
            }
        };
        set("modifiedon", Some(Cell::Time(actor.now)));
        set("modifiedby", Some(user.clone()));
        set("modifiedonbehalfby", behalf.clone());
        if is_new {
            set("createdon", Some(Cell::Time(actor.now)));
            set("createdby", Some(user.clone()));
            set("createdonbehalfby", behalf);
        }
        self.stamp_owner(table, row, &user);
        if is_new && known.ownership == crate::schema::Ownership::Organization {
            let organization = known
                .find("organizationid")
                .zip(schema.find("organization"));
            if let Some((column, target)) = organization {
                row.set(column, Some(Cell::link(target, self.organisation.id())));
            }
        }
        // A migrated row says when it was really created.
        if is_new
            && let Some(column) = known.find("overriddencreatedon")
            && let Some(cell) = row.get(column).cloned()
            && let Some(created) = known.find("createdon")
        {
            row.set(created, Some(cell));
        }
    }

    fn stamp_owner(&self, table: TableId, row: &mut Row, user: &Cell) {
        let schema = self.schema.clone();
        let known = schema.table(table);
        let Some(column) = known.find("ownerid") else {
            return;
        };
        let owner = row.get(column).and_then(Cell::as_link);
        let owner = owner.or_else(|| user.as_link()).unwrap_or(Link {
            table: self.tables.user,
            id: Uuid::nil(),
        });
        row.set(column, Some(Cell::Link(owner)));
        let is_team = owner.table == self.tables.team;
        let owner = Some(Cell::Link(owner));
        let unit = self.business_unit_of(owner.as_ref().and_then(Cell::as_link).unwrap_or(Link {
            table: self.tables.user,
            id: Uuid::nil(),
        }));
        let mut set = |name: &str, cell: Option<Cell>| {
            if let Some(column) = known.find(name) {
                row.set(column, cell);
            }
        };
        set("owninguser", owner.clone().filter(|_| !is_team));
        set("owningteam", owner.filter(|_| is_team));
        set(
            "owningbusinessunit",
            unit.map(|unit| Cell::link(self.tables.business_unit, unit)),
        );
    }

    /// Currency, rate, and every amount in the organisation's currency beside its own.
    pub(crate) fn money(&self, table: TableId, row: &mut Row) {
        let schema = self.schema.clone();
        let known = schema.table(table);
        if !known.has_money() {
            return;
        }
        let (Some(currency), Some(rate)) = (
            known.find("transactioncurrencyid"),
            known.find("exchangerate"),
        ) else {
            return;
        };
        if row.get(currency).is_none() {
            let base = self
                .base_currency()
                .map(|base| Cell::link(self.tables.currency, base.id));
            row.set(currency, base);
        }
        let chosen = row
            .get(currency)
            .and_then(Cell::as_link)
            .and_then(|link| self.store.follow(link));
        let factor = chosen
            .and_then(|chosen| {
                self.cell(self.tables.currency, chosen, "exchangerate")?
                    .as_number()
            })
            .filter(|factor| *factor > 0.0)
            .unwrap_or(1.0);
        row.set(rate, Some(Cell::Number(factor)));
        for (column, money) in known
            .columns()
            .filter(|(_, it)| matches!(it.kind, Kind::Money { .. }))
        {
            let Some(base) = known.find(&format!("{}_base", money.name)) else {
                continue;
            };
            let amount = row.get(column).and_then(Cell::as_number);
            row.set(
                base,
                amount.map(|amount| Cell::Number(cents(amount / factor))),
            );
        }
    }

    pub(crate) fn base_currency(&self) -> Option<&Row> {
        let table = self.tables.currency;
        let rows = self.store.rows(table);
        let mut rows = rows.filter(|row| {
            self.cell(table, row, "exchangerate")
                .and_then(Cell::as_number)
                == Some(1.0)
        });
        rows.next()
    }
}

/// Rounded to the second decimal.
pub(crate) fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}

fn defaults(table: &Table, row: &mut Row) {
    for (id, column) in table.columns() {
        let Some(default) = column.default else {
            continue;
        };
        if row.get(id).is_some() {
            continue;
        }
        match column.kind {
            Kind::Flag { .. } => row.set(id, Some(Cell::Flag(default == 1))),
            Kind::Choice(_) => row.set(id, Some(Cell::Whole(i64::from(default)))),
            _ => false,
        };
    }
}

/// What the API insists on.
fn require(table: &Table, row: &Row) -> Result<(), Fault> {
    for (id, column) in table.columns() {
        let is_missing = column.required == Required::SystemRequired
            && column.for_create
            && !matches!(column.kind, Kind::Key | Kind::State(_) | Kind::Owner)
            && row.get(id).is_none();
        if is_missing {
            return Err(Fault::missing_attribute(format!(
                "Attribute: {} cannot be set to NULL. Entity: {}.",
                column.name, table.name
            )));
        }
    }
    Ok(())
}
