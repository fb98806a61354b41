//! The way of a batch through its requests, until each member is settled.

use std::time::Duration;

use http::StatusCode;
use microsoft::odata::Reply;
use model::RemoteIds;
use tokio::time::{Instant, sleep_until};

use super::envelope::{self, Sent};
use super::fate::Fate;
use super::member::{Batch, Member};
use super::{Form, order, token};
use crate::ready::Ready;
use crate::runner::Parts;
use crate::{Error, Result};

/// How often a member is sent at most.
const ATTEMPTS: u32 = 4;
/// Longest that throttled members are waited for, all pauses together.
const PATIENCE: Duration = Duration::from_mins(1);
/// The first pause where Microsoft names none; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Run<'a> {
    pub(super) parts: &'a Parts,
    pub(super) ready: &'a Ready,
    pub(super) batch: &'a Batch,
    pub(super) states: Vec<State>,
    attempts: Vec<u32>,
    /// How often each was given another token.
    pub(super) renewed: Vec<u32>,
    waited: Duration,
}

pub(super) enum State {
    /// Not sent, or to be sent again from then on, since this is what it was answered.
    Waiting(Option<(Instant, Option<Reply>)>),
    /// Refused for its token, so that it has not happened.
    Unauthorized(Reply),
    Settled(Fate),
}

impl State {
    fn is_waiting(&self) -> bool {
        matches!(self, Self::Waiting(_) | Self::Unauthorized(_))
    }

