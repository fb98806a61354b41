//! The environment as it is saved and loaded. Tables and columns go by name, so that a newer program reads what an older
//! one wrote.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::cell::{Cell, Link};
use crate::ids::Ids;
use crate::protection::Protection;
use crate::query::value;
use crate::rules::Numbers;
use crate::schema::{
    Column, GlobalChoice, Key, Kind, ManyToMany, OneToMany, Schema, Table, TableId,
};
use crate::security::Security;
use crate::store::{File, Gone, Row, Store};
use crate::{Dataverse, Organisation, Tables};

/// What was saved cannot be read.
#[derive(Debug)]
pub struct Damaged(serde_json::Error);

impl std::fmt::Display for Damaged {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the saved environment is damaged: {}", self.0)
    }
}

impl std::error::Error for Damaged {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[derive(Serialize, Deserialize)]
struct Saved {
    organisation: Organisation,
    custom: Custom,
    security: Security,
    ids: Ids,
    numbers: Numbers,
    metadata_version: u64,
    version: u64,
    gone: Vec<(u64, String, Uuid)>,
    /// By table: id, version, values by column.
    rows: BTreeMap<String, Vec<SavedRow>>,
    /// By the schema name of the relationship.
    pairs: BTreeMap<String, Vec<(Uuid, Uuid)>>,
    /// Name and bytes in base 64.
    files: BTreeMap<Uuid, (String, String)>,
}

/// Id, version, values by column.
type SavedRow = (Uuid, u64, Map<String, Value>);

/// What metadata requests made.
#[derive(Default, Serialize, Deserialize)]
struct Custom {
    tables: Vec<Table>,
    /// Of built-in tables.
    columns: Vec<(String, Column)>,
    keys: Vec<(String, Key, Vec<String>)>,
    /// With the names of both tables and of the column.
    one_to_many: Vec<(OneToMany, String, String, String)>,
    many_to_many: Vec<(ManyToMany, String, String)>,
    global_choices: Vec<GlobalChoice>,
}

impl Dataverse {
    /// Everything that has to be there after a restart.
    pub fn save(&self) -> Vec<u8> {
        let schema = &self.schema;
        let name = |id: TableId| schema.table(id).name.clone();
        let saved = Saved {
            organisation: self.organisation.clone(),
            custom: custom(schema),
            security: Security {
                roles: self.security.roles.clone(),
                shares: self.security.shares.clone(),
            },
            ids: self.ids.clone(),
            numbers: self.numbers.clone(),
            metadata_version: self.metadata_version,
            version: self.store.version(),
            gone: self
                .store
                .gone()
                .iter()
                .map(|gone| (gone.version, name(gone.link.table), gone.link.id))
                .collect(),
            rows: schema
                .tables()
                .map(|(id, table)| (table.name.clone(), self.saved_rows(id, table)))
                .collect(),
            pairs: schema
                .many_to_many
                .iter()
                .enumerate()
                .filter_map(|(at, many)| {
                    Some((
                        many.as_ref()?.schema_name.clone(),
                        self.store.pairs(at).collect(),
                    ))
                })
                .collect(),
            files: self
                .store
                .files()
                .map(|(id, file)| (id, (file.name.clone(), STANDARD.encode(&file.bytes))))
                .collect(),
        };
        serde_json::to_vec(&saved).expect("the state is plain data")
    }

    fn saved_rows(&self, id: TableId, table: &Table) -> Vec<SavedRow> {
        let rows = self.store.rows(id);
        rows.map(|row| {
            let cells = row.cells().map(|(column, cell)| {
                let value = match cell {
                    Cell::Link(link) => Value::String(format!(
                        "{}:{}",
                        self.schema.table(link.table).name,
                        link.id
                    )),
                    Cell::Time(time) => Value::String(time.to_string()),
                    other => other.json(),
                };
                (table.column(column).name.clone(), value)
            });
            (row.id, row.version, cells.collect())
        })
        .collect()
    }

