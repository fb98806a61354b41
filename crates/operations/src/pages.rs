//! Lists: page by page with a cursor, or whole as a stream of lines.
//!
//! A cursor is the next page's address, encoded and nothing more: whoever brings one back could have written it, so it is
//! held against the catalogue and the policy like any raw request before it is followed.

mod fetch_xml;
mod lines;

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use catalog::Operation;
use connections::{Caller, Snapshot};
use futures_util::stream::{self, Stream};
use http::Method;
use microsoft::{Repeat, Target};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

pub(crate) use self::lines::lines;
use crate::policy::{self, Permit, Wanted};
use crate::proxy;
use crate::ready::Ready;
use crate::runner::Parts;
use crate::wire::{self, Wire};
use crate::{Call, Error, Result, Runner};

#[derive(Deserialize)]
struct NextLink<'a> {
    #[serde(rename = "@odata.nextLink", borrow)]
    next: Option<Cow<'a, str>>,
}

/// The cursor in a page, if there is a next one.
pub(crate) fn cursor(ready: &Ready, page: &[u8]) -> Option<String> {
    let link = serde_json::from_slice::<NextLink<'_>>(page).ok()?.next;
    match link {
        Some(link) => Some(encode(&link)),
        None => told(ready, page),
    }
}

/// The cursor of a list whose pages do not say where the next one is, but what to ask for it with.
pub(crate) fn told(ready: &Ready, page: &[u8]) -> Option<String> {
    let operation = ready.operation?;
    operation.parameter("fetchXml")?;
    let asked = ready.wire.url(&ready.snapshot).ok()?;
    fetch_xml::next(&asked, page).map(|url| encode(url.as_str()))
}

pub(crate) fn encode(link: &str) -> String {
    URL_SAFE_NO_PAD.encode(link)
}

/// The request for the page behind `cursor`, if it is a page of this operation and the policy allows it.
pub(crate) async fn follow(
    parts: &Parts,
    caller: &Caller,
    snapshot: &Arc<Snapshot>,
    operation: &'static Operation,
    input: &Map<String, Value>,
    cursor: &str,
) -> Result<(Permit, Wire)> {
    let refused = || Error::Input {
        code: "invalid_input",
        field: Some("cursor".to_owned()),
        message: "the cursor is not one of this operation; begin at the first page".to_owned(),
    };
    // Operations may share a path and differ in what they do: only a list has pages.
    if !operation.paging || operation.method != "GET" {
        return Err(refused());
    }
    let url = decode(cursor).ok_or_else(refused)?;
    let root = snapshot.api_root()?;
    let inside = url
        .path()
        .strip_prefix(root.path())
        .filter(|inside| inside.starts_with('/') && url.origin() == root.origin())
        .ok_or_else(refused)?;
    proxy::check_options(url.query().unwrap_or_default())?;
    let listed = as_listed(inside).ok_or_else(refused)?;
    let matched = operation
        .matched(&listed)
        .ok()
        .flatten()
        .ok_or_else(refused)?;
    let wanted = Wanted {
        operation,
        target: matched.target(),
        targets: matched.targets(None),
        url: &url,
        body: None,
    };
    let permit = policy::permit(parts, caller, snapshot, wanted).await?;
    let headers = operation.headers(input).map_err(|error| Error::Input {
        code: "invalid_input",
        field: Some(error.field),
        message: error.message,
    })?;
    let headers = wire::headers(&headers)?;
    let wire = Wire {
        target: Target::Url(url),
        method: Method::GET,
        headers,
        body: None,
        repeat: Repeat::Safe,
    };
    Ok((permit, wire))
}

/// In links that it makes, Graph may write a delta query as a function: `/delta(token='…')`, `/microsoft.graph.delta()`.
/// `None` where its argument holds what could be read as more path.
fn as_listed(path: &str) -> Option<Cow<'_, str>> {
    let Some((before, last)) = path.rsplit_once('/') else {
        return Some(path.into());
    };
    let name = last.strip_suffix(')').and_then(|last| last.split_once('('));
    match name {
        Some(("delta" | "microsoft.graph.delta", argument)) => {
            let argument = percent_decode_str(argument).decode_utf8().ok()?;
            let is_token = !argument.contains(['/', '\\', '%', '?', '#', ';'])
                && !argument.contains("..")
                && !argument.contains(char::is_control);
            is_token.then(|| format!("{before}/delta").into())
        }
        _ => Some(path.into()),
    }
}

fn decode(cursor: &str) -> Option<Url> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    Url::parse(std::str::from_utf8(&bytes).ok()?).ok()
}

/// What a stream of pages has to keep between two of them.
struct Walk {
    runner: Runner,
    caller: Caller,
    connection: model::ConnectionId,
    operation: String,
    input: Map<String, Value>,
    cursor: Option<String>,
    done: bool,
}

impl Runner {
    /// Every item of a list, one JSON object a line, a page at a time: memory stays flat however long the list is. An
    /// error ends the stream.
    pub fn run_all(&self, call: &Call<'_>) -> impl Stream<Item = Result<Bytes>> + Send + 'static {
        let walk = Walk {
            runner: self.clone(),
            caller: call.caller.clone(),
            connection: call.connection,
            operation: call.operation.to_owned(),
            input: call.input.clone(),
            cursor: call.cursor.map(str::to_owned),
            done: false,
        };
        stream::try_unfold(walk, |mut walk| async move {
            if walk.done {
                return Ok(None);
            }
            walk.is_a_list()?;
            let lines = walk.page().await?;
            Ok(Some((lines, walk)))
        })
    }
}

impl Walk {
    /// Anything else would be carried out before it turned out to have no items.
    fn is_a_list(&self) -> Result<()> {
        match catalog::operation(&self.operation) {
            Some(operation) if !operation.paging => Err(Error::Input {
                code: "invalid_input",
                field: Some("all".to_owned()),
                message: format!("`{}` answers no list", operation.id),
            }),
            _ => Ok(()),
        }
    }

    async fn page(&mut self) -> Result<Bytes> {
        let answer = self
            .runner
            .page(&Call {
                caller: &self.caller,
                connection: self.connection,
                operation: &self.operation,
                input: self.input.clone(),
                cursor: self.cursor.as_deref(),
                idempotency_key: None,
            })
            .await?;
        let page = lines(answer.body)?;
        let cursor = page.next.as_deref().map(encode).or(answer.cursor);
        self.done = cursor.is_none();
        self.cursor = cursor;
        Ok(page.items)
    }
}

#[cfg(test)]
mod tests {
    use super::as_listed;

    #[test]
    fn a_delta_query_is_known_in_each_form_of_its_links() {
        for path in [
            "/drives/d/root/delta",
            "/drives/d/root/delta(token='1230919asd')",
            "/drives/d/root/microsoft.graph.delta()",
        ] {
            assert_eq!(as_listed(path).as_deref(), Some("/drives/d/root/delta"));
        }
        let other = "/drives/d/root/search(q='delta')";
        assert_eq!(as_listed(other).as_deref(), Some(other));
    }

    #[test]
    fn a_delta_query_whose_token_may_be_more_path_is_none() {
        for token in ["a%2Fb", "a%5cb", "%2e%2e", "..", "a%252Fb", "a%00", "a%3Fb"] {
            let path = format!("/drives/d/root/delta(token='{token}')");
            assert_eq!(as_listed(&path), None, "{token}");
        }
    }
}
