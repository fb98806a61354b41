//! Labels, in the one language of the environment.

use serde_json::{Value, json};

/// English (United States), which the environment speaks.
const LANGUAGE: i64 = 1033;

pub(super) fn label(text: &str) -> Value {
    if text.is_empty() {
        return json!({ "LocalizedLabels": [], "UserLocalizedLabel": null });
    }
    let one =
        json!({ "Label": text, "LanguageCode": LANGUAGE, "IsManaged": false, "HasChanged": null });
    json!({ "LocalizedLabels": [one], "UserLocalizedLabel": one })
}

/// The text of a label in a body.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    let value = value?;
    let of = |one: &Value| one["Label"].as_str().map(str::to_owned);
    of(&value["UserLocalizedLabel"]).or_else(|| {
        let list = value["LocalizedLabels"].as_array()?;
        let own = list.iter().find(|one| one["LanguageCode"] == LANGUAGE);
        of(own.or_else(|| list.first())?)
    })
}

/// A property that managed solutions may lock.
pub(super) fn managed(value: bool, name: &str) -> Value {
    json!({ "Value": value, "CanBeChanged": true, "ManagedPropertyLogicalName": name })
}
