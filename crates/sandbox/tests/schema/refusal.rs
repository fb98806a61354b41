//! The shape of refusals. Source: <https://learn.microsoft.com/graph/errors>

use serde_json::Value;

/// What is wrong with a refusal's body.
pub(crate) fn findings(body: &Value) -> Vec<String> {
    let error = &body["error"];
    let mut wrong = Vec::new();
    let mut hold = |at: &str, holds: bool, expected: &str, got: &Value| {
        if !holds {
            wrong.push(format!("{at}: expected {expected}, got {got}"));
        }
    };
    let has_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    hold(
        "error.code",
        has_text(&error["code"]),
        "a text",
        &error["code"],
    );
    hold(
        "error.message",
        has_text(&error["message"]),
        "a text",
        &error["message"],
    );
    let inner = ["innerError", "innererror"].map(|name| &error[name]);
    let inner = inner.into_iter().find(|value| value.is_object());
    for name in ["date", "request-id", "client-request-id"] {
        let value = inner.map_or(&Value::Null, |inner| &inner[name]);
        hold(
            &format!("error.innerError.{name}"),
            has_text(value),
            "a text",
            value,
        );
    }
    for (name, value) in body.as_object().into_iter().flatten() {
        hold(name, name == "error", "nothing beside `error`", value);
    }
    for (name, value) in error.as_object().into_iter().flatten() {
        let known = [
            "code",
            "message",
            "innerError",
            "innererror",
            "details",
            "target",
        ];
        hold(
            &format!("error.{name}"),
            known.contains(&name.as_str()),
            "a part of an error",
            value,
        );
    }
    wrong
}
