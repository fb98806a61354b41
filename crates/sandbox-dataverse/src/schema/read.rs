//! The description of the built-in tables, line by line.
//!
//! `table Schema set code ownership | Display | Plural` opens a table. Below it, a line is one of
//! - `name Column`, `privilege Word`, `track`
//! - `addresses N`, `process`, `sla`, `currency`, `activity`, `pointer`, `regarding TARGET`, `document`, `line`: groups of columns
//! - `text N: A B`, `memo N:`, `email N:`, `whole:`, `money:`, `flag:`, …: columns by their schema names
//! - `choice A=default: 1=One; 2=Two`, `state: …`, `status: state>value=Label; …`
//! - `lookup A>Navigation target,target < inverse,inverse [cascade|restrict]`
//!
//! A name may end in `!!` (the API insists on it), `!` (forms do), `*` (recommended), `-` (read only), `+` (at creation only).
//! `many Schema table table intersect navigation navigation` is a relationship of many with many.

mod groups;
mod line;

use super::column::Choice;
use super::relationship::{Cascade, ManyToMany, OneToMany};
use super::table::Table;
use super::{GlobalChoice, Schema, TableId, stable_id};
use line::Reader;

const FILES: [&str; 5] = [
    include_str!("../tables/platform.txt"),
    include_str!("../tables/sales.txt"),
    include_str!("../tables/activities.txt"),
    include_str!("../tables/scheduling.txt"),
    include_str!("../tables/fieldservice.txt"),
];

/// What the files say.
#[derive(Default)]
pub(super) struct Files {
    pub(super) tables: Vec<Table>,
    pub(super) links: Vec<Link>,
    pub(super) many: Vec<ManyToMany>,
    /// Lines that mean nothing; a test keeps this empty.
    pub(super) misread: Vec<String>,
}

/// A relationship between tables that are still names.
pub(super) struct Link {
    pub(super) table: String,
    pub(super) column: String,
    pub(super) target: String,
    pub(super) navigation: String,
    pub(super) inverse: String,
    pub(super) on_delete: Cascade,
}

impl Link {
    /// Adds the relationship when the target is a table of this environment.
    pub(super) fn add_to(self, schema: &mut Schema) {
        let (Some(referencing), Some(referenced)) =
            (schema.find(&self.table), schema.find(&self.target))
        else {
            return;
        };
        let Some(column) = schema.table(referencing).find(&self.column) else {
            return;
        };
        schema.add_one_to_many(OneToMany {
            metadata_id: stable_id(&["relationship", &self.inverse, &self.table]),
            schema_name: self.inverse.clone(),
            referenced,
            referencing,
            column,
            referencing_navigation: self.navigation,
            referenced_navigation: self.inverse,
            on_delete: self.on_delete,
            is_custom: false,
        });
    }
}

/// Every file, read.
pub(super) fn files() -> Files {
    let mut files = Files::default();
    for text in FILES {
        let mut reader = Reader::new(&mut files);
        for line in text.lines() {
            reader.line(line);
        }
        reader.end();
    }
    let tables = std::mem::take(&mut files.many);
    files.many = resolve_many(tables, &files.tables);
    files
}

/// Many-to-many relationships are read with names; their tables' places follow from the order of reading.
fn resolve_many(read: Vec<ManyToMany>, tables: &[Table]) -> Vec<ManyToMany> {
    let place = |name: &str| {
        let at = tables.iter().position(|table| table.name == name);
        at.and_then(|at| TableId::try_from(at).ok())
            .unwrap_or(TableId::MAX)
    };
    read.into_iter()
        .map(|many| {
            let names: Vec<&str> = many.intersect.split('|').collect();
            let [intersect, first, second] = names[..] else {
                return many;
            };
            ManyToMany {
                tables: [place(first), place(second)],
                intersect: intersect.to_owned(),
                ..many
            }
        })
        .collect()
}

/// The choices that columns of several tables share.
pub(super) fn global_choices() -> Vec<GlobalChoice> {
    let mut list = Vec::new();
    for (name, display, options) in [
        (
            "budgetstatus",
            "Budget",
            "0=No Committed Budget; 1=May Buy; 2=Can Buy; 3=Will Buy",
        ),
        (
            "need",
            "Need",
            "0=Must have; 1=Should have; 2=Good to have; 3=No need",
        ),
        (
            "purchaseprocess",
            "Purchase Process",
            "0=Individual; 1=Committee; 2=Unknown",
        ),
        (
            "purchasetimeframe",
            "Purchase Timeframe",
            "0=Immediate; 1=This Quarter; 2=Next Quarter; 3=This Year; 4=Unknown",
        ),
        (
            "initialcommunication",
            "Initial Communication",
            "0=Contacted; 1=Not Contacted",
        ),
        (
            "msdyn_worklocation",
            "Work Location",
            "690970000=Onsite; 690970001=Facility; 690970002=Location Agnostic",
        ),
    ] {
        list.push(GlobalChoice {
            metadata_id: stable_id(&["choice", name]),
            name: name.to_owned(),
            display: display.to_owned(),
            options: choices(options).unwrap_or_default(),
        });
    }
    list
}

/// `1=One; 2=Two`, or of a status reason `0>1=Open`.
fn choices(text: &str) -> Option<Vec<Choice>> {
    text.split("; ")
        .map(|one| {
            let (value, label) = one.split_once('=')?;
            let (state, value) = match value.trim().split_once('>') {
                Some((state, value)) => (Some(state.parse().ok()?), value),
                None => (None, value.trim()),
            };
            Some(Choice {
                value: value.parse().ok()?,
                label: label.trim().to_owned(),
                state,
            })
        })
        .collect()
}
