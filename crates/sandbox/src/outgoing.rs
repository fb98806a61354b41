//! HTTP that leaves the sandbox: handshakes, and notifications with their retries.
//!
//! It goes to this machine only, unless the sandbox is told otherwise. Queued posts are tried again in the sandbox's own
//! time, so that a test moves a clock instead of sleeping.

mod queue;

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::redirect;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::{Host, Url};

use crate::clock::Clock;
use crate::state::part::Part;
use queue::Queue;

/// Longest wait for an answer, as Microsoft Graph and Business Central wait.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is read of an answer's body, more than any validation token has.
const MAX_ANSWER: usize = 64 * 1024;

/// A POST to somebody else's address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Post {
    pub(crate) url: String,
    pub(crate) content_type: Cow<'static, str>,
    pub(crate) body: String,
    /// Whom to name when it is given up; a subscription's id.
    pub(crate) tag: String,
}

/// What the other side said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unanswered {
    /// Not an address of this machine, or none at all.
    #[error(
        "the address is not one of this machine, and the sandbox calls no other unless it is told to"
    )]
    NotAllowed,
    #[error("nothing answers there")]
    Unreachable,
    #[error("there was no answer within ten seconds")]
    TimedOut,
}

/// The sender. Clones share one queue.
#[derive(Clone, Default)]
pub(crate) struct Outgoing(Arc<Inner>);

#[derive(Default)]
struct Inner {
    queue: Arc<Mutex<Queue>>,
    /// Told whenever an attempt has ended.
    ended: Notify,
    /// Told of each change of the queue.
    changed: Notify,
    anywhere: AtomicBool,
    near: OnceLock<Option<reqwest::Client>>,
    far: OnceLock<Option<reqwest::Client>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Outgoing {
    /// What waits, as a part of the sandbox's memory.
    pub(crate) fn part(&self) -> Arc<Mutex<dyn Part>> {
        self.0.queue.clone()
    }

    /// Returns once what waits has changed since this last returned.
    pub(crate) async fn changed(&self) {
        self.0.changed.notified().await;
    }

    /// Lets posts go to other machines too.
    pub(crate) fn allow_anywhere(&self, anywhere: bool) {
        self.0.anywhere.store(anywhere, Ordering::Release);
    }

    /// Whether an address may be posted to: `http` and `https` on this machine, `https` alone elsewhere.
    pub(crate) fn allows(&self, url: &str) -> bool {
        self.client(url).is_some()
    }

    /// Posts and waits for the answer; for handshakes.
    pub(crate) async fn ask(&self, post: &Post) -> Result<Answered, Unanswered> {
        let client = self.client(&post.url).ok_or(Unanswered::NotAllowed)?;
        let request = client
            .post(&post.url)
            .header("content-type", post.content_type.as_ref())
            .body(post.body.clone());
        let answer = tokio::select! {
            answer = tokio::time::timeout(PATIENCE, read(request)) => answer,
            () = self.0.stop.cancelled() => return Err(Unanswered::Unreachable),
        };
        answer.unwrap_or(Err(Unanswered::TimedOut))
    }

    /// Queues a post that is tried until it is answered with a 2xx, for up to four hours.
    pub(crate) fn send(&self, post: Post, now: Timestamp) {
        self.queue().push(post, now);
        self.0.changed.notify_one();
    }

    /// Starts every attempt whose time has come.
    pub(crate) fn start_due(&self, clock: &Clock) {
        for queued in self.queue().take_due(clock.now()) {
            let (outgoing, clock) = (self.clone(), clock.clone());
            self.0.tasks.spawn(async move {
                let answer = outgoing.ask(&queued.post).await;
                // What the sandbox's own end broke off has not failed: it stays what it was, and is saved so.
                if answer.is_err() && outgoing.0.stop.is_cancelled() {
                    return;
                }
                let is_done = answer.is_ok_and(|it| (200..300).contains(&it.status));
                outgoing.queue().ended(queued, is_done, clock.now());
                outgoing.0.changed.notify_one();
                outgoing.0.ended.notify_waiters();
            });
        }
    }

    /// Returns once nothing is under way and nothing is due; what waits for its next attempt waits on.
    pub(crate) async fn settled(&self, clock: &Clock) {
        loop {
            let ended = self.0.ended.notified();
            let mut ended = std::pin::pin!(ended);
            ended.as_mut().enable();
            self.start_due(clock);
            if self.queue().is_settled(clock.now()) {
                return;
            }
            ended.await;
        }
    }

    /// Tags of what was given up since this was last asked.
    pub(crate) fn take_given_up(&self) -> Vec<String> {
        self.queue().take_given_up()
    }

    /// Whether anything waits for another attempt.
    pub(crate) fn has_waiting(&self) -> bool {
        self.queue().has_waiting()
    }

    /// Forgets what waits.
    pub(crate) fn forget(&self) {
        self.queue().forget();
    }

    /// Breaks off what is under way; nothing starts afterwards.
    pub(crate) fn close(&self) {
        self.0.stop.cancel();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn client(&self, url: &str) -> Option<&reqwest::Client> {
        let url = Url::parse(url).ok()?;
        let is_plain = url.scheme() == "http";
        if !is_plain && url.scheme() != "https" {
            return None;
        }
        if is_near(&url) {
            return self.0.near.get_or_init(near).as_ref();
        }
        let may = self.0.anywhere.load(Ordering::Acquire) && !is_plain;
        let far = || builder().build().ok();
        may.then(|| self.0.far.get_or_init(far).as_ref()).flatten()
    }
}

fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(redirect::Policy::none())
        .no_proxy()
}

/// Certificates on this machine are a developer's own, signed by nobody.
fn near() -> Option<reqwest::Client> {
    builder().tls_danger_accept_invalid_certs(true).build().ok()
}

async fn read(request: reqwest::RequestBuilder) -> Result<Answered, Unanswered> {
    let mut response = request.send().await.map_err(|error| {
        if error.is_timeout() {
            Unanswered::TimedOut
        } else {
            Unanswered::Unreachable
        }
    })?;
    let content_type = response.headers().get("content-type");
    let content_type = content_type.and_then(|it| it.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_owned();
    let mut body = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        body.extend_from_slice(&piece);
        if body.len() > MAX_ANSWER {
            break;
        }
    }
    Ok(Answered {
        status: response.status().as_u16(),
        content_type,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_called_unless_the_sandbox_is_told_otherwise() {
        let outgoing = Outgoing::default();
        for near in [
            "http://127.0.0.1:9/x",
            "https://localhost/x",
            "http://[::1]:80/",
        ] {
            assert!(outgoing.allows(near), "{near}");
        }
        for far in [
            "https://example.com/x",
            "http://10.0.0.1/",
            "ftp://localhost/",
            "nonsense",
        ] {
            assert!(!outgoing.allows(far), "{far}");
        }
        outgoing.allow_anywhere(true);
        assert!(outgoing.allows("https://example.com/x"));
        assert!(!outgoing.allows("http://example.com/x"));
    }
}
