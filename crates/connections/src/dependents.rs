//! What goes with a connection, and what stays: told before it is removed.

use jiff::{SignedDuration, Timestamp};
use model::{
    Api, ApiKeyId, AppRegistration, AppRegistrationId, Connection, ConnectionId, ConnectionMethod,
    EventKind, Outcome, Phase, WebhookId,
};
use serde::Serialize;
use store::{ActivityFilter, Page};
use url::Url;

use crate::apps::connections_of_application;
use crate::{Caller, Lifecycle, Result, Snapshot};

/// What it takes to take a user's consent back.
pub(crate) const TO_REVOKE: [&str; 2] = [
    "DelegatedPermissionGrant.ReadWrite.All",
    "Application.Read.All",
];
/// Operations that ask Microsoft for change notifications.
const SUBSCRIBING: [&str; 2] = [
    "graph.subscriptions.create",
    "businesscentral.subscriptions.create",
];
/// None lives longer without being renewed: <https://learn.microsoft.com/graph/change-notifications-overview#subscription-lifetime>
const LONGEST_SUBSCRIPTION: SignedDuration = SignedDuration::from_hours(30 * 24);
const LOOKED_THROUGH: i64 = 100;

/// Who notices that a connection is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dependents {
    /// Keys that name it in their scope; they lose it, and those that name nothing else can call nothing.
    pub keys: Vec<DependentKey>,
    /// Webhooks that hear of this connection; each hears of its removal, if it asks for that, and of nothing after it.
    pub webhooks: Vec<DependentWebhook>,
    /// Places of delta queries: they are deleted with it, and a connection made anew begins with everything.
    pub cursors: Vec<DependentCursor>,
    pub app_registration: SharedApp,
    /// The user's consent, where it can be taken back along with it.
    pub consent: Option<RevocableConsent>,
    /// What stays at Microsoft, and where it is removed.
    pub at_microsoft: Vec<Remainder>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DependentKey {
    pub id: ApiKeyId,
    pub name: String,
    /// Whether it is good for no other connection.
    pub only: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DependentWebhook {
    pub id: WebhookId,
    /// Its address without path and query, which may be secret.
    pub host: String,
    /// Whether it asks to hear of removals.
    pub hears_of_removal: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DependentCursor {
    pub name: String,
    pub operation: String,
    pub updated_at: Timestamp,
}

/// A consent that may be taken back at Microsoft before the connection is removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RevocableConsent {
    /// Whose.
    pub account: Option<String>,
    /// The application permissions that it takes.
    pub needs: Vec<&'static str>,
    /// Connections that stand on the same consent: it is not taken back while there are any.
    pub held_by: Vec<String>,
}

/// The registration stays, with those that go on using it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SharedApp {
    pub id: AppRegistrationId,
    pub name: String,
    pub other_connections: Vec<OtherConnection>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OtherConnection {
    pub id: ConnectionId,
    pub name: String,
    /// Whether it stands on the same consent: taking that back ends it as well.
    pub same_consent: bool,
}

/// Something at Microsoft that removing the connection here does not take away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remainder {
    pub what: String,
    pub how: String,
    pub link: Option<String>,
}

impl Lifecycle {
    /// What depends on the connection, for whoever is about to remove it.
    pub async fn dependents(&self, caller: &Caller, id: ConnectionId) -> Result<Dependents> {
        let connection = self.managed(caller, id).await?;
        let snapshot = self.live.get(caller.workspace_id, id).await?;
        let others = self.others_of(&connection, &snapshot.app).await?;
        let app_registration = shared(&connection, &snapshot.app, &others);
        let subscribed = self.has_subscribed(caller, id).await?;
        Ok(Dependents {
            keys: self.keys_of(caller, id).await?,
            webhooks: self.webhooks_of(caller).await?,
            cursors: self.cursors_of(caller, id).await?,
            consent: revocable(&connection, &others),
            app_registration,
            at_microsoft: remainders(&snapshot, subscribed),
        })
    }

    async fn webhooks_of(&self, caller: &Caller) -> Result<Vec<DependentWebhook>> {
        let mut tx = self.context.store.read().await?;
        let webhooks = tx.webhooks(caller.workspace_id).await?;
        let live = webhooks
            .into_iter()
            .map(|stored| stored.webhook)
            .filter(|webhook| webhook.disabled_at.is_none());
        let told = live.map(|webhook| DependentWebhook {
            id: webhook.id,
            host: host(&webhook.url),
            hears_of_removal: webhook
                .kinds
                .is_none_or(|kinds| kinds.contains(&EventKind::Removed)),
        });
        Ok(told.collect())
    }

    async fn cursors_of(&self, caller: &Caller, id: ConnectionId) -> Result<Vec<DependentCursor>> {
        let mut tx = self.context.store.read().await?;
        let cursors = tx.cursors(caller.workspace_id, id).await?;
        let told = cursors.into_iter().map(|cursor| DependentCursor {
            name: cursor.name,
            operation: cursor.operation,
            updated_at: cursor.updated_at,
        });
        Ok(told.collect())
    }

