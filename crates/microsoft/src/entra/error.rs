use std::time::Duration;

use super::certificate::CertificateError;
use super::{Category, Class, EntraFault, Retry, classify};
use crate::TransportError;

type Fault = Box<EntraFault>;

/// No token, or none that can be trusted; by what the caller can do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EntraError {
    /// The user must sign in again; nothing else helps.
    #[error("Entra asks for a new sign-in")]
    SignInAgain(#[source] Fault),
    /// A user or an administrator must consent.
    #[error("Entra misses consent")]
    ConsentMissing(#[source] Fault),
    /// An administrator must assign, enable or allow something.
    #[error("Entra does not let this user or application in")]
    Blocked(#[source] Fault),
    /// The application's secret or certificate must be replaced.
    #[error("Entra refused the application's proof")]
    ProofRefused(#[source] Fault),
    /// The tenant, client, resource or redirect is wrong: set-up must change.
    #[error("Entra does not know what it was asked for")]
    Misconfigured(#[source] Fault),
    /// Too many requests: wait.
    #[error("Entra asks to slow down")]
    Throttled(#[source] Fault),
    /// Trouble at Microsoft: wait.
    #[error("Entra has trouble of its own")]
    Unavailable(#[source] Fault),
    /// An answer that is not Entra's: a proxy's page, an outage's. The first two kilobytes are kept, of failures only.
    #[error("the token endpoint answered {status} with what is not Entra's")]
    Unreadable {
        status: u16,
        excerpt: String,
        retry_after: Option<Duration>,
        request_id: Option<String>,
    },
    /// An id token that proves nothing: whoever sent it is not who they say.
    #[error("the id token is not to be trusted: {reason}")]
    Untrusted { reason: &'static str },
    /// The certificate's key could not sign.
    #[error("the assertion could not be signed")]
    Signing(#[source] CertificateError),
    #[error("Entra could not be asked")]
    Transport(#[from] TransportError),
}

impl From<EntraFault> for EntraError {
    fn from(fault: EntraFault) -> Self {
        let class = classify(&fault);
        let fault = Box::new(fault);
        match class.category {
            Category::Throttled => Self::Throttled(fault),
            // Trouble at Microsoft that trying again makes worse, or does not mend.
            Category::Transient if class.retry == Retry::Never => Self::Blocked(fault),
            Category::Transient => Self::Unavailable(fault),
            Category::Consent => Self::ConsentMissing(fault),
            Category::Secret | Category::ProofExpired => Self::ProofRefused(fault),
            Category::RefreshToken => Self::SignInAgain(fault),
            Category::ConditionalAccess | Category::User if class.retry == Retry::AfterSignIn => {
                Self::SignInAgain(fault)
            }
            Category::ConditionalAccess | Category::User | Category::Permission => {
                Self::Blocked(fault)
            }
            // A code that was redeemed or outlived: our request, and yet a new sign-in is what helps.
            Category::Request if class.retry == Retry::AfterSignIn => Self::SignInAgain(fault),
            Category::Tenant | Category::Client | Category::Application | Category::Request => {
                Self::Misconfigured(fault)
            }
        }
    }
}

impl EntraError {
    pub fn fault(&self) -> Option<&EntraFault> {
        match self {
            Self::SignInAgain(fault)
            | Self::ConsentMissing(fault)
            | Self::Blocked(fault)
            | Self::ProofRefused(fault)
            | Self::Misconfigured(fault)
            | Self::Throttled(fault)
            | Self::Unavailable(fault) => Some(fault),
            Self::Unreadable { .. }
            | Self::Untrusted { .. }
            | Self::Signing(_)
            | Self::Transport(_) => None,
        }
    }

    /// What the refusal means, where Entra gave one.
    pub fn class(&self) -> Option<Class> {
        self.fault().map(classify)
    }

    /// Whether the same may well work a little later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Throttled(_) | Self::Unavailable(_) => true,
            Self::Unreadable { status, .. } => *status == 429 || *status >= 500,
            Self::Transport(error) => error.is_transient(),
            // Clock trouble and temporary locks: the table says to wait.
            _ => self
                .class()
                .is_some_and(|class| class.retry == Retry::Backoff),
        }
    }

    /// How long Entra asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unreadable { retry_after, .. } => *retry_after,
            _ => self.fault()?.retry_after,
        }
    }

    /// Stable, for answers, logs and documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SignInAgain(_) => "entra.sign_in_again",
            Self::ConsentMissing(_) => "entra.consent_missing",
            Self::Blocked(_) => "entra.blocked",
            Self::ProofRefused(_) => "entra.proof_refused",
            Self::Misconfigured(_) => "entra.misconfigured",
            Self::Throttled(_) => "entra.throttled",
            Self::Unavailable(_) => "entra.unavailable",
            Self::Unreadable { .. } => "entra.unreadable",
            Self::Untrusted { .. } => "entra.untrusted_id_token",
            Self::Signing(_) => "entra.signing",
            Self::Transport(error) => error.code(),
        }
    }

    /// The next step, for a person.
    pub fn hint(&self) -> &'static str {
        if let Some(entry) = self.class().and_then(|class| class.entry) {
            return entry.remedy;
        }
        match self {
            Self::SignInAgain(_) => "reconnect: sign in and consent again",
            Self::ConsentMissing(_) => "let an administrator grant consent, then reconnect",
            Self::Blocked(_) => {
                "let an administrator look up the trace id in the tenant's sign-in logs"
            }
            Self::ProofRefused(_) => "create a new client secret and rotate to it",
            Self::Misconfigured(_) => {
                "compare tenant id, client id and redirect URI with the app registration"
            }
            Self::Throttled(_) | Self::Unavailable(_) => "wait; it is tried again by itself",
            Self::Unreadable { .. } => {
                "look for a proxy between here and Microsoft, and at Microsoft's service health"
            }
            Self::Untrusted { .. } => "start the sign-in again from the beginning",
            Self::Signing(_) => "add the certificate again with its private key",
            Self::Transport(error) => error.hint(),
        }
    }
}
