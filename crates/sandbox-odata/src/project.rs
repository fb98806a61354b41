//! `$select` on a rendered entity.

use serde_json::{Map, Value};

/// Which properties a reader wants; everything when nothing was selected.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    names: Vec<String>,
}

impl Selection {
    /// From `$select`, names as the type spells them. A path selects its first property.
    pub fn new(select: &[String]) -> Self {
        let first = |name: &String| name.split('/').next().unwrap_or_default().to_owned();
        Self {
            names: select.iter().map(first).collect(),
        }
    }

    /// Whether no property was named.
    pub fn is_everything(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether `name` was named, or nothing was.
    pub fn wants(&self, name: &str) -> bool {
        self.names.is_empty() || self.names(name)
    }

    /// Whether `name` was named; for properties that come only when asked for.
    pub fn names(&self, name: &str) -> bool {
        self.names
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Removes what was not asked for. Annotations and the names in `always` stay.
    pub fn apply(&self, entity: &mut Map<String, Value>, always: &[&str]) {
        if !self.is_everything() {
            entity.retain(|name, _| {
                name.contains('@') || always.contains(&name.as_str()) || self.names(name)
            });
        }
    }

    /// The part of a context URL that tells the projection: `(subject,from)`, or nothing.
    pub fn context_suffix(&self) -> String {
        if self.is_everything() {
            String::new()
        } else {
            format!("({})", self.names.join(","))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_named_and_the_permanent_properties_remain() {
        let mut value = json!({"@odata.etag": "e", "id": "1", "subject": "s", "body": "b"});
        let selection = Selection::new(&["Subject".to_owned()]);
        if let Some(map) = value.as_object_mut() {
            selection.apply(map, &["id"]);
        }
        assert_eq!(
            value,
            json!({"@odata.etag": "e", "id": "1", "subject": "s"})
        );
        assert_eq!(selection.context_suffix(), "(Subject)");
    }
}
