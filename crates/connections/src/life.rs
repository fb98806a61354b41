//! What people do with connections, each recorded: make, look at, change, test, disable, remove.

use jiff::Timestamp;
use model::{
    AppRegistrationId, Connection, ConnectionId, ConnectionMethod, ConnectionState, EventKind,
    PermissionSet, Place, Policy, ProofId, ProofKind, Role, Service,
};
use store::{Page, repeated};

use crate::apps::{self, NewApp};
use crate::oauth::{Invitation, OAuth};
use crate::proof::NewProof;
use crate::service_principal::{self, Created, Source};
use crate::test::TestReport;
use crate::{
    Caller, Context, Error, Live, Resealed, Result, Tally, TokenBroker, data_keys, events, limits,
    place, revoke, rotate, sites, test,
};

/// What a connection is to be.
#[derive(Debug, Clone)]
pub struct NewConnection {
    pub name: String,
    pub service: Service,
    /// For OAuth what to ask for; for an application what its operations will need. A default for the service when absent.
    pub permissions: Option<PermissionSet>,
    pub policy: Policy,
    pub shared: bool,
    /// Where in Dynamics 365 it goes.
    pub place: Place,
}

/// What a change may touch; absent fields stay.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub name: Option<String>,
    pub policy: Option<Policy>,
    pub shared: Option<bool>,
}

/// Connections from the outside. Cheap to clone.
#[derive(Clone)]
pub struct Lifecycle {
    pub(crate) context: Context,
    pub(crate) live: Live,
    pub(crate) broker: TokenBroker,
    pub oauth: OAuth,
}

impl Lifecycle {
    pub fn new(context: Context, live: Live, broker: TokenBroker) -> Self {
        let oauth = OAuth::new(context.clone(), live.clone(), broker.clone());
        Self {
            context,
            live,
            broker,
            oauth,
        }
    }

    /// What the broker did so far.
    pub fn broker_tally(&self) -> Tally {
        self.broker.tally()
    }

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
                    "rotate its client secret: `consentry connections rotate {}`",
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

    /// One that the caller may see, by id or name.
    pub async fn find(&self, caller: &Caller, id_or_name: &str) -> Result<Connection> {
        let mut tx = self.context.store.read().await?;
        let found = match id_or_name.parse::<ConnectionId>() {
            Ok(id) => tx.connection(caller.workspace_id, id).await?,
            Err(_) => {
                tx.connection_by_name(caller.workspace_id, id_or_name)
                    .await?
            }
        };
        found
            .filter(|connection| caller.sees(connection))
            .ok_or_else(|| Error::no_connection(id_or_name))
    }

    /// A page of those that the caller may see, and the cursor of the next.
    pub async fn list(
        &self,
        caller: &Caller,
        page: Page<ConnectionId>,
    ) -> Result<(Vec<Connection>, Option<ConnectionId>)> {
        let mut tx = self.context.store.read().await?;
        let rows = tx.connections(caller.workspace_id, page).await?;
        let full = i64::try_from(rows.len()).is_ok_and(|n| n == page.limit);
        let next = rows.last().map(|last| last.id).filter(|_| full);
        Ok((
            rows.into_iter()
                .filter(|connection| caller.sees(connection))
                .collect(),
            next,
        ))
    }

    pub async fn change(
        &self,
        caller: &Caller,
        id: ConnectionId,
        change: Change,
    ) -> Result<Connection> {
        if let Some(name) = &change.name {
            apps::check_name("name", name)?;
        }
        if let Some(policy) = &change.policy {
            require(caller, Role::Admin, "a policy is changed")?;
            check_policy(policy)?;
            let connection = self.managed(caller, id).await?;
            let snapshot = self.live.get(connection.workspace_id, id).await?;
            limits::check(
                policy,
                connection.service,
                &connection.place,
                &snapshot.cloud,
            )?;
        }
        if change.shared == Some(true) {
            let connection = self.managed(caller, id).await?;
            if !connection.shared && connection.owner != caller.member_id {
                return Err(Error::Forbidden {
                    reason: "a connection is shared by its owner".to_owned(),
                });
            }
        }
        self.update(caller, id, "connection.change", |connection| {
            if let Some(name) = &change.name {
                name.trim().clone_into(&mut connection.name);
            }
            if let Some(policy) = &change.policy {
                connection.policy.clone_from(policy);
            }
            connection.shared = change.shared.unwrap_or(connection.shared);
        })
        .await
    }

