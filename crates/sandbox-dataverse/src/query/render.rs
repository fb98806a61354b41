//! Rows as JSON.

use serde_json::{Map, Value, json};

use super::condition::{Scope, related};
use super::list::PAGE;
use super::plan::{Expansion, Plan};
use crate::Dataverse;
use crate::call::Call;
use crate::cell::Cell;
use crate::prefer::{FORMATTED, LOOKUP_NAVIGATION, LOOKUP_TABLE, Preferences};
use crate::schema::{ColumnId, Kind, Navigation, TableId};
use crate::security::{Access, Principal};
use crate::store::Row;

/// Writes rows for one request.
pub(crate) struct Renderer<'a> {
    pub(crate) dataverse: &'a Dataverse,
    pub(crate) who: &'a Principal,
    root: &'a str,
    formats: bool,
    tables: bool,
    navigations: bool,
    page_size: usize,
}

impl<'a> Renderer<'a> {
    pub(crate) fn of(dataverse: &'a Dataverse, call: &'a Call) -> Self {
        let Preferences {
            annotations,
            max_page_size,
            ..
        } = &call.prefer;
        Self {
            dataverse,
            who: &call.who,
            root: &call.root,
            formats: annotations.has(FORMATTED),
            tables: annotations.has(LOOKUP_TABLE),
            navigations: annotations.has(LOOKUP_NAVIGATION),
            page_size: max_page_size.unwrap_or(PAGE).min(PAGE),
        }
    }

    /// A row with what was selected and expanded.
    pub(crate) fn row(&self, row: &Row, plan: &Plan) -> Value {
        let mut object = Map::new();
        object.insert("@odata.etag".to_owned(), json!(etag(row)));
        let schema = &self.dataverse.schema;
        let table = schema.table(plan.table);
        for id in &plan.columns {
            self.add_column(&mut object, plan.table, row, *id, true);
        }
        let key = table.key_name();
        if !object.contains_key(key) {
            object.insert(key.to_owned(), json!(row.id.to_string()));
        }
        for expansion in &plan.expands {
            self.expand(&mut object, row, plan.table, expansion);
        }
        Value::Object(object)
    }

    /// A column with its annotations; one that is null only where nulls are told.
    pub(crate) fn add_column(
        &self,
        object: &mut Map<String, Value>,
        table: TableId,
        row: &Row,
        id: ColumnId,
        with_nulls: bool,
    ) {
        let column = self.dataverse.schema.table(table).column(id);
        let property = column.property();
        let Some(cell) = self.dataverse.value(table, row, id) else {
            if with_nulls {
                object.insert(property, Value::Null);
            }
            return;
        };
        self.annotate(object, &property, table, row, id, &cell);
        object.insert(property, cell.json());
    }

    /// Formatted value, table and navigation property, as far as they are wanted.
    pub(crate) fn annotate(
        &self,
        object: &mut Map<String, Value>,
        property: &str,
        table: TableId,
        row: &Row,
        id: ColumnId,
        cell: &Cell,
    ) {
        let schema = &self.dataverse.schema;
        let column = schema.table(table).column(id);
        if self.formats
            && let Some(text) = self.dataverse.formatted(table, row, column, cell)
        {
            object.insert(format!("{property}@{FORMATTED}"), json!(text));
        }
        let Cell::Link(link) = cell else {
            return;
        };
        if self.navigations
            && let Some(name) = self.navigation_name(table, id, link.table)
        {
            object.insert(format!("{property}@{LOOKUP_NAVIGATION}"), json!(name));
        }
        if self.tables {
            let name = &schema.table(link.table).name;
            object.insert(format!("{property}@{LOOKUP_TABLE}"), json!(name));
        }
    }

    fn navigation_name(&self, table: TableId, column: ColumnId, target: TableId) -> Option<String> {
        let schema = &self.dataverse.schema;
        let known = schema.table(table).column(column);
        if known.kind == Kind::Owner {
            return Some(known.name.clone());
        }
        let relationship = schema.relationship_of(table, column, target)?;
        Some(relationship.referencing_navigation.clone())
    }

    fn expand(
        &self,
        object: &mut Map<String, Value>,
        row: &Row,
        from: TableId,
        expansion: &Expansion,
    ) {
        let plan = &expansion.plan;
        let name = &expansion.name;
        let Ok(depth) = self.dataverse.need(self.who, Access::Read, plan.table) else {
            return;
        };
        let mut rows: Vec<&Row> = related(self.dataverse, row, expansion.navigation)
            .filter(|row| {
                self.dataverse
                    .reaches(self.who, Access::Read, depth, plan.table, row)
            })
            .filter(|row| {
                let condition = expansion.condition.as_ref();
                condition.is_none_or(|it| Scope::one(self.dataverse, row, it))
            })
            .collect();
        let show = |row: &Row| {
            if expansion.references {
                let set = &self.dataverse.schema.table(plan.table).set_name;
                return json!({ "@odata.id": format!("{}/{set}({})", self.root, row.id) });
            }
            self.row(row, plan)
        };
        if matches!(expansion.navigation, Navigation::Single { .. }) {
            let value = rows.first().map_or(Value::Null, |row| show(row));
            object.insert(name.clone(), value);
            return;
        }
        self.dataverse.sort(&mut rows, &expansion.order);
        let size = expansion.top.unwrap_or(self.page_size);
        let shown = rows.iter().take(size).map(|row| show(row)).collect();
        object.insert(name.clone(), Value::Array(shown));
        // A link is always there, as it is at Microsoft, also when everything was shown.
        let set = &self.dataverse.schema.table(from).set_name;
        let link = format!("{}/{set}({})/{name}{}", self.root, row.id, expansion.query);
        object.insert(format!("{name}@odata.nextLink"), json!(link));
    }
}

/// `W/"123"`
pub(crate) fn etag(row: &Row) -> String {
    format!("W/\"{}\"", row.version)
}

impl Dataverse {
    /// The value of a column, those that follow from the row itself among them.
    pub(crate) fn value(&self, table: TableId, row: &Row, id: ColumnId) -> Option<Cell> {
        match row.get(id) {
            Some(cell) => Some(cell.clone()),
            None => self.computed(table, row, id),
        }
    }

    /// Values that rows do not keep.
    pub(crate) fn computed(&self, table: TableId, row: &Row, id: ColumnId) -> Option<Cell> {
        if id == 0 {
            return Some(Cell::Guid(row.id));
        }
        let column = self.schema.table(table).column(id);
        match column.kind {
            Kind::Big if column.name == "versionnumber" => {
                Some(Cell::Whole(i64::try_from(row.version).unwrap_or(i64::MAX)))
            }
            _ => None,
        }
    }

    /// What people call a row.
    pub(crate) fn name_of(&self, table: TableId, id: uuid::Uuid) -> Option<String> {
        let row = self.store.get(table, id)?;
        let column = self.schema.table(table).primary_name?;
        Some(row.get(column)?.as_text()?.to_owned())
    }
}
