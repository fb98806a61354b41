//! Primitive values as JSON writes them.
//! Source: <https://docs.oasis-open.org/odata/odata-json-format/v4.01/odata-json-format-v4.01.html>

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Span, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// Whether this may stand for a value of that primitive type.
pub(crate) fn fits(name: &str, value: &Value) -> bool {
    match name {
        "Edm.Untyped" => true,
        "Edm.String" => value.is_string(),
        "Edm.Boolean" => value.is_boolean(),
        "Edm.Byte" => value.as_u64().is_some_and(|number| number <= 255),
        "Edm.SByte" => value
            .as_i64()
            .is_some_and(|number| i8::try_from(number).is_ok()),
        "Edm.Int16" => value
            .as_i64()
            .is_some_and(|number| i16::try_from(number).is_ok()),
        "Edm.Int32" => value
            .as_i64()
            .is_some_and(|number| i32::try_from(number).is_ok()),
        "Edm.Int64" => value.is_i64() || value.is_u64(),
        "Edm.Single" | "Edm.Double" | "Edm.Decimal" => {
            value.is_number() || matches!(value.as_str(), Some("INF" | "-INF" | "NaN"))
        }
        _ => value
            .as_str()
            .is_some_and(|text| is_written_right(name, text)),
    }
}

fn is_written_right(name: &str, text: &str) -> bool {
    match name {
        "Edm.DateTimeOffset" => text.contains('T') && text.parse::<Timestamp>().is_ok(),
        "Edm.Date" => text.len() == 10 && text.parse::<Date>().is_ok(),
        "Edm.TimeOfDay" => text.parse::<Time>().is_ok(),
        "Edm.Duration" => {
            text.trim_start_matches('-').starts_with('P')
                && (text.parse::<Span>().is_ok() || text.parse::<SignedDuration>().is_ok())
        }
        "Edm.Guid" => text.len() == 36 && Uuid::parse_str(text).is_ok(),
        "Edm.Binary" => {
            STANDARD.decode(text).is_ok()
                || URL_SAFE.decode(text).is_ok()
                || URL_SAFE_NO_PAD.decode(text).is_ok()
        }
        _ => false,
    }
}
