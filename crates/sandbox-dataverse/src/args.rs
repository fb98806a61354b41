//! What stands between the parentheses of a segment: a row's id, values of a key, parameters of a function.

use serde_json::Value;
use uuid::Uuid;

/// `name='x',count=5`, cut at its commas; a part without a name has an empty one. `None` where quotes do not close.
pub(crate) fn split(text: &str) -> Option<Vec<(String, String)>> {
    let mut parts = Vec::new();
    for part in cut(text, ',')? {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        let named = part
            .split_once('=')
            .filter(|(name, _)| is_name(name.trim()));
        parts.push(match named {
            Some((name, value)) => (name.trim().to_owned(), value.trim().to_owned()),
            None => (String::new(), part.to_owned()),
        });
    }
    Some(parts)
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '@'))
}

/// Parts between separators that stand outside of quotes, brackets and braces.
pub(crate) fn cut(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.checked_sub(1)?,
            (None, _) if character == separator && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + character.len_utf8();
            }
            _ => {}
        }
    }
    if quote.is_some() || depth > 0 {
        return None;
    }
    parts.push(&text[start..]);
    Some(parts)
}

/// A literal of a URL as JSON: text in quotes, a number, a list or object, a member of an enumeration, an id.
pub(crate) fn literal(text: &str) -> Value {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('\'').and_then(|it| it.strip_suffix('\'')) {
        return Value::String(inner.replace("''", "'"));
    }
    if text.starts_with(['{', '[']) {
        let strict = serde_json::from_str(text);
        return strict
            .or_else(|_| serde_json::from_str(&text.replace('\'', "\"")))
            .unwrap_or_else(|_| Value::String(text.to_owned()));
    }
    if let Some((enumeration, rest)) = text.split_once('\'')
        && is_name(enumeration)
    {
        return Value::String(rest.trim_end_matches('\'').to_owned());
    }
    if text.parse::<Uuid>().is_ok() {
        return Value::String(text.to_ascii_lowercase());
    }
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn commas_in_quotes_and_lists_do_not_cut() {
        let parts = split("a='x,''y',b=[1,2],c=@p").unwrap_or_default();
        let values: Vec<&str> = parts.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["'x,''y'", "[1,2]", "@p"]);
        assert_eq!(split("a='open"), None);
    }

    #[test]
    fn literals_become_json() {
        assert_eq!(literal("'o''hara'"), json!("o'hara"));
        assert_eq!(literal("['a','b']"), json!(["a", "b"]));
        assert_eq!(
            literal("Microsoft.Dynamics.CRM.Access'Default'"),
            json!("Default")
        );
        assert_eq!(literal("5"), json!(5));
    }
}
