//! The access token itself, for a caller who is trusted with it: decided by `policy`, got by the broker, recorded before it leaves.
//!
//! What is done with it afterwards is known to Microsoft alone, by its `uti`; it cannot be called back, and ends by itself. A refresh
//! token never leaves.

use std::sync::Arc;

use connections::{Caller, Snapshot, Token};
use jiff::SignedDuration;
use microsoft::access_claims;
use model::{ActivityId, ConnectionId, ConnectionMethod, RemoteIds};

use crate::policy::{self, TokenPermit};
use crate::runner::Parts;
use crate::{Error, Result, Runner, record};

/// What a token is asked for with.
#[derive(Debug, Clone)]
pub struct TokenCall<'a> {
    pub caller: &'a Caller,
    pub connection: ConnectionId,
    /// What it is to be for; whatever the connection's tokens are for when absent.
    pub resource: Option<&'a str>,
    /// The life that it has to have left, where Entra gives so much. [`DEFAULT_LEAST`](Self::DEFAULT_LEAST) when absent.
    pub least: Option<SignedDuration>,
    /// Id of a token that Microsoft refused: another one is answered.
    pub instead_of: Option<&'a str>,
}

impl TokenCall<'_> {
    /// Enough for a piece of work; and by then Consentry renews the token for itself.
    pub const DEFAULT_LEAST: SignedDuration = SignedDuration::from_mins(5);
    /// Half of what Entra's tokens live at least, unless a tenant has them shorter.
    ///
    /// <https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes>
    pub const LONGEST_LEAST: SignedDuration = SignedDuration::from_mins(30);
}

/// A token on its way out.
#[derive(Debug)]
pub struct HandedOut {
    pub token: Arc<Token>,
    /// What it is for.
    pub resource: Arc<str>,
    /// What is left of its life.
    pub expires_in: SignedDuration,
    /// What it may do at Microsoft: a user's scopes, or an application's roles.
    pub scopes: Vec<String>,
    pub roles: Vec<String>,
    /// The line of the activity log that tells of it.
    pub activity: ActivityId,
}

impl Runner {
    /// A valid token of the connection. Two lines are committed before it is answered: that it was asked for, and that it leaves.
    pub async fn hand_out(&self, call: &TokenCall<'_>) -> Result<HandedOut> {
        let parts = &self.parts;
        let context = &parts.context;
        let snapshot = parts
            .live
            .get(call.caller.workspace_id, call.connection)
            .await?;
        let begun = record::token_asked(context, call.caller, &snapshot);
        let permit = match decided(call, &snapshot) {
            Ok(permit) => permit,
            Err(error) => {
                let line = record::closed(context, &begun, Err(&error));
                let line = model::Activity {
                    intent_id: None,
                    ..line
                };
                context.journal.note(line).await;
                return Err(error);
            }
        };
        context.journal.record(begun.clone()).await?;
        let outcome = fetch(parts, call, &snapshot, &permit).await;
        let told = outcome.as_ref().map(|token| RemoteIds {
            uti: token.access.id().map(str::to_owned),
            ..RemoteIds::default()
        });
        let line = record::closed(context, &begun, told);
        let activity = line.id;
        context.journal.record(line).await?;
        let token = outcome?;
        let (scopes, roles) = held(&snapshot, &token);
        Ok(HandedOut {
            resource: Arc::clone(&snapshot.audience),
            expires_in: token.expires_at.duration_since(context.now()),
            scopes,
            roles,
            activity,
            token,
        })
    }
}

/// Whether it may leave, and whether there is one as it is wanted. Who may not have it learns nothing else.
fn decided(call: &TokenCall<'_>, snapshot: &Snapshot) -> Result<TokenPermit> {
    let permit = policy::permit_token(call.caller, snapshot)?;
    if let Some(wanted) = call.resource
        && wanted.trim_end_matches('/') != snapshot.audience.trim_end_matches('/')
    {
        return Err(invalid(
            "resource",
            format!(
                "tokens of `{}` are for `{}`",
                snapshot.connection.name, snapshot.audience
            ),
        ));
    }
    let longest = TokenCall::LONGEST_LEAST;
    if call
        .least
        .is_some_and(|least| least.is_negative() || least > longest)
    {
        return Err(invalid(
            "min_validity_secs",
            format!("must be from 0 to {}", longest.as_secs()),
        ));
    }
    Ok(permit)
}

async fn fetch(
    parts: &Parts,
    call: &TokenCall<'_>,
    snapshot: &Arc<Snapshot>,
    _permit: &TokenPermit,
) -> Result<Arc<Token>> {
    let least = call.least.unwrap_or(TokenCall::DEFAULT_LEAST);
    let mut token = parts.broker.token_lasting(snapshot, least).await?;
    let is_refused = call.instead_of.is_some() && call.instead_of == token.access.id();
    if is_refused {
        token = parts.broker.replace(snapshot, &token).await?;
    }
    // That may have taken a while, and what has left cannot be called back.
    let now = parts
        .live
        .get(call.caller.workspace_id, call.connection)
        .await?;
    policy::permit_token(call.caller, &now)?;
    let connection = &now.connection;
    if connection.state.is_usable() {
        return Ok(token);
    }
    let (state, diagnosis) = (connection.state, connection.diagnosis.clone());
    let diagnosis = diagnosis.map(Box::new);
    Err(connections::Error::NotUsable { state, diagnosis }.into())
}

/// As the token says; where it cannot be read, as Entra said when it was granted.
fn held(snapshot: &Snapshot, token: &Token) -> (Vec<String>, Vec<String>) {
    if let Some(claims) = access_claims(&token.access) {
        return (claims.scp, claims.roles);
    }
    let granted = snapshot.connection.granted.iter().flatten();
    let names = granted.map(ToString::to_string).collect();
    match snapshot.connection.method {
        ConnectionMethod::OAuth => (names, Vec::new()),
        ConnectionMethod::ServicePrincipal => (Vec::new(), names),
    }
}

fn invalid(field: &'static str, message: String) -> Error {
    connections::Error::Invalid { field, message }.into()
}
