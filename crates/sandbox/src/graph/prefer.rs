//! The `Prefer` header.

use axum::http::HeaderMap;

use crate::state::mail::message::BodyKind;

/// What a client would like, as far as the sandbox follows it. The rest is ignored, as RFC 7240 says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Preferences {
    /// `outlook.body-content-type="text"`
    pub(crate) body_kind: Option<BodyKind>,
    /// `IdType="ImmutableId"`
    pub(crate) immutable_ids: bool,
    /// `odata.maxpagesize=50`
    pub(crate) max_page_size: Option<usize>,
    /// `outlook.timezone="W. Europe Standard Time"`
    pub(crate) time_zone: Option<String>,
    /// `return=minimal`
    pub(crate) is_minimal: bool,
    applied: Vec<String>,
}

impl Preferences {
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let mut preferences = Self::default();
        let values = headers
            .get_all("prefer")
            .iter()
            .filter_map(|value| value.to_str().ok());
        for item in values.flat_map(|value| value.split([',', ';'])) {
            let (name, value) = item.split_once('=').unwrap_or((item, ""));
            preferences.note(name.trim(), value.trim().trim_matches('"'), item.trim());
        }
        preferences
    }

    fn note(&mut self, name: &str, value: &str, item: &str) {
        let lower = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
        match (lower.0.as_str(), lower.1.as_str()) {
            ("outlook.body-content-type", "text") => self.body_kind = Some(BodyKind::Text),
            ("outlook.body-content-type", "html") => self.body_kind = Some(BodyKind::Html),
            ("outlook.timezone", _) => self.time_zone = Some(value.to_owned()),
            ("idtype", "immutableid") => self.immutable_ids = true,
            ("return", "minimal") => self.is_minimal = true,
            ("odata.maxpagesize", size) => match size.parse() {
                Ok(size) if size > 0 => self.max_page_size = Some(size),
                _ => return,
            },
            _ => return,
        }
        self.applied.push(item.to_owned());
    }

    /// The value of `Preference-Applied`, or nothing.
    pub(super) fn applied(&self) -> Option<String> {
        (!self.applied.is_empty()).then(|| self.applied.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn known_preferences_are_read_and_named_as_applied() {
        let mut headers = HeaderMap::new();
        headers.append(
            "prefer",
            HeaderValue::from_static("outlook.body-content-type=\"text\", IdType=\"ImmutableId\""),
        );
        headers.append(
            "prefer",
            HeaderValue::from_static("odata.maxpagesize=5, respond-async"),
        );
        let preferences = Preferences::read(&headers);
        assert_eq!(preferences.body_kind, Some(BodyKind::Text));
        assert!(preferences.immutable_ids);
        assert_eq!(preferences.max_page_size, Some(5));
        let applied = preferences.applied().unwrap_or_default();
        assert_eq!(
            applied,
            "outlook.body-content-type=\"text\", IdType=\"ImmutableId\", odata.maxpagesize=5"
        );
    }
}
