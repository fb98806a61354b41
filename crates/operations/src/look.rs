//! Whether a write happened whose answer was lost: the ways of looking that the catalogue names.
//!
//! A write's permit covers looking for its own trace. Where the trace is missing, that proves nothing until the request
//! can no longer be on its way.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::exchange::exchange;
use crate::ready::Ready;
use crate::write::Write;
use crate::{Answer, Error, Result};

/// After this a request that left no trace will leave none: longer than any deadline of ours and Microsoft's.
const SETTLED: SignedDuration = SignedDuration::from_mins(5);

pub(crate) enum Found {
    Happened(Answer),
    NotHappened,
    Unknown,
}

/// Gives a message that is sent or drafted a Message-ID to be recognised by, unless the caller chose one.
pub(crate) fn leave_mark(write: &mut Write<'_>) {
    let place = match write.ready.repeat {
        catalog::Repeat::Look("sent_items") => &["message"][..],
        catalog::Repeat::Look("internet_message_id") => &[],
        _ => return,
    };
    let Some(mut body) = body(&write.ready) else {
        return;
    };
    let message = place
        .iter()
        .try_fold(&mut body, |value, name| value.get_mut(*name));
    let Some(fields) = message.and_then(Value::as_object_mut) else {
        return;
    };
    if fields.contains_key("internetMessageId") {
        return;
    }
    write.mark = format!("<{}@consentry.invalid>", write.mark);
    fields.insert("internetMessageId".to_owned(), write.mark.clone().into());
    write.ready.wire.body = Some(body.to_string().into());
    write.is_marked = true;
}

/// Looks for the trace of a write that was sent at `since` or later.
pub(crate) async fn for_it(write: &Write<'_>, since: Timestamp) -> Found {
    let catalog::Repeat::Look(way) = write.ready.repeat else {
        return Found::Unknown;
    };
    if matches!(way, "sent_items" | "internet_message_id") && !write.is_marked {
        return Found::Unknown;
    }
    let seen = match way {
        "sent_items" => in_sent_items(write).await,
        "internet_message_id" => in_mailbox(write).await,
        "is_draft" => no_longer_draft(write).await,
        "parent_folder" => in_destination(write).await,
        _ => Err(Error::Unexpected(format!(
            "no way of looking is called `{way}`"
        ))),
    };
    let settled = write.parts.context.now().duration_since(since) > SETTLED;
    match seen {
        Ok(Some(answer)) => Found::Happened(answer),
        // Exchange may take its time with the copy in Sent Items, or be told to keep none.
        Ok(None) if settled && way != "sent_items" => Found::NotHappened,
        Ok(None) => Found::Unknown,
        Err(error) => {
            tracing::info!(error = %error, operation.id = write.ready.permit.deed().action, "looking for a write failed");
            Found::Unknown
        }
    }
}

async fn in_sent_items(write: &Write<'_>) -> Result<Option<Answer>> {
    let input = json!({ "folderId": "sentitems", "filter": by_message_id(write), "select": ["id"], "top": 1 });
    let page = read(write, "outlook.messages.listInFolder", input).await?;
    Ok(first(&page).map(|_| accepted()))
}

async fn in_mailbox(write: &Write<'_>) -> Result<Option<Answer>> {
    let input = json!({ "filter": by_message_id(write), "top": 1 });
    let page = read(write, "outlook.messages.list", input).await?;
    Ok(first(&page).map(created))
}

async fn no_longer_draft(write: &Write<'_>) -> Result<Option<Answer>> {
    let id = write
        .ready
        .input
        .get("draftId")
        .cloned()
        .unwrap_or_default();
    let message = read(
        write,
        "outlook.messages.get",
        json!({ "messageId": id, "select": ["isDraft"] }),
    )
    .await?;
    Ok((message.get("isDraft") == Some(&Value::Bool(false))).then(accepted))
}

async fn in_destination(write: &Write<'_>) -> Result<Option<Answer>> {
    let input = &write.ready.input;
    let (id, destination) = (
        input.get("messageId").cloned(),
        input.get("destinationId").cloned(),
    );
    let folder = read(
        write,
        "outlook.folders.get",
        json!({ "folderId": destination, "select": ["id"] }),
    )
    .await?;
    let message = read(write, "outlook.messages.get", json!({ "messageId": id })).await?;
    let there = message.get("parentFolderId").is_some()
        && message.get("parentFolderId") == folder.get("id");
    Ok(there.then(|| created(&message)))
}

/// Runs a read of the catalogue in the same mailbox, under the write's permit.
async fn read(write: &Write<'_>, operation: &str, input: Value) -> Result<Value> {
    let operation = catalog::operation(operation)
        .ok_or_else(|| Error::Unexpected(format!("there is no `{operation}`")))?;
    let mut input = input.as_object().cloned().unwrap_or_default();
    if let Some(mailbox) = write.ready.input.get("mailbox") {
        input.insert("mailbox".to_owned(), mailbox.clone());
    }
    let ready = Ready::looking(&write.ready, operation, input)?;
    let (answer, _) = exchange(write.parts, &ready).await?;
    serde_json::from_slice(&answer.body)
        .map_err(|_| Error::Unexpected("the answer is not JSON".to_owned()))
}

fn by_message_id(write: &Write<'_>) -> String {
    format!("internetMessageId eq '{}'", write.mark.replace('\'', "''"))
}

fn first(page: &Value) -> Option<&Value> {
    page.get("value")?.as_array()?.first()
}

fn body(ready: &Ready) -> Option<Value> {
    serde_json::from_slice(ready.wire.body.as_deref()?).ok()
}

fn accepted() -> Answer {
    answer(202, None)
}

fn created(item: &Value) -> Answer {
    answer(201, Some(item))
}

fn answer(status: u16, item: Option<&Value>) -> Answer {
    Answer {
        status,
        content_type: item.map(|_| "application/json".to_owned()),
        body: item.map(|item| item.to_string().into()).unwrap_or_default(),
        cursor: None,
        activity: None,
        replayed: false,
    }
}
