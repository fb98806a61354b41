//! File columns: whole in one request, or in pieces.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/file-column-data>

use bytes::Bytes;
use http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use uuid::Uuid;

use super::{Actor, Target};
use crate::Dataverse;
use crate::call::Call;
use crate::cell::Cell;
use crate::fault::Fault;
use crate::reply::Reply;
use crate::schema::{ColumnId, Kind, TableId};
use crate::security::Access;
use crate::store::File;

/// What one piece has, and what one request may hold.
const PIECE: usize = 4 * 1024 * 1024;
const WHOLE: usize = 128 * 1024 * 1024;

/// The column, when it is one for files.
pub(crate) fn is_file_column(
    dataverse: &Dataverse,
    table: TableId,
    name: &str,
) -> Option<ColumnId> {
    let known = dataverse.schema.table(table);
    let id = known.find(name)?;
    matches!(known.column(id).kind, Kind::File { .. }).then_some(id)
}

/// `PATCH /accounts(…)/new_document`
pub(crate) fn upload(
    dataverse: &mut Dataverse,
    call: &Call,
    target: &Target,
    column: ColumnId,
) -> Result<Reply, Fault> {
    let row = target.row(dataverse)?.clone();
    dataverse.need_on(&call.who, Access::Write, target.table, &row)?;
    let name = file_name(call)?;
    let is_chunked = call
        .header("x-ms-transfer-mode")
        .is_some_and(|mode| mode.eq_ignore_ascii_case("chunked"));
    if is_chunked {
        let session = dataverse.ids.uuid();
        dataverse.store.keep_file(
            session,
            File {
                name: name.clone(),
                bytes: Bytes::new(),
            },
        );
        let name = utf8_percent_encode(&name, NON_ALPHANUMERIC);
        let location = format!("{}?sessiontoken={session}&x-ms-file-name={name}", call.url);
        return Ok(Reply::empty(StatusCode::OK)
            .with("location", location)
            .with("x-ms-chunk-size", PIECE.to_string())
            .with("accept-ranges", "bytes"));
    }
    if let Some(session) = call.options.custom("sessiontoken") {
        return piece(dataverse, call, target, column, session);
    }
    let limit = match dataverse.schema.table(target.table).column(column).kind {
        Kind::File { max_kb } => (max_kb as usize).saturating_mul(1024).min(WHOLE),
        _ => WHOLE,
    };
    if call.body.len() > limit {
        return Err(Fault::too_large(
            "The file is larger than the column allows.",
        ));
    }
    let file = File {
        name,
        bytes: call.body.clone(),
    };
    finish(dataverse, call, target, column, file)
}

fn file_name(call: &Call) -> Result<String, Fault> {
    let name = call
        .header("x-ms-file-name")
        .or_else(|| call.options.custom("x-ms-file-name"));
    let name =
        name.ok_or_else(|| Fault::invalid_argument("The header x-ms-file-name is missing."))?;
    Ok(percent_decode_str(name).decode_utf8_lossy().into_owned())
}

fn piece(
    dataverse: &mut Dataverse,
    call: &Call,
    target: &Target,
    column: ColumnId,
    session: &str,
) -> Result<Reply, Fault> {
    let unknown = || Fault::invalid_argument("The upload session is not known.");
    let session: Uuid = session.parse().map_err(|_| unknown())?;
    let before = dataverse.store.file(session).ok_or_else(unknown)?.clone();
    let (start, end, total) = call
        .header("content-range")
        .and_then(range)
        .ok_or_else(|| {
            Fault::invalid_argument("The header Content-Range is missing or not valid.")
        })?;
    let fits = start == before.bytes.len()
        && end.checked_sub(start).and_then(|it| it.checked_add(1)) == Some(call.body.len())
        && end < total;
    if !fits {
        return Err(Fault::invalid_argument(
            "The range does not follow the one before it.",
        ));
    }
    let bytes = [before.bytes.as_ref(), call.body.as_ref()].concat();
    let file = File {
        name: before.name.clone(),
        bytes: bytes.into(),
    };
    if end + 1 == total {
        dataverse.store.drop_file(session);
        return finish(dataverse, call, target, column, file);
    }
    dataverse.store.keep_file(session, file);
    Ok(Reply::empty(StatusCode::PARTIAL_CONTENT).with("x-ms-chunk-size", PIECE.to_string()))
}

/// `bytes 0-3/10`
fn range(text: &str) -> Option<(usize, usize, usize)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    Some((start.parse().ok()?, end.parse().ok()?, total.parse().ok()?))
}

fn finish(
    dataverse: &mut Dataverse,
    call: &Call,
    target: &Target,
    column: ColumnId,
    file: File,
) -> Result<Reply, Fault> {
    let mut row = target.row(dataverse)?.clone();
    let id = dataverse.ids.uuid();
    dataverse.store.keep_file(id, file);
    row.set(column, Some(Cell::Guid(id)));
    dataverse.update_row(Actor::of(call), target.table, row)?;
    Ok(Reply::no_content())
}

/// `GET /accounts(…)/new_document/$value`, by range too.
pub(crate) fn download(
    dataverse: &Dataverse,
    call: &Call,
    target: &Target,
    column: ColumnId,
) -> Result<Reply, Fault> {
    let row = target.row(dataverse)?;
    dataverse.need_on(&call.who, Access::Read, target.table, row)?;
    let id = row.get(column).and_then(Cell::as_guid);
    let Some(file) = id.and_then(|id| dataverse.store.file(id)) else {
        return Ok(Reply::no_content());
    };
    let size = file.bytes.len();
    let name = utf8_percent_encode(&file.name, NON_ALPHANUMERIC).to_string();
    let part = call
        .header("range")
        .and_then(|text| text.trim().strip_prefix("bytes=")?.split_once('-'))
        .and_then(|(start, end)| {
            let start: usize = start.parse().ok()?;
            let end = end
                .parse::<usize>()
                .map_or(size, |end| end.saturating_add(1))
                .min(size);
            (start < end).then_some((start, end))
        });
    let reply = match part {
        Some((start, end)) => {
            let mut reply = Reply::bytes("application/octet-stream", file.bytes.slice(start..end));
            reply.status = StatusCode::PARTIAL_CONTENT;
            reply.with("content-range", format!("bytes {start}-{}/{size}", end - 1))
        }
        None => Reply::bytes("application/octet-stream", file.bytes.clone()),
    };
    Ok(reply
        .with("x-ms-file-name", name)
        .with("x-ms-file-size", size.to_string())
        .with("mimetype", "application/octet-stream"))
}

/// `DELETE /accounts(…)/new_document`
pub(crate) fn remove(
    dataverse: &mut Dataverse,
    call: &Call,
    target: &Target,
    column: ColumnId,
) -> Result<Reply, Fault> {
    let mut row = target.row(dataverse)?.clone();
    dataverse.need_on(&call.who, Access::Write, target.table, &row)?;
    row.set(column, None);
    dataverse.update_row(Actor::of(call), target.table, row)?;
    Ok(Reply::no_content())
}
