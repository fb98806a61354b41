use model::{Random, random_token, sha256};
#[cfg(test)]
use secrecy::ExposeSecret;
use secrecy::SecretString;

use super::Caller;
use crate::App;
use crate::problem::Problem;

const PREFIX: &str = "csk_";
const DIGITS: usize = 64;

/// A new secret, to be shown once, and its hash, to be kept.
pub(crate) fn new_key(random: &dyn Random) -> (SecretString, [u8; 32]) {
    let secret = format!("{PREFIX}{}", random_token(random));
    let hash = sha256(secret.as_bytes());
    (secret.into(), hash)
}

pub(super) async fn identify(app: &App, header: &[u8]) -> Result<Caller, Problem> {
    let secret = bearer(header).ok_or_else(|| {
        Problem::unauthenticated("the `Authorization` header holds no API key of the form `csk_…`")
    })?;
    let known = app.identities().key(app, sha256(secret)).await?;
    let known = known.ok_or_else(|| Problem::unauthenticated("the API key is not known"))?;
    match known.refusal(app.now()) {
        Some(reason) => Err(Problem::unauthenticated(reason)),
        None => Ok(known.caller.clone()),
    }
}

/// The whole key with its prefix, when it has the form of one.
fn bearer(header: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = header.split_at_checked(7)?;
    let digits = rest.strip_prefix(PREFIX.as_bytes())?;
    let is_key = scheme.eq_ignore_ascii_case(b"bearer ")
        && digits.len() == DIGITS
        && digits.iter().all(u8::is_ascii_hexdigit);
    is_key.then_some(rest)
}

/// For a test that a secret has the form that [`bearer`] takes.
#[cfg(test)]
pub(super) fn is_key(secret: &SecretString) -> bool {
    bearer(format!("Bearer {}", secret.expose_secret()).as_bytes()).is_some()
}
