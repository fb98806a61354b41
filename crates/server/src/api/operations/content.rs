//! A file's bytes as the request's body: `application/octet-stream`, with the operation's fields in the query.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use http::{HeaderMap, StatusCode, header};
use microsoft::Content;
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::{Asking, Mode};
use crate::problem::Problem;

/// A caller that sends nothing for so long is gone.
const SILENCE: Duration = Duration::from_mins(1);

/// Whether the body is a file, and no JSON.
pub(crate) fn is_file(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE);
    content_type
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            value
                .trim()
                .eq_ignore_ascii_case("application/octet-stream")
        })
}

pub(super) fn read(operation: &str, request: Request) -> Result<Asking, Problem> {
    let (parts, body) = request.into_parts();
    let length = length(&parts.headers)?;
    let (mode, input) = fields(operation, parts.uri.query().unwrap_or_default());
    Ok(Asking {
        mode,
        input,
        content: Some(Content {
            length,
            bytes: alone(patiently(body)),
        }),
    })
}

/// A chunk of a file is kept until Microsoft has it. A piece as it came would keep all of the buffer that it was read into, which
/// may be several times as large.
fn alone(pieces: BoxStream<'static, io::Result<Bytes>>) -> BoxStream<'static, io::Result<Bytes>> {
    let copied = |piece: io::Result<Bytes>| piece.map(|piece| Bytes::copy_from_slice(&piece));
    pieces.map(copied).boxed()
}

/// A body piece by piece. It ends with an error when the caller breaks off, or sends nothing for a minute.
pub(crate) fn patiently(body: Body) -> BoxStream<'static, io::Result<Bytes>> {
    let body = Some(body.into_data_stream());
    futures_util::stream::unfold(body, |body| async move {
        let mut body = body?;
        match timeout(SILENCE, body.next()).await {
            Ok(piece) => Some((piece?.map_err(io::Error::other), Some(body))),
            Err(_) => Some((Err(io::ErrorKind::TimedOut.into()), None)),
        }
    })
    .boxed()
}

/// Microsoft wants to know how long a file is before the first byte.
fn length(headers: &HeaderMap) -> Result<u64, Problem> {
    let length = headers.get(header::CONTENT_LENGTH);
    length
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .ok_or_else(|| {
            Problem::new(
                StatusCode::LENGTH_REQUIRED,
                "length_required",
                "a file's length has to be said before its bytes",
            )
            .next("send `Content-Length`")
        })
}

fn fields(operation: &str, query: &str) -> (Mode, Map<String, Value>) {
    let schema = catalog::operation(operation)
        .map(|operation| operation.input_schema(operation.usual_method()))
        .unwrap_or_default();
    let (mut mode, mut input) = (Mode::default(), Map::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if name == "dry_run" {
            mode.dry_run = value == "true";
            continue;
        }
        let value = fitting(&schema["properties"][name.as_ref()], &value);
        input.insert(name.into_owned(), value);
    }
    (mode, input)
}

/// The text as what the field wants to be; what does not fit stays text, and is refused as that.
fn fitting(schema: &Value, text: &str) -> Value {
    match schema["type"].as_str() {
        Some("string") | None => Value::from(text),
        Some(_) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
    }
}