    fn is_paused(&self) -> bool {
        matches!(self, Self::Waiting(Some(_)))
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(parts: &'a Parts, ready: &'a Ready, batch: &'a Batch) -> Self {
        let members = &batch.members;
        Self {
            parts,
            ready,
            batch,
            states: members.iter().map(|_| State::Waiting(None)).collect(),
            attempts: vec![0; members.len()],
            renewed: vec![0; members.len()],
            waited: Duration::ZERO,
        }
    }

    /// Until nothing waits. An error where nothing was answered at all.
    pub(super) async fn all(&mut self) -> Result<RemoteIds> {
        let mut last = None;
        loop {
            self.leave_those_behind();
            let places = self.next();
            if places.is_empty() {
                if self.pause().await {
                    continue;
                }
                return Ok(last.unwrap_or_default());
            }
            let error = match self.send(&places).await {
                Ok(Sent::Answered(replies, remote, token)) => {
                    last = Some(remote);
                    self.take(&places, replies);
                    token::renew(self, &token).await;
                    continue;
                }
                Ok(Sent::Throttled(wait, error)) => {
                    if self.may_go_again(&places) {
                        let from = Instant::now() + self.wait(places[0], wait);
                        for place in places {
                            self.states[place] = State::Waiting(Some((from, None)));
                        }
                        continue;
                    }
                    error
                }
                Err(error) => error,
            };
            if last.is_none() {
                return Err(error);
            }
            self.give_up(&places, &error);
        }
    }

    pub(super) async fn send(&mut self, places: &[usize]) -> Result<Sent> {
        for place in places {
            self.attempts[*place] += 1;
        }
        envelope::send(self.parts, self.ready, self.batch, places).await
    }

    /// What became of each; `error` where that is how all ended that were not answered.
    pub(super) fn into_fates(self, error: Option<&Error>) -> Vec<Fate> {
        let states = self.states.into_iter().zip(&self.batch.members);
        states
            .map(|(state, member)| match (state, error) {
                (State::Settled(fate), _) => fate,
                (State::Unauthorized(reply), _) => Fate::Refused(reply),
                (State::Waiting(_), Some(error)) => Fate::lost(member, error),
                (State::Waiting(_), None) => Fate::NotSent("it was not reached".to_owned()),
            })
            .collect()
    }

    pub(super) fn may_go_again(&self, places: &[usize]) -> bool {
        places.iter().all(|place| self.attempts[*place] < ATTEMPTS)
    }

    /// How long Microsoft asks to wait, or a pause that doubles.
    pub(super) fn wait(&self, place: usize, asked: Option<Duration>) -> Duration {
        let doublings = self.attempts[place].saturating_sub(1).min(8);
        asked.unwrap_or(FIRST_PAUSE * 2_u32.pow(doublings))
    }

    /// Those that Microsoft may be asked for in one request, in order.
    fn next(&self) -> Vec<usize> {
        let now = Instant::now();
        let mut chunk: Vec<usize> = Vec::new();
        let mut within: Vec<(usize, Vec<usize>)> = Vec::new();
        for &place in &self.batch.sequence {
            if chunk.len() == self.batch.form.most() {
                break;
            }
            match &self.states[place] {
                State::Settled(_) | State::Unauthorized(_) => continue,
                State::Waiting(Some((from, _))) if *from > now => {
                    if self.is_ordered() {
                        break;
                    }
                    continue;
                }
                State::Waiting(_) => {}
            }
            let after = &self.member(place).after;
            let (inside, outside): (Vec<usize>, Vec<usize>) =
                after.iter().partition(|other| chunk.contains(other));
            if !outside.iter().all(|other| self.is_done(*other)) {
                continue;
            }
            within.push((place, inside));
            if order::is_supported(&within) {
                chunk.push(place);
            } else {
                within.pop();
            }
        }
        chunk
    }

    /// Waits until the last of those that are to be sent again may be. False where nothing is left to be sent.
    async fn pause(&mut self) -> bool {
        let until = self.states.iter().filter_map(|state| match state {
            State::Waiting(Some((from, _))) => Some(*from),
            _ => None,
        });
        let Some(until) = until.max() else {
            return false;
        };
        let pause = until.saturating_duration_since(Instant::now());
        if self.waited + pause > PATIENCE {
            self.end_waiting();
            return true;
        }
        self.waited += pause;
        sleep_until(until).await;
        true
    }

    /// What they were answered last is what they are answered.
    fn end_waiting(&mut self) {
        for place in 0..self.states.len() {
            if !self.states[place].is_paused() {
                continue;
            }
            let state = std::mem::replace(&mut self.states[place], State::Waiting(None));
            let fate = match state {
                State::Waiting(Some((_, Some(reply)))) => Fate::of(self.member(place), reply),
                _ => Fate::NotSent("Microsoft throttles, for longer than is waited for".to_owned()),
            };
            self.states[place] = State::Settled(fate);
        }
        self.stop_after_failure();
    }

    fn take(&mut self, places: &[usize], replies: Vec<Option<Reply>>) {
        let mut is_stopped = false;
        for (&place, reply) in places.iter().zip(replies) {
            let member = self.member(place);
            let Some(reply) = reply else {
                // Not reached; it is told below what becomes of it.
                if !(is_stopped && self.is_ordered()) {
                    let message = "Microsoft's answer does not tell of it".to_owned();
                    self.states[place] = State::Settled(Fate::Uncertain(None, message));
                }
                continue;
            };
            is_stopped |= !reply.status.is_success();
            self.states[place] = if self.was_left_behind(place, &reply) {
                State::Waiting(None)
            } else if self.is_to_be_repeated(place, &reply) {
                let asked = microsoft::retry_after(&reply.headers, self.parts.context.now());
                let from = Instant::now() + self.wait(place, asked);
                State::Waiting(Some((from, Some(reply))))
            } else if reply.status == StatusCode::UNAUTHORIZED {
                State::Unauthorized(reply)
            } else {
                State::Settled(Fate::of(member, reply))
            };
        }
        self.stop_after_failure();
    }

    /// Not tried, since one that it depends on has to be sent again.
    fn was_left_behind(&self, place: usize, reply: &Reply) -> bool {
        let mut after = self.member(place).after.iter();
        reply.status == StatusCode::FAILED_DEPENDENCY
            && after.any(|other| self.states[*other].is_waiting())
    }

    /// Throttled, or a read that met trouble.
    fn is_to_be_repeated(&self, place: usize, reply: &Reply) -> bool {
        let is_safe = || self.member(place).may_repeat();
        self.attempts[place] < ATTEMPTS
            && match reply.status.as_u16() {
                429 => true,
                500 | 502 | 503 | 504 | 509 => is_safe(),
                _ => false,
            }
    }

    pub(super) fn stop_after_failure(&mut self) {
        let failed =
            self.batch.sequence.iter().find(
                |place| matches!(&self.states[**place], State::Settled(fate) if !fate.is_done()),
            );
        let Some(failed) = failed.filter(|_| self.is_ordered()) else {
            return;
        };
        let message = format!(
            "request `{}` before it failed, and the batch stopped there",
            self.member(*failed).id
        );
        self.leave(&message);
    }

    /// Those that depend on one that failed.
    fn leave_those_behind(&mut self) {
        for &place in &self.batch.sequence {
            if !self.states[place].is_waiting() {
                continue;
            }
            let failed = self.member(place).after.iter().find(
                |other| matches!(&self.states[**other], State::Settled(fate) if !fate.is_done()),
            );
            if let Some(failed) = failed {
                let message = format!(
                    "request `{}`, which it depends on, failed",
                    self.member(*failed).id
                );
                self.states[place] = State::Settled(Fate::NotSent(message));
            }
        }
    }

    fn give_up(&mut self, places: &[usize], error: &Error) {
        for &place in places {
            let fate = Fate::lost(self.member(place), error);
            self.states[place] = State::Settled(fate);
        }
        let message = format!("a part of the batch before it failed: {error}");
        self.leave(&message);
    }

    pub(super) fn leave(&mut self, message: &str) {
        for place in 0..self.states.len() {
            if self.states[place].is_waiting() {
                self.states[place] = State::Settled(Fate::NotSent(message.to_owned()));
            }
        }
    }

    fn is_ordered(&self) -> bool {
        self.batch.form != Form::Graph && !self.batch.goes_on
    }

    fn is_done(&self, place: usize) -> bool {
        matches!(&self.states[place], State::Settled(fate) if fate.is_done())
    }

    pub(super) fn member(&self, place: usize) -> &'a Member {
        &self.batch.members[place]
    }
}
