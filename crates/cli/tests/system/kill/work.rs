use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::api::{Api, operation_path};
use crate::world::{AS_APPLICATION, AS_USER, BEN, message};

/// New keys in each round, of each kind.
const SENDS: u64 = 4;
const DRAFTS: u64 = 3;
const MOVES: u64 = 3;

/// One thing to be done once, whatever happens.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) kind: Kind,
    /// Its `Idempotency-Key`, and the subject of the message that it is about.
    pub(super) key: String,
    /// How often it stayed without an answer.
    pub(super) tries: u32,
    input: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A mail from Ana to Ben.
    Send,
    /// A draft in Ben's mailbox, by the application.
    Draft,
    /// A message of Ana's goes to the archive.
    Move,
}

/// How a key can end.
#[derive(Debug)]
pub(super) enum Answer {
    Done { body: Value, replayed: bool },
    Uncertain,
}

impl Work {
    fn new(kind: Kind, key: String, input: Value) -> Self {
        Self {
            kind,
            key,
            tries: 0,
            input,
        }
    }

    /// `None` when no answer came, or none yet. Any answer but success and `uncertain` is a broken promise.
    pub(super) async fn attempt(&self, api: &Api) -> Option<Answer> {
        let (connection, operation) = match self.kind {
            Kind::Send => (AS_USER, "outlook.messages.send"),
            Kind::Draft => (AS_APPLICATION, "outlook.drafts.create"),
            Kind::Move => (AS_USER, "outlook.messages.move"),
        };
        let path = operation_path(connection, operation);
        let reply = api
            .send(Method::POST, &path, &self.input, Some(&self.key))
            .await
            .ok()?;
        match (reply.status, reply.code()) {
            (200..300, _) => {
                let replayed = is_replayed(&reply.headers);
                Some(Answer::Done {
                    body: reply.body,
                    replayed,
                })
            }
            (409, "uncertain") => Some(Answer::Uncertain),
            (409, "idempotency_in_progress") => None,
            (status, _) => panic!("`{}` answered {status}: {}", self.key, reply.body),
        }
    }
}

/// The work of each round, and the messages that are to be moved made.
pub(super) async fn rounds(api: &Api, rounds: u64) -> Vec<Vec<Work>> {
    let mut all = Vec::new();
    for round in 0..rounds {
        let mut works = Vec::new();
        for number in 0..SENDS {
            let key = format!("send-{round}-{number}");
            works.push(Work::new(
                Kind::Send,
                key.clone(),
                json!({ "message": message(&key) }),
            ));
        }
        for number in 0..DRAFTS {
            let key = format!("draft-{round}-{number}");
            let mut input = message(&key);
            input["mailbox"] = json!(BEN);
            works.push(Work::new(Kind::Draft, key, input));
        }
        for number in 0..MOVES {
            let key = format!("move-{round}-{number}");
            let made = api
                .run(AS_USER, "outlook.drafts.create", &message(&key))
                .await;
            let input = json!({ "messageId": made["id"], "destinationId": "archive" });
            works.push(Work::new(Kind::Move, key, input));
        }
        all.push(works);
    }
    all
}

fn is_replayed(headers: &HeaderMap) -> bool {
    headers
        .get("consentry-replayed")
        .is_some_and(|value| value == "true")
}
