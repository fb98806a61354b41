//! A mailbox of ten thousand messages: the reports of machines to the systems administrator. They are written when
//! somebody first opens that mailbox, so that the sandbox starts as quickly as without them.

use jiff::{SignedDuration, Timestamp};

use crate::state::State;
use crate::state::mail::NewMessage;
use crate::state::mail::folder::WellKnown;
use crate::state::mail::message::{Address, Body, Content, Importance};

const OWNER: &str = "carlos.mendes@contoso.com";
const MESSAGES: usize = 10_000;
/// One message so often, back from the start of the sandbox.
const EVERY: SignedDuration = SignedDuration::from_mins(13);
const UNREAD: usize = 40;

const MACHINES: [&str; 7] = [
    "lis-app-01",
    "lis-app-02",
    "lis-db-01",
    "ber-app-01",
    "ber-db-01",
    "ber-fs-01",
    "edge-01",
];
const REPORTS: [(&str, &str); 5] = [
    (
        "Backup finished",
        "The backup finished without errors. Next run in six hours.",
    ),
    (
        "Certificates checked",
        "No certificate expires within the next thirty days.",
    ),
    (
        "Disk usage above 80 %",
        "The data volume is filled to more than 80 %. Oldest logs were compressed.",
    ),
    (
        "Updates installed",
        "All pending updates were installed. A restart is not needed.",
    ),
    (
        "Health report",
        "Processor, memory and network stayed within their limits.",
    ),
];

/// Notes that the mailbox is to be filled.
pub(super) fn promise(state: &mut State, now: Timestamp) {
    if let Some(user) = state.directory.user(OWNER) {
        state.mail.promised.insert(user.id.clone(), now);
    }
}

/// Fills a mailbox that was promised to be, once.
pub(crate) fn keep_promise(state: &mut State, user_id: &str) {
    let Some(now) = state.mail.promised.remove(user_id) else {
        return;
    };
    let State {
        mail,
        ids,
        directory,
        ..
    } = state;
    let Some(owner) = directory.user(user_id) else {
        return;
    };
    let to = crate::state::mail::delivery::address_of(owner);
    let mailbox = mail.open(user_id, ids);
    for index in (0..MESSAGES).rev() {
        let back = EVERY.saturating_mul(i32::try_from(index).unwrap_or(i32::MAX));
        let at = now.saturating_sub(back).unwrap_or(now);
        let new = NewMessage {
            folder: WellKnown::Inbox.number(),
            content: report(index, &to),
            is_read: index >= UNREAD,
            is_draft: false,
            at,
            internet_message_id: Some(format!("<{index}.report@{}.contoso.com>", machine(index))),
            thread: None,
        };
        mailbox.add(new, ids);
    }
}

fn machine(index: usize) -> &'static str {
    MACHINES[index % MACHINES.len()]
}

fn report(index: usize, to: &Address) -> Content {
    let (title, text) = REPORTS[index % REPORTS.len()];
    let machine = machine(index);
    let from = Address {
        name: format!("Monitoring {machine}"),
        address: format!("monitoring@{machine}.contoso.com"),
    };
    let mut content = Content {
        subject: format!("[{machine}] {title} ({index})"),
        from: Some(from.clone()),
        sender: Some(from),
        to: vec![to.clone()],
        importance: if title.starts_with("Disk") {
            Importance::High
        } else {
            Importance::Normal
        },
        ..Content::default()
    };
    content.set_body(Body::text(text));
    content
}
