//! Connecting as a user: the way of one browser from our page through Microsoft's consent and back.
//!
//! A connect link may be forwarded, so nothing that happens before the confirmation hands anything over: the browser that
//! leaves for Microsoft gets a cookie, the answer is only taken from that browser, and the account that signed in is shown
//! there and confirmed before the connection uses it. Each step is taken once (`AttemptState`).

mod approval;
mod arrive;
mod confirm;
mod depart;

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use model::{
    AttemptId, Connection, ConnectionState, MemberId, PermissionSet, RemoteIds, Service,
    WorkspaceId, random_token, sha256,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use store::{Attempt, AttemptState};

pub use approval::{AdministratorsAnswer, Approval};
pub use arrive::{Arrival, Callback};
pub use depart::Departure;

use crate::{AttemptError, Caller, Context, Error, Live, Result, TokenBroker};

/// How long a connect link is good for.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// Where to send the person whose account is to be connected.
#[derive(Clone, Serialize)]
pub struct Invitation {
    /// Works once. Whoever opens it connects the account they sign in with.
    pub connect_url: String,
    pub expires_at: Timestamp,
}

/// Without the address: its secret is worth a mailbox.
impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invitation(until {})", self.expires_at)
    }
}

/// What the page shows before anybody leaves for Microsoft.
#[derive(Debug, Clone)]
pub struct Welcome {
    pub workspace: String,
    pub requester: String,
    pub connection: String,
    pub service: Service,
    pub permissions: PermissionSet,
    /// Those among them that the connection does not ask for yet.
    pub added: PermissionSet,
    /// The account that has to sign in again, on a reconnect.
    pub expected: Option<String>,
    pub expires_at: Timestamp,
}

/// What the browser carries between leaving and confirming: `state.binding`.
pub struct AttemptCookie {
    state: String,
    binding: String,
}

/// Sealed between leaving and the answer.
#[derive(Serialize, Deserialize)]
struct Secrets {
    nonce: String,
    verifier: String,
}

/// Steps that the seal of an attempt is bound to.
const STEP_SENT: i64 = 1;
const STEP_RECEIVED: i64 = 2;

/// Tries at consent. Cheap to clone.
#[derive(Clone)]
pub struct OAuth {
    context: Context,
    live: Live,
    broker: TokenBroker,
}

impl OAuth {
    pub(crate) fn new(context: Context, live: Live, broker: TokenBroker) -> Self {
        Self {
            context,
            live,
            broker,
        }
    }

    /// A link for whoever's account it is to be.
    pub(crate) async fn invite(
        &self,
        caller: &Caller,
        connection: &Connection,
        more: PermissionSet,
    ) -> Result<Invitation> {
        self.invite_as(caller.member_id, connection, more).await
    }

    /// `more` is asked for beyond what the connection asks for, which takes it over when the account is confirmed.
    async fn invite_as(
        &self,
        requested_by: MemberId,
        connection: &Connection,
        more: PermissionSet,
    ) -> Result<Invitation> {
        let secret = random_token(&*self.context.random);
        let now = self.context.now();
        let attempt = Attempt {
            id: AttemptId::generate(&*self.context.clock, &*self.context.random),
            workspace_id: connection.workspace_id,
            connection_id: connection.id,
            requested_by,
            secret_hash: sha256(secret.as_bytes()),
            state_hash: None,
            cookie_hash: None,
            sealed: None,
            state: AttemptState::Open,
            permissions: more,
            note: None,
            created_at: now,
            expires_at: now + LIFETIME,
        };
        let mut tx = self.context.store.write().await?;
        tx.create_attempt(&attempt).await?;
        tx.commit().await?;
        let base = self.context.public_url.as_str().trim_end_matches('/');
        Ok(Invitation {
            connect_url: format!("{base}/connect/{secret}"),
            expires_at: attempt.expires_at,
        })
    }

    /// For the page behind the link. Looking changes nothing.
    pub async fn welcome(&self, secret: &str) -> Result<Welcome> {
        let attempt = self.open(secret).await?;
        let mut tx = self.context.store.read().await?;
        let workspace = tx.workspace(attempt.workspace_id).await?;
        let requester = tx
            .member(attempt.workspace_id, attempt.requested_by)
            .await?;
        drop(tx);
        let snapshot = self
            .live
            .reread(attempt.workspace_id, attempt.connection_id)
            .await?;
        let connection = &snapshot.connection;
        Ok(Welcome {
            workspace: workspace.map_or_else(String::new, |workspace| workspace.name),
            requester: requester.map_or_else(String::new, |member| member.name),
            connection: connection.name.clone(),
            service: connection.service,
            permissions: wanted(connection, &attempt),
            added: attempt.permissions,
            expected: connection
                .identity
                .as_ref()
                .and_then(|identity| identity.username.clone()),
            expires_at: attempt.expires_at,
        })
    }

