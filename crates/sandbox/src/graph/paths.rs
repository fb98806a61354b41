//! Paths: segments without their encoding, keys in parentheses taken out of them.

use percent_encoding::percent_decode_str;

/// The segments of a path. `users('a@b')/messages` and `users/a@b/messages` come out alike.
///
/// `None` when a segment is not UTF-8 or a parenthesis does not close.
pub(super) fn segments(path: &str) -> Option<Vec<String>> {
    let mut segments = Vec::new();
    let mut in_path = false;
    let mut decoded = Vec::new();
    for raw in path.split('/').filter(|raw| !raw.is_empty()) {
        let segment = percent_decode_str(raw).decode_utf8().ok()?.into_owned();
        if is_whole_path(&segment) {
            let parts = segment.split('/').filter(|part| !part.is_empty());
            decoded.extend(parts.map(str::to_owned));
        } else {
            decoded.push(segment);
        }
    }
    for segment in decoded {
        // Between `root:` and the next colon are names of files, which may look like anything.
        let ends = segment.ends_with(':');
        let is_name_of_file = in_path;
        in_path ^= ends;
        match segment.split_once("('") {
            Some((name, rest)) if is_name(name) && !is_name_of_file => {
                let key = rest.strip_suffix("')")?;
                segments.push(name.to_owned());
                segments.push(key.replace("''", "'"));
            }
            _ => segments.push(segment),
        }
    }
    Some(segments)
}

/// Whether a segment is a path by colons that was encoded as one, as some clients do: `root%3A%2Fa%2Fb.txt%3A`.
fn is_whole_path(segment: &str) -> bool {
    let start = segment.split_once(":/").map(|(start, _)| start);
    start.is_some_and(|start| !start.contains(['(', '\'', '/']))
}

/// Relations and operations of Microsoft Graph, in small letters and sorted, as far as the types go that are served.
/// Source: <https://learn.microsoft.com/graph/api/overview>
const OF_GRAPH: &str = include_str!("segments.txt");

/// Whether Microsoft Graph has something of this name somewhere.
pub(super) fn is_of_graph(segment: &str) -> bool {
    let name = segment
        .split('(')
        .next()
        .unwrap_or(segment)
        .to_ascii_lowercase();
    let name = name.strip_prefix("microsoft.graph.").unwrap_or(&name);
    OF_GRAPH.lines().any(|known| known == name)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_parentheses_are_segments_of_their_own() {
        let flat = |path| segments(path).map(|segments| segments.join("|"));
        assert_eq!(
            flat("/users('ana%40contoso.com')/Messages/a%2Fb"),
            Some("users|ana@contoso.com|Messages|a/b".to_owned())
        );
        assert_eq!(flat("/users('o''hara')"), Some("users|o'hara".to_owned()));
        assert_eq!(
            flat("/drives/b!x/items/root%3A%2Fa%2Fb%20c.txt%3A/content"),
            Some("drives|b!x|items|root:|a|b c.txt:|content".to_owned())
        );
        assert_eq!(flat("/users('open"), None);
        assert_eq!(flat("/%ff"), None);
    }
}
