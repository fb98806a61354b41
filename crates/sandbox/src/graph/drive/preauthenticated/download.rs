//! The bytes of a file, whole or in part.

use std::io::SeekFrom;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use bytes::Bytes;
use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use uuid::Uuid;

use super::{Answer, Refusal, invalid_range, not_allowed, not_found, unauthenticated};
use crate::documents::{pdf, text_of};
use crate::graph::drive::names;
use crate::graph::drive::render::{e_tag, is_signed, signed_text};
use crate::shared::Shared;
use crate::state::drive::content::{Content, FileData};

/// How much of a file is read at once.
const READ_AHEAD: usize = 256 * 1024;

/// `GET …/_layouts/15/download.aspx`
pub(super) async fn download(
    shared: &Shared,
    method: &Method,
    headers: &HeaderMap,
    unique: &str,
    token: &str,
    as_pdf: bool,
) -> Answer {
    if method != Method::GET && method != Method::HEAD {
        return Err(not_allowed());
    }
    let now = shared.now().as_second();
    let found = shared.read(|state| {
        let unique: Uuid = unique.parse().ok()?;
        let drive = state.drives.find(unique)?;
        let mut fields = token.strip_prefix("v1.")?.splitn(3, '.');
        let number: u32 = fields.next()?.parse().ok()?;
        let until: i64 = fields.next()?.parse().ok()?;
        let text = signed_text(drive, unique, number, until);
        if until <= now || !is_signed(&state.drives.link_key, &text, fields.next()?) {
            return None;
        }
        let item = drive.item(unique)?;
        let version = item
            .versions()
            .iter()
            .find(|version| version.number == number)?;
        let tag = e_tag(unique, item);
        let path = version
            .file
            .content
            .file_name()
            .and_then(|name| state.drives.files.path(name));
        Some((item.name.clone(), tag, version.file.clone(), path))
    });
    let (mut name, tag, mut file, mut path) = found.ok_or_else(unauthenticated)?;
    if as_pdf {
        file = converted(&name, &file, path.take()).await?;
        name = format!(
            "{}.pdf",
            name.rsplit_once('.')
                .map_or(name.as_str(), |(stem, _)| stem)
        );
    }
    let range = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok())
        // A range in another unit is as good as none.
        .filter(|text| text.trim_start().starts_with("bytes"));
    let (start, end) = match range.map(|text| parse_range(text, file.size)) {
        None => (0, file.size),
        Some(Some(bounds)) => bounds,
        Some(None) => return Ok(unsatisfiable(file.size)),
    };
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        bytes_of(&file, path, start, end).await?
    };
    let mut response = Response::new(body);
    let mut set = |name, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, names::media_type(&name).to_owned());
    set(header::CONTENT_LENGTH, (end - start).to_string());
    set(header::ACCEPT_RANGES, "bytes".to_owned());
    set(header::ETAG, tag);
    let name = percent_encoding::utf8_percent_encode(&name, percent_encoding::NON_ALPHANUMERIC);
    set(
        header::CONTENT_DISPOSITION,
        format!("attachment; filename*=UTF-8''{name}"),
    );
    if range.is_some() {
        set(
            header::CONTENT_RANGE,
            format!("bytes {start}-{}/{}", end.saturating_sub(1), file.size),
        );
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

/// The text of a document as PDF.
async fn converted(
    name: &str,
    file: &FileData,
    path: Option<std::path::PathBuf>,
) -> Result<FileData, Refusal> {
    let bytes = match (&file.content, path) {
        (Content::Memory(bytes), _) => bytes.clone(),
        (Content::File(_), Some(path)) => Bytes::from(tokio::fs::read(path).await.map_err(lost)?),
        (Content::File(_), None) => return Err(not_found()),
    };
    let lines = text_of(name, &bytes).unwrap_or_default();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let bytes = Bytes::from(pdf(&lines));
    Ok(FileData {
        size: bytes.len() as u64,
        content: Content::Memory(bytes),
        hash: String::new(),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn lost(error: std::io::Error) -> Refusal {
    tracing::error!(error = %error, "the sandbox lost a file of a drive");
    Refusal(
        StatusCode::INTERNAL_SERVER_ERROR,
        "generalException",
        "General exception while processing",
    )
}

fn unsatisfiable(size: u64) -> Response<Body> {
    let mut response = invalid_range("The requested range cannot be satisfied.").into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("bytes */{size}")) {
        response.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    response
}

/// First byte and one past the last of `bytes=0-9`, `bytes=10-`, `bytes=-5`; none when outside of the file.
fn parse_range(text: &str, size: u64) -> Option<(u64, u64)> {
    let (first, last) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
    let (start, end) = match (first.trim(), last.trim()) {
        ("", length) => (size.saturating_sub(length.parse().ok()?), size),
        (start, "") => (start.parse().ok()?, size),
        (start, last) => (
            start.parse().ok()?,
            last.parse::<u64>().ok()?.saturating_add(1).min(size),
        ),
    };
    (start < end).then_some((start, end))
}

async fn bytes_of(
    file: &FileData,
    path: Option<std::path::PathBuf>,
    start: u64,
    end: u64,
) -> Result<Body, Refusal> {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    match (&file.content, path) {
        (Content::Memory(bytes), _) => Ok(Body::from(bytes.slice(place(start)..place(end)))),
        (Content::File(_), Some(path)) => {
            let mut opened = tokio::fs::File::open(path).await.map_err(lost)?;
            opened.seek(SeekFrom::Start(start)).await.map_err(lost)?;
            let pieces = stream::try_unfold(opened.take(end - start), |mut opened| async move {
                let mut piece = Vec::with_capacity(READ_AHEAD);
                (&mut opened)
                    .take(READ_AHEAD as u64)
                    .read_to_end(&mut piece)
                    .await?;
                let piece = (!piece.is_empty()).then(|| (Bytes::from(piece), opened));
                Ok::<_, std::io::Error>(piece)
            });
            Ok(Body::from_stream(pieces))
        }
        (Content::File(_), None) => Err(not_found()),
    }
}