    /// Signs in anew and compares the grant with what is needed. Works in every state.
    pub async fn test(&self, caller: &Caller, id: ConnectionId) -> Result<TestReport> {
        let connection = self.managed(caller, id).await?;
        test::run(self, caller, &connection).await
    }

    /// Replaces the proof of the connection's application once the new one is seen to work.
    pub async fn rotate(
        &self,
        caller: &Caller,
        id: ConnectionId,
        proof: NewProof,
    ) -> Result<(Connection, model::Proof)> {
        require(caller, Role::Admin, "a proof is rotated")?;
        let connection = self.managed(caller, id).await?;
        rotate::run(self, caller, &connection, proof).await
    }

    /// Replaces the data key that seals the connection's tokens and kept answers. Calls go on meanwhile.
    pub async fn rotate_data_key(&self, caller: &Caller, id: ConnectionId) -> Result<Resealed> {
        require(caller, Role::Admin, "a data key is replaced")?;
        let connection = self.managed(caller, id).await?;
        let resealed = data_keys::of_connection(&self.context, &connection).await?;
        self.live.forget(caller.workspace_id, id).await;
        self.context
            .record(caller, "connection.rotate_data_key", Some(id), None)
            .await?;
        Ok(resealed)
    }

    /// The same for the one that seals the proofs of an app registration.
    pub async fn rotate_app_data_key(
        &self,
        caller: &Caller,
        app: AppRegistrationId,
    ) -> Result<Resealed> {
        require(caller, Role::Admin, "a data key is replaced")?;
        caller.may_change()?;
        let resealed = data_keys::of_app(&self.context, caller.workspace_id, app).await?;
        self.context
            .record(caller, "app_registration.rotate_data_key", None, None)
            .await?;
        Ok(resealed)
    }

    /// Has the application replace its client secret or certificate through Microsoft Graph: made, seen to work, switched to, and
    /// what was replaced before removed there. Of the kind that is in use, unless `kind` says which. Needs the application
    /// permission `Application.ReadWrite.OwnedBy`; where one certificate replaces another, `Application.Read.All` is enough.
    pub async fn rotate_by_itself(
        &self,
        caller: &Caller,
        app: AppRegistrationId,
        kind: Option<ProofKind>,
    ) -> Result<model::Proof> {
        require(
            caller,
            Role::Admin,
            "a client secret or certificate is rotated",
        )?;
        caller.may_change()?;
        rotate::by_itself(self, caller, app, kind).await
    }

    /// Tries one stored proof at Entra. One that works is in use from now on, and those before it are retired.
    pub async fn verify_proof(
        &self,
        caller: &Caller,
        app: AppRegistrationId,
        proof: ProofId,
    ) -> Result<model::Proof> {
        require(caller, Role::Admin, "a proof is verified")?;
        caller.may_change()?;
        rotate::verify(self, caller, app, proof).await
    }

    /// No call goes through from now on; tokens are forgotten, consent and secrets stay.
    pub async fn disable(&self, caller: &Caller, id: ConnectionId) -> Result<Connection> {
        let connection = self
            .update(caller, id, "connection.disable", |connection| {
                connection.state = ConnectionState::Disabled;
            })
            .await?;
        self.drop_tokens(&connection).await?;
        Ok(connection)
    }

    /// By an administrator: otherwise disabling would bind nobody.
    pub async fn enable(&self, caller: &Caller, id: ConnectionId) -> Result<Connection> {
        require(caller, Role::Admin, "a connection is enabled")?;
        self.update(caller, id, "connection.enable", |connection| {
            if connection.state == ConnectionState::Disabled {
                connection.state = if connection.identity.is_some() {
                    ConnectionState::Active
                } else {
                    ConnectionState::Pending
                };
                connection.diagnosis = None;
            }
        })
        .await
    }

    /// Takes the user's consent back at Microsoft first, then removes it. Nothing is removed here where Microsoft refuses.
    pub async fn delete_with_consent(&self, caller: &Caller, id: ConnectionId) -> Result<()> {
        let connection = self.managed(caller, id).await?;
        let outcome = revoke::consent(self, caller, &connection).await;
        self.context
            .record(
                caller,
                "connection.revoke_consent",
                Some(id),
                outcome.as_ref().err(),
            )
            .await?;
        outcome?;
        self.delete(caller, id).await
    }

