//! A JSON body held against a table.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{input, key};
use crate::Dataverse;
use crate::cell::{Cell, Link};
use crate::fault::Fault;
use crate::query::value;
use crate::schema::{ColumnId, Kind, Navigation, TableId};
use crate::security::{Access, Principal};

/// What a body asks for.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// The id that the caller chose.
    pub(crate) id: Option<Uuid>,
    pub(crate) cells: Vec<(ColumnId, Option<Cell>)>,
    /// Related rows to make along with it.
    pub(crate) nested: Vec<Nested>,
    /// Rows to associate with it through a many-to-many relationship.
    pub(crate) peers: Vec<(Navigation, Link)>,
}

/// Rows within a row.
#[derive(Debug)]
pub(crate) struct Nested {
    pub(crate) navigation: Navigation,
    pub(crate) rows: Vec<Map<String, Value>>,
}

impl Draft {
    /// Reads a body; columns that only the platform writes are passed over, as it does.
    pub(crate) fn read(
        dataverse: &Dataverse,
        who: &Principal,
        table: TableId,
        body: &Map<String, Value>,
        is_new: bool,
    ) -> Result<Self, Fault> {
        let mut draft = Self::default();
        for (name, value) in body {
            draft.property(dataverse, who, table, (name, value), is_new)?;
        }
        Ok(draft)
    }

    fn property(
        &mut self,
        dataverse: &Dataverse,
        who: &Principal,
        table: TableId,
        (name, value): (&str, &Value),
        is_new: bool,
    ) -> Result<(), Fault> {
        let known = dataverse.schema.table(table);
        if let Some(navigation) = name.strip_suffix("@odata.bind") {
            return self.bind(dataverse, who, table, (navigation, value));
        }
        if name.contains('@') {
            return Ok(());
        }
        if let Some(inner) = name
            .strip_prefix('_')
            .and_then(|it| it.strip_suffix("_value"))
        {
            let message = match known.find(inner) {
                Some(_) => "CRM do not support direct update of Entity Reference properties, Use Navigation properties instead.".to_owned(),
                None => input::undeclared(name, &known.type_name()),
            };
            return Err(Fault::bad_payload(&known.set_name, &message));
        }
        if let Some(id) = known.find_property(name) {
            let column = known.column(id);
            if column.kind == Kind::Key {
                self.id = value.as_str().and_then(value::guid);
                return match self.id {
                    Some(_) => Ok(()),
                    None => Err(input::wrong_type(known, column, value)),
                };
            }
            let may = if is_new {
                column.for_create
            } else {
                column.for_update
            };
            let cell = input::cell(known, column, value)?;
            if may {
                self.cells.push((id, cell));
            }
            return Ok(());
        }
        match (known.navigations.get(name), value) {
            (Some(Navigation::Single { column, .. }), Value::Null) => {
                self.cells.push((*column, None));
                Ok(())
            }
            (Some(navigation @ Navigation::Single { .. }), Value::Object(row)) => {
                self.nested.push(Nested {
                    navigation: *navigation,
                    rows: vec![row.clone()],
                });
                Ok(())
            }
            (Some(navigation), Value::Array(rows)) => {
                let objects = rows.iter().map(|row| row.as_object().cloned());
                let rows: Option<Vec<_>> = objects.collect();
                let rows = rows.ok_or_else(|| {
                    Fault::bad_payload(&known.set_name, "An entry was expected in the feed.")
                })?;
                self.nested.push(Nested {
                    navigation: *navigation,
                    rows,
                });
                Ok(())
            }
            _ => Err(Fault::bad_payload(
                &known.set_name,
                &input::undeclared(name, &known.type_name()),
            )),
        }
    }

    /// `primarycontactid@odata.bind`
    fn bind(
        &mut self,
        dataverse: &Dataverse,
        who: &Principal,
        table: TableId,
        (name, value): (&str, &Value),
    ) -> Result<(), Fault> {
        let known = dataverse.schema.table(table);
        let owner = (name == "ownerid").then(|| known.find(name)).flatten();
        let navigation = known.navigations.get(name).copied();
        let wrong = |message: String| Fault::bad_payload(&known.set_name, &message);
        let texts: Vec<&str> = match value {
            Value::String(text) => vec![text],
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
            Value::Null => match (owner, navigation) {
                (None, Some(Navigation::Single { column, .. })) => {
                    self.cells.push((column, None));
                    return Ok(());
                }
                _ => {
                    return Err(wrong(
                        "The value of an odata.bind has to be a string.".to_owned(),
                    ));
                }
            },
            _ => {
                return Err(wrong(
                    "The value of an odata.bind has to be a string.".to_owned(),
                ));
            }
        };
        for text in texts {
            let link = key::reference(dataverse, text)?;
            may_link(dataverse, who, table, link.table)?;
            match (owner, navigation) {
                (Some(column), _) => {
                    let is_owner =
                        link.table == dataverse.tables.user || link.table == dataverse.tables.team;
                    if !is_owner {
                        return Err(wrong("An owner is a user or a team.".to_owned()));
                    }
                    self.cells.push((column, Some(Cell::Link(link))));
                }
                (None, Some(Navigation::Single { column, target })) => {
                    if link.table != target {
                        let set = &dataverse.schema.table(target).set_name;
                        return Err(wrong(format!(
                            "The resource of the link '{text}' is not one of '{set}', which the navigation property '{name}' leads to."
                        )));
                    }
                    let may = known.column(column).for_create;
                    if may {
                        self.cells.push((column, Some(Cell::Link(link))));
                    }
                }
                (None, Some(many)) => self.peers.push((many, link)),
                (None, None) => {
                    return Err(wrong(format!(
                        "An undeclared property '{name}' which only has property annotations in the payload but no property value was found in the payload. In OData, only declared navigation properties and declared named streams can be represented as properties without values."
                    )));
                }
            }
        }
        Ok(())
    }
}

/// `Append` on the one side, `AppendTo` on the other.
pub(super) fn may_link(
    dataverse: &Dataverse,
    who: &Principal,
    from: TableId,
    to: TableId,
) -> Result<(), Fault> {
    dataverse.need(who, Access::Append, from)?;
    dataverse.need(who, Access::AppendTo, to)?;
    Ok(())
}
