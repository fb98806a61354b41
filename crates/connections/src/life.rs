//! What people do with connections, each recorded: make, look at, change, test, disable, remove.

mod connect;
mod remove;
mod rotate;

use model::{
    Connection, ConnectionId, ConnectionMethod, ConnectionState, PermissionSet, Place, Policy,
    Role, Service,
};
use store::Page;

pub(crate) use self::connect::fresh_connection;
use crate::oauth::OAuth;
use crate::test::TestReport;
use crate::{Caller, Context, Error, Live, Result, Tally, TokenBroker, apps, limits, place, test};

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
    for (is_allowed, what) in [
        (new.policy.raw, "`raw` is allowed"),
        (new.policy.tokens, "`tokens` are allowed"),
    ] {
        if is_allowed {
            require(caller, Role::Admin, what)?;
        }
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
