//! What waits to be posted, and when it is tried again. Pure, so that hours pass in a test without any.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::Post;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Queued {
    pub(super) post: Post,
    since: Timestamp,
    due: Timestamp,
    wait: SignedDuration,
}

/// Everything not yet delivered.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Queued>,
    under_way: usize,
    pub(super) given_up: Vec<String>,
}

impl Queue {
    pub(super) fn push(&mut self, post: Post, now: Timestamp) {
        self.keep(Queued {
            post,
            since: now,
            due: now,
            wait: FIRST_WAIT,
        });
    }

    fn keep(&mut self, queued: Queued) {
        if self.waiting.len() == MAX_WAITING
            && let Some(oldest) = self.waiting.pop_front()
        {
            self.given_up.push(oldest.post.tag);
        }
        self.waiting.push_back(queued);
    }

    /// Takes what is due, oldest first, as far as there is room for it.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Vec<Queued> {
        let room = MAX_UNDER_WAY - self.under_way;
        let (mut taken, mut left) = (Vec::new(), VecDeque::new());
        for queued in self.waiting.drain(..) {
            if queued.due <= now && taken.len() < room {
                taken.push(queued);
            } else {
                left.push_back(queued);
            }
        }
        self.waiting = left;
        self.under_way += taken.len();
        taken
    }

    /// An attempt is over: done, or to be tried again later, or given up.
    pub(super) fn ended(&mut self, mut queued: Queued, is_done: bool, now: Timestamp) {
        self.under_way -= 1;
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

    pub(super) fn forget(&mut self) {
        self.waiting.clear();
        self.given_up.clear();
    }

    pub(super) fn is_settled(&self, now: Timestamp) -> bool {
        self.under_way == 0 && self.waiting.iter().all(|it| it.due > now)
    }

    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(tag: &str) -> Post {
        Post {
            url: "http://localhost".to_owned(),
            content_type: "application/json",
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
    fn a_full_queue_gives_up_its_oldest() {
        let mut queue = Queue::default();
        queue.push(post("oldest"), at(0));
        for _ in 0..MAX_WAITING {
            queue.push(post("newer"), at(0));
        }
        assert_eq!(queue.given_up, ["oldest"]);
    }
}
