//! Every table against a list of columns, types and choices, where there is one.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::Path;

use serde_json::Value;

use crate::environment::Environment;

/// Where the list's words are not those of the Web API: its parties are rows, a lookup's name lacks its end.
const OTHERWISE: [(&str, &str); 15] = [
    ("activitypointer", "regardingobject"),
    ("appointment", "regardingobject"),
    ("phonecall", "regardingobject"),
    ("task", "regardingobjecttypecode"),
    ("account", "addressid"),
    ("contact", "addressid"),
    ("lead", "accountid"),
    ("appointment", "seriesid"),
    ("activitypointer", "allparties"),
    ("appointment", "optionalattendees"),
    ("appointment", "requiredattendees"),
    ("phonecall", "to"),
    ("phonecall", "from"),
    ("opportunityproduct", "parentbundleid"),
    ("product", "subjectid"),
];

const LIST: &str = "dataverse-tables.tsv";

/// The list's text; none when `data/dataverse-tables.tsv` is in no directory beside the checkout, which is said.
fn list() -> Option<String> {
    let text = read();
    if text.is_none() {
        say(&format!(
            "LEFT OUT: columns are not held against Microsoft's list: no `data/{LIST}` beside the checkout"
        ));
    }
    text
}

/// Not by `println!`, which the test runner keeps to itself where all is well.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn read() -> Option<String> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2)?;
    let beside = std::fs::read_dir(workspace.parent()?).ok()?;
    let mut found: Vec<_> = beside
        .flatten()
        .map(|entry| entry.path().join("data").join(LIST))
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    std::fs::read_to_string(found.first()?).ok()
}

/// Whether a type of the Web API is what the list's word means.
fn fits(word: &str, kind: &str) -> bool {
    match word {
        "entityId" | "guid" => matches!(kind, "Uniqueidentifier" | "Lookup" | "Customer"),
        "lookup" => matches!(kind, "Lookup" | "Customer" | "Owner"),
        "listLookup" => matches!(kind, "Picklist" | "State"),
        "listLookupCorrelated" => kind == "Status",
        "listLookupMultiple" | "partylist" => kind == "Virtual",
        "boolean" => kind == "Boolean",
        "integer" | "timezone" => kind == "Integer",
        "bigInteger" => kind == "BigInt",
        "decimal" => kind == "Decimal",
        "double" | "latitude" | "longitude" => kind == "Double",
        "currency" | "baseCurrency" => kind == "Money",
        "dateTime" => kind == "DateTime",
        _ => matches!(kind, "String" | "Memo"),
    }
}

#[test]
fn every_listed_column_has_its_type_length_and_choices() {
    let Some(text) = list() else { return };
    let mut at = Environment::contoso();
    let mut tables: BTreeMap<&str, HashMap<String, Value>> = BTreeMap::new();
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [_, table, name, word, _, max, _, choices] = fields[..] else {
            continue;
        };
        let columns = tables.entry(table).or_insert_with(|| {
            let path = format!("EntityDefinitions(LogicalName='{table}')?$expand=Attributes");
            let body = at.get(&path).ok().body;
            let list = body["Attributes"].as_array().cloned().unwrap();
            list.into_iter()
                .map(|it| (it["LogicalName"].as_str().unwrap().to_owned(), it))
                .collect()
        });
        if OTHERWISE.contains(&(table, name)) {
            continue;
        }
        checked += 1;
        let Some(column) = columns.get(name) else {
            wrong.push(format!("{table}.{name} is not there"));
            continue;
        };
        let kind = column["AttributeType"].as_str().unwrap();
        if !fits(word, kind) {
            wrong.push(format!("{table}.{name} is {kind}, not {word}"));
        }
        let length = column["MaxLength"].as_i64().map(|it| it.to_string());
        if max != "-" && length.as_deref() != Some(max) {
            wrong.push(format!("{table}.{name} has length {length:?}, not {max}"));
        }
        if choices != "-" {
            let own: Vec<(i64, &str)> = column["OptionSet"]["Options"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|it| {
                    (
                        it["Value"].as_i64().unwrap(),
                        it["Label"]["UserLocalizedLabel"]["Label"].as_str().unwrap(),
                    )
                })
                .collect();
            for choice in choices.split("; ") {
                let (value, label) = choice.split_once('=').unwrap();
                let known = own
                    .iter()
                    .any(|(own, text)| own.to_string() == value && *text == label.trim());
                // The list names the crew twice.
                if !known && label != "Group" {
                    wrong.push(format!("{table}.{name} lacks {choice}"));
                }
            }
        }
    }
    say(&format!(
        "{checked} columns of {} tables checked",
        tables.len()
    ));
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(checked > 900);
}

#[test]
fn every_row_has_the_properties_of_its_table_and_no_others() {
    let mut at = Environment::contoso();
    let sets = at.rows("EntityDefinitions?$select=LogicalName,EntitySetName");
    for set in sets {
        let (table, set) = (
            set["LogicalName"].as_str().unwrap(),
            set["EntitySetName"].as_str().unwrap(),
        );
        let columns = at.rows(&format!(
            "EntityDefinitions(LogicalName='{table}')/Attributes?$select=LogicalName,AttributeType"
        ));
        let known: Vec<String> = columns
            .iter()
            .filter(|it| it["AttributeType"] != "PartyList")
            .map(|it| {
                let name = it["LogicalName"].as_str().unwrap();
                match it["AttributeType"].as_str().unwrap() {
                    "Lookup" | "Customer" | "Owner" => format!("_{name}_value"),
                    _ => name.to_owned(),
                }
            })
            .collect();
        for row in at.rows(set) {
            let mut names: Vec<&str> = row
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .filter(|name| !name.contains('@'))
                .collect();
            let mut wanted: Vec<&str> = known.iter().map(String::as_str).collect();
            names.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(names, wanted, "{set}");
        }
    }
}
