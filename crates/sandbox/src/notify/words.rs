//! What a notification says.
//! Source: <https://learn.microsoft.com/graph/change-notifications-delivery-webhooks>

use serde_json::{Value, json};

use crate::state::changes::{Change, What};
use crate::state::subscriptions::Subscription;

/// A changed thing as notifications name it.
pub(super) struct Named {
    /// Its address below the version; a drive and a list are named by the subscription itself.
    pub(super) path: Option<String>,
    type_name: &'static str,
    id: Option<String>,
}

pub(super) fn name(what: &What) -> Named {
    let named = |path: String, type_name, id: &String| Named {
        path: Some(path),
        type_name,
        id: Some(id.clone()),
    };
    match what {
        What::Message { user, id, .. } => named(
            format!("Users/{user}/Messages/{id}"),
            "#Microsoft.Graph.Message",
            id,
        ),
        What::Event { user, id } => named(
            format!("Users/{user}/Events/{id}"),
            "#Microsoft.Graph.Event",
            id,
        ),
        What::Contact { user, id } => named(
            format!("Users/{user}/Contacts/{id}"),
            "#Microsoft.Graph.Contact",
            id,
        ),
        What::Drive { .. } | What::List { .. } => Named {
            path: None,
            type_name: "",
            id: None,
        },
        What::Team { team } => named(format!("teams('{team}')"), "#Microsoft.Graph.team", team),
        What::Channel { team, channel } => named(
            format!("teams('{team}')/channels('{channel}')"),
            "#Microsoft.Graph.channel",
            channel,
        ),
        What::ChannelMessage {
            team,
            channel,
            thread,
            id,
        } => {
            let channel = format!("teams('{team}')/channels('{channel}')/messages");
            let path = match thread {
                Some(thread) => format!("{channel}('{thread}')/replies('{id}')"),
                None => format!("{channel}('{id}')"),
            };
            named(path, "#Microsoft.Graph.chatMessage", id)
        }
        What::Chat { chat } => named(format!("chats('{chat}')"), "#Microsoft.Graph.chat", chat),
        What::ChatMessage { chat, id } => named(
            format!("chats('{chat}')/messages('{id}')"),
            "#Microsoft.Graph.chatMessage",
            id,
        ),
        What::User { id } => named(format!("Users/{id}"), "#Microsoft.Graph.User", id),
        What::Group { id } => named(format!("Groups/{id}"), "#Microsoft.Graph.Group", id),
        What::Presence { user } => named(
            format!("communications/presences('{user}')"),
            "#Microsoft.Graph.presence",
            user,
        ),
    }
}

/// A change notification without the thing itself.
pub(super) fn notification(subscription: &Subscription, change: &Change) -> Value {
    let named = name(&change.what);
    let data = named.path.as_ref().map(|path| {
        json!({
            "@odata.type": named.type_name,
            "@odata.id": path,
            "id": named.id,
        })
    });
    json!({
        "subscriptionId": subscription.id,
        "subscriptionExpirationDateTime": subscription.expires_at,
        "clientState": subscription.client_state,
        "changeType": change.kind.name(),
        "resource": named.path.unwrap_or_else(|| subscription.resource.clone()),
        "tenantId": subscription.tenant_id,
        "resourceData": data,
    })
}

/// What becomes of the subscription itself.
/// Source: <https://learn.microsoft.com/graph/change-notifications-lifecycle-events>
pub(super) fn lifecycle(subscription: &Subscription, event: &str) -> Value {
    json!({ "value": [{
        "subscriptionId": subscription.id,
        "subscriptionExpirationDateTime": subscription.expires_at,
        "tenantId": subscription.tenant_id,
        "organizationId": subscription.tenant_id,
        "clientState": subscription.client_state,
        "lifecycleEvent": event,
    }]})
}
