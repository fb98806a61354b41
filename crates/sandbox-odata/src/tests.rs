//! Promises about any text at all.

use proptest::prelude::*;

use super::filter::eval;
use super::{filter, options::Options, order, search};

/// Text that looks like a query often enough to get past the first token.
fn query_like() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "subject",
        "eq",
        "and",
        "or",
        "not",
        "in",
        "any",
        "(",
        ")",
        "'",
        "''",
        "/",
        ":",
        ",",
        "5",
        "-1",
        "2026-01-01",
        "null",
        "true",
        "contains",
        "x",
        " ",
        "\"",
        "from:",
        ">=",
        "OR",
        "NOT",
        "é",
        "$top=",
        "$expand=a(",
        "&",
        ";",
        "desc",
    ]);
    prop::collection::vec(word, 0..30).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn no_text_panics_a_parser(text in prop_oneof![any::<String>(), query_like()]) {
        if let Ok(expr) = filter::parse(&text) {
            let _ = eval::matches(&expr, &serde_json::json!({"subject": "x"}));
        }
        let _ = search::parse(&text);
        let _ = search::parse(&format!("\"{text}\""));
        let _ = order::parse(&text);
        let _ = Options::parse(&text);
    }

    #[test]
    fn any_string_survives_being_quoted_in_a_filter(text in any::<String>()) {
        let filter = format!("subject eq '{}'", text.replace('\'', "''"));
        let expr = filter::parse(&filter).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let entity = serde_json::json!({"subject": text});
        prop_assert!(eval::matches(&expr, &entity));
    }
}
