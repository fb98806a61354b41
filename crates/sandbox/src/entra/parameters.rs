//! Parameters of a request, from a query or a form. The first of a name counts, and an empty one is as good as none.

/// Decoded pairs in their order.
#[derive(Clone, Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads `application/x-www-form-urlencoded` text.
    pub(super) fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The same with one parameter replaced and others left out, as text.
    pub(super) fn with(&self, name: &str, value: &str, without: &[&str]) -> String {
        let kept = self
            .0
            .iter()
            .filter(|(key, _)| key != name && !without.contains(&key.as_str()));
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .append_pair(name, value)
            .finish()
    }
}
