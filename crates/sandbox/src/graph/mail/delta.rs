//! Following the changes of a folder's messages, and of the folders.
//! Source: <https://learn.microsoft.com/graph/api/message-delta>, <https://learn.microsoft.com/graph/api/mailfolder-delta>

use serde_json::Value;

use super::folders::render;
use super::query::view;
use super::render::Row;
use super::schema::{FOLDER, MESSAGE};
use super::{Target, folder_number};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission::MailAccess;
use crate::graph::reply::Reply;
use crate::graph::rounds::{Change, Round, removed};
use crate::odata::filter::ast::Expr;
use crate::odata::filter::{self, eval};
use crate::odata::project::Selection;
use crate::state::mail::gone::GoneItem;
use crate::state::mail::item_id;
use crate::state::mail::message::Message;

/// A message that is there, or the numbers of one that is not.
enum Told<'m> {
    There(&'m Message),
    Gone { folder: u32, item: u64, key: u64 },
}

/// What `changeType` leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    All,
    Created,
    Updated,
    Deleted,
}

/// `GET …/mailFolders/{id}/messages/delta`
pub(super) fn messages(call: &Call, target: &Target, folder: Option<&str>) -> Result<Reply, Fault> {
    target.require(MailAccess::ReadBasic)?;
    let folder = folder.ok_or_else(|| {
        Fault::bad_request("Change tracking is not supported against 'microsoft.graph.message' outside of a folder.")
    })?;
    target.read(call, |mailbox| {
        let round = Round::open(call, mailbox)?;
        let number = folder_number(mailbox, folder)?;
        let wanted = wanted(round.custom("changeType"))?;
        let condition = condition(&round)?;
        let view = view(call, &round.options, target, mailbox)?;
        let mut changes: Vec<Change<Told<'_>>> = Vec::new();
        for message in mailbox
            .messages()
            .filter(|message| message.folder == number)
        {
            // Its place has a number of its own, drawn when it came there.
            let is_new = round.is_first || message.item > round.after;
            let fits = match wanted {
                Wanted::All => true,
                Wanted::Created => is_new,
                Wanted::Updated => !is_new,
                Wanted::Deleted => false,
            };
            let row = Row {
                view: &view,
                message,
            };
            let holds = condition
                .as_ref()
                .is_none_or(|condition| eval::matches(condition, &row));
            if round.tells(message.change) && fits && holds {
                changes.push((message.change, Told::There(message)));
            }
        }
        let tells_departures = !round.is_first && matches!(wanted, Wanted::All | Wanted::Deleted);
        for gone in mailbox.gone_after(round.after).filter(|_| tells_departures) {
            if let GoneItem::Message { folder, item, key } = gone.what
                && folder == number
                && round.tells(gone.change)
            {
                changes.push((gone.change, Told::Gone { folder, item, key }));
            }
        }

        round.page(
            call,
            mailbox,
            "Collection(message)",
            changes,
            |told| match told {
                Told::There(message) => {
                    let mut entity = serde_json::Map::new();
                    entity.insert("@odata.type".to_owned(), "#microsoft.graph.message".into());
                    entity.extend(view.message(message)?);
                    Ok(Some(Value::Object(entity)))
                }
                Told::Gone { folder, item, key } => Ok(Some(removed(&if view.immutable_ids {
                    item_id::immutable(mailbox.id, key)
                } else {
                    item_id::message(mailbox.id, folder, item)
                }))),
            },
        )
    })
}

fn wanted(change_type: Option<&str>) -> Result<Wanted, Fault> {
    match change_type.map(str::to_ascii_lowercase).as_deref() {
        None => Ok(Wanted::All),
        Some("created") => Ok(Wanted::Created),
        Some("updated") => Ok(Wanted::Updated),
        Some("deleted") => Ok(Wanted::Deleted),
        Some(_) => Err(Fault::bad_request(
            "The value of 'changeType' is one of 'created', 'updated' and 'deleted'.",
        )),
    }
}

/// Only when a message came may be a condition, and only newest first an order.
fn condition(round: &Round) -> Result<Option<Expr>, Fault> {
    let is_received =
        |path: &[String]| path.len() == 1 && path[0].eq_ignore_ascii_case("receivedDateTime");
    let mut condition = round.options.filter.clone();
    if let Some(condition) = &mut condition {
        filter::bind(condition, &MESSAGE).map_err(|error| Fault::outlook_query(&error))?;
        if !condition.paths().iter().all(|path| is_received(path)) {
            return Err(Fault::bad_request(
                "Change tracking supports only conditions on 'receivedDateTime' with 'ge' and 'gt'.",
            ));
        }
    }
    let keys = &round.options.order_by;
    if keys
        .iter()
        .any(|key| !(is_received(&key.path) && key.descending))
    {
        return Err(Fault::bad_request(
            "Change tracking supports only the order 'receivedDateTime desc'.",
        ));
    }
    if round.options.search.is_some() {
        return Err(Fault::bad_request(
            "Change tracking is not supported with '$search'.",
        ));
    }
    Ok(condition)
}

/// `GET …/mailFolders/delta`
pub(super) fn folders(call: &Call, target: &Target) -> Result<Reply, Fault> {
    target.require(MailAccess::ReadBasic)?;
    target.read(call, |mailbox| {
        let round = Round::open(call, mailbox)?;
        let mut select = round.options.select.clone();
        FOLDER
            .resolve_select(&mut select)
            .map_err(|error| Fault::outlook_query(&error))?;
        let selection = Selection::new(&select);
        let counts = mailbox.counts();
        let mut changes: Vec<Change<Result<u32, u32>>> = mailbox
            .folders()
            .filter(|(_, folder)| round.tells(folder.change) && !folder.is_hidden)
            .map(|(number, folder)| (folder.change, Ok(number)))
            .collect();
        for gone in mailbox.gone_after(round.after).filter(|_| !round.is_first) {
            if let GoneItem::Folder { number } = gone.what
                && round.tells(gone.change)
            {
                changes.push((gone.change, Err(number)));
            }
        }

        round.page(
            call,
            mailbox,
            "Collection(mailFolder)",
            changes,
            |changed| {
                Ok(Some(match changed {
                    Ok(number) => {
                        let mut entity = render(mailbox, number, &counts);
                        selection.apply(&mut entity, &["id"]);
                        Value::Object(entity)
                    }
                    Err(number) => removed(&item_id::folder(mailbox.id, number)),
                }))
            },
        )
    })
}
