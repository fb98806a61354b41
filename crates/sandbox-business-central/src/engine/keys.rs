//! Keys between parentheses: `customers(6f…)`, `subscriptions('x')`, `customers(number='10000')`.

/// A segment of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) name: String,
    pub(crate) key: Option<Key>,
}

/// How an entity is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// A GUID, lower-case, or another bare word.
    Id(String),
    /// By fields that identify it: name and value.
    Fields(Vec<(String, String)>),
}

/// Reads a decoded segment; none for parentheses that do not close or hold nothing readable.
pub(crate) fn parse(segment: &str) -> Option<Segment> {
    let Some((name, rest)) = segment.split_once('(') else {
        return Some(Segment {
            name: segment.to_owned(),
            key: None,
        });
    };
    let inner = rest.strip_suffix(')')?.trim();
    let key = match split(inner)?.as_slice() {
        [one] if !one.contains('=') || one.starts_with('\'') => Key::Id(unquote(one)),
        pairs => {
            let pair = |pair: &String| {
                let (name, value) = pair.split_once('=')?;
                Some((name.trim().to_owned(), unquote(value.trim())))
            };
            Key::Fields(pairs.iter().map(pair).collect::<Option<_>>()?)
        }
    };
    Some(Segment {
        name: name.to_owned(),
        key: Some(key),
    })
}

/// Cuts at commas outside of quotes.
fn split(inner: &str) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    let mut is_quoted = false;
    for character in inner.chars() {
        match character {
            '\'' => is_quoted = !is_quoted,
            ',' if !is_quoted => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut()?.push(character);
    }
    let is_whole = !is_quoted && parts.iter().all(|part| !part.trim().is_empty());
    is_whole.then(|| parts.iter().map(|part| part.trim().to_owned()).collect())
}

fn unquote(text: &str) -> String {
    let inner = text
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''));
    match inner {
        Some(inner) => inner.replace("''", "'"),
        None => text.to_ascii_lowercase(),
    }
}

/// Whether a text has the form of a GUID.
pub(crate) fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12])
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_in_every_form() {
        let id = |key: &str| Some(Key::Id(key.to_owned()));
        let key = |segment: &str| parse(segment).and_then(|segment| segment.key);
        assert_eq!(key("customers(ABC-1)"), id("abc-1"));
        assert_eq!(key("subscriptions('aB')"), id("aB"));
        assert_eq!(key("items('O''Neil=1, a')"), id("O'Neil=1, a"));
        assert_eq!(
            key("customers(number='A,1',id=2)"),
            Some(Key::Fields(vec![
                ("number".to_owned(), "A,1".to_owned()),
                ("id".to_owned(), "2".to_owned())
            ]))
        );
        assert_eq!(key("customers"), None);
        assert!(parse("customers(").is_none());
        assert!(parse("customers()").is_none());
        assert!(parse("customers('a)").is_none());
    }
}
