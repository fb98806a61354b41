//! How an application proves that it is itself: a client secret, a certificate, a token of somebody whom the registration
//! trusts, or the platform that the server runs on. Several live side by side; the newest that works is used.

mod draft;
pub(crate) mod key_credential;
mod material;
mod sources;
mod trial;

use microsoft::EntraError;
use secrecy::{SecretSlice, SecretString};

pub(crate) use draft::Draft;
pub(crate) use material::Material;
pub use sources::{Federation, RequestToken, Source};
pub(crate) use trial::Trial;

use crate::apps::NewSecret;

/// The source of assertions that stands for Consentry itself.
pub const CONSENTRY: &str = "consentry";
/// The source of assertions that stands for the machine's managed identity.
pub const MANAGED_IDENTITY: &str = "managed_identity";

/// How long a certificate is good for that Consentry makes unasked, in days.
pub(crate) const CERTIFICATE_DAYS: u16 = 365;

/// A proof as an administrator gives it.
#[derive(Debug)]
pub enum NewProof {
    Secret(NewSecret),
    Certificate(NewCertificate),
    Federated(NewFederated),
    /// The machine's identity is the application itself.
    ManagedIdentity {
        client_id: Option<String>,
    },
}

#[derive(Debug)]
pub enum NewCertificate {
    /// Certificate and private key.
    Pem(SecretString),
    Pfx {
        file: SecretSlice<u8>,
        password: SecretString,
    },
    /// The key is made here and never leaves; the public part has to be uploaded to Entra.
    Generate { days: u16 },
}

/// Where assertions for a federated credential come from.
#[derive(Debug)]
pub struct NewFederated {
    /// `consentry`, `managed_identity`, or the name of a source in the server's configuration.
    pub source: String,
    /// For `managed_identity`: which of the machine's identities.
    pub identity_client_id: Option<String>,
}

impl From<NewSecret> for NewProof {
    fn from(secret: NewSecret) -> Self {
        Self::Secret(secret)
    }
}

/// No assertion could be had: nothing was asked of Entra.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct SourceFailure {
    pub(crate) message: String,
    pub(crate) hint: &'static str,
}

/// Whose fault a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blame {
    /// This proof will not work again until somebody acts; another may.
    Proof,
    /// This proof does not work now; another may.
    ProofForNow,
    /// Another proof would be refused alike.
    Else,
}

/// Codes about an assertion that is outside its time: the clock's fault or its issuer's, and a secret knows no time.
const OUTSIDE_ITS_TIME: [u32; 3] = [50_013, 500_133, 700_024];

pub(crate) fn blame(error: &EntraError, material: &Material) -> Blame {
    let code = error.fault().and_then(microsoft::EntraFault::code);
    match (error, material) {
        // Its issuer cannot be read now, or was read before its key was there.
        (EntraError::ProofRefused(_), _) if error.is_transient() => Blame::ProofForNow,
        (EntraError::ProofRefused(_) | EntraError::Signing(_), _) => Blame::Proof,
        // What the platform answers is not Entra's word.
        (_, Material::ManagedIdentity { .. }) => Blame::ProofForNow,
        (_, Material::Federated(_) | Material::Certificate(_))
            if code.is_some_and(|code| OUTSIDE_ITS_TIME.contains(&code)) =>
        {
            Blame::ProofForNow
        }
        _ => Blame::Else,
    }
}
