use std::collections::BTreeSet;

use serde_json::Value;

use super::document;

/// Every `$ref` below `value`.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(words) => {
            if let Some(Value::String(reference)) = words.get("$ref") {
                found.insert(reference.clone());
            }
            words.values().for_each(|inner| references(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let place = reference.trim_start_matches('#');
        assert!(document.pointer(place).is_some(), "{reference}");
    }
}

#[test]
fn every_operation_of_the_catalogue_has_a_path_with_an_example() {
    let document = document();
    for operation in catalog::operations() {
        let path = format!("/api/v1/connections/{{id}}/operations/{}", operation.id);
        let request =
            &document["paths"][&path]["post"]["requestBody"]["content"]["application/json"];
        assert!(request["schema"]["properties"].is_object(), "{path}");
        assert!(request["example"].is_object(), "{path}");
    }
}
