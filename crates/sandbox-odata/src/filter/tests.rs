use serde_json::json;

use super::*;
use crate::error::Error;
use crate::schema::{EntityType, Kind, boolean, collection, complex, number, text, texts, time};

static ADDRESS: EntityType = EntityType {
    name: "microsoft.graph.emailAddress",
    properties: &[text("address")],
};
static MESSAGE: EntityType = EntityType {
    name: "microsoft.graph.message",
    properties: &[
        text("subject"),
        number("size"),
        boolean("isRead"),
        time("received"),
        complex("from", &ADDRESS),
        texts("categories"),
        collection("to", &Kind::Complex(&ADDRESS)),
    ],
};

fn holds(filter: &str) -> Result<bool, Error> {
    let entity = json!({
        "subject": "Q4 planning: Ana's notes", "size": 42, "isRead": false, "received": "2026-01-31T09:00:00Z",
        "from": {"address": "ana.reis@contoso.com"}, "categories": ["Red", "Blue"],
        "to": [{"address": "a@x.test"}, {"address": "b@x.test"}], "importance": null
    });
    let mut expr = parse(filter)?;
    bind(&mut expr, &MESSAGE)?;
    Ok(eval::matches(&expr, &entity))
}

#[test]
fn true_conditions_hold() {
    for filter in [
        "subject eq 'q4 PLANNING: ana''s notes'",
        "size gt 41 and size lt 43",
        "size ge 42 and size le 42.0 and size ne 7",
        "not (isRead eq true)",
        "not isRead",
        "isRead eq true or size eq 42",
        "isRead eq true and size eq 1 or size eq 42",
        "received ge 2026-01-31 and received lt 2026-02-01T00:00:00Z",
        "received gt 2026-01-31T09:59:00+01:00",
        "startswith(subject,'Q4') and endsWith(subject, 'notes') and contains(Subject,'Planning')",
        "from/address eq 'ANA.REIS@contoso.com'",
        "tolower(from/address) eq 'ana.reis@contoso.com'",
        "length(subject) eq 24",
        "indexof(subject,'planning') eq 3",
        "year(received) eq 2026 and month(received) eq 1 and day(received) eq 31",
        "size in (1, 42)",
        "subject in ('x','Q4 planning: Ana''s notes')",
        "categories/any(c:c eq 'red')",
        "categories/any()",
        "to/all(t:endswith(t/address,'x.test'))",
        "to/any(t:t/address eq 'b@x.test')",
        "subject ne null",
        "from ne null",
    ] {
        assert_eq!(holds(filter), Ok(true), "{filter}");
    }
}

#[test]
fn false_conditions_do_not() {
    for filter in [
        "subject eq 'other'",
        "isRead",
        "size in (1,2)",
        "categories/any(c:c eq 'green')",
        "to/all(t:t/address eq 'b@x.test')",
        "received lt 2026-01-31",
        "subject eq null",
    ] {
        assert_eq!(holds(filter), Ok(false), "{filter}");
    }
}

#[test]
fn malformed_text_is_a_syntax_error_with_its_position() {
    for filter in [
        "",
        "subject",
        "subject eq",
        "subject eq 'open",
        "(isRead",
        "isRead)",
        "eq eq eq eq",
        "size eq 1 2",
        "a/",
        "#",
        "size in ()",
    ] {
        assert!(holds(filter).is_err(), "{filter}");
    }
    assert_eq!(
        parse("size eq §").err().map(|error| error.to_string()),
        Some("Syntax error at position 8 in 'size eq §'.".to_owned())
    );
}

#[test]
fn names_and_types_are_held_against_the_model() {
    let message = |filter| {
        holds(filter)
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    assert_eq!(
        message("nope eq 1"),
        "Could not find a property named 'nope' on type 'microsoft.graph.message'."
    );
    assert!(
        message("subject eq 5").contains("'Edm.String' and 'Edm.Int32' for operator kind 'Equal'")
    );
    assert!(message("size").contains("single boolean value"));
    assert!(message("nope(subject)").contains("unknown function with name 'nope'"));
}

#[test]
fn depth_is_bounded() {
    let deep = format!("{}isRead{}", "(".repeat(10_000), ")".repeat(10_000));
    assert_eq!(parse(&deep).err(), Some(Error::TooDeep));
    assert_eq!(parse(&"not ".repeat(1_000)).err(), Some(Error::TooDeep));
    assert_eq!(
        parse(&vec!["isRead"; 5_000].join(" or ")).err(),
        Some(Error::TooDeep)
    );
}
