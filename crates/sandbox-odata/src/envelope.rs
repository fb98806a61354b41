//! What surrounds entities: context, count and link.

use serde_json::{Map, Value, json};

/// One page of a collection.
#[derive(Debug)]
pub struct Page {
    /// Absolute context URL.
    pub context: String,
    /// Entities on all pages, when the client asked for the number.
    pub count: Option<usize>,
    /// Absolute link to the next page; none on the last.
    pub next: Option<String>,
    /// The entities of this page.
    pub value: Vec<Value>,
}

impl Page {
    /// As it goes over the wire.
    pub fn into_value(self) -> Value {
        let mut page = Map::from_iter([("@odata.context".to_owned(), json!(self.context))]);
        if let Some(count) = self.count {
            page.insert("@odata.count".to_owned(), json!(count));
        }
        if let Some(next) = self.next {
            page.insert("@odata.nextLink".to_owned(), json!(next));
        }
        page.insert("value".to_owned(), Value::Array(self.value));
        Value::Object(page)
    }
}

/// One entity under its context.
pub fn entity(context: &str, entity: Map<String, Value>) -> Value {
    let mut whole = Map::from_iter([("@odata.context".to_owned(), json!(context))]);
    whole.extend(entity);
    Value::Object(whole)
}
