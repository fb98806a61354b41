//! Pages of a collection and the link to the next one.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stays readable in a query value; the rest is encoded.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b'@');

/// How the next page is named: Outlook counts with `$skip`, the directory hands out a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `$skip=20`
    Skip,
    /// `$skiptoken=…`
    Token,
}

/// The bounds of one page in a list of `total` entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First index.
    pub start: usize,
    /// One past the last index.
    pub end: usize,
    /// Whether entities follow.
    pub more: bool,
}

impl Window {
    /// The page of `size` entities that begins at `skip`.
    pub fn new(total: usize, skip: usize, size: usize) -> Self {
        let start = skip.min(total);
        let end = start.saturating_add(size).min(total);
        Self {
            start,
            end,
            more: end < total && size > 0,
        }
    }
}

/// An absolute link to the page that begins at `next`, with every other option as it was sent.
///
/// `url` is the request's own address without its query, so that the link leads back to the same host and port.
pub fn next_link(url: &str, pairs: &[(String, String)], style: Style, next: usize) -> String {
    let replaced = ["skip", "skiptoken"];
    let mut query: Vec<String> = pairs
        .iter()
        .filter(|(name, _)| {
            !replaced.contains(&name.trim_start_matches('$').to_ascii_lowercase().as_str())
        })
        .map(|(name, value)| {
            format!(
                "{}={}",
                utf8_percent_encode(name, QUERY),
                utf8_percent_encode(value, QUERY)
            )
        })
        .collect();
    query.push(match style {
        Style::Skip => format!("$skip={next}"),
        Style::Token => format!("$skiptoken={}", token(next)),
    });
    format!("{url}?{}", query.join("&"))
}

/// An opaque token that stands for a position.
pub fn token(next: usize) -> String {
    format!("RFNwdAoAAQ{next:x}")
}

/// The position that a token stands for; `None` when we did not make it.
pub fn position(token: &str) -> Option<usize> {
    usize::from_str_radix(token.strip_prefix("RFNwdAoAAQ")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_keeps_the_other_options_and_replaces_the_position() {
        let pairs = vec![
            ("$filter".to_owned(), "subject eq 'a&b'".to_owned()),
            ("$skip".to_owned(), "10".to_owned()),
            ("$top".to_owned(), "10".to_owned()),
        ];
        let link = next_link(
            "http://localhost:1/v1.0/me/messages",
            &pairs,
            Style::Skip,
            20,
        );
        assert_eq!(
            link,
            "http://localhost:1/v1.0/me/messages?$filter=subject%20eq%20%27a%26b%27&$top=10&$skip=20"
        );
    }

    #[test]
    fn pages_cover_the_list_once() {
        assert_eq!(
            Window::new(25, 20, 10),
            Window {
                start: 20,
                end: 25,
                more: false
            }
        );
        assert_eq!(
            Window::new(25, 10, 10),
            Window {
                start: 10,
                end: 20,
                more: true
            }
        );
        assert_eq!(
            Window::new(25, 99, 10),
            Window {
                start: 25,
                end: 25,
                more: false
            }
        );
        assert_eq!(
            Window::new(usize::MAX, usize::MAX, usize::MAX).start,
            usize::MAX
        );
    }

    #[test]
    fn a_page_of_nothing_has_no_next_one() {
        assert!(!Window::new(25, 0, 0).more);
    }

    #[test]
    fn a_token_leads_back_to_its_position() {
        assert_eq!(position(&token(100)), Some(100));
        assert_eq!(position("made up"), None);
    }
}
