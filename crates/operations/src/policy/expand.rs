//! `$expand`, which brings related things along, read as Microsoft may read it: at any depth, however it is encoded or hidden.

use percent_encoding::percent_decode_str;
use url::Url;

/// What may come along.
pub(super) trait Allowed {
    /// A name that is expanded, without its namespace and in lower case.
    fn name(&self, name: &str) -> bool;
    /// A word that may stand anywhere in the value outside of quotes.
    fn word(&self, word: &str) -> bool;
}

/// Whether the options of `url` bring along only what is `allowed`.
pub(super) fn brings_only(url: &Url, allowed: &dyn Allowed) -> bool {
    let query = url.query().unwrap_or_default();
    query.split('&').all(|pair| stays(pair, allowed))
}

/// An option's name in lower case and its value, decoded once. `None` where somebody else might read others.
pub(super) fn option(pair: &str) -> Option<(String, String)> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let plain = |text: &str| {
        let text = text.replace('+', " ");
        let once = percent_decode_str(&text).decode_utf8().ok()?.into_owned();
        Some(once)
    };
    let (name, value) = (plain(name)?, plain(value)?);
    let name = name.trim().to_ascii_lowercase();
    // Encoded once more it might be `$expand` to somebody who decodes twice.
    (!name.contains('%')).then_some((name, value))
}

fn stays(pair: &str, allowed: &dyn Allowed) -> bool {
    let Some((name, value)) = option(pair) else {
        return false;
    };
    if name.ends_with("expand") {
        return expands_only(&value, allowed);
    }
    // Nor is it hidden in another option, for somebody who separates them by `;`.
    !value.to_ascii_lowercase().contains("expand=")
}

/// Whether each name that is expanded, at any depth, is allowed.
fn expands_only(value: &str, allowed: &dyn Allowed) -> bool {
    let Some(value) = without_texts(&value.to_ascii_lowercase()) else {
        return false;
    };
    let mut words = value.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    if value.contains(['%', '*']) || !words.all(|word| allowed.word(word)) {
        return false;
    }
    names(&value).is_some_and(|names| {
        names.iter().all(|name| {
            let mut parts = name.split('/').map(|part| {
                let part = part.trim();
                part.strip_prefix("microsoft.graph.").unwrap_or(part)
            });
            parts.all(|part| allowed.name(part))
        })
    })
}

/// The value without what stands in quotes. `None` where a quote is not closed.
fn without_texts(value: &str) -> Option<String> {
    let parts: Vec<&str> = value.split('\'').collect();
    let outside: Vec<&str> = parts.iter().step_by(2).copied().collect();
    (parts.len() % 2 == 1).then(|| outside.join(" "))
}

/// The names that are expanded: those at the top, and those in an `expand` within parentheses. `None` where they do not close.
fn names(value: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for item in split(value, ',')? {
        let item = item.trim();
        let Some((name, options)) = item.split_once('(') else {
            found.push(item.to_owned());
            continue;
        };
        found.push(name.trim().to_owned());
        let options = options.strip_suffix(')')?;
        for option in split(options, ';')? {
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            if key.trim().ends_with("expand") {
                found.extend(names(value)?);
            } else if value.contains("expand") {
                return None;
            }
        }
    }
    Some(found)
}

/// Splits at `separator` outside parentheses.
fn split(value: &str, separator: char) -> Option<Vec<&str>> {
    let (mut depth, mut from, mut parts) = (0_i32, 0, Vec::new());
    for (at, letter) in value.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if letter == separator && depth == 0 => {
                parts.push(&value[from..at]);
                from = at + letter.len_utf8();
            }
            _ => {}
        }
        if !(0..=16).contains(&depth) {
            return None;
        }
    }
    parts.push(&value[from..]);
    (depth == 0).then_some(parts)
}
