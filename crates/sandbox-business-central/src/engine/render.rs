//! An entity as the wire has it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sandbox_odata::filter::Entity;
use sandbox_odata::project::Selection;
use serde_json::{Map, Value, json};

use crate::books::{Books, NO_ID, Record, mix};
use crate::model::{EntitySet, Field, FieldKind};

/// A record under its type.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) set: &'static EntitySet,
    pub(crate) record: &'a Record,
    pub(crate) books: &'a Books,
}

impl Entity for Shown<'_> {
    fn property(&self, name: &str) -> Value {
        self.set
            .field(name)
            .map_or(Value::Null, |field| self.value(field))
    }
}

impl Shown<'_> {
    /// Key of the entity in its own address.
    pub(crate) fn key(&self) -> String {
        match self.property(self.set.key()) {
            Value::String(key) => key,
            _ => self.record.id.clone(),
        }
    }

    fn value(&self, field: &Field) -> Value {
        if let Some(value) = self.record.get(field.name) {
            return value.clone();
        }
        match field.name {
            "id" => return json!(self.record.id),
            "lastModifiedDateTime" | "lastModfiedDateTime" => {
                return json!(format!("{:.3}", self.record.modified));
            }
            "systemCreatedAt" => return json!(format!("{:.3}", self.record.created)),
            "currencyCode" if self.set.name != "currencyExchangeRates" => {
                return json!(self.books.setup.currency);
            }
            _ => {}
        }
        match &field.kind {
            FieldKind::Guid => json!(NO_ID),
            FieldKind::Code(_) | FieldKind::Text(_) => json!(""),
            FieldKind::Boolean => json!(false),
            FieldKind::Integer | FieldKind::Decimal => json!(0),
            FieldKind::Date => json!("0001-01-01"),
            FieldKind::Time => json!("0001-01-01T00:00:00Z"),
            FieldKind::Enum(values) => json!(values.first().copied().unwrap_or_default()),
            FieldKind::Stream => Value::Null,
        }
    }

    /// Everything that was asked for; `url` is the entity's own address.
    pub(crate) fn entity(&self, selection: &Selection, url: &str) -> Map<String, Value> {
        let mut entity = Map::from_iter([("@odata.etag".to_owned(), json!(etag(self.record)))]);
        let key = self.set.key();
        for field in &self.set.fields {
            if !selection.wants(field.name) && field.name != key {
                continue;
            }
            if field.kind == FieldKind::Stream {
                for kind in ["mediaEditLink", "mediaReadLink"] {
                    let link = format!("{url}/{}", field.name);
                    entity.insert(format!("{}@odata.{kind}", field.name), json!(link));
                }
            } else {
                entity.insert(field.name.to_owned(), self.value(field));
            }
        }
        entity
    }
}

/// The tag of a record's present version.
pub(crate) fn etag(record: &Record) -> String {
    let seed = record.id.bytes().fold(0_u64, |sum, byte| {
        sum.wrapping_mul(131).wrapping_add(u64::from(byte))
    });
    let number = mix(seed ^ record.version.rotate_left(32));
    let text = format!("'20;{number:020}1;'00;'");
    format!("W/\"{}\"", STANDARD.encode(text))
}
