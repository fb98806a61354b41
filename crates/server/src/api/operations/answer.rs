//! Microsoft's answer, as it is.

use std::convert::Infallible;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::{HeaderName, HeaderValue, StatusCode, header};
use operations::{Answer, Error, Streamed};
use serde_json::{Value, json};

use crate::problem::Problem;

pub(in crate::api) const ACTIVITY: HeaderName = HeaderName::from_static("consentry-activity");
const CURSOR: HeaderName = HeaderName::from_static("consentry-cursor");
const REPLAYED: HeaderName = HeaderName::from_static("consentry-replayed");
/// Longest piece that a page of a list is sent in.
const PIECE: usize = 256 * 1024;
const LINES: HeaderValue = HeaderValue::from_static("application/x-ndjson");

pub(super) fn one(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    let told = [
        (header::CONTENT_TYPE, answer.content_type),
        (ACTIVITY, answer.activity.map(|id| id.to_string())),
        (CURSOR, answer.cursor),
        (REPLAYED, answer.replayed.then(|| "true".to_owned())),
    ];
    for (name, value) in told {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

/// A file, as it comes.
pub(super) fn file(file: Streamed) -> Response {
    let mut response = Response::new(Body::from_stream(file.bytes));
    *response.status_mut() = file.status;
    *response.headers_mut() = file.headers;
    if let Ok(activity) = HeaderValue::try_from(file.activity.to_string()) {
        response.headers_mut().insert(ACTIVITY, activity);
    }
    response
}

/// One item a line. What fails on the first page is a problem; what fails later is the last line, since the answer has
/// begun.
pub(super) async fn lines(
    lines: impl Stream<Item = Result<Bytes, Error>> + Send + 'static,
) -> Result<Response, Problem> {
    let mut lines = Box::pin(lines);
    let first = lines.next().await.transpose()?;
    let rest = lines.map(|line| line.unwrap_or_else(last_words));
    let pages = stream::iter(first).chain(rest);
    let all = pages.flat_map(|page| stream::iter(pieces(page).map(Ok::<_, Infallible>)));
    let mut response = Response::new(Body::from_stream(all));
    response.headers_mut().insert(header::CONTENT_TYPE, LINES);
    Ok(response)
}

/// Copied out of the page one by one, so that the page is gone before the next one is asked for, however slowly they are read.
fn pieces(mut page: Bytes) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || {
        let piece = page.split_to(page.len().min(PIECE));
        (!piece.is_empty()).then(|| Bytes::copy_from_slice(&piece))
    })
}

fn last_words(error: Error) -> Bytes {
    let problem = Problem::from(error);
    let shown: Value = serde_json::from_slice(&problem.to_json("")).unwrap_or_default();
    let mut line = json!({ "problem": shown }).to_string();
    line.push('\n');
    line.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_whole_in_its_pieces() {
        for length in [0, 1, PIECE, PIECE + 1, 3 * PIECE] {
            let page = Bytes::from(vec![7; length]);
            let pieces: Vec<_> = pieces(page.clone()).collect();
            assert!(
                pieces
                    .iter()
                    .all(|piece| (1..=PIECE).contains(&piece.len()))
            );
            assert_eq!(pieces.concat(), page);
        }
    }
}
