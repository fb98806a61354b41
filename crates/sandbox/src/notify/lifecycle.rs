//! Subscriptions grow old, lose what they stand on, and miss what could not be delivered.
//! Source: <https://learn.microsoft.com/graph/change-notifications-lifecycle-events>

use jiff::{SignedDuration, Timestamp};

use super::{to, words};
use crate::shared::Shared;
use crate::state::State;
use crate::state::subscriptions::Subscription;

/// How long before its end a client is told to authorise a subscription anew.
const REMINDER: SignedDuration = SignedDuration::from_mins(15);

/// Ends what is over and tells clients what they have to know.
pub(super) fn review(shared: &Shared) {
    let now = shared.now();
    let given_up = shared.outgoing().take_given_up();
    shared.services().business_central.give_up(&given_up);
    let is_due = shared.read(|state| {
        let mut all = state.subscriptions.all.iter();
        !given_up.is_empty()
            || all.any(|it| is_over(it, now) || is_ending(it, now) || is_orphan(state, it))
    });
    if !is_due {
        return;
    }
    let mut told: Vec<(Subscription, &str)> = Vec::new();
    shared.write_quietly(|state| {
        state.subscriptions.all.retain(|it| !is_over(it, now));
        let orphans: Vec<String> = state
            .subscriptions
            .all
            .iter()
            .filter(|it| is_orphan(state, it))
            .map(|it| it.id.clone())
            .collect();
        for subscription in &mut state.subscriptions.all {
            if orphans.contains(&subscription.id) {
                told.push((subscription.clone(), "subscriptionRemoved"));
            } else if is_ending(subscription, now) {
                subscription.is_reminded = true;
                told.push((subscription.clone(), "reauthorizationRequired"));
            }
            if given_up.contains(&subscription.id) {
                told.push((subscription.clone(), "missed"));
            }
        }
        state
            .subscriptions
            .all
            .retain(|it| !orphans.contains(&it.id));
    });
    for (subscription, event) in told {
        if let Some(url) = &subscription.lifecycle_url {
            let body = words::lifecycle(&subscription, event);
            shared.outgoing().send(to(url, &subscription, &body), now);
        }
    }
}

fn is_over(subscription: &Subscription, now: Timestamp) -> bool {
    subscription.expires_at <= now
}

fn is_ending(subscription: &Subscription, now: Timestamp) -> bool {
    !subscription.is_reminded && subscription.expires_at.duration_since(now) <= REMINDER
}

/// Its user is gone or blocked, or their sessions have been ended since; or its application is gone.
fn is_orphan(state: &State, subscription: &Subscription) -> bool {
    let directory = &state.directory;
    if directory.application(&subscription.client_id).is_none() {
        return true;
    }
    if subscription.is_application {
        let tenant = &subscription.tenant_id;
        let principal = directory.service_principal(&subscription.client_id, tenant);
        return principal.is_some_and(|it| it.disabled);
    }
    let user = directory.user(&subscription.creator_id);
    user.is_none_or(|user| {
        user.disabled
            || user
                .tokens_valid_from
                .is_some_and(|from| from > subscription.authorized_at)
    })
}
