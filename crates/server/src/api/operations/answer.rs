//! Microsoft's answer, as it is.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::{HeaderName, HeaderValue, StatusCode, header};
use operations::{Answer, Error, Streamed};
use serde_json::{Value, json};

use crate::problem::Problem;

const ACTIVITY: HeaderName = HeaderName::from_static("consentry-activity");
const CURSOR: HeaderName = HeaderName::from_static("consentry-cursor");
const REPLAYED: HeaderName = HeaderName::from_static("consentry-replayed");
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
    let rest = lines.map(|line| Ok::<_, std::convert::Infallible>(line.unwrap_or_else(last_words)));
    let all = stream::iter(first.map(Ok)).chain(rest);
    let mut response = Response::new(Body::from_stream(all));
    response.headers_mut().insert(header::CONTENT_TYPE, LINES);
    Ok(response)
}

fn last_words(error: Error) -> Bytes {
    let problem = Problem::from(error);
    let shown: Value = serde_json::from_slice(&problem.to_json("")).unwrap_or_default();
    let mut line = json!({ "problem": shown }).to_string();
    line.push('\n');
    line.into()
}
