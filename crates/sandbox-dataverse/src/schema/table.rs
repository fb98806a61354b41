//! A table.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Column, ColumnId, Kind, Navigation};

/// A table: what rows of it are called, and their columns.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a property of metadata of its own"
)]
pub(crate) struct Table {
    pub(crate) metadata_id: Uuid,
    /// Logical name, lower case.
    pub(crate) name: String,
    pub(crate) schema_name: String,
    /// What its rows are reached by: `accounts`.
    pub(crate) set_name: String,
    pub(crate) display: String,
    pub(crate) display_plural: String,
    pub(crate) description: String,
    pub(crate) type_code: i32,
    pub(crate) ownership: Ownership,
    /// What follows `prvRead` in the names of its privileges.
    pub(crate) privilege: String,
    pub(crate) primary_name: Option<ColumnId>,
    pub(crate) is_activity: bool,
    pub(crate) is_custom: bool,
    pub(crate) has_activities: bool,
    pub(crate) has_notes: bool,
    pub(crate) tracks_changes: bool,
    columns: Vec<Column>,
    pub(crate) keys: Vec<Key>,
    #[serde(skip)]
    by_name: HashMap<String, ColumnId>,
    /// By the exact spelling that bodies and `$expand` need.
    #[serde(skip)]
    pub(crate) navigations: BTreeMap<String, Navigation>,
}

/// Columns whose values name one row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) metadata_id: Uuid,
    pub(crate) schema_name: String,
    pub(crate) display: String,
    pub(crate) columns: Vec<ColumnId>,
}

/// Whom rows belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ownership {
    /// A user or a team.
    User,
    /// The organisation.
    Organization,
    /// A business unit, another row, or nobody.
    None,
}

/// What a deleted table's id leads to.
pub(super) static GONE: LazyLock<Table> =
    LazyLock::new(|| Table::new("Gone", "gone", 0, Ownership::None));

impl Table {
    pub(crate) fn new(
        schema_name: &str,
        set_name: &str,
        type_code: i32,
        ownership: Ownership,
    ) -> Self {
        let name = schema_name.to_ascii_lowercase();
        Self {
            metadata_id: super::stable_id(&["table", &name]),
            schema_name: schema_name.to_owned(),
            set_name: set_name.to_owned(),
            display: schema_name.to_owned(),
            display_plural: schema_name.to_owned(),
            description: String::new(),
            type_code,
            ownership,
            privilege: schema_name.to_owned(),
            primary_name: None,
            is_activity: false,
            is_custom: false,
            has_activities: false,
            has_notes: false,
            tracks_changes: false,
            columns: Vec::new(),
            keys: Vec::new(),
            by_name: HashMap::new(),
            navigations: BTreeMap::new(),
            name,
        }
    }

    /// Adds a column unless there is one of that name, which then stays as it is.
    pub(crate) fn add_column(&mut self, column: Column) -> ColumnId {
        if let Some(id) = self.by_name.get(&column.name) {
            return *id;
        }
        let id = ColumnId::try_from(self.columns.len()).unwrap_or(ColumnId::MAX);
        self.by_name.insert(column.name.clone(), id);
        self.columns.push(column);
        id
    }

    /// The same table before it has columns.
    pub(crate) fn emptied(&self) -> Self {
        Self {
            columns: Vec::new(),
            by_name: HashMap::new(),
            ..self.clone()
        }
    }

    /// Finds its way again after it was read from what was saved.
    pub(crate) fn reindex(&mut self) {
        let names = self.columns.iter().enumerate();
        self.by_name = names
            .filter(|(_, column)| !column.is_gone)
            .filter_map(|(index, column)| {
                Some((column.name.clone(), ColumnId::try_from(index).ok()?))
            })
            .collect();
    }

    pub(crate) fn remove_column(&mut self, id: ColumnId) {
        if let Some(column) = self.columns.get_mut(usize::from(id)) {
            column.is_gone = true;
            self.by_name.remove(&column.name);
        }
    }

    pub(crate) fn column(&self, id: ColumnId) -> &Column {
        &self.columns[usize::from(id)]
    }

    pub(crate) fn column_mut(&mut self, id: ColumnId) -> Option<&mut Column> {
        self.columns.get_mut(usize::from(id))
    }

    /// A column by its logical name.
    pub(crate) fn find(&self, name: &str) -> Option<ColumnId> {
        self.by_name.get(name).copied()
    }

    /// A column by the name of its property: `name`, `_primarycontactid_value`.
    pub(crate) fn find_property(&self, name: &str) -> Option<ColumnId> {
        if let Some(inner) = name
            .strip_prefix('_')
            .and_then(|it| it.strip_suffix("_value"))
        {
            let id = self.find(inner)?;
            return self.column(id).is_lookup().then_some(id);
        }
        let id = self.find(name)?;
        let column = self.column(id);
        (!column.is_lookup() && column.is_property()).then_some(id)
    }

    /// The columns that are there.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (ColumnId, &Column)> {
        self.columns
            .iter()
            .enumerate()
            .filter(|(_, column)| !column.is_gone)
            .filter_map(|(index, column)| Some((ColumnId::try_from(index).ok()?, column)))
    }

    pub(crate) fn key_name(&self) -> &str {
        self.columns.first().map_or("id", |column| &column.name)
    }

    pub(crate) fn is_owned(&self) -> bool {
        self.ownership == Ownership::User
    }

    /// Qualified name of its type.
    pub(crate) fn type_name(&self) -> String {
        format!("Microsoft.Dynamics.CRM.{}", self.name)
    }

    /// The values of a state or status column.
    pub(crate) fn choices_of(&self, name: &str) -> &[super::Choice] {
        self.find(name)
            .and_then(|id| self.column(id).choices())
            .unwrap_or_default()
    }

    /// Whether amounts of money are in it.
    pub(crate) fn has_money(&self) -> bool {
        self.columns
            .iter()
            .any(|column| matches!(column.kind, Kind::Money { .. }))
    }
}
