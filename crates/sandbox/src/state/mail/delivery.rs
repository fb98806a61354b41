//! Sending: a copy for the sender, one for each recipient who has a mailbox here, a report for those who do not exist.

use jiff::Timestamp;
use serde_json::json;

use super::folder::WellKnown;
use super::message::{Address, Attachment, AttachmentKind, Body, Content, Message};
use super::reply::{self, Answer};
use super::rules::{self, Errand};
use super::{NewMessage, Thread};
use crate::state::State;
use crate::state::directory::User;

/// A message on its way out.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) content: Content,
    pub(crate) internet_message_id: Option<String>,
    pub(crate) thread: Option<Thread>,
    pub(crate) save_to_sent_items: bool,
    /// The draft that it was until now.
    pub(crate) draft: Option<u64>,
}

/// Delivers a message from the mailbox of `user_id`, whose owner is its sender unless the content says otherwise.
///
/// Recipients at other domains are accepted and not heard of again, as the sandbox has no outside.
pub(crate) fn send(state: &mut State, user_id: &str, outgoing: Outgoing, now: Timestamp) {
    dispatch(state, user_id, outgoing, now, Origin::Person);
}

/// Who caused a message: what a machine sends is answered by no machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Person,
    Machine,
}

fn dispatch(state: &mut State, user_id: &str, outgoing: Outgoing, now: Timestamp, origin: Origin) {
    let State {
        mail,
        ids,
        directory,
        ..
    } = state;
    let Some(sender) = directory.user(user_id) else {
        return;
    };
    let own = address_of(sender);
    let mut content = outgoing.content;
    content.from.get_or_insert_with(|| own.clone());
    content.sender.get_or_insert_with(|| own.clone());

    let mailbox = mail.open(user_id, ids);
    let draft = outgoing.draft;
    let saved = NewMessage {
        folder: WellKnown::SentItems.number(),
        content: content.clone(),
        is_read: true,
        is_draft: false,
        at: now,
        internet_message_id: outgoing.internet_message_id,
        thread: outgoing.thread,
    };
    // Stored even when no copy is kept, for its message id and conversation, and removed again.
    let key = match draft {
        Some(key) => mailbox.turn_into_sent(key, saved),
        None => mailbox.add(saved, ids),
    };
    let Some(sent) = mailbox.message(key).cloned() else {
        return;
    };
    if !outgoing.save_to_sent_items {
        mailbox.remove(key);
    }

    let (mut reached, mut unknown) = (Vec::new(), Vec::new());
    for address in content.recipients() {
        let known = directory
            .users
            .iter()
            .find(|user| user.tenant_id == sender.tenant_id && receives(user, &address.address));
        match known {
            Some(user) if !reached.contains(&user.id) => reached.push(user.id.clone()),
            None if is_own_domain(&own, &address.address) => unknown.push(address.clone()),
            _ => {}
        }
    }
    if !unknown.is_empty() {
        let domain = directory
            .tenant(&sender.tenant_id)
            .map_or("", |tenant| tenant.domain.as_str());
        let report = undeliverable(&sent, &own, &unknown, domain, now);
        mail.open(user_id, ids).add(report, ids);
    }
    for recipient in reached {
        arrive(state, &recipient, received_copy(&sent, now), now, origin);
    }
}

/// A message comes into an inbox: it is sorted by who wrote it, the rules act on it, and it may be answered at once.
fn arrive(state: &mut State, user_id: &str, copy: NewMessage, now: Timestamp, origin: Origin) {
    let State {
        mail,
        ids,
        directory,
        ..
    } = state;
    let Some(own) = directory.user(user_id).map(address_of) else {
        return;
    };
    let mailbox = mail.open(user_id, ids);
    let from = copy.content.from.clone().unwrap_or_default();
    let known = mailbox
        .overrides
        .iter()
        .find(|it| it.sender.is_same_mailbox(&from));
    let inference = known.map_or(copy.content.inference, |it| it.inference);
    let mut copy = copy;
    copy.content.inference = inference;
    let key = mailbox.add(copy, ids);
    let Some(message) = mailbox.message(key).cloned() else {
        return;
    };
    let is_purged = rules::is_purged(mailbox, key, &own);
    let errands = rules::apply(mailbox, key, &own, now);
    if is_purged {
        mailbox.remove(key);
    }
    if origin == Origin::Machine {
        return;
    }
    for errand in errands {
        run(state, user_id, &message, &own, errand, now);
    }
    answer_automatically(state, user_id, &message, &own, now);
}

