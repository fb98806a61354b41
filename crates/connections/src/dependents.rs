//! What goes with a connection, and what stays: told before it is removed.

use model::{
    Api, ApiKeyId, AppRegistration, AppRegistrationId, Connection, ConnectionId, ConnectionMethod,
};
use serde::Serialize;
use url::Url;

use crate::{Caller, Lifecycle, Result, Snapshot};

/// Who notices that a connection is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dependents {
    /// Keys that name it in their scope; they lose it, and those that name nothing else can call nothing.
    pub keys: Vec<DependentKey>,
    pub app_registration: SharedApp,
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
        Ok(Dependents {
            keys: self.keys_of(caller, id).await?,
            app_registration: self.app_of(&connection, &snapshot.app).await?,
            at_microsoft: remainders(&snapshot),
        })
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

    async fn app_of(&self, connection: &Connection, app: &AppRegistration) -> Result<SharedApp> {
        let mut tx = self.context.store.read().await?;
        let all = tx
            .connections_of_app(connection.workspace_id, app.id)
            .await?;
        let others = all.into_iter().filter(|other| other.id != connection.id);
        Ok(SharedApp {
            id: app.id,
            name: app.name.clone(),
            other_connections: others
                .map(|other| OtherConnection {
                    same_consent: same_consent(connection, &other),
                    id: other.id,
                    name: other.name,
                })
                .collect(),
        })
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

/// Entra has no endpoint that revokes one application's refresh token: `revokeSignInSessions` ends every session of the user, so
/// that it is nothing to be done along the way.
///
/// <https://learn.microsoft.com/graph/api/user-revokesigninsessions>,
/// <https://learn.microsoft.com/entra/identity/enterprise-apps/manage-application-permissions>
fn remainders(snapshot: &Snapshot) -> Vec<Remainder> {
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
