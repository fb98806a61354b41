//! JSON that can be read in one way only. Where a name stands twice readers differ in which value counts, and Microsoft's
//! services differ in whether letters' case does; so neither may decide.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The value of `bytes`, UTF-8 without a byte order mark, or why it cannot be told for certain.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, String> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err("it begins with a byte order mark".to_owned());
    }
    serde_json::from_slice::<Once>(bytes)
        .map(|Once(value)| value)
        .map_err(|error| match error.classify() {
            serde_json::error::Category::Data => {
                let message = error.to_string();
                let end = message.find(" at line ").unwrap_or(message.len());
                message[..end].to_owned()
            }
            _ => "it is not JSON in UTF-8".to_owned(),
        })
}

/// A value in which no object has a name twice.
struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Once(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let (mut fields, mut seen) = (Map::new(), HashSet::new());
        while let Some(name) = map.next_key::<String>()? {
            if !seen.insert(name.to_lowercase()) {
                return Err(A::Error::custom(format!("`{name}` stands in it twice")));
            }
            let Once(value) = map.next_value()?;
            fields.insert(name, value);
        }
        Ok(fields.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn what_is_plain_reads_as_it_is() {
        let text = br#" {"a": [1, -2, 2.5, true, null, "\u00e4"], "b": {"a": {}}} "#;
        let value = json!({ "a": [1, -2, 2.5, true, null, "ä"], "b": { "a": {} } });
        assert_eq!(parse(text), Ok(value));
    }

    #[test]
    fn what_two_readers_might_read_differently_is_refused() {
        let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        let texts: [&[u8]; 11] = [
            br#"{"driveId": "a", "driveId": "b"}"#,
            br#"{"driveId": "a", "DriveID": "b"}"#,
            br#"{"a": {"x": 1, "\u0078": 2}}"#,
            br#"[{"x": 1, "x": 1}]"#,
            b"\xef\xbb\xbf{}",
            b"{\"a\": 1} {\"a\": 2}",
            b"{\"a\": \"\xff\"}",
            b"{\"a\": 1,}",
            b"{'a': 1}",
            b"\xff\xfe{\x00}\x00",
            deep.as_bytes(),
        ];
        for text in texts {
            assert!(parse(text).is_err(), "{}", String::from_utf8_lossy(text));
        }
    }
}
