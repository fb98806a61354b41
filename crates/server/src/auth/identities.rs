use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use model::{Actor, ApiKey, KeyScope, Member, Session, sha256};
use moka::future::Cache;
use store::Store;

use super::{Caller, access, csrf, password};
use crate::App;
use crate::problem::Problem;

/// How old an answer of the database may be: a key that was revoked is refused everywhere within a second.
const FRESH_FOR: Duration = Duration::from_millis(600);
/// Unknown keys count too, so that guessing costs the database one read each and memory nothing more.
const REMEMBERED: u64 = 20_000;

/// Who was seen lately, by the hash of what they presented. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Identities {
    keys: Cache<[u8; 32], Option<Arc<KnownKey>>>,
    sessions: Cache<[u8; 32], Option<Arc<KnownSession>>>,
    pub(super) tries: Arc<password::Tries>,
    pub(super) refusals: Arc<access::Refusals>,
}

/// A key with who it acts as.
pub(crate) struct KnownKey {
    pub(crate) caller: Caller,
    expires_at: Option<Timestamp>,
    is_revoked: bool,
    is_member_disabled: bool,
}

/// A session with who it acts as.
pub(crate) struct KnownSession {
    pub(crate) caller: Caller,
    pub(crate) session: Session,
    pub(crate) member: Member,
    /// Proves that a form came from one of our own pages.
    pub(crate) csrf: String,
}

impl Default for Identities {
    fn default() -> Self {
        Self {
            keys: Cache::builder()
                .max_capacity(REMEMBERED)
                .time_to_live(FRESH_FOR)
                .build(),
            sessions: Cache::builder()
                .max_capacity(REMEMBERED)
                .time_to_live(FRESH_FOR)
                .build(),
            tries: Arc::default(),
            refusals: Arc::default(),
        }
    }
}

impl Identities {
    /// The key of this hash, at most a second old.
    pub(crate) async fn key(
        &self,
        app: &App,
        hash: [u8; 32],
    ) -> Result<Option<Arc<KnownKey>>, Problem> {
        if let Some(known) = self.keys.get(&hash).await {
            return Ok(known);
        }
        let read = read_key(app.store(), hash);
        Ok(self.keys.try_get_with(hash, read).await?)
    }

    /// The session behind a cookie, at most a second old; `None` when it is unknown or over.
    pub(crate) async fn session(
        &self,
        app: &App,
        secret: &str,
    ) -> Result<Option<Arc<KnownSession>>, Problem> {
        let hash = sha256(secret.as_bytes());
        let read = read_session(app.store(), hash, csrf::token_of(secret));
        let known = self.sessions.try_get_with(hash, read).await?;
        Ok(known.filter(|known| {
            app.now() < known.session.expires_at && known.member.disabled_at.is_none()
        }))
    }

    /// Forgets what is remembered of it: it was revoked.
    pub(crate) async fn forget_key(&self, hash: [u8; 32]) {
        self.keys.invalidate(&hash).await;
    }

    pub(crate) async fn forget_session(&self, hash: [u8; 32]) {
        self.sessions.invalidate(&hash).await;
    }
}

impl KnownKey {
    /// Why it is not taken now.
    pub(crate) fn refusal(&self, now: Timestamp) -> Option<&'static str> {
        if self.is_revoked {
            Some("the API key was revoked")
        } else if self.expires_at.is_some_and(|end| end <= now) {
            Some("the API key has expired")
        } else if self.is_member_disabled {
            Some("the API key's member is disabled")
        } else {
            None
        }
    }
}

async fn read_key(store: &Store, hash: [u8; 32]) -> Result<Option<Arc<KnownKey>>, store::Error> {
    let mut tx = store.read().await?;
    let Some(key) = tx.api_key_by_hash(hash).await? else {
        return Ok(None);
    };
    let Some(member) = tx.member(key.workspace_id, key.member_id).await? else {
        return Ok(None);
    };
    Ok(Some(Arc::new(known_key(key, &member))))
}

/// A key never does more than its member may by now.
fn known_key(key: ApiKey, member: &Member) -> KnownKey {
    KnownKey {
        caller: Caller(Arc::new(connections::Caller {
            workspace_id: key.workspace_id,
            member_id: key.member_id,
            role: key.role.min(member.role),
            actor: Actor::ApiKey(key.id.to_string()),
            scope: key.scope,
        })),
        expires_at: key.expires_at,
        is_revoked: key.revoked_at.is_some(),
        is_member_disabled: member.disabled_at.is_some(),
    }
}

async fn read_session(
    store: &Store,
    hash: [u8; 32],
    csrf: String,
) -> Result<Option<Arc<KnownSession>>, store::Error> {
    let mut tx = store.read().await?;
    let Some(session) = tx.session_by_hash(hash).await? else {
        return Ok(None);
    };
    let Some(member) = tx.member(session.workspace_id, session.member_id).await? else {
        return Ok(None);
    };
    let caller = Caller(Arc::new(connections::Caller {
        workspace_id: member.workspace_id,
        member_id: member.id,
        role: member.role,
        actor: Actor::Member(member.id.to_string()),
        scope: KeyScope::default(),
    }));
    Ok(Some(Arc::new(KnownSession {
        caller,
        session,
        member,
        csrf,
    })))
}
