//! Further pages of a FetchXML query. Dataverse tells where it is by a cookie, and takes it back as an attribute of the query.
//!
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/page-results>.

use percent_encoding::percent_decode_str;
use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};
use serde::Deserialize;
use url::Url;

/// The query option that holds the query.
const OPTION: &str = "fetchXml";

#[derive(Deserialize)]
struct Page {
    #[serde(rename = "@Microsoft.Dynamics.CRM.morerecords", default)]
    has_more: bool,
    #[serde(rename = "@Microsoft.Dynamics.CRM.fetchxmlpagingcookie")]
    cookie: Option<String>,
}

/// Where the page after `page` is, which `asked` was answered with; `None` after the last.
pub(super) fn next(asked: &Url, page: &[u8]) -> Option<Url> {
    let query = option(asked)?;
    let page: Page = serde_json::from_slice(page).ok()?;
    if !page.has_more {
        return None;
    }
    let cookie = page.cookie.as_deref().and_then(Cookie::read);
    let query = paged(&query, cookie.as_ref())?;
    let others = asked.query_pairs().filter(|(name, _)| !is_option(name));
    let others: Vec<_> = others
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let mut url = asked.clone();
    url.query_pairs_mut()
        .clear()
        .append_pair(OPTION, &query)
        .extend_pairs(others);
    Some(url)
}

fn option(url: &Url) -> Option<String> {
    let mut pairs = url.query_pairs();
    pairs
        .find(|(name, _)| is_option(name))
        .map(|(_, value)| value.into_owned())
}

fn is_option(name: &str) -> bool {
    name.eq_ignore_ascii_case(OPTION)
}

/// `<cookie pagenumber="2" pagingcookie="…" istracking="False" />`, with what the query wants encoded twice.
struct Cookie {
    page: u32,
    inner: String,
}

impl Cookie {
    fn read(text: &str) -> Option<Self> {
        let (Event::Empty(element) | Event::Start(element)) =
            Reader::from_str(text).read_event().ok()?
        else {
            return None;
        };
        let twice = attribute(&element, "pagingcookie")?;
        let once = percent_decode_str(&twice).decode_utf8().ok()?;
        Some(Self {
            page: attribute(&element, "pagenumber")?.parse().ok()?,
            inner: percent_decode_str(&once).decode_utf8().ok()?.into_owned(),
        })
    }
}

/// The query with the next page's number and, where there is one, the cookie. Without a cookie the pages are counted alone.
fn paged(query: &str, cookie: Option<&Cookie>) -> Option<String> {
    let mut reader = Reader::from_str(query);
    loop {
        let before = usize::try_from(reader.buffer_position()).ok()?;
        match reader.read_event().ok()? {
            Event::Start(element) => {
                let after = usize::try_from(reader.buffer_position()).ok()?;
                let current = attribute(&element, "page").and_then(|page| page.parse().ok());
                let number = cookie.map_or_else(
                    || current.unwrap_or(1_u32).saturating_add(1),
                    |cookie| cookie.page,
                );
                let mut begin = vec![format!("<{}", element.name().as_ref())];
                for other in element.attributes().flatten() {
                    let key: &str = other.key.as_ref();
                    if !matches!(key, "page" | "paging-cookie") {
                        let value = other.value.replace('"', "&quot;");
                        begin.push(format!("{key}=\"{value}\""));
                    }
                }
                begin.push(format!("page=\"{number}\""));
                if let Some(cookie) = cookie {
                    let inner = escape(cookie.inner.as_str());
                    begin.push(format!("paging-cookie=\"{inner}\""));
                }
                let begin = begin.join(" ");
                return Some(format!("{}{begin}>{}", &query[..before], &query[after..]));
            }
            Event::Empty(_) | Event::Eof => return None,
            _ => {}
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes().flatten();
    let found = attributes.find(|attribute| {
        let key: &str = attribute.key.as_ref();
        key == name
    })?;
    quick_xml::escape::unescape(&found.value)
        .ok()
        .map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use url::Url;

    use super::next;

    fn follow(query: &str, page: &serde_json::Value) -> Option<String> {
        let mut url =
            Url::parse("https://contoso.crm.dynamics.com/api/data/v9.2/accounts").unwrap();
        url.query_pairs_mut()
            .append_pair("fetchXml", query)
            .append_pair("$count", "true");
        let url = next(&url, page.to_string().as_bytes())?;
        assert_eq!(
            url.query_pairs()
                .filter(|(name, _)| name == "$count")
                .count(),
            1
        );
        super::option(&url)
    }

    #[test]
    fn the_cookie_goes_back_into_the_query() {
        let page = json!({
            "@Microsoft.Dynamics.CRM.morerecords": true,
            "@Microsoft.Dynamics.CRM.fetchxmlpagingcookie":
                "<cookie pagenumber=\"3\" pagingcookie=\"%253ccookie%2520page%253d%25222%2522%253e%253c%252fcookie%253e\" istracking=\"False\" />",
            "value": [],
        });
        let next = follow(
            "<!-- a --><fetch count='2' page=\"2\" paging-cookie='old'><entity name='account'/></fetch>",
            &page,
        );
        let wanted = "<!-- a --><fetch count=\"2\" page=\"3\" paging-cookie=\"&lt;cookie page=&quot;2&quot;&gt;&lt;/cookie&gt;\"><entity name='account'/></fetch>";
        assert_eq!(next.as_deref(), Some(wanted));
    }

    #[test]
    fn pages_without_a_cookie_are_counted_and_the_last_has_none_behind_it() {
        let query = "<fetch><entity name='account'/></fetch>";
        let more = json!({ "@Microsoft.Dynamics.CRM.morerecords": true, "value": [] });
        let next = follow(query, &more).unwrap();
        assert_eq!(next, "<fetch page=\"2\"><entity name='account'/></fetch>");
        assert!(
            follow(&next, &more)
                .unwrap()
                .starts_with("<fetch page=\"3\">")
        );
        assert_eq!(
            follow(
                query,
                &json!({ "@Microsoft.Dynamics.CRM.morerecords": false, "value": [] })
            ),
            None
        );
        assert_eq!(follow(query, &json!({ "value": [] })), None);
    }
}
