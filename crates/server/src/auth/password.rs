use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use model::{Actor, Member};
use moka::sync::Cache;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::Caller;
use crate::App;
use crate::problem::Problem;

const SHORTEST: usize = 12;
const LONGEST: usize = 1024;
/// Tries at one address's password from one network address, and in which time.
const TRIES: u32 = 10;
const WINDOW: SignedDuration = SignedDuration::from_mins(10);
const REMEMBERED: u64 = 50_000;
/// Each takes 19 MiB and a processor for a while.
const AT_A_TIME: usize = 4;
/// Of no password: checked where there is none, so that the time to refuse tells nobody who has an account.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$Y29uc2VudHJ5LW5vYm9keQ$\
    47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";

/// From where, and at whose address.
type Tried = (Option<IpAddr>, String);
/// When the first was, and how many there were since.
type Window = (Timestamp, u32);

/// How often a password was tried lately.
pub(crate) struct Tries {
    windows: Cache<Tried, Arc<Mutex<Window>>>,
    slots: Semaphore,
}

impl Default for Tries {
    fn default() -> Self {
        Self {
            windows: Cache::new(REMEMBERED),
            slots: Semaphore::new(AT_A_TIME),
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
        let window = self
            .windows
            .get_with(key, || Arc::new(Mutex::new((now, 0))));
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        let age = now.duration_since(window.0);
        if age >= WINDOW {
            *window = (now, 0);
        }
        window.1 += 1;
        if window.1 <= TRIES {
            return Ok(());
        }
        let left = WINDOW.saturating_sub(age).as_secs().max(1);
        Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_attempts",
            "there were too many tries to sign in with this address",
        )
        .next("wait ten minutes, or have an administrator make a sign-in link")
        .retry_after(left.unsigned_abs()))
    }

    /// Whether it is the password of that hash. Takes as long when there is none.
    pub(super) async fn matches(
        &self,
        hash: Option<String>,
        password: SecretString,
    ) -> Result<bool, Problem> {
        let _slot = self
            .slots
            .acquire()
            .await
            .map_err(|error| Problem::internal(&error))?;
        spawn_blocking(move || {
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
        let _slot = self
            .slots
            .acquire()
            .await
            .map_err(|error| Problem::internal(&error))?;
        let hashed = spawn_blocking(move || {
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

/// Sets the caller's own password; the one before has to be given, except over the local socket.
pub(crate) async fn choose(
    app: &App,
    caller: &Caller,
    member: &Member,
    password: SecretString,
    current: Option<SecretString>,
) -> Result<(), Problem> {
    check(&password)?;
    let tries = &app.identities().tries;
    match caller.actor {
        Actor::System => {}
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
