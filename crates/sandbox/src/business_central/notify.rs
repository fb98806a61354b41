//! Requests of Business Central to subscribers: the proof that an address wants them, and notifications.
//! Source: <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0/dynamics-subscriptions>

use sandbox_business_central::Handshake;

use super::BusinessCentral;
use crate::outgoing::Post;
use crate::shared::Shared;

/// Begins the tag of what was sent for a subscription.
const TAG: &str = "business-central:";

/// Whether the address answers with 200 and the token.
pub(super) async fn proves_itself(shared: &Shared, handshake: &Handshake) -> bool {
    let post = Post {
        url: handshake.url.clone(),
        content_type: "text/plain".into(),
        body: String::new(),
        tag: String::new(),
    };
    let answer = shared.outgoing().ask(&post).await;
    answer.is_ok_and(|it| it.status == 200 && it.body.trim() == handshake.token)
}

/// Hands over what subscribers are to be told by now.
pub(crate) fn pump(shared: &Shared) {
    let business_central = &shared.services().business_central;
    if !business_central.has_pending() {
        return;
    }
    let now = shared.now();
    for due in business_central.write(|cloud| cloud.due_notifications(now)) {
        let post = Post {
            url: due.url,
            content_type: "application/json".into(),
            body: due.body.to_string(),
            tag: format!("{TAG}{}", due.subscription_id),
        };
        shared.outgoing().send(post, now);
    }
}

impl BusinessCentral {
    /// Whether anything waits to be told.
    pub(crate) fn has_pending(&self) -> bool {
        self.read(sandbox_business_central::BusinessCentral::has_pending)
    }

    /// A subscriber that was not to be reached until it was given up is not told again.
    pub(crate) fn give_up(&self, tags: &[String]) {
        for id in tags.iter().filter_map(|tag| tag.strip_prefix(TAG)) {
            self.write(|cloud| cloud.refused(id));
        }
    }
}
