//! A page of a list as lines: most of what a list costs, so that it is read once and, where it can be, not copied.

use std::borrow::Cow;
use std::ops::Range;

use bytes::{Bytes, BytesMut};
use memchr::memchr2;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{Error, Result};

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(rename = "@odata.nextLink", borrow)]
    next: Option<Cow<'a, str>>,
    #[serde(rename = "@odata.deltaLink", borrow)]
    delta: Option<Cow<'a, str>>,
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
}

/// What a page says.
pub(crate) struct Lines {
    /// Its items, one a line.
    pub(crate) items: Bytes,
    /// Where the next page is.
    pub(crate) next: Option<String>,
    /// After the last page of a delta query: where later changes will be.
    pub(crate) delta: Option<String>,
}

pub(crate) fn lines(page: Bytes) -> Result<Lines> {
    let Page { next, delta, value } = serde_json::from_slice(&page).map_err(unreadable)?;
    let (next, delta) = (next.map(Cow::into_owned), delta.map(Cow::into_owned));
    let start = page.as_ptr().addr();
    let items: Vec<Range<usize>> = value
        .iter()
        .map(|item| {
            let first = item.get().as_ptr().addr() - start;
            first..first + item.get().len()
        })
        .collect();
    if !is_tight(&page, &items) {
        let items = copied(&value)?;
        return Ok(Lines { items, next, delta });
    }
    let items = match page.try_into_mut() {
        Ok(page) => in_place(page, &items),
        Err(page) => in_place(BytesMut::from(page), &items),
    };
    Ok(Lines { items, next, delta })
}

/// Whether there is nothing but a comma between two items, and no line break in one: what Graph writes.
fn is_tight(page: &[u8], items: &[Range<usize>]) -> bool {
    let tight = items
        .windows(2)
        .all(|pair| pair[0].end + 1 == pair[1].start);
    let whole = items.first().zip(items.last());
    tight
        && whole.is_none_or(|(first, last)| {
            memchr2(b'\n', b'\r', &page[first.start..last.end]).is_none()
        })
}

/// The commas become line breaks.
fn in_place(mut page: BytesMut, items: &[Range<usize>]) -> Bytes {
    let Some((first, last)) = items.first().zip(items.last()) else {
        return Bytes::new();
    };
    for item in items {
        page[item.end] = b'\n';
    }
    page.freeze().slice(first.start..=last.end)
}

/// An item with line breaks is written anew.
fn copied(items: &[&RawValue]) -> Result<Bytes> {
    let mut lines = Vec::new();
    for item in items {
        let item = item.get();
        if memchr2(b'\n', b'\r', item.as_bytes()).is_some() {
            let compact: Value = serde_json::from_str(item).map_err(unreadable)?;
            lines.extend_from_slice(compact.to_string().as_bytes());
        } else {
            lines.extend_from_slice(item.as_bytes());
        }
        lines.push(b'\n');
    }
    Ok(lines.into())
}

fn unreadable(_: serde_json::Error) -> Error {
    Error::Unusable("a page has no list of items".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(page: &str) -> (String, Option<String>) {
        let page = lines(Bytes::copy_from_slice(page.as_bytes())).expect("it is a page");
        (
            String::from_utf8(page.items.to_vec()).expect("it is text"),
            page.next,
        )
    }

    #[test]
    fn a_page_in_any_writing_has_the_same_lines() {
        let pages = [
            r#"{"value":[{"a":"x,y"},{"b":[1,2]},3],"@odata.nextLink":"https://next"}"#,
            r#"{"@odata.nextLink":"https:\/\/next","value":[{"a":"x,y"},{"b":[1,2]},3]}"#,
            r#"{"value": [ {"a":"x,y"}, {"b":[1,2]} ,3 ], "@odata.nextLink" : "https://next"}"#,
            "{\"value\":[{\"a\":\n\"x,y\"},{\r\n\"b\":[1,2]},3],\"@odata.nextLink\":\"https://next\"}",
        ];
        for page in pages {
            let (lines, cursor) = read(page);
            assert_eq!(lines, "{\"a\":\"x,y\"}\n{\"b\":[1,2]}\n3\n", "{page}");
            assert_eq!(cursor.as_deref(), Some("https://next"), "{page}");
        }
    }

    #[test]
    fn an_empty_page_has_no_line_and_no_page_is_an_error() {
        assert_eq!(read(r#"{"value":[]}"#), (String::new(), None));
        assert_eq!(read(r#"{"value":[ ]}"#), (String::new(), None));
        assert!(lines(Bytes::from_static(b"{}")).is_err());
        assert!(lines(Bytes::from_static(b"<html>")).is_err());
    }

    #[test]
    fn what_somebody_else_still_reads_is_not_changed() {
        let page = Bytes::copy_from_slice(br#"{"value":[1,2]}"#);
        let held = page.clone();
        let lines = lines(page).expect("it is a page").items;
        assert_eq!(
            (&lines[..], &held[..]),
            (&b"1\n2\n"[..], &br#"{"value":[1,2]}"#[..])
        );
    }
}
