//! Columns of lists: <https://learn.microsoft.com/graph/api/resources/columndefinition>

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A column that the list was given.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a property of Microsoft's own"
)]
pub(crate) struct Column {
    pub(crate) id: Uuid,
    /// The internal name, which items use; stays when the column is renamed.
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) description: String,
    pub(crate) group: String,
    pub(crate) kind: Kind,
    /// What the facet of its kind says: `choices`, `maxLength`, `listId`.
    pub(crate) facet: Map<String, Value>,
    /// What items get that say nothing: `{"value": "…"}`.
    pub(crate) default: Option<Map<String, Value>>,
    pub(crate) is_required: bool,
    pub(crate) is_indexed: bool,
    pub(crate) is_hidden: bool,
    pub(crate) is_read_only: bool,
    pub(crate) is_unique: bool,
    /// Came with the list, and stays with it.
    pub(crate) is_built_in: bool,
}

/// What a column holds, named as the facet that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Text,
    Number,
    Choice,
    DateTime,
    Boolean,
    PersonOrGroup,
    Lookup,
    Currency,
    HyperlinkOrPicture,
    Calculated,
}

const FACETS: [(&str, Kind); 10] = [
    ("text", Kind::Text),
    ("number", Kind::Number),
    ("choice", Kind::Choice),
    ("dateTime", Kind::DateTime),
    ("boolean", Kind::Boolean),
    ("personOrGroup", Kind::PersonOrGroup),
    ("lookup", Kind::Lookup),
    ("currency", Kind::Currency),
    ("hyperlinkOrPicture", Kind::HyperlinkOrPicture),
    ("calculated", Kind::Calculated),
];

impl Kind {
    /// `personOrGroup`
    pub(crate) fn facet(self) -> &'static str {
        let mut known = FACETS.iter();
        known
            .find(|(_, kind)| *kind == self)
            .map_or("text", |(name, _)| name)
    }

    /// The kind that a facet's name stands for.
    pub(crate) fn parse(facet: &str) -> Option<Self> {
        let mut known = FACETS.iter();
        known
            .find(|(name, _)| *name == facet)
            .map(|(_, kind)| *kind)
    }

    /// Whether items refer to something else by number: `…LookupId`.
    pub(crate) fn is_reference(self) -> bool {
        matches!(self, Self::PersonOrGroup | Self::Lookup)
    }
}

impl Column {
    pub(crate) fn new(id: Uuid, name: &str, kind: Kind) -> Self {
        Self {
            id,
            name: name.to_owned(),
            display_name: name.to_owned(),
            description: String::new(),
            group: "Custom Columns".to_owned(),
            kind,
            facet: default_facet(kind),
            default: None,
            is_required: false,
            is_indexed: false,
            is_hidden: false,
            is_read_only: kind == Kind::Calculated,
            is_unique: false,
            is_built_in: false,
        }
    }

    /// Whether an item has a list of values in it.
    pub(crate) fn is_multiple(&self) -> bool {
        let says = |name: &str| self.facet.get(name).and_then(Value::as_bool) == Some(true);
        match self.kind {
            Kind::Choice => {
                self.facet.get("displayAs").and_then(Value::as_str) == Some("checkBoxes")
            }
            Kind::Lookup => says("allowMultipleValues"),
            Kind::PersonOrGroup => says("allowMultipleSelection"),
            _ => false,
        }
    }

    /// What items are read under: several references come as a list of objects under the bare name.
    pub(crate) fn shown_as(&self) -> String {
        if self.is_multiple() {
            self.name.clone()
        } else {
            self.field()
        }
    }

    /// What items are written under: `AssignedToLookupId` for what refers to something else.
    pub(crate) fn field(&self) -> String {
        if self.kind.is_reference() {
            format!("{}LookupId", self.name)
        } else {
            self.name.clone()
        }
    }
}

/// What a facet says when nobody says otherwise.
pub(crate) fn default_facet(kind: Kind) -> Map<String, Value> {
    let value = match kind {
        Kind::Text => serde_json::json!({
            "allowMultipleLines": false,
            "appendChangesToExistingText": false,
            "linesForEditing": 0,
            "maxLength": 255,
        }),
        Kind::Number => serde_json::json!({"decimalPlaces": "automatic", "displayAs": "number"}),
        Kind::Choice => {
            serde_json::json!({"allowTextEntry": false, "choices": [], "displayAs": "dropDownMenu"})
        }
        Kind::DateTime => serde_json::json!({"displayAs": "default", "format": "dateTime"}),
        Kind::PersonOrGroup => serde_json::json!({
            "allowMultipleSelection": false,
            "chooseFromType": "peopleOnly",
            "displayAs": "nameWithPresence",
        }),
        Kind::Lookup => serde_json::json!({
            "allowMultipleValues": false,
            "allowUnlimitedLength": false,
            "columnName": "Title",
        }),
        Kind::Currency => serde_json::json!({"locale": "en-us"}),
        Kind::HyperlinkOrPicture => serde_json::json!({"isPicture": false}),
        Kind::Calculated => serde_json::json!({"outputType": "text"}),
        Kind::Boolean => serde_json::json!({}),
    };
    match value {
        Value::Object(facet) => facet,
        _ => Map::new(),
    }
}
