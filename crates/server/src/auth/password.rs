use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use model::{Actor, Member, SessionId};
use moka::sync::Cache;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::Caller;
use crate::App;
use crate::problem::Problem;

const SHORTEST: usize = 12;
const LONGEST: usize = 1024;
/// Tries at one address's password from one network address, and in which time.
const TRIES: u32 = 10;
const WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// Tries from one client's address, at whosever password.
const TRIES_OF_CLIENT: u32 = 100;
const REMEMBERED: u64 = 50_000;
/// Each takes 19 MiB and a processor for a while.
const AT_A_TIME: usize = 4;
/// Longest wait for one of them.
const PATIENCE: Duration = Duration::from_secs(5);
/// Of no password: checked where there is none, so that the time to refuse tells nobody who has an account.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$Y29uc2VudHJ5LW5vYm9keQ$\
    47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";

/// From where, and at whose address; nobody's for all of them.
type Tried = (Option<IpAddr>, String);
/// When the first was, and how many there were since.
type Window = (Timestamp, u32);

/// How often a password was tried lately.
pub(crate) struct Tries {
    windows: Cache<Tried, Arc<Mutex<Window>>>,
    slots: Arc<Semaphore>,
}

impl Default for Tries {
    fn default() -> Self {
        Self {
            windows: Cache::new(REMEMBERED),
            slots: Arc::new(Semaphore::new(AT_A_TIME)),
        }
    }
}

impl Tries {
    /// Counts one more. 429 when there were too many.
    pub(super) fn count(
        &self,
        from: Option<IpAddr>,
        email: &str,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let key = (from, email.trim().to_lowercase());
        self.hit(key, TRIES, now).map_err(|left| {
            let detail = "there were too many tries to sign in with this address";
            too_many(detail, left)
        })
    }

    /// The same for all that come from one client, which has to be known by an address of its own.
    pub(super) fn count_client(&self, from: IpAddr, now: Timestamp) -> Result<(), Problem> {
        let key = (Some(from), String::new());
        self.hit(key, TRIES_OF_CLIENT, now)
            .map_err(|left| too_many("there were too many tries to sign in from this place", left))
    }

    /// Refused with the time that is left of the window.
    fn hit(&self, key: Tried, most: u32, now: Timestamp) -> Result<(), SignedDuration> {
        let window = self
            .windows
            .get_with(key, || Arc::new(Mutex::new((now, 0))));
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        let age = now.duration_since(window.0);
        // One that begins later was begun by a clock that was set back since.
        if age >= WINDOW || age.is_negative() {
            *window = (now, 0);
        }
        window.1 += 1;
        if window.1 <= most {
            return Ok(());
        }
        Err(WINDOW.saturating_sub(age))
    }

    /// A turn at the processor. It is given back when the work is done, whether or not somebody still waits for it.
    pub(super) async fn slot(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let slot = timeout(PATIENCE, Arc::clone(&self.slots).acquire_owned()).await;
        let busy = |_| {
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "sign_in_busy",
                "more people sign in at this moment than passwords can be checked",
            )
            .next("try again in a moment, or use a sign-in link")
            .retry_after(PATIENCE.as_secs())
        };
        slot.map_err(busy)?
            .map_err(|error| Problem::internal(&error))
    }

    /// Whether it is the password of that hash. Takes as long when there is none.
    pub(super) async fn matches(
        &self,
        hash: Option<String>,
        password: SecretString,
    ) -> Result<bool, Problem> {
        let slot = self.slot().await?;
        spawn_blocking(move || {
            let _slot = slot;
            let is_set = hash.is_some();
            let text = hash.as_deref().unwrap_or(NOBODYS);
            let parsed = PasswordHash::new(text);
            let fits = parsed.is_ok_and(|parsed| {
                Argon2::default()
                    .verify_password(password.expose_secret().as_bytes(), &parsed)
                    .is_ok()
            });
            fits && is_set
        })
        .await
        .map_err(|error| Problem::internal(&error))
    }

    async fn hash(&self, password: SecretString, salt: [u8; 16]) -> Result<String, Problem> {
        let slot = self.slot().await?;
        let hashed = spawn_blocking(move || {
            let _slot = slot;
            let hash: Result<PasswordHash, _> = Argon2::default()
                .hash_password_with_salt(password.expose_secret().as_bytes(), &salt);
            hash.map(|hash| hash.to_string())
        })
        .await;
        hashed
            .map_err(|error| Problem::internal(&error))?
            .map_err(|error| Problem::broken(error.to_string()))
    }
}

/// A password that a member chose.
pub(crate) struct Chosen {
    pub(crate) password: SecretString,
    pub(crate) current: Option<SecretString>,
    /// The session in which they did; it goes on.
    pub(crate) session: Option<SessionId>,
}

fn too_many(detail: &str, left: SignedDuration) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", detail)
        .next("wait ten minutes, or have an administrator make a sign-in link")
        .retry_after(left.as_secs().max(1).unsigned_abs())
}

/// Sets the caller's own password; the one before has to be given, except over the local socket. Their other sessions and open
/// links end: whoever has one of them may be why.
pub(crate) async fn choose(
    app: &App,
    caller: &Caller,
    member: &Member,
    chosen: Chosen,
) -> Result<(), Problem> {
    let Chosen {
        password,
        current,
        session,
    } = chosen;
    check(&password)?;
    let tries = &app.identities().tries;
    match caller.actor {
        Actor::Local => {}
        Actor::ApiKey(_) => {
            return Err(
                Problem::forbidden("an API key cannot change its member's password")
                    .next("sign in in the browser and change it there"),
            );
        }
        _ => {
            tries.count(None, &member.email, app.now())?;
            let given = current.unwrap_or_else(|| SecretString::from(""));
            let is_right = member.password_hash.is_none()
                || tries.matches(member.password_hash.clone(), given).await?;
            if !is_right {
                return Err(Problem::invalid(
                    "current",
                    "the current password is not right",
                ));
            }
        }
    }
    let mut salt = [0; 16];
    app.context().random.fill(&mut salt);
    let hash = tries.hash(password, salt).await?;
    let mut tx = app.store().write().await?;
    tx.set_password_hash(member.workspace_id, member.id, &hash)
        .await?;
    tx.end_sign_ins(member.workspace_id, member.id, session)
        .await?;
    tx.commit().await?;
    app.record_change(caller, "member.password", &member.id.to_string())
        .await
}

fn check(password: &SecretString) -> Result<(), Problem> {
    let length = password.expose_secret().chars().count();
    if (SHORTEST..=LONGEST).contains(&length) {
        return Ok(());
    }
    Err(Problem::invalid(
        "password",
        format!("must have {SHORTEST} to {LONGEST} characters"),
    ))
}