    /// Removes it with everything sealed for it; the activity stays.
    pub async fn delete(&self, caller: &Caller, id: ConnectionId) -> Result<()> {
        let connection = self.managed(caller, id).await?;
        let snapshot = self.live.reread(caller.workspace_id, id).await?;
        repeated(|| self.remove(&connection)).await?;
        self.broker.forget(&snapshot);
        self.live.forget(caller.workspace_id, id).await;
        self.context.seals.forget(connection.data_key_id).await;
        self.context
            .record(caller, "connection.delete", Some(id), None)
            .await
    }

    async fn remove(&self, connection: &Connection) -> Result<()> {
        let mut tx = self.context.store.write().await?;
        let (workspace, id) = (connection.workspace_id, connection.id);
        // Whoever comes second finds none, and has nothing to tell.
        if !tx
            .delete_connection(workspace, id, self.context.now())
            .await?
        {
            return Err(Error::no_connection(&id));
        }
        events::note(&self.context, &mut *tx, EventKind::Removed, connection).await?;
        Ok(tx.commit().await?)
    }

    pub(crate) async fn managed(&self, caller: &Caller, id: ConnectionId) -> Result<Connection> {
        let connection = self.find(caller, &id.to_string()).await?;
        caller.may_change()?;
        if caller.may_manage(&connection) {
            return Ok(connection);
        }
        Err(Error::Forbidden {
            reason: format!(
                "`{}` may be changed by its owner or an administrator",
                connection.name
            ),
        })
    }

    pub(crate) async fn update(
        &self,
        caller: &Caller,
        id: ConnectionId,
        action: &str,
        apply: impl Fn(&mut Connection) + Send + Sync,
    ) -> Result<Connection> {
        let mut connection = self.managed(caller, id).await?;
        apply(&mut connection);
        connection.updated_at = self.context.now();
        let mut tx = self.context.store.write().await?;
        if !tx.update_connection(&connection).await? {
            return Err(Error::Conflict);
        }
        tx.commit().await?;
        connection.version += 1;
        self.live.forget(caller.workspace_id, id).await;
        self.context.record(caller, action, Some(id), None).await?;
        Ok(connection)
    }

    /// After a change of consent, secret or state: the next call gets a token that knows of it.
    pub(crate) async fn drop_tokens(&self, connection: &Connection) -> Result<()> {
        let mut tx = self.context.store.write().await?;
        tx.drop_tokens(connection.workspace_id, connection.id)
            .await?;
        tx.commit().await?;
        let snapshot = self
            .live
            .reread(connection.workspace_id, connection.id)
            .await?;
        self.broker.forget(&snapshot);
        Ok(())
    }
}

fn allowed(caller: &Caller, new: &NewConnection, method: ConnectionMethod) -> Result<()> {
    apps::check_name("name", &new.name)?;
    check_policy(&new.policy)?;
    if new.policy.raw {
        require(caller, Role::Admin, "`raw` is allowed")?;
    }
    caller.may_change()?;
    let needed = match method {
        ConnectionMethod::OAuth => Role::Member,
        ConnectionMethod::ServicePrincipal => Role::Admin,
    };
    if caller.role < needed {
        return Err(Error::Forbidden {
            reason: format!("this needs the role `{needed}`; yours is `{}`", caller.role),
        });
    }
    if !new.service.supports(method) {
        return Err(Error::Unsupported {
            reason: format!(
                "{} is connected as an application only",
                new.service.title()
            ),
            instead: "use the method `service_principal`".to_owned(),
        });
    }
    place::check(new.service, &new.place)
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

fn require(caller: &Caller, role: Role, what: &str) -> Result<()> {
    if caller.role >= role {
        return Ok(());
    }
    Err(Error::Forbidden {
        reason: format!(
            "{what} by the role `{role}` or above; yours is `{}`",
            caller.role
        ),
    })
}

/// A permission that hides part of what is read cannot be held against a token that shows all of it.
fn check_policy(policy: &Policy) -> Result<()> {
    let hides = |name: &str| name.ends_with(".ReadBasic") || name.ends_with(".ReadBasic.All");
    let basic = policy
        .permissions
        .iter()
        .flatten()
        .find(|name| hides(name.as_str()));
    basic.map_or(Ok(()), |name| {
        Err(Error::Invalid {
            field: "policy",
            message: format!(
                "`{name}` cannot be enforced here: it hides bodies, and the token does not; connect with it as the only \
                 permission instead"
            ),
        })
    })
}

/// A connection that nothing is known of yet.
pub(crate) fn fresh_connection(
    context: &Context,
    caller: &Caller,
    new: &NewConnection,
    app: AppRegistrationId,
    method: ConnectionMethod,
) -> Connection {
    let now: Timestamp = context.now();
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
