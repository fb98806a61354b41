//! What tables there are: their columns, choices, keys and relationships. Read from `src/tables` and changed by metadata
//! requests.

pub(crate) mod column;
mod names;
mod read;
pub(crate) mod relationship;
pub(crate) mod table;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use column::{Choice, Column, Kind, Required};
pub(crate) use names::stable_id;
pub(crate) use relationship::{Cascade, ManyToMany, Navigation, OneToMany};
pub(crate) use table::{Key, Ownership, Table};

/// Place of a table in the schema; never given to another one.
pub(crate) type TableId = u16;
/// Place of a column in its table; never given to another one.
pub(crate) type ColumnId = u16;

/// A set of choices that several columns may share.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GlobalChoice {
    pub(crate) metadata_id: Uuid,
    pub(crate) name: String,
    pub(crate) display: String,
    pub(crate) options: Vec<Choice>,
}

/// Every table, and how to find it.
#[derive(Debug, Clone)]
pub(crate) struct Schema {
    /// `None` where a custom table was deleted.
    tables: Vec<Option<Table>>,
    by_name: HashMap<String, TableId>,
    by_set: HashMap<String, TableId>,
    pub(crate) one_to_many: Vec<Option<OneToMany>>,
    pub(crate) many_to_many: Vec<Option<ManyToMany>>,
    pub(crate) global_choices: Vec<GlobalChoice>,
}

impl Schema {
    /// The tables that every environment with sales and field service has.
    pub(crate) fn built_in() -> Self {
        let mut schema = Self {
            tables: Vec::new(),
            by_name: HashMap::new(),
            by_set: HashMap::new(),
            one_to_many: Vec::new(),
            many_to_many: Vec::new(),
            global_choices: read::global_choices(),
        };
        let files = read::files();
        for table in files.tables {
            schema.add_table(table);
        }
        for link in files.links {
            link.add_to(&mut schema);
        }
        for many in files.many {
            schema.add_many_to_many(many);
        }
        schema
    }

    pub(crate) fn add_table(&mut self, table: Table) -> TableId {
        let id = TableId::try_from(self.tables.len()).unwrap_or(TableId::MAX);
        self.by_name.insert(table.name.clone(), id);
        self.by_set.insert(table.set_name.to_ascii_lowercase(), id);
        self.tables.push(Some(table));
        id
    }

    /// Takes a table and every relationship with it away.
    pub(crate) fn remove_table(&mut self, id: TableId) {
        let Some(table) = self.tables.get_mut(usize::from(id)).and_then(Option::take) else {
            return;
        };
        self.by_name.remove(&table.name);
        self.by_set.remove(&table.set_name.to_ascii_lowercase());
        for index in 0..self.one_to_many.len() {
            let touches = self.one_to_many[index]
                .as_ref()
                .is_some_and(|it| it.referenced == id || it.referencing == id);
            if touches {
                self.remove_one_to_many(index);
            }
        }
        for index in 0..self.many_to_many.len() {
            let touches = self.many_to_many[index]
                .as_ref()
                .is_some_and(|it| it.tables.contains(&id));
            if touches {
                self.remove_many_to_many(index);
            }
        }
    }

    /// The table with this logical name.
    pub(crate) fn find(&self, name: &str) -> Option<TableId> {
        self.by_name.get(name).copied()
    }

    /// The table behind an entity set; its case does not matter.
    pub(crate) fn find_set(&self, set: &str) -> Option<TableId> {
        match self.by_set.get(set) {
            Some(id) => Some(*id),
            None => self.by_set.get(&set.to_ascii_lowercase()).copied(),
        }
    }

    /// A table that is known to be there: ids come from the schema itself.
    pub(crate) fn table(&self, id: TableId) -> &Table {
        self.tables
            .get(usize::from(id))
            .and_then(Option::as_ref)
            .unwrap_or(&table::GONE)
    }

    pub(crate) fn table_mut(&mut self, id: TableId) -> Option<&mut Table> {
        self.tables.get_mut(usize::from(id))?.as_mut()
    }

