//! What waits to be posted, and when it is tried again. Pure, so that hours pass in a test without any. It is a part of the
//! sandbox's memory: what was under way when it ended is tried once more, so that nothing is lost and something may come twice, as
//! at Microsoft.

use std::collections::VecDeque;
use std::error::Error;
use std::mem;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Post;
use crate::sandbox::Seed;
use crate::state::State;
use crate::state::part::Part;

/// Posts that may wait; the oldest makes room for more.
const MAX_WAITING: usize = 10_000;
/// Attempts under way at once.
const MAX_UNDER_WAY: usize = 16;
/// Until the second attempt; each later wait is twice the one before.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(10);
/// Microsoft Graph gives up after four hours.
/// Source: <https://learn.microsoft.com/graph/change-notifications-delivery-webhooks>
const GIVE_UP: SignedDuration = SignedDuration::from_hours(4);

/// A post with its history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Queued {
    /// Which of those that are under way it is.
    number: u64,
    pub(super) post: Post,
    since: Timestamp,
    due: Timestamp,
    wait: SignedDuration,
}

/// Everything not yet delivered.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Queued>,
    under_way: Vec<Queued>,
    given_up: Vec<String>,
    /// Of the last one that came.
    last: u64,
    /// Counts its changes.
    version: u64,
}

/// As it is saved; what was under way waits.
#[derive(Serialize, Deserialize)]
struct Saved {
    waiting: VecDeque<Queued>,
    given_up: Vec<String>,
}

impl Queue {
    pub(super) fn push(&mut self, post: Post, now: Timestamp) {
        self.last += 1;
        self.keep(Queued {
            number: self.last,
            post,
            since: now,
            due: now,
            wait: FIRST_WAIT,
        });
    }

    fn keep(&mut self, queued: Queued) {
        self.version += 1;
        if self.waiting.len() == MAX_WAITING
            && let Some(oldest) = self.waiting.pop_front()
        {
            self.given_up.push(oldest.post.tag);
        }
        self.waiting.push_back(queued);
    }

    /// Takes what is due, oldest first, as far as there is room for it.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Vec<Queued> {
        let room = MAX_UNDER_WAY.saturating_sub(self.under_way.len());
        let (mut taken, mut left) = (Vec::new(), VecDeque::new());
        for queued in self.waiting.drain(..) {
            if queued.due <= now && taken.len() < room {
                taken.push(queued);
            } else {
                left.push_back(queued);
            }
        }
        self.waiting = left;
        self.under_way.extend(taken.iter().cloned());
        taken
    }

    /// An attempt is over: done, or to be tried again later, or given up. One that was forgotten meanwhile stays so.
    pub(super) fn ended(&mut self, mut queued: Queued, is_done: bool, now: Timestamp) {
        let before = self.under_way.len();
        self.under_way.retain(|it| it.number != queued.number);
        if self.under_way.len() == before {
            return;
        }
        self.version += 1;
        if is_done {
            return;
        }
        let add = |at: Timestamp, by| at.saturating_add(by).unwrap_or(Timestamp::MAX);
        queued.due = add(now, queued.wait);
        queued.wait = queued.wait + queued.wait;
        if queued.due > add(queued.since, GIVE_UP) {
            self.given_up.push(queued.post.tag);
        } else {
            self.keep(queued);
        }
    }

    /// Tags of what was given up since this was last asked.
    pub(super) fn take_given_up(&mut self) -> Vec<String> {
        if !self.given_up.is_empty() {
            self.version += 1;
        }
        mem::take(&mut self.given_up)
    }

    pub(super) fn forget(&mut self) {
        self.version += 1;
        self.waiting.clear();
        self.under_way.clear();
        self.given_up.clear();
    }

    pub(super) fn is_settled(&self, now: Timestamp) -> bool {
        self.under_way.is_empty() && self.waiting.iter().all(|it| it.due > now)
    }

    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }
}

