//! An attachment of a Business Central document: it is made first, and then filled.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Method, header};
use microsoft::{Repeat, Target};
use model::RemoteIds;
use serde_json::Value;

use super::json as read;
use crate::exchange::exchange;
use crate::ready::Ready;
use crate::runner::Parts;
use crate::wire::Wire;
use crate::{Answer, Error, Result};

pub(super) async fn add(parts: &Parts, ready: &Ready) -> Result<(Answer, RemoteIds)> {
    let content = content(&ready.input)?;
    let (made, remote) = exchange(parts, &without_content(ready)?).await?;
    let attachment = read(&made)?;
    let id = attachment
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let filling = filling(ready, id, content)?;
    match exchange(parts, &filling).await {
        Ok(_) => Ok((made, remote)),
        Err(error) => Err(Error::Uncertain {
            activity: None,
            message: format!("the attachment `{id}` was made and could not be filled: {error}"),
        }),
    }
}

fn content(input: &serde_json::Map<String, Value>) -> Result<Vec<u8>> {
    let text = input
        .get("content")
        .and_then(Value::as_str)
        .unwrap_or_default();
    STANDARD.decode(text).map_err(|_| Error::Input {
        code: "invalid_input",
        field: Some("content".to_owned()),
        message: "`content` is not base64".to_owned(),
    })
}

/// The first request: the document's attachment without its bytes, which that address does not take.
fn without_content(ready: &Ready) -> Result<Ready> {
    let mut body: Value = serde_json::from_slice(ready.wire.body.as_deref().unwrap_or_default())
        .map_err(|_| Error::Unexpected("the request has no body".to_owned()))?;
    if let Some(fields) = body.as_object_mut() {
        fields.remove("content");
    }
    let wire = Wire {
        body: Some(body.to_string().into()),
        ..ready.wire.clone()
    };
    Ok(ready.with(wire))
}

fn filling(ready: &Ready, id: &str, content: Vec<u8>) -> Result<Ready> {
    let mut url = microsoft::resolve(&ready.snapshot.cloud, &ready.wire.target)
        .map_err(|error| Error::Unexpected(error.to_string()))?;
    let is_id = !id.is_empty()
        && id
            .chars()
            .all(|letter| letter.is_ascii_hexdigit() || letter == '-');
    if !is_id {
        return Err(Error::Uncertain {
            activity: None,
            message: "an attachment without content was made, and the answer does not say its id"
                .to_owned(),
        });
    }
    url.set_path(&format!("{}({id})/attachmentContent", url.path()));
    let mut headers = ready.wire.headers.clone();
    headers.insert(header::IF_MATCH, HeaderValue::from_static("*"));
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    Ok(ready.with(Wire {
        target: Target::Url(url),
        method: Method::PATCH,
        headers,
        body: Some(content.into()),
        repeat: Repeat::Safe,
    }))
}