    /// All tables, in the order in which they came to be.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (TableId, &Table)> {
        self.tables
            .iter()
            .enumerate()
            .filter_map(|(index, table)| Some((TableId::try_from(index).ok()?, table.as_ref()?)))
    }

    pub(crate) fn table_by_metadata_id(&self, id: Uuid) -> Option<TableId> {
        self.tables()
            .find(|(_, table)| table.metadata_id == id)
            .map(|(id, _)| id)
    }

    /// Records a relationship and the navigation properties on both of its sides.
    pub(crate) fn add_one_to_many(&mut self, relationship: OneToMany) -> usize {
        let index = self.one_to_many.len();
        let single = Navigation::Single {
            column: relationship.column,
            target: relationship.referenced,
        };
        let many = Navigation::Children {
            table: relationship.referencing,
            column: relationship.column,
        };
        if let Some(table) = self.table_mut(relationship.referencing) {
            table
                .navigations
                .insert(relationship.referencing_navigation.clone(), single);
        }
        if let Some(table) = self.table_mut(relationship.referenced) {
            table
                .navigations
                .insert(relationship.referenced_navigation.clone(), many);
        }
        self.one_to_many.push(Some(relationship));
        index
    }

    pub(crate) fn remove_one_to_many(&mut self, index: usize) {
        let Some(gone) = self.one_to_many.get_mut(index).and_then(Option::take) else {
            return;
        };
        if let Some(table) = self.table_mut(gone.referencing) {
            table.navigations.remove(&gone.referencing_navigation);
        }
        if let Some(table) = self.table_mut(gone.referenced) {
            table.navigations.remove(&gone.referenced_navigation);
        }
    }

    pub(crate) fn add_many_to_many(&mut self, relationship: ManyToMany) -> usize {
        let index = self.many_to_many.len();
        for (side, name) in relationship.navigations.iter().enumerate() {
            let navigation = Navigation::Peers {
                relationship: index,
                is_second: side == 1,
                target: relationship.tables[1 - side],
            };
            if let Some(table) = self.table_mut(relationship.tables[side]) {
                table.navigations.insert(name.clone(), navigation);
            }
        }
        self.many_to_many.push(Some(relationship));
        index
    }

    pub(crate) fn remove_many_to_many(&mut self, index: usize) {
        let Some(gone) = self.many_to_many.get_mut(index).and_then(Option::take) else {
            return;
        };
        for (side, name) in gone.navigations.iter().enumerate() {
            if let Some(table) = self.table_mut(gone.tables[side]) {
                table.navigations.remove(name);
            }
        }
    }

    /// The relationship behind a lookup column and one of its targets.
    pub(crate) fn relationship_of(
        &self,
        table: TableId,
        column: ColumnId,
        target: TableId,
    ) -> Option<&OneToMany> {
        self.one_to_many
            .iter()
            .flatten()
            .find(|it| it.referencing == table && it.column == column && it.referenced == target)
    }

    /// A many-to-many relationship by its schema name.
    pub(crate) fn find_many_to_many(&self, name: &str) -> Option<usize> {
        self.many_to_many.iter().position(|it| {
            it.as_ref()
                .is_some_and(|it| it.schema_name.eq_ignore_ascii_case(name))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_built_in_tables_is_understood() {
        assert_eq!(read::files().misread, Vec::<String>::new());
    }

    #[test]
    fn tables_are_found_by_name_and_by_set() {
        let schema = Schema::built_in();
        let account = schema.find("account");
        assert_eq!(schema.find_set("Accounts"), account);
        assert_eq!(schema.find_set("account"), None);
        assert!(schema.find("msdyn_workorder").is_some());
    }

    #[test]
    fn a_customer_is_reached_from_both_sides() {
        let schema = Schema::built_in();
        let name = |table: &str| schema.find(table).unwrap_or_default();
        let contact = schema.table(name("contact"));
        let to_account = contact.navigations.get("parentcustomerid_account");
        assert!(
            matches!(to_account, Some(Navigation::Single { target, .. }) if *target == name("account"))
        );
        let account = schema.table(name("account"));
        let back = account.navigations.get("contact_customer_accounts");
        assert!(
            matches!(back, Some(Navigation::Children { table, .. }) if *table == name("contact"))
        );
    }
}