/// What a rule sends on.
fn run(
    state: &mut State,
    user_id: &str,
    message: &Message,
    own: &Address,
    errand: Errand,
    now: Timestamp,
) {
    let content = match errand {
        Errand::Forward { to, as_attachment } => {
            let mut content = reply::draft(message, own, Answer::Forward, None);
            content.to = to;
            if as_attachment {
                let item = json!({
                    "@odata.type": "#microsoft.graph.message",
                    "subject": message.content.subject,
                    "body": {"contentType": "text", "content": message.content.body.as_text()},
                });
                content.attachments = vec![Attachment {
                    id: state.ids.uuid(),
                    name: message.content.subject.clone(),
                    content_type: String::new(),
                    is_inline: false,
                    content_id: None,
                    modified: now,
                    content: Vec::new(),
                    kind: AttachmentKind::Item(item),
                }];
            }
            content
        }
        // Redirected mail keeps who wrote it.
        Errand::Redirect { to } => Content {
            to,
            cc: Vec::new(),
            ..message.content.clone()
        },
    };
    let outgoing = Outgoing {
        content,
        internet_message_id: None,
        thread: Some(Thread::of(message)),
        save_to_sent_items: false,
        draft: None,
    };
    dispatch(state, user_id, outgoing, now, Origin::Machine);
}

/// Each sender hears once that somebody is away.
fn answer_automatically(
    state: &mut State,
    user_id: &str,
    message: &Message,
    own: &Address,
    now: Timestamp,
) {
    let Some(to) = message
        .content
        .from
        .clone()
        .filter(|from| !from.is_same_mailbox(own))
    else {
        return;
    };
    let State { mail, ids, .. } = state;
    let replies = &mut mail.open(user_id, ids).settings.automatic;
    if !replies.is_active(now) || !replies.answered.insert(to.address.to_lowercase()) {
        return;
    }
    let mut content = Content {
        subject: format!("Automatic reply: {}", message.content.subject),
        to: vec![to],
        ..Content::default()
    };
    content.set_body(Body::html(&replies.internal_message));
    let outgoing = Outgoing {
        content,
        internet_message_id: None,
        thread: Some(Thread::after(message, now)),
        save_to_sent_items: false,
        draft: None,
    };
    dispatch(state, user_id, outgoing, now, Origin::Machine);
}

/// A person's address with their name.
pub(crate) fn address_of(user: &User) -> Address {
    let address = user
        .mail
        .clone()
        .unwrap_or_else(|| user.user_principal_name.clone());
    Address {
        name: user.display_name.clone(),
        address,
    }
}

fn receives(user: &User, address: &str) -> bool {
    let is_theirs = |mail: &String| {
        mail.eq_ignore_ascii_case(address) || user.user_principal_name.eq_ignore_ascii_case(address)
    };
    user.has_mailbox() && user.mail.as_ref().is_some_and(is_theirs)
}

fn is_own_domain(own: &Address, address: &str) -> bool {
    let domain = |text: &str| {
        text.rsplit_once('@')
            .map(|(_, domain)| domain.to_ascii_lowercase())
    };
    domain(&own.address) == domain(address)
}

/// What a recipient gets: the same message id and conversation, without hidden recipients and the sender's own marks.
fn received_copy(sent: &Message, now: Timestamp) -> NewMessage {
    let mut content = sent.content.clone();
    content.bcc.clear();
    content.categories.clear();
    content.extended.clear();
    content.flag = super::message::Flag::default();
    NewMessage {
        folder: WellKnown::Inbox.number(),
        content,
        is_read: false,
        is_draft: false,
        at: now,
        internet_message_id: Some(sent.internet_message_id.clone()),
        thread: Some(Thread::of(sent)),
    }
}

/// The report that Exchange sends when an address of the own domain does not exist.
/// Source: <https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online>
fn undeliverable(
    sent: &Message,
    own: &Address,
    unknown: &[Address],
    domain: &str,
    now: Timestamp,
) -> NewMessage {
    let postmaster = Address {
        name: "Microsoft Outlook".to_owned(),
        address: format!("MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@{domain}"),
    };
    let list: Vec<&str> = unknown
        .iter()
        .map(|address| address.address.as_str())
        .collect();
    let mut content = Content {
        subject: format!("Undeliverable: {}", sent.content.subject),
        from: Some(postmaster.clone()),
        sender: Some(postmaster),
        to: vec![own.clone()],
        ..Content::default()
    };
    content.set_body(Body::html(&format!(
        "<p>Delivery has failed to these recipients or groups:</p><p>{}</p><p>The email address you entered couldn't be found. \
         Please check the recipient's email address and try to resend the message.</p>\
         <p>Remote server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup'</p>",
        super::body::escape(&list.join(", "))
    )));
    NewMessage {
        folder: WellKnown::Inbox.number(),
        content,
        is_read: false,
        is_draft: false,
        at: now,
        internet_message_id: None,
        thread: Some(Thread::after(sent, now)),
    }
}
