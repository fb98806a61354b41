//! Changes that nobody has to note: mailboxes, drives and lists count their own.
//!
//! Of each that is watched the number of the last change told is kept; what has a higher one is new. So no writer of
//! mail or files knows of subscriptions.

use std::collections::BTreeSet;

use crate::state::State;
use crate::state::changes::{ChangeKind, What};
use crate::state::drive::tree::Holder;
use crate::state::mail::Mailbox;
use crate::state::mail::gone::GoneItem;
use crate::state::mail::item_id;
use crate::state::subscriptions::{Source, Subscription, Watch};

/// What a subscription's changes are counted by; none where writers note them.
fn source(watch: &Watch) -> Option<Source> {
    match watch {
        Watch::Messages { user, .. } | Watch::Events { user } | Watch::Contacts { user } => {
            Some(Source::Mailbox(user.clone()))
        }
        Watch::Drive { id } => Some(Source::Drive(id.clone())),
        Watch::List { site, list } => Some(Source::List {
            site: site.parse().ok()?,
            list: list.parse().ok()?,
        }),
        _ => None,
    }
}

/// The number of the last change.
fn count(state: &State, source: &Source) -> Option<u64> {
    match source {
        Source::Mailbox(user) => Some(state.mail.mailbox(user)?.last()),
        Source::Drive(id) => Some(state.drives.by_id(id)?.changes),
        Source::List { site, list } => {
            // What is in a library is counted by its drive.
            let files = state
                .drives
                .of(&list.to_string())
                .map_or(0, |it| it.changes);
            Some(state.sites.site(*site)?.list(*list)?.changes + files)
        }
    }
}

/// A new subscription hears of what comes, not of what came.
pub(super) fn begin(state: &mut State, subscription: &Subscription) {
    // What others have yet to hear of is told first.
    note(state);
    if let Some(source) = source(&subscription.watch) {
        let count = count(state, &source).unwrap_or_default();
        state.subscriptions.told.entry(source).or_insert(count);
    }
}

/// Whether anything that is watched has changed.
pub(super) fn finds(state: &State) -> bool {
    let mut told = state.subscriptions.told.iter();
    told.any(|(source, told)| count(state, source).is_some_and(|count| count > *told))
}

/// Notes what has changed since, and forgets what nobody watches any more.
pub(super) fn note(state: &mut State) {
    let watched: BTreeSet<Source> = state
        .subscriptions
        .all
        .iter()
        .filter_map(|it| source(&it.watch))
        .collect();
    state
        .subscriptions
        .told
        .retain(|source, _| watched.contains(source));
    let told = state.subscriptions.told.clone();
    for (source, last) in told {
        let Some(now) = count(state, &source).filter(|now| *now > last) else {
            continue;
        };
        let found = match &source {
            Source::Mailbox(user) => mail(state, user, last),
            Source::Drive(id) => {
                let what = What::Drive { id: id.clone() };
                let tenant = tenant_of_drive(state, id);
                tenant
                    .map(|it| (it, ChangeKind::Updated, what))
                    .into_iter()
                    .collect()
            }
            Source::List { site, list } => {
                let tenant = state.sites.site(*site).map(|it| it.tenant_id.clone());
                let what = What::List {
                    site: site.to_string(),
                    list: list.to_string(),
                };
                tenant
                    .map(|it| (it, ChangeKind::Updated, what))
                    .into_iter()
                    .collect()
            }
        };
        for (tenant, kind, what) in found {
            state.changes.note(&tenant, kind, what);
        }
        state.subscriptions.told.insert(source, now);
    }
}

fn tenant_of_drive(state: &State, id: &str) -> Option<String> {
    match &state.drives.by_id(id)?.holder {
        Holder::User(user) => state.directory.user(user).map(|it| it.tenant_id.clone()),
        Holder::Library { site, .. } => state.sites.site(*site).map(|it| it.tenant_id.clone()),
    }
}

fn mail(state: &State, user: &str, last: u64) -> Vec<(String, ChangeKind, What)> {
    let Some(mailbox) = state.mail.mailbox(user) else {
        return Vec::new();
    };
    let tenant = state.directory.user(user).map(|it| it.tenant_id.clone());
    let tenant = tenant.unwrap_or_default();
    let mut found: Vec<(u64, ChangeKind, What)> = Vec::new();
    for message in mailbox.messages().filter(|it| it.change > last) {
        let kind = if message.item > last {
            ChangeKind::Created
        } else {
            ChangeKind::Updated
        };
        let what = message_at(user, mailbox, message.folder, message.item);
        found.push((message.change, kind, what));
    }
    for event in mailbox.events().filter(|it| it.change > last) {
        let kind = if event.key > last {
            ChangeKind::Created
        } else {
            ChangeKind::Updated
        };
        let what = event_at(user, mailbox, event.calendar, event.key);
        found.push((event.change, kind, what));
    }
    for contact in mailbox.contacts().filter(|it| it.change > last) {
        let kind = if contact.key > last {
            ChangeKind::Created
        } else {
            ChangeKind::Updated
        };
        let what = contact_at(user, mailbox, contact.folder, contact.key);
        found.push((contact.change, kind, what));
    }
    for gone in mailbox.gone_after(last) {
        let what = match gone.what {
            GoneItem::Message { folder, item, .. } => message_at(user, mailbox, folder, item),
            GoneItem::Event { calendar, key } => event_at(user, mailbox, calendar, key),
            GoneItem::Contact { folder, key } => contact_at(user, mailbox, folder, key),
            GoneItem::Folder { .. } => continue,
        };
        found.push((gone.change, ChangeKind::Deleted, what));
    }
    found.sort_by_key(|(change, ..)| *change);
    found
        .into_iter()
        .map(|(_, kind, what)| (tenant.clone(), kind, what))
        .collect()
}

fn message_at(user: &str, mailbox: &Mailbox, folder: u32, item: u64) -> What {
    What::Message {
        user: user.to_owned(),
        folder: folder.to_string(),
        id: item_id::message(mailbox.id, folder, item),
    }
}

fn event_at(user: &str, mailbox: &Mailbox, calendar: u32, key: u64) -> What {
    What::Event {
        user: user.to_owned(),
        id: item_id::message(mailbox.id, calendar, key),
    }
}

fn contact_at(user: &str, mailbox: &Mailbox, folder: u32, key: u64) -> What {
    What::Contact {
        user: user.to_owned(),
        id: item_id::message(mailbox.id, folder, key),
    }
}
