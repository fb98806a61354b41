//! Splitting at separators that are not inside quotes or parentheses.

use super::error::Error;

/// Parts of `text` between `separator`s that stand outside quotes and parentheses; an error when either does not close.
pub(super) fn split_outside(text: &str, separator: char) -> Result<Vec<&str>, Error> {
    let (mut parts, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0_usize, false);
    for (at, character) in text.char_indices() {
        match character {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' => {
                depth = depth
                    .checked_sub(1)
                    .ok_or_else(|| Error::syntax(text, at))?;
            }
            _ if character == separator && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + character.len_utf8();
            }
            _ => {}
        }
    }
    if quoted || depth > 0 {
        return Err(Error::syntax(text, text.len()));
    }
    parts.push(&text[start..]);
    Ok(parts)
}

/// Whether this is a name or a path of names, as `from/emailAddress` or `microsoft.graph.itemAttachment/item`.
pub(super) fn is_path(text: &str) -> bool {
    !text.is_empty()
        && text.split('/').all(|name| {
            name.starts_with(|first: char| {
                first.is_ascii_alphabetic() || first == '_' || first == '@'
            }) && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '@' | '-'))
        })
}
