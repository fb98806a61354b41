//! Accounts are locked when too many wrong passwords were tried.
//! Source: <https://learn.microsoft.com/entra/identity/authentication/howto-password-smart-lockout>

use jiff::{SignedDuration, Timestamp};

use super::error::EntraError;
use super::secrets;
use crate::state::directory::User;
use crate::state::sign_in::{Lockout, SignIn};

/// Wrong passwords that lock an account.
const THRESHOLD: u32 = 10;
/// For how long at first; each further wrong password doubles it, which Microsoft only says to be longer.
const AT_FIRST: SignedDuration = SignedDuration::from_secs(60);
const LONGEST_DOUBLINGS: u32 = 10;
/// Wrong passwords remembered: the same one again is a person who is sure of it, and not counted.
const REMEMBERED: usize = 3;

/// Whether this is the user's password, and the account not locked. A locked one takes the right password neither.
pub(super) fn check(
    sign_in: &mut SignIn,
    user: &User,
    password: &str,
    now: Timestamp,
) -> Result<(), EntraError> {
    let known = sign_in.lockouts.get(&user.id);
    if known.is_some_and(|lockout| lockout.until.is_some_and(|until| until > now)) {
        return Err(EntraError::account_locked());
    }
    if user.password == password {
        sign_in.lockouts.remove(&user.id);
        return Ok(());
    }
    let lockout = sign_in.lockouts.entry(user.id.clone()).or_default();
    count(lockout, secrets::hash(password), now);
    Err(EntraError::password_wrong())
}

fn count(lockout: &mut Lockout, tried: String, now: Timestamp) {
    if lockout.recent.contains(&tried) {
        return;
    }
    lockout.recent.insert(0, tried);
    lockout.recent.truncate(REMEMBERED);
    lockout.wrong = lockout.wrong.saturating_add(1);
    if let Some(further) = lockout.wrong.checked_sub(THRESHOLD) {
        let doubled = AT_FIRST * 2_i32.pow(further.min(LONGEST_DOUBLINGS));
        lockout.until = now.checked_add(doubled).ok();
    }
}
