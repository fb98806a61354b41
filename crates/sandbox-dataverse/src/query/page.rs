//! Where a page ends and how the next one is asked for.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use uuid::Uuid;

/// What stays readable in a query value.
pub(super) const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b'@')
    .remove(b'=')
    .remove(b'(')
    .remove(b')');

/// What is in `$skiptoken` and in FetchXML's `paging-cookie`: the page to come, and the last row of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cookie {
    /// Counted from one.
    pub(crate) page: usize,
    pub(crate) last: Uuid,
    /// Rows before the page.
    pub(crate) offset: usize,
}

impl Cookie {
    /// `<cookie pagenumber="2" pagingcookie="…" istracking="False" />`, with its inner one encoded twice.
    pub(crate) fn to_text(self, key: &str) -> String {
        let Self { page, last, offset } = self;
        let inner = format!(
            "<cookie page=\"{}\"><{key} last=\"{{{last}}}\" first=\"{{{last}}}\" seen=\"{offset}\" /></cookie>",
            page - 1
        );
        let once = utf8_percent_encode(&inner, NON_ALPHANUMERIC).to_string();
        let twice = utf8_percent_encode(&once, NON_ALPHANUMERIC);
        format!("<cookie pagenumber=\"{page}\" pagingcookie=\"{twice}\" istracking=\"False\" />")
    }

    /// Reads what `to_text` wrote, however often it was encoded on its way; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut text = text.to_owned();
        for _ in 0..3 {
            if let Ok(decoded) = percent_decode_str(&text).decode_utf8() {
                text = decoded.into_owned();
            }
        }
        let text = text
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">");
        let after = |mark: &str| {
            let from = text.find(mark)? + mark.len();
            let rest = &text[from..];
            Some(&rest[..rest.find('"')?])
        };
        let page = match after("pagenumber=\"") {
            Some(number) => number.parse().ok()?,
            None => after("cookie page=\"")?
                .parse::<usize>()
                .ok()?
                .checked_add(1)?,
        };
        Some(Self {
            page,
            last: after("last=\"{")?.trim_end_matches('}').parse().ok()?,
            offset: after("seen=\"")?.parse().ok()?,
        })
    }
}

/// The request's own address with another `$skiptoken`.
pub(super) fn next_link(url: &str, pairs: &[(String, String)], token: &str) -> String {
    let mut query: Vec<String> = pairs
        .iter()
        .filter(|(name, _)| {
            !name
                .trim_start_matches('$')
                .eq_ignore_ascii_case("skiptoken")
        })
        .map(|(name, value)| {
            format!(
                "{}={}",
                utf8_percent_encode(name, QUERY),
                utf8_percent_encode(value, QUERY)
            )
        })
        .collect();
    query.push(format!(
        "$skiptoken={}",
        utf8_percent_encode(token, NON_ALPHANUMERIC)
    ));
    format!("{url}?{}", query.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_survives_its_way_through_a_link() {
        let cookie = Cookie {
            page: 3,
            last: Uuid::from_u128(77),
            offset: 10_000,
        };
        let text = cookie.to_text("accountid");
        assert_eq!(Cookie::parse(&text), Some(cookie));
        let encoded = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
        assert_eq!(Cookie::parse(&encoded), Some(cookie));
        assert_eq!(Cookie::parse("<cookie"), None);
    }
}
