//! Whose connection it is, and what its operations may do at most by kind.

use catalog::{Operation, Support};
use connections::Caller;
use model::{Connection, ConnectionMethod, OperationKind, Role};

use crate::{Error, Result};

pub(super) fn seen_by(caller: &Caller, connection: &Connection) -> Result<()> {
    if caller.sees(connection) {
        return Ok(());
    }
    let id = connection.id.to_string();
    Err(connections::Error::NotFound {
        what: "connection",
        id,
    }
    .into())
}

pub(super) fn use_of(caller: &Caller, connection: &Connection) -> Result<()> {
    seen_by(caller, connection)?;
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

pub(crate) fn fits(connection: &Connection, operation: &Operation) -> Result<()> {
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

pub(super) fn kind_allowed(
    caller: &Caller,
    connection: &Connection,
    kind: OperationKind,
) -> Result<()> {
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
