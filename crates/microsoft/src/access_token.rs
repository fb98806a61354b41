use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use crate::entra::token_id;

/// An access token and when it ends. A clone shares the same memory, which is wiped when the last one goes.
#[derive(Clone)]
pub struct AccessToken(Arc<Inner>);

struct Inner {
    secret: SecretString,
    expires_at: Timestamp,
    id: Option<String>,
}

impl AccessToken {
    pub fn new(secret: SecretString, expires_at: Timestamp) -> Self {
        let id = token_id(secret.expose_secret());
        Self(Arc::new(Inner {
            secret,
            expires_at,
            id,
        }))
    }

    /// The token itself, for the `Authorization` header or for sealing.
    pub fn expose(&self) -> &str {
        self.0.secret.expose_secret()
    }

    /// Its own id (`uti`), by which Entra's sign-in logs and Graph's activity logs know it. No secret; a hint, since nobody but
    /// Microsoft reads these tokens for sure.
    ///
    /// <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>
    pub fn id(&self) -> Option<&str> {
        self.0.id.as_deref()
    }

    pub fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }

    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.0.expires_at <= now
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccessToken(until {})", self.0.expires_at)
    }
}
