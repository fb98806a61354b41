//! Rules of the inbox: <https://learn.microsoft.com/graph/api/resources/messagerule>
//!
//! Conditions and actions are kept by the names of Graph, checked when they came. What mail of the sandbox never is,
//! such as encrypted or a voice mail, fits no condition that asks for it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Mailbox;
use super::item_id::{self, ItemId};
use super::message::{Address, Importance, Message};
use crate::state::calendar::meeting::MeetingKind;
use crate::state::mail::folder::WellKnown;

/// What happens to which mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Rule {
    pub(crate) display_name: String,
    /// Lower ones come first.
    pub(crate) sequence: i64,
    pub(crate) is_enabled: bool,
    pub(crate) conditions: Map<String, Value>,
    pub(crate) exceptions: Map<String, Value>,
    pub(crate) actions: Map<String, Value>,
}

/// What a rule wants done beyond the mailbox.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    Forward {
        to: Vec<Address>,
        as_attachment: bool,
    },
    Redirect {
        to: Vec<Address>,
    },
}

/// Lets the rules act on a message that arrived, and answers what is to be done beyond the mailbox.
pub(crate) fn apply(
    mailbox: &mut Mailbox,
    key: u64,
    own: &Address,
    now: jiff::Timestamp,
) -> Vec<Errand> {
    let mut rules: Vec<Rule> = mailbox
        .rules
        .values()
        .filter(|rule| rule.is_enabled)
        .cloned()
        .collect();
    rules.sort_by_key(|rule| rule.sequence);
    let mut errands = Vec::new();
    for rule in rules {
        let Some(message) = mailbox.message(key) else {
            break;
        };
        if !rule.fits(message, own) {
            continue;
        }
        errands.extend(act(mailbox, key, &rule.actions, now));
        if flag(&rule.actions, "stopProcessingRules") {
            break;
        }
    }
    errands
}

impl Rule {
    /// Every condition holds and no exception does. Without conditions all mail fits.
    fn fits(&self, message: &Message, own: &Address) -> bool {
        let holds = |(name, wanted): (&String, &Value)| {
            wanted.is_null() || holds(name, wanted, message, own)
        };
        let mut exceptions = self
            .exceptions
            .iter()
            .filter(|(_, wanted)| !wanted.is_null());
        self.conditions.iter().all(holds) && !exceptions.any(holds)
    }
}

fn holds(name: &str, wanted: &Value, message: &Message, own: &Address) -> bool {
    let content = &message.content;
    let contains = |text: &str| {
        let text = text.to_lowercase();
        words(wanted).any(|word| text.contains(&word.to_lowercase()))
    };
    let is_in = |list: &[Address]| list.iter().any(|address| address.is_same_mailbox(own));
    let meets = |truth: bool| wanted.as_bool() == Some(truth);
    let sender = content.from.clone().unwrap_or_default();
    let meeting = content.meeting.as_ref().map(|meeting| meeting.kind);
    let is_request = matches!(
        meeting,
        Some(MeetingKind::Request | MeetingKind::Update | MeetingKind::Cancelled)
    );
    match name {
        "subjectContains" => contains(&content.subject),
        "bodyContains" => contains(&content.body.as_text()),
        "bodyOrSubjectContains" => contains(&content.subject) || contains(&content.body.as_text()),
        "senderContains" => contains(&format!("{} {}", sender.name, sender.address)),
        "recipientContains" => content
            .recipients()
            .any(|address| contains(&format!("{} {}", address.name, address.address))),
        "headerContains" => content
            .headers
            .iter()
            .any(|header| contains(&format!("{}: {}", header.name, header.value))),
        "fromAddresses" => addresses(wanted)
            .iter()
            .any(|address| address.is_same_mailbox(&sender)),
        "sentToAddresses" => addresses(wanted)
            .iter()
            .any(|wanted| content.recipients().any(|it| it.is_same_mailbox(wanted))),
        "categories" => {
            words(wanted).any(|word| content.categories.iter().any(|category| category == word))
        }
        "hasAttachments" => meets(content.has_attachments()),
        "importance" => wanted.as_str() == Some(importance_name(content.importance)),
        "sentToMe" => meets(is_in(&content.to)),
        "sentCcMe" => meets(is_in(&content.cc)),
        "sentToOrCcMe" => meets(is_in(&content.to) || is_in(&content.cc)),
        "sentOnlyToMe" => meets(is_in(&content.to) && content.recipients().count() == 1),
        "notSentToMe" => meets(!is_in(&content.to)),
        "isMeetingRequest" => meets(is_request),
        "isMeetingResponse" => meets(meeting.is_some() && !is_request),
        "isNonDeliveryReport" => meets(content.subject.starts_with("Undeliverable: ")),
        "isAutomaticReply" => meets(content.subject.starts_with("Automatic reply: ")),
        "sensitivity" => wanted.as_str() == Some("normal"),
        "withinSizeRange" => {
            let size = i64::try_from(message.size_bytes() / 1_024).unwrap_or(i64::MAX);
            let bound = |name: &str, otherwise| wanted[name].as_i64().unwrap_or(otherwise);
            (bound("minimumSize", 0)..=bound("maximumSize", i64::MAX)).contains(&size)
        }
        _ => meets(false),
    }
}