    /// The attempt behind a link that nobody has used yet.
    async fn open(&self, secret: &str) -> Result<Attempt> {
        let found = self
            .context
            .store
            .read()
            .await?
            .attempt_by_secret(sha256(secret.as_bytes()))
            .await?;
        let attempt = found.ok_or(AttemptError::Unknown)?;
        self.not_expired(&attempt)?;
        match attempt.state {
            // Leaving twice is allowed: people press Back. The later departure counts.
            AttemptState::Open | AttemptState::Sent => Ok(attempt),
            _ => Err(AttemptError::Used.into()),
        }
    }

    /// The attempt that the cookie belongs to, in the state wanted.
    async fn of_cookie(
        &self,
        cookie: Option<&AttemptCookie>,
        wanted: AttemptState,
    ) -> Result<Attempt> {
        let cookie = cookie.ok_or(AttemptError::WrongBrowser)?;
        let found = self
            .context
            .store
            .read()
            .await?
            .attempt_by_state(sha256(cookie.state.as_bytes()))
            .await?;
        let attempt = found.ok_or(AttemptError::Unknown)?;
        if attempt.cookie_hash != Some(sha256(cookie.binding.as_bytes())) {
            return Err(AttemptError::WrongBrowser.into());
        }
        self.not_expired(&attempt)?;
        if attempt.state == wanted {
            Ok(attempt)
        } else {
            Err(AttemptError::Used.into())
        }
    }

    fn not_expired(&self, attempt: &Attempt) -> Result<()> {
        if self.context.now() < attempt.expires_at {
            Ok(())
        } else {
            Err(AttemptError::Expired.into())
        }
    }

    /// Takes one step; whoever comes second is told that it was taken.
    async fn advance(&self, from: AttemptState, attempt: &Attempt) -> Result<()> {
        let mut tx = self.context.store.write().await?;
        if !tx.advance_attempt(from, attempt).await? {
            return Err(AttemptError::Used.into());
        }
        tx.commit().await?;
        Ok(())
    }

    /// Writes what happened to an attempt, as the member who asked for it.
    async fn record(&self, attempt: &Attempt, action: &str, refused: Option<&Error>) -> Result<()> {
        let remote = refused.map_or_else(RemoteIds::default, Error::remote_ids);
        self.record_with(attempt, action, refused, remote).await
    }

    async fn record_with(
        &self,
        attempt: &Attempt,
        action: &str,
        refused: Option<&Error>,
        remote: RemoteIds,
    ) -> Result<()> {
        let caller = requester(attempt.workspace_id, attempt.requested_by);
        self.context
            .record_with(
                &caller,
                action,
                Some(attempt.connection_id),
                refused,
                remote,
            )
            .await
    }
}

/// Whoever asked for a consent, as the log has them.
fn requester(workspace_id: WorkspaceId, member_id: MemberId) -> Caller {
    Caller {
        workspace_id,
        member_id,
        role: model::Role::Member,
        actor: model::Actor::Member(member_id.to_string()),
        scope: model::KeyScope::default(),
    }
}

/// What this try asks for: what the connection does, and what was added.
fn wanted(connection: &Connection, attempt: &Attempt) -> PermissionSet {
    connection
        .requested
        .union(&attempt.permissions)
        .cloned()
        .collect()
}

/// What Microsoft asked of the next token when it refused the last one: a consent that does not meet it ends the same way.
fn demanded(connection: &Connection) -> Option<&str> {
    connection.diagnosis.as_ref()?.evidence.claims.as_deref()
}

impl AttemptCookie {
    pub fn parse(text: &str) -> Option<Self> {
        let (state, binding) = text.split_once('.')?;
        Some(Self {
            state: state.to_owned(),
            binding: binding.to_owned(),
        })
    }

    /// The cookie's value.
    pub fn value(&self) -> SecretString {
        format!("{}.{}", self.state, self.binding).into()
    }
}

fn to_secret<T: Serialize>(value: &T) -> SecretString {
    serde_json::to_string(value)
        .expect("plain data serialises")
        .into()
}

fn from_secret<T: for<'de> Deserialize<'de>>(text: &SecretString) -> Result<T> {
    serde_json::from_str(text.expose_secret())
        .map_err(|_| Error::Unexpected("a sealed attempt does not read".to_owned()))
}

/// What an administrator disabled is not brought back by a consent.
fn not_disabled(connection: &Connection) -> Result<()> {
    if connection.state != ConnectionState::Disabled {
        return Ok(());
    }
    Err(Error::NotUsable {
        state: connection.state,
        diagnosis: None,
    })
}
