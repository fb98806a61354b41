//! Bytes of pictures, files and documents.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Call, Reply, write};
use crate::books::{Record, Work};
use crate::fault::Fault;
use crate::model::{EntitySet, Field};
use crate::{pdf, rules};

/// The bytes; an empty file has none, and is answered so.
pub(crate) fn read(work: &Work<'_>, set: &EntitySet, record: &Record) -> Result<Reply, Fault> {
    if set.name == "pdfDocument" {
        let bytes = pdf::content(work, record)?;
        return Ok(Reply::Bytes {
            content_type: "application/pdf".to_owned(),
            bytes,
        });
    }
    let Some(content) = &record.content else {
        return Ok(Reply::NoContent);
    };
    let content_type = match record.text("contentType") {
        "" => "application/octet-stream",
        known => known,
    };
    Ok(Reply::Bytes {
        content_type: content_type.to_owned(),
        bytes: STANDARD.decode(content).unwrap_or_default(),
    })
}

/// Takes the body as the new bytes.
pub(crate) fn write(
    work: &mut Work<'_>,
    call: &Call<'_>,
    set: &'static EntitySet,
    record: &Record,
    field: &Field,
) -> Result<Reply, Fault> {
    if field.is_read_only || !set.modify {
        return Err(Fault::read_only(field.name));
    }
    write::check_etag(record, call.if_match)?;
    let content = STANDARD.encode(call.body);
    if set.name == "pictures" {
        rules::pictures::put(work, record, call.body, content, call.content_type);
        return Ok(Reply::NoContent);
    }
    let size = call.body.len();
    work.update(set.name, &record.id, |file| {
        file.content = Some(content);
        file.set("byteSize", size);
    });
    Ok(Reply::NoContent)
}
