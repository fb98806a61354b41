//! A user's consent taken back at Microsoft, when somebody asks for it and the application may. The closed list of what is
//! changed there: this user's `oauth2PermissionGrant`s to this application. What an administrator granted to everybody stays.
//!
//! Source: <https://learn.microsoft.com/graph/api/oauth2permissiongrant-delete>

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use microsoft::{AccessToken, ApiCall, ApiClient, GraphFault, Repeat, Target};
use model::{Api, AppRegistration, Connection, ConnectionMethod};
use serde::Deserialize;

use crate::apps::connections_of_application;
use crate::dependents::same_consent;
use crate::{
    Caller, Error, Lifecycle, Result, Snapshot, diagnosis, grant, rotate, service_principal,
};

const PATIENCE: Duration = Duration::from_secs(30);
const LARGEST_ANSWER: usize = 256 * 1024;

#[derive(Deserialize)]
struct Known {
    id: String,
}

#[derive(Deserialize)]
struct Grants {
    value: Vec<Known>,
}

pub(crate) async fn consent(
    life: &Lifecycle,
    caller: &Caller,
    connection: &Connection,
) -> Result<()> {
    let user = user(connection)?;
    let snapshot = life
        .live
        .reread(connection.workspace_id, connection.id)
        .await?;
    alone(life, connection, &snapshot.app).await?;
    let graph = rotate::for_graph(life, caller, snapshot.app.id);
    let itself = life.live.assemble(graph, snapshot.app.clone())?;
    let given = grant::application(&life.context, &itself).await;
    let token = given
        .map_err(|error| service_principal::explained(&itself, error))?
        .access_token;
    let asker = Asker {
        life,
        itself: &itself,
        token: &token,
    };
    let principal = format!(
        "/servicePrincipals(appId='{}')?$select=id",
        itself.app.client_id
    );
    let principal: Known = asker.read(principal).await?;
    let filter = format!(
        "/oauth2PermissionGrants?$filter=clientId%20eq%20'{}'%20and%20principalId%20eq%20'{user}'",
        principal.id
    );
    let grants: Grants = asker.read(filter).await?;
    for grant in grants.value {
        let path = format!("/oauth2PermissionGrants/{}", grant.id);
        asker.send(Method::DELETE, path).await?;
    }
    Ok(())
}

/// Object id of the user who consented, checked before it becomes part of a filter.
fn user(connection: &Connection) -> Result<&str> {
    let identity = connection.identity.as_ref();
    let id = identity.map_or("", |identity| &identity.object_id);
    let is_id = !id.is_empty()
        && id
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if connection.method == ConnectionMethod::OAuth && is_id {
        return Ok(id);
    }
    Err(Error::Unsupported {
        reason: "there is no user's consent to take back".to_owned(),
        instead:
            "an administrator takes an application's permissions back in the Entra admin center"
                .to_owned(),
    })
}

/// Others that stand on the same consent would end with it.
async fn alone(life: &Lifecycle, connection: &Connection, app: &AppRegistration) -> Result<()> {
    let mut tx = life.context.store.read().await?;
    let siblings = connections_of_application(&mut *tx, app).await?;
    let others: Vec<_> = siblings
        .iter()
        .filter(|other| other.id != connection.id && same_consent(connection, other))
        .map(|other| format!("`{}`", other.name))
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    Err(Error::Invalid {
        field: "revoke_consent",
        message: format!(
            "the consent also carries {}; remove them first, or this one without its consent",
            others.join(", ")
        ),
    })
}

struct Asker<'a> {
    life: &'a Lifecycle,
    itself: &'a Snapshot,
    token: &'a AccessToken,
}

impl Asker<'_> {
    async fn read<T: serde::de::DeserializeOwned>(&self, path: String) -> Result<T> {
        let answer = self.send(Method::GET, path).await?;
        serde_json::from_slice(&answer).map_err(|error| Error::Unexpected(error.to_string()))
    }

    async fn send(&self, method: Method, path_and_query: String) -> Result<Bytes> {
        let target = Target::Path {
            api: Api::Graph,
            environment: None,
            path_and_query,
        };
        // What is gone already answers 404 to a second try, which is as good.
        let is_delete = method == Method::DELETE;
        let mut call = ApiCall::new(target, method, self.token.clone(), Repeat::Safe);
        call.deadline = PATIENCE;
        let client = ApiClient::new(self.life.context.transport.clone());
        let answer = client.send(&self.itself.cloud, call).await;
        let answer = answer.map_err(|error| Error::Unreachable(error.to_string()))?;
        let (status, headers) = (answer.status, answer.headers);
        let bytes = answer.body.bytes(LARGEST_ANSWER).await;
        let bytes = bytes.map_err(|error| Error::Unreachable(error.to_string()))?;
        if status.is_success() || (is_delete && status == http::StatusCode::NOT_FOUND) {
            return Ok(bytes);
        }
        let fault = GraphFault::parse(status, &headers, &bytes);
        Err(Error::Refused(Box::new(diagnosis::may_not_revoke(
            self.itself,
            &fault,
        ))))
    }
}