impl Part for Queue {
    fn name(&self) -> &'static str {
        "outgoing"
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn to_json(&self) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        let unfinished = self.under_way.iter().chain(&self.waiting);
        Ok(serde_json::to_vec(&Saved {
            waiting: unfinished.cloned().collect(),
            given_up: self.given_up.clone(),
        })?)
    }

    fn restore(&mut self, json: &[u8]) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Saved { waiting, given_up } = serde_json::from_slice(json)?;
        self.forget();
        for queued in waiting {
            self.last += 1;
            let number = self.last;
            self.keep(Queued { number, ..queued });
        }
        self.given_up = given_up;
        Ok(())
    }

    fn begin(&mut self, _: &State, _: Seed, _: Timestamp) {
        self.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(tag: &str) -> Post {
        Post {
            url: "http://localhost".to_owned(),
            content_type: "application/json".into(),
            body: String::new(),
            tag: tag.to_owned(),
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap_or_default()
    }

    #[test]
    fn a_failed_post_is_tried_again_ever_more_rarely_and_given_up_after_four_hours() {
        let mut queue = Queue::default();
        queue.push(post("a"), at(0));
        let mut tried = Vec::new();
        for second in 0..5 * 3600 {
            for queued in queue.take_due(at(second)) {
                tried.push(second);
                queue.ended(queued, false, at(second));
            }
        }
        assert_eq!(tried[..5], [0, 10, 30, 70, 150]);
        assert!(tried.last().is_some_and(|last| *last <= 4 * 3600));
        assert_eq!(queue.given_up, ["a"]);
        assert!(!queue.has_waiting());
    }

    #[test]
    fn no_more_than_sixteen_are_under_way_at_once() {
        let mut queue = Queue::default();
        for _ in 0..20 {
            queue.push(post("b"), at(0));
        }
        let taken = queue.take_due(at(0));
        assert_eq!(taken.len(), 16);
        assert!(queue.take_due(at(0)).is_empty() && !queue.is_settled(at(0)));
        for queued in taken {
            queue.ended(queued, true, at(0));
        }
        assert_eq!(queue.take_due(at(0)).len(), 4);
    }

    #[test]
    fn what_waits_and_what_is_under_way_outlive_the_sandbox()
    -> Result<(), Box<dyn Error + Send + Sync>> {
        let mut before = Queue::default();
        for tag in ["refused", "under way", "delivered", "waiting"] {
            before.push(post(tag), at(0));
        }
        let mut taken = before.take_due(at(0)).into_iter();
        let (refused, _under_way, delivered) = (taken.next(), taken.next(), taken.next());
        before.ended(refused.ok_or("none")?, false, at(0));
        before.ended(delivered.ok_or("none")?, true, at(0));
        let mut after = Queue::default();
        after.restore(&before.to_json()?)?;
        let tags = |queue: &mut Queue, second| -> Vec<String> {
            let due = queue.take_due(at(second)).into_iter();
            due.map(|it| it.post.tag).collect()
        };
        assert_eq!(tags(&mut after, 0), ["under way", "waiting"]);
        assert!(tags(&mut after, 9).is_empty(), "not before its time");
        assert_eq!(tags(&mut after, 10), ["refused"]);
        Ok(())
    }

    #[test]
    fn what_was_forgotten_meanwhile_does_not_come_back() {
        let mut queue = Queue::default();
        queue.push(post("gone"), at(0));
        let taken = queue.take_due(at(0));
        queue.forget();
        for queued in taken {
            queue.ended(queued, false, at(0));
        }
        assert!(!queue.has_waiting() && queue.is_settled(at(0)));
    }

    #[test]
    fn a_full_queue_gives_up_its_oldest() {
        let mut queue = Queue::default();
        queue.push(post("oldest"), at(0));
        for _ in 0..MAX_WAITING {
            queue.push(post("newer"), at(0));
        }
        assert_eq!(queue.given_up, ["oldest"]);
    }
}
