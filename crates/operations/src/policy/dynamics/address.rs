//! Paths and queries as OData writes them. `None` wherever somebody else might read another address than we do.

use percent_encoding::percent_decode_str;

/// `accounts(9f1e…)`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) name: String,
    /// What stands in parentheses.
    pub(super) key: Option<String>,
}

impl Segment {
    /// Its name, where it has no key.
    pub(super) fn plain(&self) -> Option<&str> {
        self.key.is_none().then_some(self.name.as_str())
    }
}

/// The segments of a path below the API's version, decoded once.
pub(super) fn segments(path: &str) -> Option<Vec<Segment>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').map(segment).collect()
}

fn segment(raw: &str) -> Option<Segment> {
    let text = percent_decode_str(raw).decode_utf8().ok()?;
    let again = percent_decode_str(&text).decode_utf8().ok()?;
    let is_hazard = text == "."
        || text == ".."
        || text.contains(['/', '\\', '?', '#', ';'])
        || text.contains(char::is_control)
        || again != text;
    if is_hazard {
        return None;
    }
    let (name, key) = match text.split_once('(') {
        Some((name, rest)) => (name, Some(rest.strip_suffix(')')?)),
        None => (text.as_ref(), None),
    };
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || b"_.$".contains(&b);
    let is_name = !name.is_empty() && name.bytes().all(is_letter);
    (is_name && key.is_none_or(is_key)).then(|| Segment {
        name: name.to_owned(),
        key: key.map(str::to_owned),
    })
}

/// Whether quotes and parentheses close, and nothing refers to what stands elsewhere.
fn is_key(key: &str) -> bool {
    let parts: Vec<&str> = key.split('\'').collect();
    let outside = || parts.iter().step_by(2);
    parts.len() % 2 == 1 && !outside().any(|part| part.contains(['(', ')', '@', '$', '"']))
}

/// The options of a query, decoded once: their names in lower case and without `$`.
pub(super) fn options(query: &str) -> Option<Vec<(String, String)>> {
    let mut options: Vec<(String, String)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decoded(name)?.to_ascii_lowercase();
        let name = name.strip_prefix('$').unwrap_or(&name).to_owned();
        let is_letter = |b: u8| b.is_ascii_alphanumeric() || b"_.-@".contains(&b);
        let is_twice = options.iter().any(|(other, _)| *other == name);
        if name.is_empty() || !name.bytes().all(is_letter) || is_twice {
            return None;
        }
        options.push((name, decoded(value)?));
    }
    Some(options)
}

fn decoded(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    let text = percent_decode_str(&text).decode_utf8().ok()?;
    Some(text.into_owned())
}

/// `text` at each `separator` outside of quotes and parentheses. `None` where these do not close.
pub(super) fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut begin, mut depth, mut is_quoted) = (Vec::new(), 0, 0_u32, false);
    for (place, letter) in text.char_indices() {
        match letter {
            '\'' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            letter if letter == separator && depth == 0 => {
                parts.push(text[begin..place].trim());
                begin = place + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text[begin..].trim());
    (depth == 0 && !is_quoted).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::{options, segments, split};

    #[test]
    fn a_path_is_read_once_and_in_one_way_only() {
        let found = segments("/accounts(name='a(b)',x=1)/primarycontactid/$ref").unwrap();
        let names: Vec<_> = found.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["accounts", "primarycontactid", "$ref"]);
        assert_eq!(found[0].key.as_deref(), Some("name='a(b)',x=1"));
        assert_eq!(segments("%61ccounts").unwrap()[0].name, "accounts");
        for path in [
            "",
            "accounts/../contacts",
            "accounts/%2e%2e/contacts",
            "accounts//x",
            "accounts%2Fx",
            "%2561ccounts",
            "accounts(1",
            "accounts(1)x",
            "accounts(1)(2)",
            "accounts('a)",
            "accounts(@p)",
            "accounts(1);x",
            "accounts%20",
            "accounts\\x",
            "acc\u{f6}unts",
            "accounts%23",
        ] {
            assert_eq!(segments(path), None, "{path}");
        }
    }

    #[test]
    fn options_have_one_name_and_stand_once() {
        let found = options("%24Filter=a%20eq%201&@p='x'").unwrap();
        assert_eq!(found[0], ("filter".to_owned(), "a eq 1".to_owned()));
        assert_eq!(found[1].0, "@p");
        for query in [
            "$filter=a&filter=b",
            "%2524filter=a",
            "+$filter=a",
            "$fil%00ter=a",
            "$filter;x=a",
        ] {
            assert_eq!(options(query), None, "{query}");
        }
    }

    #[test]
    fn a_text_is_split_outside_of_quotes_and_parentheses() {
        let parts = split("a(x=1,2),'b,c', d", ',').unwrap();
        assert_eq!(parts, ["a(x=1,2)", "'b,c'", "d"]);
        assert_eq!(split("a(", ','), None);
        assert_eq!(split("a)", ','), None);
        assert_eq!(split("'a", ','), None);
    }
}
