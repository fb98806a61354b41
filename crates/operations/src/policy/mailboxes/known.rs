//! What Microsoft said the listed mailboxes are.

use std::sync::Arc;

use futures_util::{FutureExt, StreamExt, stream};
use model::MailAddress;

use super::super::answers::{AGAIN_SECS, FRESH_SECS};
use super::{Limits, lookup};
use crate::Result;

/// The lookups of one call that are under way at a time.
const AT_ONCE: usize = 6;

/// What may be looked up and kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::policy) enum Question {
    /// Whose a listed address is.
    Listed(MailAddress),
    /// Who is signed in.
    Own,
}

#[derive(Debug)]
pub(in crate::policy) enum Answer {
    Mailbox(Mailbox),
    Missing,
    /// People may not be looked up.
    Refused,
}

/// Somebody's mailbox, by the names that Microsoft gives it.
#[derive(Debug)]
pub(in crate::policy) struct Mailbox {
    pub(super) id: String,
    /// User principal name and mail address.
    pub(super) names: Vec<String>,
}

impl Mailbox {
    pub(super) fn is(&self, name: &str) -> bool {
        let mut names = self.names.iter().chain([&self.id]);
        names.any(|own| own.eq_ignore_ascii_case(name))
    }
}

#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) is_found: bool,
    pub(super) missing: Vec<MailAddress>,
    pub(super) is_refused: bool,
}

async fn get(limits: &Limits<'_>, question: Question, secs: i64) -> Result<Arc<Answer>> {
    let (parts, connection) = (limits.parts, limits.snapshot.connection.id);
    let asking = lookup::answer(limits, question.clone()).boxed();
    let known = &parts.known.mailboxes;
    known.get(parts, connection, question, secs, asking).await
}

/// What is known; no for an answer is not taken for longer than a minute.
async fn answer(limits: &Limits<'_>, question: Question) -> Result<Arc<Answer>> {
    let answer = get(limits, question.clone(), FRESH_SECS).await?;
    match *answer {
        Answer::Mailbox(_) => Ok(answer),
        Answer::Missing | Answer::Refused => get(limits, question, AGAIN_SECS).await,
    }
}

/// Whether one of the names of the signed-in user `is_listed`.
pub(super) async fn own_is(limits: &Limits<'_>, is_listed: impl Fn(&str) -> bool) -> Result<bool> {
    let answer = answer(limits, Question::Own).await?;
    Ok(match &*answer {
        Answer::Mailbox(mailbox) => mailbox.names.iter().any(|name| is_listed(name)),
        Answer::Missing | Answer::Refused => false,
    })
}

/// Whether one of the listed mailboxes is the one that `is_it`.
pub(super) async fn any(limits: &Limits<'_>, is_it: impl Fn(&Mailbox) -> bool) -> Result<Looked> {
    let mut asked = Vec::new();
    for address in limits.listed {
        asked.push(async move {
            let answer = answer(limits, Question::Listed(address.clone())).await;
            (address, answer)
        });
    }
    let mut answers = stream::iter(asked).buffer_unordered(AT_ONCE);
    let mut looked = Looked::default();
    while let Some((address, answer)) = answers.next().await {
        match &*answer? {
            Answer::Mailbox(mailbox) if is_it(mailbox) => {
                looked.is_found = true;
                return Ok(looked);
            }
            Answer::Mailbox(_) => {}
            Answer::Missing => looked.missing.push(address.clone()),
            Answer::Refused => looked.is_refused = true,
        }
    }
    Ok(looked)
}
