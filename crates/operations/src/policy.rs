//! What a caller may do through a connection, decided before anything is sent and whatever Microsoft granted.
//!
//! A [`Permit`] is the only key to `wire`: no request on a user's behalf can be built without one, and nothing else makes
//! one. Limits by kind, permission and key scope live here; sites, mailboxes, tables and companies will.

use catalog::{Operation, Support};
use connections::{Caller, Snapshot};
use model::{
    Act, Connection, ConnectionMethod, Diagnosis, Evidence, Group, OperationKind, Permission,
    RemedyStep, Role,
};

use crate::{Error, Result};

/// What somebody wants done: for the decision, and for the log whichever way it goes.
#[derive(Debug, Clone)]
pub struct Deed {
    pub kind: OperationKind,
    /// The operation's id, or `raw.` and the method of a raw request.
    pub action: String,
    /// The mailbox, drive, site, table or company.
    pub target: Option<String>,
}

/// A decision in favour: of one caller, through one connection, to do one thing.
#[derive(Debug)]
pub struct Permit(Deed);

impl Permit {
    pub fn deed(&self) -> &Deed {
        &self.0
    }

    /// What is decided as one may take several requests.
    pub(crate) fn to_part(&self) -> Self {
        Self(self.0.clone())
    }

    /// Doing something includes looking in the same place whether it was done.
    pub(crate) fn to_look(&self) -> Self {
        Self(self.0.clone())
    }
}

/// May `caller` run `operation` on `target` through the connection?
pub fn permit(
    caller: &Caller,
    snapshot: &Snapshot,
    operation: &'static Operation,
    target: Option<String>,
) -> Result<Permit> {
    let connection = &snapshot.connection;
    use_of(caller, connection)?;
    fits(connection, operation)?;
    kind_allowed(caller, connection, operation.kind)?;
    permissions_allowed(connection, operation)?;
    granted(connection, operation)?;
    Ok(Permit(Deed {
        kind: operation.kind,
        action: operation.id.to_owned(),
        target,
    }))
}

/// May `caller` send a raw request that matches no operation? Only where the policy says so in as many words.
pub fn permit_raw(
    caller: &Caller,
    snapshot: &Snapshot,
    method: &str,
    kind: OperationKind,
) -> Result<Permit> {
    let connection = &snapshot.connection;
    use_of(caller, connection)?;
    kind_allowed(caller, connection, kind)?;
    // Only of a GET is it known what it does: any other may do what the method does not tell, or carry a whole batch.
    let kinds_limited = connection.policy.kinds.is_some() || caller.scope.kinds.is_some();
    let unknowable = kind != OperationKind::Read && kinds_limited;
    if !connection.policy.raw || connection.policy.permissions.is_some() || unknowable {
        return Err(Error::Denied {
            reason: "the request matches no operation of the catalogue".to_owned(),
            instead: "use an operation (`consentry operations search`), or let an administrator allow `raw` in a \
                      policy without other limits"
                .to_owned(),
        });
    }
    Ok(Permit(Deed {
        kind,
        action: format!("raw.{}", method.to_ascii_lowercase()),
        target: None,
    }))
}

fn use_of(caller: &Caller, connection: &Connection) -> Result<()> {
    if !caller.sees(connection) {
        let id = connection.id.to_string();
        return Err(connections::Error::NotFound {
            what: "connection",
            id,
        }
        .into());
    }
    if caller.may_use(connection) {
        return Ok(());
    }
    let (reason, instead) = match connection.method {
        _ if caller.role == Role::Auditor => (
            "an auditor reads, and runs nothing",
            "ask for the role `builder`",
        ),
        ConnectionMethod::OAuth => (
            "a delegated connection serves its owner until it is shared",
            "ask its owner to share it with builders",
        ),
        ConnectionMethod::ServicePrincipal => (
            "a connection that acts as the application is used by builders",
            "ask for the role `builder`",
        ),
    };
    Err(Error::Denied {
        reason: reason.to_owned(),
        instead: instead.to_owned(),
    })
}

fn fits(connection: &Connection, operation: &Operation) -> Result<()> {
    if !operation.runs_on(connection.service) {
        return Err(Error::Unsupported {
            reason: format!(
                "`{}` does not run on a connection to {}",
                operation.id,
                connection.service.title()
            ),
            instead: format!(
                "list what does: `consentry operations list --service {}`",
                connection.service
            ),
        });
    }
    match operation.support(connection.method) {
        Support::Supported => Ok(()),
        Support::Refused { reason, instead } => Err(Error::Unsupported {
            reason: reason.to_owned(),
            instead: instead.to_owned(),
        }),
    }
}

fn kind_allowed(caller: &Caller, connection: &Connection, kind: OperationKind) -> Result<()> {
    if connection
        .policy
        .kinds
        .as_ref()
        .is_some_and(|kinds| !kinds.contains(&kind))
    {
        return Err(Error::Denied {
            reason: format!(
                "the policy of `{}` does not allow the kind `{kind}`",
                connection.name
            ),
            instead: "ask an administrator to allow it, or use another connection".to_owned(),
        });
    }
    if caller
        .scope
        .kinds
        .as_ref()
        .is_some_and(|kinds| !kinds.contains(&kind))
    {
        return Err(Error::Denied {
            reason: format!("this API key is not for the kind `{kind}`"),
            instead: "use a key with that kind in its scope".to_owned(),
        });
    }
    Ok(())
}

/// The policy may hold a connection below what was granted: then the operation has to be covered by what it lists.
fn permissions_allowed(connection: &Connection, operation: &Operation) -> Result<()> {
    match &connection.policy.permissions {
        Some(allowed) if !operation.satisfied_by(connection.method, allowed) => {
            Err(Error::Denied {
                reason: format!(
                    "the policy of `{}` does not list a permission that covers `{}`",
                    connection.name, operation.id
                ),
                instead: format!(
                    "ask an administrator to add `{}` to the policy",
                    operation.permissions(connection.method).least.join("`, `")
                ),
            })
        }
        _ => Ok(()),
    }
}

/// Does the token's grant cover it? What is unknown is not denied. An application's roles do not tell of access that was
/// given in Exchange, Teams or Dynamics, so that only a user's scopes are held against the operation.
fn granted(connection: &Connection, operation: &Operation) -> Result<()> {
    let Some(granted) = &connection.granted else {
        return Ok(());
    };
    if connection.method == ConnectionMethod::ServicePrincipal
        || operation.satisfied_by(connection.method, granted)
    {
        return Ok(());
    }
    Err(Error::PermissionMissing(Box::new(missing(
        connection, operation,
    ))))
}

fn missing(connection: &Connection, operation: &Operation) -> Diagnosis {
    let least = operation.permissions(connection.method).least;
    let names = least.join("`, `");
    Diagnosis {
        group: Group::PermissionDenied,
        cause: format!(
            "`{}` needs the delegated permission `{names}`, which was not granted",
            operation.id
        ),
        act: Act::User,
        remedy: vec![RemedyStep {
            text: format!("consent again and accept `{names}`"),
            link: None,
            command: Some(format!(
                "consentry connections reconnect {}",
                connection.name
            )),
        }],
        evidence: Evidence {
            code: "permission_missing".to_owned(),
            message: format!(
                "granted: {}",
                connection
                    .granted
                    .iter()
                    .flatten()
                    .map(Permission::as_str)
                    .collect::<Vec<_>>()
                    .join(" ")
            ),
            ..Evidence::default()
        },
        known: true,
    }
}
