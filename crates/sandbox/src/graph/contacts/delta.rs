//! Following the contacts of a folder: <https://learn.microsoft.com/graph/api/contact-delta>

use serde_json::Value;

use super::folder_number;
use super::items::{project, render, selection};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::Target;
use crate::graph::reply::Reply;
use crate::graph::rounds::{Change, Round, removed};
use crate::state::contacts::Contact;
use crate::state::mail::gone::GoneItem;
use crate::state::mail::item_id;

/// `GET …/contacts/delta`
pub(super) fn follow(call: &Call, target: &Target, folder: Option<&str>) -> Result<Reply, Fault> {
    target.read(call, |mailbox| {
        let round = Round::open(call, mailbox)?;
        let options = &round.options;
        if options.filter.is_some() || !options.order_by.is_empty() || options.search.is_some() {
            return Err(Fault::bad_request(
                "Change tracking of contacts does not support '$filter', '$orderby' and '$search'.",
            ));
        }
        let selection = selection(options)?;
        let number = folder_number(mailbox, folder)?;
        let inside = mailbox
            .contacts()
            .filter(|contact| contact.folder == number && round.tells(contact.change));
        let mut changes: Vec<Change<Result<&Contact, u64>>> = inside
            .map(|contact| (contact.change, Ok(contact)))
            .collect();
        for gone in mailbox.gone_after(round.after).filter(|_| !round.is_first) {
            if let GoneItem::Contact { folder, key } = gone.what
                && folder == number
                && round.tells(gone.change)
            {
                changes.push((gone.change, Err(key)));
            }
        }
        round.page(call, mailbox, "Collection(contact)", changes, |changed| {
            Ok(Some(match changed {
                Ok(contact) => {
                    let mut entity = render(call, mailbox, contact);
                    project(&mut entity, &selection);
                    Value::Object(entity)
                }
                Err(key) if call.prefer.immutable_ids => {
                    removed(&item_id::immutable(mailbox.id, key))
                }
                Err(key) => removed(&item_id::message(mailbox.id, number, key)),
            }))
        })
    })
}
