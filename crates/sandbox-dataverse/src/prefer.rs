//! The header `Prefer`.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors>

use http::{HeaderMap, HeaderName};

/// What the caller would rather have.
#[derive(Debug, Clone, Default)]
pub(crate) struct Preferences {
    pub(crate) representation: bool,
    pub(crate) max_page_size: Option<usize>,
    pub(crate) track_changes: bool,
    pub(crate) continue_on_error: bool,
    pub(crate) annotations: Annotations,
    /// As the answer repeats them.
    applied: Vec<String>,
}

/// Which annotations rows carry.
#[derive(Debug, Clone, Default)]
pub(crate) struct Annotations {
    patterns: Vec<String>,
}

pub(crate) const FORMATTED: &str = "OData.Community.Display.V1.FormattedValue";
pub(crate) const LOOKUP_TABLE: &str = "Microsoft.Dynamics.CRM.lookuplogicalname";
pub(crate) const LOOKUP_NAVIGATION: &str = "Microsoft.Dynamics.CRM.associatednavigationproperty";

impl Annotations {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.patterns.iter().any(|pattern| {
            pattern == "*"
                || pattern == name
                || pattern
                    .strip_suffix(".*")
                    .is_some_and(|start| name.starts_with(start))
        })
    }

    pub(crate) fn is_all(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern == "*")
    }
}

impl Preferences {
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let mut preferences = Self::default();
        for value in headers.get_all(HeaderName::from_static("prefer")) {
            let text = value.to_str().unwrap_or_default();
            for part in crate::args::cut(text, ',').unwrap_or_default() {
                preferences.add(part.trim());
            }
        }
        preferences
    }

    fn add(&mut self, part: &str) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim().trim_matches('"');
        let name = name.trim().to_ascii_lowercase();
        match name.strip_prefix("odata.").unwrap_or(&name) {
            "return" if value == "representation" => self.representation = true,
            "maxpagesize" => match value.parse() {
                Ok(size) if size > 0 => self.max_page_size = Some(size),
                _ => return,
            },
            "track-changes" => self.track_changes = true,
            "continue-on-error" => self.continue_on_error = true,
            "include-annotations" => {
                self.annotations.patterns = value
                    .split(',')
                    .map(|pattern| pattern.trim().to_owned())
                    .collect();
            }
            _ => return,
        }
        self.applied.push(part.to_owned());
    }

    /// What `Preference-Applied` says; none when nothing was applied.
    pub(crate) fn applied(&self) -> Option<String> {
        (!self.applied.is_empty()).then(|| self.applied.join(","))
    }
}
