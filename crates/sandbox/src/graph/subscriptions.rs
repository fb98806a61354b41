//! `/subscriptions`: who is told of changes, and where.
//! Source: <https://learn.microsoft.com/graph/api/resources/subscription>

mod handshake;
mod input;
mod resource;

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::fault::Fault;
use super::reply::Reply;
use crate::odata::envelope::{self, Page};
use crate::state::subscriptions::Subscription;

pub(super) use handshake::shake;

const SET: &str = "subscriptions";

pub(super) fn dispatch(call: &Call, rest: &[&str]) -> Result<Reply, Fault> {
    match (&call.method, rest) {
        (&Method::GET, []) => Ok(list(call)),
        (&Method::POST, []) => create(call),
        (&Method::GET, [id]) => {
            let found = find(call, id)?;
            Ok(Reply::json(&one(call, &found, Echo::No)))
        }
        (&Method::PATCH, [id]) => renew(call, id),
        (&Method::DELETE, [id]) => {
            let found = find(call, id)?;
            call.shared.write(|state| {
                state.subscriptions.all.retain(|it| it.id != found.id);
            });
            Ok(Reply::no_content())
        }
        (&Method::POST, [id, action]) if is_reauthorize(action) => reauthorize(call, id),
        (_, [] | [_]) => Err(Fault::method_not_allowed()),
        (_, [_, other, ..]) => Err(Fault::unknown_segment(other)),
    }
}

fn is_reauthorize(action: &str) -> bool {
    let action = action.strip_prefix("microsoft.graph.").unwrap_or(action);
    action.eq_ignore_ascii_case("reauthorize")
}

/// Whose subscription it is: the application's, and for a person also theirs.
fn is_own(call: &Call, subscription: &Subscription) -> bool {
    let caller = &call.caller;
    subscription.tenant_id == caller.tenant_id()
        && subscription.client_id == caller.client_id()
        && subscription.is_application == caller.is_application()
        && (caller.is_application() || subscription.creator_id == caller.object_id())
}

fn find(call: &Call, id: &str) -> Result<Subscription, Fault> {
    let found = call.shared.read(|state| {
        let mut all = state.subscriptions.all.iter();
        all.find(|it| {
            it.id.eq_ignore_ascii_case(id) && is_own(call, it) && it.expires_at > call.now
        })
        .cloned()
    });
    found.ok_or_else(|| {
        Fault::new(
            axum::http::StatusCode::NOT_FOUND,
            "ResourceNotFound",
            "The object was not found.",
        )
    })
}

fn list(call: &Call) -> Reply {
    let own: Vec<Value> = call.shared.read(|state| {
        let all = state.subscriptions.all.iter();
        all.filter(|it| is_own(call, it) && it.expires_at > call.now)
            .map(|it| Value::Object(render(it, Echo::No)))
            .collect()
    });
    let page = Page {
        context: call.context(SET),
        count: None,
        next: None,
        value: own,
    };
    Reply::json(&page.into_value())
}

/// The handshake has succeeded by now.
fn create(call: &Call) -> Result<Reply, Fault> {
    let subscription = input::read(call)?;
    let made = call.shared.write(|state| {
        let subscription = Subscription {
            id: state.ids.uuid().to_string(),
            ..subscription
        };
        crate::notify::start_watching(state, &subscription);
        state.subscriptions.all.push(subscription.clone());
        subscription
    });
    let location = format!("{}/{SET}/{}", call.base, made.id);
    Ok(Reply::created(&one(call, &made, Echo::Yes), location))
}

fn renew(call: &Call, id: &str) -> Result<Reply, Fault> {
    let found = find(call, id)?;
    let change = input::read_change(call, &found)?;
    let changed = Subscription {
        expires_at: change.expires_at.unwrap_or(found.expires_at),
        notification_url: change.notification_url.unwrap_or(found.notification_url),
        authorized_at: call.now,
        is_reminded: false,
        ..found
    };
    keep(call, &changed);
    Ok(Reply::json(&one(call, &changed, Echo::No)))
}

fn reauthorize(call: &Call, id: &str) -> Result<Reply, Fault> {
    let found = find(call, id)?;
    // The token that comes now has to be as good as the one that came first.
    resource::parse(call, &found.resource)?.require(call)?;
    let changed = Subscription {
        authorized_at: call.now,
        ..found
    };
    keep(call, &changed);
    Ok(Reply::no_content())
}

fn keep(call: &Call, changed: &Subscription) {
    call.shared.write(|state| {
        let mut all = state.subscriptions.all.iter_mut();
        if let Some(kept) = all.find(|it| it.id == changed.id) {
            *kept = changed.clone();
        }
    });
}

/// Whether the client's own secret is shown; it is, once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Echo {
    Yes,
    No,
}

fn one(call: &Call, subscription: &Subscription, echo: Echo) -> Value {
    let context = call.context(&format!("{SET}/$entity"));
    envelope::entity(&context, render(subscription, echo))
}

fn render(subscription: &Subscription, echo: Echo) -> Map<String, Value> {
    let kinds: Vec<&str> = subscription
        .change_types
        .iter()
        .map(|it| it.name())
        .collect();
    let value = json!({
        "id": subscription.id,
        "resource": subscription.resource,
        "applicationId": subscription.client_id,
        "changeType": kinds.join(","),
        "clientState": subscription.client_state.as_ref().filter(|_| echo == Echo::Yes),
        "notificationUrl": subscription.notification_url,
        "notificationQueryOptions": null,
        "lifecycleNotificationUrl": subscription.lifecycle_url,
        "expirationDateTime": subscription.expires_at,
        "creatorId": subscription.creator_id,
        "includeResourceData": subscription.include_resource_data,
        "latestSupportedTlsVersion": subscription.tls_version,
        "encryptionCertificate": subscription.certificate,
        "encryptionCertificateId": subscription.certificate_id,
        "notificationUrlAppId": null,
    });
    value.as_object().cloned().unwrap_or_default()
}
