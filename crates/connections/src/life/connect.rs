//! How a connection begins, and how its account is asked again.

use model::{
    AppRegistrationId, Connection, ConnectionId, ConnectionMethod, ConnectionState, PermissionSet,
};

use super::{Lifecycle, NewConnection, allowed};
use crate::apps::NewApp;
use crate::oauth::Invitation;
use crate::service_principal::{self, Created, Source};
use crate::{Caller, Context, Error, Result, limits, sites};

impl Lifecycle {
    /// Connects as an application that is registered here already. Signs in first; nothing is stored if that fails.
    pub async fn connect_application(
        &self,
        caller: &Caller,
        new: NewConnection,
        app: AppRegistrationId,
    ) -> Result<Created> {
        allowed(caller, &new, ConnectionMethod::ServicePrincipal)?;
        service_principal::connect(
            &self.context,
            &self.live,
            caller,
            new,
            Source::Registered(app),
        )
        .await
    }

    /// The same, registering the application with it.
    pub async fn connect_new_application(
        &self,
        caller: &Caller,
        new: NewConnection,
        app: NewApp,
    ) -> Result<Created> {
        allowed(caller, &new, ConnectionMethod::ServicePrincipal)?;
        service_principal::connect(&self.context, &self.live, caller, new, Source::New(app)).await
    }

    /// Makes a pending connection and the page where its account consents.
    pub async fn connect_user(
        &self,
        caller: &Caller,
        new: NewConnection,
        app: AppRegistrationId,
    ) -> Result<(Connection, Invitation)> {
        allowed(caller, &new, ConnectionMethod::OAuth)?;
        let mut connection =
            fresh_connection(&self.context, caller, &new, app, ConnectionMethod::OAuth);
        let mut tx = self.context.store.write().await?;
        let Some(registered) = tx.app_registration(caller.workspace_id, app).await? else {
            return Err(Error::NotFound {
                what: "app registration",
                id: app.to_string(),
            });
        };
        let cloud = self.context.cloud(&registered.cloud)?;
        limits::check(&new.policy, new.service, &new.place, &cloud)?;
        let (key, _) = self
            .context
            .seals
            .create(&mut *tx, caller.workspace_id, &connection.id.to_string())
            .await?;
        connection.data_key_id = Some(key);
        tx.create_connection(&connection).await?;
        tx.commit().await?;
        self.context
            .record(caller, "connection.create", Some(connection.id), None)
            .await?;
        let invitation = self
            .oauth
            .invite(caller, &connection, PermissionSet::new())
            .await?;
        Ok((connection, invitation))
    }

    /// Another consent for the same connection; what works keeps working until it is confirmed.
    pub async fn reconnect(&self, caller: &Caller, id: ConnectionId) -> Result<Invitation> {
        let connection = self.managed(caller, id).await?;
        if connection.method != ConnectionMethod::OAuth {
            return Err(Error::Unsupported {
                reason: "a service principal has no user to consent again".to_owned(),
                instead: format!(
                    "try it anew by `consentry connections test {0}`, or give it a new proof by `consentry connections rotate {0}`",
                    connection.name
                ),
            });
        }
        self.context
            .record(caller, "connection.reconnect", Some(id), None)
            .await?;
        self.oauth
            .invite(caller, &connection, PermissionSet::new())
            .await
    }

    /// Asks the connection's account for more permissions. What the connection has keeps working, and it asks for the new
    /// ones only once somebody has confirmed them.
    pub async fn ask_for_more(
        &self,
        caller: &Caller,
        id: ConnectionId,
        permissions: PermissionSet,
    ) -> Result<Invitation> {
        let connection = self.managed(caller, id).await?;
        if connection.method != ConnectionMethod::OAuth {
            return Err(Error::Unsupported {
                reason: "an application's permissions are granted on its registration".to_owned(),
                instead: "add them there, have an administrator consent, then test the connection"
                    .to_owned(),
            });
        }
        let more = more_than(&connection, permissions)?;
        self.context
            .record(caller, "connection.add_permissions", Some(id), None)
            .await?;
        self.oauth.invite(caller, &connection, more).await
    }
}

/// Those that the connection does not ask for yet.
fn more_than(connection: &Connection, permissions: PermissionSet) -> Result<PermissionSet> {
    let invalid = |message: String| Error::Invalid {
        field: "permissions",
        message,
    };
    let more: PermissionSet = permissions
        .into_iter()
        .filter(|wanted| !connection.requested.contains(wanted))
        .collect();
    if let Some(unknown) = more
        .iter()
        .find(|name| catalog::permissions::describe(name.as_str()).is_none())
    {
        return Err(invalid(format!(
            "`{unknown}` is no permission of Microsoft's APIs"
        )));
    }
    if more.is_empty() {
        return Err(invalid(
            "name one that the connection does not ask for yet".to_owned(),
        ));
    }
    Ok(more)
}

/// A connection that nothing is known of yet.
pub(crate) fn fresh_connection(
    context: &Context,
    caller: &Caller,
    new: &NewConnection,
    app: AppRegistrationId,
    method: ConnectionMethod,
) -> Connection {
    let now = context.now();
    Connection {
        id: ConnectionId::generate(&*context.clock, &*context.random),
        workspace_id: caller.workspace_id,
        name: new.name.trim().to_owned(),
        service: new.service,
        method,
        app_registration_id: app,
        owner: caller.member_id,
        shared: new.shared,
        place: new.place.clone(),
        identity: None,
        requested: new.permissions.clone().unwrap_or_else(|| {
            let usual = catalog::permissions::default_for(new.service, method);
            sites::asked_for(&new.policy, usual)
        }),
        granted: None,
        policy: new.policy.clone(),
        state: ConnectionState::Pending,
        diagnosis: None,
        data_key_id: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}