fn act(
    mailbox: &mut Mailbox,
    key: u64,
    actions: &Map<String, Value>,
    now: jiff::Timestamp,
) -> Vec<Errand> {
    mailbox.change(key, now, |message| {
        let content = &mut message.content;
        for category in actions.get("assignCategories").into_iter().flat_map(words) {
            if !content.categories.iter().any(|known| known == category) {
                content.categories.push(category.to_owned());
            }
        }
        message.is_read |= flag(actions, "markAsRead");
        match actions.get("markImportance").and_then(Value::as_str) {
            Some("low") => content.importance = Importance::Low,
            Some("normal") => content.importance = Importance::Normal,
            Some("high") => content.importance = Importance::High,
            _ => {}
        }
    });
    if let Some(folder) = folder(mailbox, actions, "copyToFolder") {
        mailbox.copy_to(key, folder, now);
    }
    let to = |name: &str| actions.get(name).map(addresses).filter(|to| !to.is_empty());
    let mut errands = Vec::new();
    errands.extend(to("forwardTo").map(|to| Errand::Forward {
        to,
        as_attachment: false,
    }));
    errands.extend(to("forwardAsAttachmentTo").map(|to| Errand::Forward {
        to,
        as_attachment: true,
    }));
    errands.extend(to("redirectTo").map(|to| Errand::Redirect { to }));
    if let Some(folder) = folder(mailbox, actions, "moveToFolder") {
        mailbox.move_to(key, folder, now);
    }
    if flag(actions, "delete") {
        mailbox.move_to(key, WellKnown::DeletedItems.number(), now);
    }
    errands
}

/// Whether the message is not to be kept at all, which is done last, after the errands.
pub(crate) fn is_purged(mailbox: &Mailbox, key: u64, own: &Address) -> bool {
    let Some(message) = mailbox.message(key) else {
        return false;
    };
    let mut rules = mailbox.rules.values().filter(|rule| rule.is_enabled);
    rules.any(|rule| flag(&rule.actions, "permanentDelete") && rule.fits(message, own))
}

fn folder(mailbox: &Mailbox, actions: &Map<String, Value>, name: &str) -> Option<u32> {
    let id = actions.get(name)?.as_str()?;
    if let Some(known) = WellKnown::parse(id) {
        return Some(known.number());
    }
    match item_id::parse(id)? {
        (_, ItemId::Folder { folder }) => mailbox.folder(folder).map(|_| folder),
        _ => None,
    }
}

fn flag(actions: &Map<String, Value>, name: &str) -> bool {
    actions
        .get(name)
        .and_then(Value::as_bool)
        .unwrap_or_default()
}

fn words(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn addresses(value: &Value) -> Vec<Address> {
    let all = value.as_array().into_iter().flatten();
    all.filter_map(|recipient| {
        let email = &recipient["emailAddress"];
        let address = email["address"].as_str()?.to_owned();
        let name = email["name"].as_str().unwrap_or(&address).to_owned();
        Some(Address { name, address })
    })
    .collect()
}

fn importance_name(importance: Importance) -> &'static str {
    match importance {
        Importance::Low => "low",
        Importance::Normal => "normal",
        Importance::High => "high",
    }
}
