//! Mailboxes filled with what colleagues write to each other ([`threads`]) and what comes from outside ([`letters`]).

mod letters;
mod threads;

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::state::State;
use crate::state::directory::{Directory, User};
use crate::state::ids::Ids;
use crate::state::mail::delivery::{self, Outgoing, address_of};
use crate::state::mail::folder::WellKnown;
use crate::state::mail::message::{
    Address, Attachment, AttachmentKind, Body, Content, FlagStatus, Message,
};
use crate::state::mail::reply::{Answer, draft};
use crate::state::mail::{self, Mailbox, NewMessage};
use letters::{LETTERS, Letter};
use threads::Thread;

/// Younger messages in an inbox are unread.
const UNREAD_DAYS: i64 = 4;
/// Every so many messages in an inbox carry a flag.
const FLAG_EVERY: usize = 7;

/// Fills everyone's mailbox; `now` is the day before which all of it was written.
pub(super) fn fill(state: &mut State, now: Timestamp) {
    for (index, thread) in threads::all().enumerate() {
        hold(state, thread, index, now);
    }
    for (index, letter) in LETTERS.iter().enumerate() {
        post(state, letter, index, now);
    }
    let people: Vec<(String, Address)> = state
        .directory
        .users
        .iter()
        .filter(|user| writes(&state.directory, user))
        .map(|user| (user.id.clone(), address_of(user)))
        .collect();
    for (index, (user_id, own)) in people.iter().enumerate() {
        let State { mail, ids, .. } = state;
        let mailbox = mail.open(user_id, ids);
        add_loose_ends(mailbox, own, ids, moment(now, 2, index));
        mark(mailbox, now);
    }
    share(
        state,
        "support",
        &["grace.kim", "hugo.martin", "ana.reis", "ben.okafor"],
    );
    share(
        state,
        "invoices",
        &["chiara.conti", "david.nguyen", "rita.sousa", "samuel.koch"],
    );
}

/// Whether somebody reads and writes mail here: rooms only keep their calendar.
fn writes(directory: &Directory, user: &User) -> bool {
    user.has_mailbox() && !directory.is_room(&user.id)
}

/// An hour of a working day, so many days before `now`; `turn` spreads the minutes.
fn moment(now: Timestamp, days_ago: i64, turn: usize) -> Timestamp {
    let spread = i8::try_from(turn % 50).unwrap_or_default();
    let date = Offset::UTC.to_datetime(now).date();
    let morning = Offset::UTC
        .to_timestamp(date.at(7 + spread % 5, spread, spread / 2, 0))
        .unwrap_or(now);
    morning
        .saturating_sub(SignedDuration::from_hours(24 * days_ago))
        .unwrap_or(now)
}

fn hold(state: &mut State, thread: &Thread, turn: usize, now: Timestamp) {
    let people = everyone(state, thread.people);
    let mut at = moment(now, thread.days_ago, turn);
    let mut written: Option<String> = None;
    for (writer, text) in thread.posts {
        let Some(user) = state.directory.user(&address(writer)).cloned() else {
            continue;
        };
        let own = address_of(&user);
        let previous = written
            .as_deref()
            .and_then(|id| find(state, &user.id, id))
            .cloned();
        let content = if let Some(original) = &previous {
            draft(original, &own, Answer::Everyone, Some(text))
        } else {
            let others = people.iter().filter(|person| !person.is_same_mailbox(&own));
            let to = others.cloned().collect();
            first(state, thread.subject, &own, to, text, thread.file, at)
        };
        let id = format!("<{}.{}@contoso.com>", state.ids.uuid().simple(), writer);
        let outgoing = Outgoing {
            content,
            internet_message_id: Some(id.clone()),
            thread: previous.map(|original| mail::Thread::after(&original, at)),
            save_to_sent_items: true,
            draft: None,
        };
        delivery::send(state, &user.id, outgoing, at);
        written = Some(id);
        at = at
            .saturating_add(SignedDuration::from_mins(95))
            .unwrap_or(at);
    }
}

fn post(state: &mut State, letter: &Letter, turn: usize, now: Timestamp) {
    let at = moment(now, letter.days_ago, turn);
    let from = Address {
        name: letter.from.0.to_owned(),
        address: letter.from.1.to_owned(),
    };
    for recipient in everyone(state, letter.people) {
        let content = first(
            state,
            letter.subject,
            &from,
            vec![recipient.clone()],
            letter.text,
            letter.file,
            at,
        );
        let Some(user_id) = state
            .directory
            .user(&recipient.address)
            .map(|user| user.id.clone())
        else {
            continue;
        };
        let State { mail, ids, .. } = state;
        let id = format!(
            "<{}@{}>",
            ids.uuid().simple(),
            letter.from.1.rsplit('@').next().unwrap_or_default()
        );
        let new = NewMessage {
            folder: WellKnown::Inbox.number(),
            content,
            is_read: false,
            is_draft: false,
            at,
            internet_message_id: Some(id),
            thread: None,
        };
        mail.open(&user_id, ids).add(new, ids);
    }
}

