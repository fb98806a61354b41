//! What is known of the places that connections are held to. Each kind keeps its own answers.

use model::ConnectionId;
use moka::future::Cache;

use super::answers::{Answers, MOST};
use super::{dynamics, mailboxes, sites};

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct Known {
    pub(super) sites: Answers<sites::Question, sites::Answer>,
    pub(super) mailboxes: Answers<mailboxes::Question, mailboxes::Answer>,
    pub(super) dynamics: Answers<dynamics::Question, dynamics::Answer>,
    /// Where copies that began here tell how far they are.
    monitors: Cache<(ConnectionId, String), ()>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            sites: Answers::default(),
            mailboxes: Answers::default(),
            dynamics: Answers::default(),
            monitors: Cache::new(MOST),
        }
    }
}

impl Known {
    /// A copy began whose way the policy allowed.
    pub(crate) async fn keep_monitor(&self, connection: ConnectionId, url: &str) {
        self.monitors.insert((connection, url.to_owned()), ()).await;
    }

    pub(super) async fn is_monitor(&self, connection: ConnectionId, url: &str) -> bool {
        self.monitors
            .get(&(connection, url.to_owned()))
            .await
            .is_some()
    }
}
