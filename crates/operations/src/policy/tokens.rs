//! Whether a caller may have the access token itself. Nothing that is decided here for a request can be decided for what is done
//! with a token outside: so whoever gets one has to be allowed everything.

use connections::{Caller, Snapshot};
use model::KeyScope;

use super::who;
use crate::{Error, Result};

/// A decision in favour: the only key to a token that leaves.
#[derive(Debug)]
pub(crate) struct TokenPermit(());

/// May `caller` have the connection's token? Only where the policy says so in as many words, and neither it nor the caller's key
/// limits what may be done.
pub(crate) fn permit_token(caller: &Caller, snapshot: &Snapshot) -> Result<TokenPermit> {
    let connection = &snapshot.connection;
    who::use_of(caller, connection)?;
    let (name, policy) = (&connection.name, &connection.policy);
    if !policy.tokens {
        return Err(Error::Denied {
            reason: format!("the policy of `{name}` lets no token leave"),
            instead: format!(
                "run an operation, or send the request through `/proxy`; or have an administrator allow tokens: \
                 `consentry connections policy {name} --tokens`"
            ),
        });
    }
    let limits = policy.limits();
    if !limits.is_empty() {
        return Err(Error::Denied {
            reason: format!(
                "a token that has left knows no limits, and the policy of `{name}` has `{}`",
                limits.join("`, `")
            ),
            instead:
                "run an operation, or send the request through `/proxy`: both keep to the policy"
                    .to_owned(),
        });
    }
    // Field by field, so that whoever adds a limit decides here. A token is of one connection, as such a key is.
    let KeyScope {
        connections: _,
        kinds,
    } = &caller.scope;
    if kinds.is_some() {
        return Err(Error::Denied {
            reason:
                "this API key is for some kinds of operation, and a token that has left knows none"
                    .to_owned(),
            instead: "use a key without kinds in its scope; it may be limited to this connection"
                .to_owned(),
        });
    }
    Ok(TokenPermit(()))
}
