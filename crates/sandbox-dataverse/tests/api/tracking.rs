//! Change tracking.

use std::time::Duration;

use serde_json::{Value, json};

use crate::environment::Environment;

const TRACK: &[(&str, &str)] = &[("Prefer", "odata.track-changes")];

#[test]
fn a_delta_link_tells_what_changed_since() {
    let mut at = Environment::contoso();
    let first = at
        .call("GET", "accounts?$select=name", TRACK, &Value::Null)
        .ok();
    assert_eq!(
        (first.rows().len(), first.header("preference-applied")),
        (24, "odata.track-changes")
    );
    let link = first.body["@odata.deltaLink"]
        .as_str()
        .unwrap()
        .replace("https://contoso.crm4.dynamics.com", "");
    assert_eq!(at.rows(&link).len(), 0);
    let (made, gone) = (
        at.account("New"),
        at.rows("accounts?$filter=name eq 'Litware'")[0]["accountid"]
            .as_str()
            .unwrap()
            .to_owned(),
    );
    at.delete(&format!("accounts({gone})")).ok();
    let changes = at.rows(&link);
    assert!(
        changes
            .iter()
            .any(|row| row["accountid"] == made.as_str() && row["name"] == "New")
    );
    let deleted = changes
        .iter()
        .find(|row| row["reason"] == "deleted")
        .unwrap();
    assert_eq!(deleted["id"], gone.as_str());
    assert!(
        deleted["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("#accounts/$deletedEntity")
    );
    at.now += Duration::from_hours(8 * 24);
    at.get(&link).refused(400, "0x80044352");
}

#[test]
fn tracking_takes_no_filter_and_needs_the_table_to_track() {
    let mut at = Environment::contoso();
    at.call("GET", "accounts?$filter=name eq 'x'", TRACK, &Value::Null)
        .refused(400, "0x80060888");
    at.call("GET", "roles", TRACK, &Value::Null)
        .refused(400, "0x80060892");
    at.get("accounts?$deltatoken=nonsense")
        .refused(400, "0x80060888");
    at.post("accounts", json!({ "name": "x" })).ok();
}