    /// Whether change notifications were asked for through it that may still come. They are Microsoft's to keep: here only the log
    /// knows that they were made.
    async fn has_subscribed(&self, caller: &Caller, id: ConnectionId) -> Result<bool> {
        let mut tx = self.context.store.read().await?;
        for action in SUBSCRIBING {
            let filter = ActivityFilter {
                connection: Some(id),
                action: Some(action.to_owned()),
                phase: Some(Phase::Result),
                since: self.context.now().checked_sub(LONGEST_SUBSCRIPTION).ok(),
            };
            let lines = tx
                .activities(caller.workspace_id, &filter, Page::first(LOOKED_THROUGH))
                .await?;
            if lines.iter().any(|line| line.outcome == Outcome::Ok) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn keys_of(&self, caller: &Caller, id: ConnectionId) -> Result<Vec<DependentKey>> {
        let mut tx = self.context.store.read().await?;
        let keys = tx.api_keys(caller.workspace_id).await?;
        drop(tx);
        let dependent = keys.into_iter().filter_map(|key| {
            let named = key.scope.connections?;
            let is_live = key.revoked_at.is_none() && named.contains(&id);
            is_live.then_some(DependentKey {
                id: key.id,
                name: key.name,
                only: named.len() == 1,
            })
        });
        Ok(dependent.collect())
    }

    /// Other connections of the same application, by whichever registration.
    async fn others_of(
        &self,
        connection: &Connection,
        app: &AppRegistration,
    ) -> Result<Vec<Connection>> {
        let mut tx = self.context.store.read().await?;
        let mut others = connections_of_application(&mut *tx, app).await?;
        others.retain(|other| other.id != connection.id);
        Ok(others)
    }
}

fn shared(connection: &Connection, app: &AppRegistration, others: &[Connection]) -> SharedApp {
    let siblings = others
        .iter()
        .filter(|other| other.app_registration_id == app.id);
    SharedApp {
        id: app.id,
        name: app.name.clone(),
        other_connections: siblings
            .map(|other| OtherConnection {
                same_consent: same_consent(connection, other),
                id: other.id,
                name: other.name.clone(),
            })
            .collect(),
    }
}

/// A user's consent is to an application, whichever service it was asked for; an administrator's to all of its roles.
pub(crate) fn same_consent(one: &Connection, other: &Connection) -> bool {
    let account = |connection: &Connection| {
        connection
            .identity
            .as_ref()
            .map(|identity| (identity.tenant_id.clone(), identity.object_id.clone()))
    };
    one.method == other.method && account(one).is_some() && account(one) == account(other)
}

fn revocable(connection: &Connection, others: &[Connection]) -> Option<RevocableConsent> {
    let identity = connection.identity.as_ref()?;
    (connection.method == ConnectionMethod::OAuth).then(|| RevocableConsent {
        account: identity.username.clone(),
        needs: TO_REVOKE.to_vec(),
        held_by: others
            .iter()
            .filter(|other| same_consent(connection, other))
            .map(|other| other.name.clone())
            .collect(),
    })
}

fn host(url: &str) -> String {
    Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Entra has no endpoint that revokes one application's refresh token: `revokeSignInSessions` ends every session of the user, so
/// that it is nothing to be done along the way.
///
/// <https://learn.microsoft.com/graph/api/user-revokesigninsessions>,
/// <https://learn.microsoft.com/entra/identity/enterprise-apps/manage-application-permissions>
fn remainders(snapshot: &Snapshot, has_subscribed: bool) -> Vec<Remainder> {
    let cloud = &snapshot.cloud;
    let text = |url: Option<&Url>| url.map(ToString::to_string);
    let mut left = Vec::new();
    if snapshot.connection.method == ConnectionMethod::OAuth {
        left.push(Remainder {
            what: "the user's consent, and tokens that were issued, which end by themselves: access tokens within about an hour"
                .to_owned(),
            how: "the user takes the consent back under My Apps, or an administrator under the enterprise application's \
                  permissions; or remove the connection with its consent"
                .to_owned(),
            link: text(cloud.my_apps.as_ref()),
        });
    } else {
        left.push(Remainder {
            what: "the application's permissions, its secrets and certificates, and tokens that were issued, which end by \
                   themselves"
                .to_owned(),
            how: "an administrator takes the permissions back, or deletes the registration if nothing else needs it".to_owned(),
            link: text(Some(&cloud.entra_portal)),
        });
    }
    if has_subscribed {
        left.push(Remainder {
            what: "change notifications that were asked for through it, which go on until they expire".to_owned(),
            how: "delete them first, or let them end: at Microsoft Graph within a month, at Business Central within three days"
                .to_owned(),
            link: None,
        });
    }
    match snapshot.connection.service.api() {
        Api::Graph => {}
        Api::Dataverse => left.push(Remainder {
            what: "the application user in the environment, with its security roles".to_owned(),
            how: "an administrator deactivates it in the Power Platform admin center".to_owned(),
            link: text(cloud.power_platform.as_ref()),
        }),
        Api::BusinessCentral => left.push(Remainder {
            what: "the application's card in Business Central".to_owned(),
            how: "an administrator disables it on the page Microsoft Entra Applications".to_owned(),
            link: None,
        }),
    }
    left
}