fn first(
    state: &mut State,
    subject: &str,
    from: &Address,
    to: Vec<Address>,
    text: &str,
    file: Option<(&str, &str)>,
    at: Timestamp,
) -> Content {
    let mut content = Content {
        subject: subject.to_owned(),
        from: Some(from.clone()),
        sender: Some(from.clone()),
        to,
        attachments: file
            .map(|(name, text)| attachment(&mut state.ids, name, text, at))
            .into_iter()
            .collect(),
        ..Content::default()
    };
    content.set_body(Body::html(&format!("<p>{text}</p><p>{}</p>", from.name)));
    content
}

fn attachment(ids: &mut Ids, name: &str, text: &str, at: Timestamp) -> Attachment {
    let content_type = match name.rsplit('.').next() {
        Some("pdf") => "application/pdf",
        Some("csv") => "text/csv",
        _ => "text/plain",
    };
    Attachment {
        id: ids.uuid(),
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        is_inline: false,
        content_id: None,
        modified: at,
        content: text.as_bytes().to_vec(),
        kind: AttachmentKind::File,
    }
}

/// A draft that was never sent, an advertisement in Junk Email, and something thrown away.
fn add_loose_ends(mailbox: &mut Mailbox, own: &Address, ids: &mut Ids, at: Timestamp) {
    let mut add = |folder: WellKnown, from: &Address, subject: &str, text: &str, ids: &mut Ids| {
        let is_draft = folder == WellKnown::Drafts;
        let to = if is_draft {
            Vec::new()
        } else {
            vec![own.clone()]
        };
        let mut content = Content {
            subject: subject.to_owned(),
            from: Some(from.clone()),
            sender: Some(from.clone()),
            to,
            ..Content::default()
        };
        content.set_body(Body::text(text));
        let new = NewMessage {
            folder: folder.number(),
            content,
            is_read: folder != WellKnown::JunkEmail,
            is_draft,
            at,
            internet_message_id: None,
            thread: None,
        };
        mailbox.add(new, ids);
    };
    let stranger = Address {
        name: "Prize Office".to_owned(),
        address: "winner@proseware.com".to_owned(),
    };
    let shop = Address {
        name: "Alpine Ski House".to_owned(),
        address: "offers@alpineskihouse.com".to_owned(),
    };
    add(
        WellKnown::Drafts,
        own,
        "Ideas for next year",
        "1. fewer meetings\r\n2. ",
        ids,
    );
    add(
        WellKnown::JunkEmail,
        &stranger,
        "You have been selected",
        "Claim your prize today by answering with your address.",
        ids,
    );
    add(
        WellKnown::DeletedItems,
        &shop,
        "Winter sale starts now",
        "Up to 40 % off on boots and jackets.",
        ids,
    );
}

/// Old mail was read; here and there something is flagged.
fn mark(mailbox: &mut Mailbox, now: Timestamp) {
    let inbox = WellKnown::Inbox.number();
    let received: Vec<(u64, Timestamp)> = mailbox
        .messages()
        .filter(|message| message.folder == inbox)
        .map(|message| (message.key, message.received))
        .collect();
    for (index, (key, at)) in received.into_iter().enumerate() {
        let days = (now.as_second() - at.as_second()) / 86_400;
        mailbox.change(key, at, |message| {
            message.is_read = days >= UNREAD_DAYS;
            if index % FLAG_EVERY == FLAG_EVERY - 1 {
                message.content.flag.status = FlagStatus::Flagged;
            }
        });
    }
}

/// Those who may open a shared mailbox.
fn share(state: &mut State, mailbox: &str, people: &[&str]) {
    let id = |alias: &&str| Some(state.directory.user(&address(alias))?.id.clone());
    let delegates: Vec<String> = people.iter().filter_map(id).collect();
    if let Some(owner) = id(&mailbox) {
        let State { mail, ids, .. } = state;
        mail.open(&owner, ids).delegates.extend(delegates);
    }
}

fn everyone(state: &State, aliases: &[&str]) -> Vec<Address> {
    let is_meant = |address: &str| {
        aliases
            .iter()
            .any(|alias| *alias == "*" || address.strip_suffix("@contoso.com") == Some(*alias))
    };
    state
        .directory
        .users
        .iter()
        .filter(|user| writes(&state.directory, user))
        .map(address_of)
        .filter(|own| is_meant(&own.address))
        .collect()
}

fn address(alias: &str) -> String {
    format!("{alias}@contoso.com")
}

fn find<'s>(state: &'s State, user_id: &str, internet_message_id: &str) -> Option<&'s Message> {
    let mailbox = state.mail.mailbox(user_id)?;
    mailbox
        .messages()
        .find(|message| message.internet_message_id == internet_message_id)
}
