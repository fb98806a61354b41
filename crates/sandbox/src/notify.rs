//! Change notifications: from the feed of changes to posts on their way, and the life of subscriptions.
//! Source: <https://learn.microsoft.com/graph/change-notifications-overview>

mod lifecycle;
mod rich;
mod scan;
mod words;

use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

pub(crate) use rich::public_key;

use crate::business_central;
use crate::outgoing::Post;
use crate::shared::Shared;
use crate::state::changes::Change;
use crate::state::subscriptions::Subscription;

/// How often the clock is looked at while something waits for it.
const TICK: Duration = Duration::from_secs(1);

/// Follows the state until the sandbox stops. Then nothing is told any more, and `over` is cancelled.
pub(crate) async fn run(shared: Shared, stop: CancellationToken, over: CancellationToken) {
    let _over = over.drop_guard();
    let mut written = shared.written();
    loop {
        pump(&shared);
        // Time itself changes something only where a subscription ends or a post waits for another attempt.
        let waits = shared.outgoing().has_waiting()
            || shared.services().business_central.has_pending()
            || shared.read(|state| !state.subscriptions.all.is_empty());
        let tick = async {
            if waits {
                tokio::time::sleep(TICK).await;
            } else {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            changed = written.changed() => if changed.is_err() { break },
            () = tick => {}
            () = stop.cancelled() => break,
        }
    }
    shared.outgoing().close();
}

/// From now on a subscription is told of what happens; what happened before is none of its business.
pub(crate) fn start_watching(state: &mut crate::state::State, subscription: &Subscription) {
    scan::begin(state, subscription);
}

/// Turns what has happened so far into posts, and starts those that are due.
pub(crate) fn pump(shared: &Shared) {
    lifecycle::review(shared);
    let is_idle = shared.read(|state| state.changes.is_empty() && !scan::finds(state));
    if !is_idle {
        for (subscription, change) in shared.write_quietly(matches) {
            if let Some(post) = post(shared, &subscription, &change) {
                shared.outgoing().send(post, shared.now());
            }
        }
    }
    business_central::pump(shared);
    shared.outgoing().start_due(shared.clock());
}

/// Who is to hear of what, in the order in which it happened.
fn matches(state: &mut crate::state::State) -> Vec<(Subscription, Change)> {
    scan::note(state);
    let changes = state.changes.take();
    if state.subscriptions.all.is_empty() {
        return Vec::new();
    }
    let teams = &state.teams;
    let is_in_chat = |user: &str, chat: &str| teams.is_in_chat(user, chat);
    let mut found = Vec::new();
    for change in changes {
        for subscription in &state.subscriptions.all {
            if subscription.wants(&change, &is_in_chat) {
                found.push((subscription.clone(), change.clone()));
            }
        }
    }
    found
}

fn post(shared: &Shared, subscription: &Subscription, change: &Change) -> Option<Post> {
    let mut notification = words::notification(subscription, change);
    let mut collection = json!({});
    if subscription.include_resource_data {
        let content = rich::content(shared, subscription, change)?;
        notification["encryptedContent"] = content;
        collection["validationTokens"] = json!([rich::validation_token(shared, subscription)]);
    }
    let id = shared.write_quietly(|state| state.ids.uuid().to_string());
    notification["id"] = json!(id);
    collection["value"] = json!([notification]);
    Some(to(
        &subscription.notification_url,
        subscription,
        &collection,
    ))
}

fn to(url: &str, subscription: &Subscription, body: &Value) -> Post {
    Post {
        url: url.to_owned(),
        content_type: "application/json; charset=utf-8".into(),
        body: body.to_string(),
        tag: subscription.id.clone(),
    }
}