    /// What `save` wrote.
    pub fn load(bytes: &[u8]) -> Result<Self, Damaged> {
        let saved: Saved = serde_json::from_slice(bytes).map_err(Damaged)?;
        let mut schema = Schema::built_in();
        saved.custom.restore(&mut schema);
        let mut store = Store::default();
        for (name, rows) in saved.rows {
            let Some(table) = schema.find(&name) else {
                continue;
            };
            for (id, version, values) in rows {
                let mut row = Row::new(id);
                row.version = version;
                for (name, value) in values {
                    if let Some(column) = schema.table(table).find(&name) {
                        row.set(
                            column,
                            cell(&schema, schema.table(table).column(column), &value),
                        );
                    }
                }
                store.restore(table, row);
            }
        }
        for (name, pairs) in saved.pairs {
            if let Some(at) = schema.find_many_to_many(&name) {
                for (first, second) in pairs {
                    store.pair(at, first, second);
                }
            }
        }
        for (id, (name, text)) in saved.files {
            let bytes = STANDARD.decode(text).unwrap_or_default().into();
            store.keep_file(id, File { name, bytes });
        }
        let gone = saved.gone.into_iter().filter_map(|(version, table, id)| {
            let table = schema.find(&table)?;
            Some(Gone {
                version,
                link: Link { table, id },
            })
        });
        store.resume(saved.version, gone.collect());
        Ok(Self {
            tables: Tables::find(&schema),
            schema: Arc::new(schema),
            organisation: saved.organisation,
            store,
            security: saved.security,
            ids: saved.ids,
            protection: Protection::default(),
            metadata_version: saved.metadata_version,
            numbers: saved.numbers,
        })
    }
}

fn cell(schema: &Schema, column: &Column, saved: &Value) -> Option<Cell> {
    if column.is_lookup() {
        let (table, id) = saved.as_str()?.split_once(':')?;
        return Some(Cell::link(schema.find(table)?, id.parse().ok()?));
    }
    match column.kind {
        Kind::MoneyBase => saved.as_f64().map(Cell::Number),
        Kind::File { .. } => saved.as_str()?.parse().ok().map(Cell::Guid),
        _ => value::from_json(column, saved),
    }
}

fn custom(schema: &Schema) -> Custom {
    let name = |id: TableId| schema.table(id).name.clone();
    let mut custom = Custom::default();
    for (_, table) in schema.tables() {
        let keys = table.keys.iter().map(|key| {
            let columns = key.columns.iter().map(|id| table.column(*id).name.clone());
            (table.name.clone(), key.clone(), columns.collect())
        });
        custom.keys.extend(keys);
        if table.is_custom {
            let mut table = table.clone();
            table.keys.clear();
            custom.tables.push(table);
        } else {
            let own = table.columns().filter(|(_, column)| column.is_custom);
            custom
                .columns
                .extend(own.map(|(_, column)| (table.name.clone(), column.clone())));
        }
    }
    for it in schema
        .one_to_many
        .iter()
        .flatten()
        .filter(|it| it.is_custom)
    {
        let column = schema.table(it.referencing).column(it.column).name.clone();
        custom.one_to_many.push((
            it.clone(),
            name(it.referenced),
            name(it.referencing),
            column,
        ));
    }
    for it in schema
        .many_to_many
        .iter()
        .flatten()
        .filter(|it| it.is_custom)
    {
        custom
            .many_to_many
            .push((it.clone(), name(it.tables[0]), name(it.tables[1])));
    }
    let built_in = Schema::built_in();
    let known = |choice: &GlobalChoice| {
        built_in
            .global_choices
            .iter()
            .any(|it| it.name == choice.name)
    };
    custom.global_choices = schema
        .global_choices
        .iter()
        .filter(|it| !known(it))
        .cloned()
        .collect();
    custom
}

impl Custom {
    fn restore(self, schema: &mut Schema) {
        for mut table in self.tables {
            table.reindex();
            let place = schema.add_table(table);
            crate::metadata::relate_system(schema, place);
        }
        for (name, column) in self.columns {
            if let Some(table) = schema.find(&name).and_then(|id| schema.table_mut(id)) {
                table.add_column(column);
            }
        }
        for (name, key, columns) in self.keys {
            let Some(id) = schema.find(&name) else {
                continue;
            };
            let found: Option<Vec<_>> = columns
                .iter()
                .map(|name| schema.table(id).find(name))
                .collect();
            if let (Some(columns), Some(table)) = (found, schema.table_mut(id)) {
                table.keys.push(Key { columns, ..key });
            }
        }
        for (relationship, one, many, column) in self.one_to_many {
            let (Some(referenced), Some(referencing)) = (schema.find(&one), schema.find(&many))
            else {
                continue;
            };
            let Some(column) = schema.table(referencing).find(&column) else {
                continue;
            };
            schema.add_one_to_many(OneToMany {
                referenced,
                referencing,
                column,
                ..relationship
            });
        }
        for (relationship, first, second) in self.many_to_many {
            let (Some(first), Some(second)) = (schema.find(&first), schema.find(&second)) else {
                continue;
            };
            schema.add_many_to_many(ManyToMany {
                tables: [first, second],
                ..relationship
            });
        }
        schema.global_choices.extend(self.global_choices);
    }
}
