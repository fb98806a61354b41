//! The table of behaviours.

use model::{ConnectionMethod, Service};
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    /// As the catalogue names it, or `plain read`, `plain write`, `list`.
    pub(crate) behavior: String,
    /// The operation that stands for it. Its case says how its world is made, and what it is asked.
    pub(crate) operation: String,
    /// Which connections there are.
    pub(crate) services: Vec<Service>,
    #[serde(default = "application")]
    pub(crate) method: ConnectionMethod,
    /// Whether the fault is met on the second page, and how that is asked for.
    #[serde(default)]
    pub(crate) page: Page,
    pub(crate) at: Vec<Place>,
    /// A list that shows what is left.
    pub(crate) left: Option<Left>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Page {
    #[default]
    First,
    /// By its cursor.
    Second,
    /// In a stream of all items.
    All,
}

/// Where the behaviour asks Microsoft.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    pub(crate) method: String,
    /// A part of the path.
    pub(crate) path: String,
    pub(crate) promise: Promise,
    /// How often it is asked beyond that once, when all goes well.
    #[serde(default)]
    pub(crate) more: usize,
    /// Faults that this place meets otherwise, with how: an error's code, or `ok`.
    #[serde(default)]
    pub(crate) unless: std::collections::BTreeMap<String, String>,
}

/// What may be done where something failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Promise {
    /// Asked again; a failure did nothing.
    Safe,
    /// The same, without a token that could be renewed.
    Tokenless,
    /// Asked once, since it may have been done.
    Once,
    /// Asked once, and looked for afterwards.
    Looked,
    /// Asked once as a part of what may be repeated as a whole.
    Settled,
    /// Asked once; the document says what became of it.
    Document,
    /// A piece of an upload, which the session and the file tell of.
    Chunk,
    /// The host of the files; its address may be asked for anew.
    FileHost,
    /// The second half of what cannot be taken back: a failure names what is left.
    SecondHalf,
    /// Only asked to know more about a failure.
    Aside,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Left {
    pub(crate) run: String,
    #[serde(default)]
    pub(crate) input: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    row: Vec<Row>,
}

fn application() -> ConnectionMethod {
    ConnectionMethod::ServicePrincipal
}

pub(crate) fn all() -> Vec<Row> {
    let table: Table = toml::from_str(include_str!("rows.toml")).unwrap();
    table.row
}
