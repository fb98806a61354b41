use std::fmt;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde_json::{Value, json};

use super::certificate::CertificateError;
use super::rsa_key::{Algorithm, RsaKey};

/// What Entra expects as audience of tokens that are exchanged for its own, in each of its clouds.
///
/// Source: <https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations>
pub const TOKEN_EXCHANGE_AUDIENCE: &str = "api://AzureADTokenExchange";

/// An assertion is used at once.
const LIFETIME: SignedDuration = SignedDuration::from_mins(5);
const TOLERANCE: SignedDuration = SignedDuration::from_mins(1);

/// A key by which an issuer other than Entra signs what Entra is to believe.
pub struct IssuerKey {
    kid: String,
    key: RsaKey,
}

impl IssuerKey {
    /// A new key under this name.
    pub fn generate(kid: String) -> Result<Self, CertificateError> {
        RsaKey::generate().map(|key| Self { kid, key })
    }

    /// From what [`to_pkcs8`](Self::to_pkcs8) gave.
    pub fn from_pkcs8(kid: String, der: &SecretSlice<u8>) -> Result<Self, CertificateError> {
        RsaKey::from_pkcs8(der.expose_secret()).map(|key| Self { kid, key })
    }

    /// The private key, for sealing.
    pub fn to_pkcs8(&self) -> Result<SecretSlice<u8>, CertificateError> {
        self.key.to_pkcs8()
    }

    /// The public half, as the issuer publishes it.
    pub fn jwk(&self) -> Result<Value, CertificateError> {
        self.key.jwk(&self.kid)
    }

    /// Says that whoever presents this is `subject`, for five minutes. `id` is of this one assertion.
    pub fn assert(
        &self,
        issuer: &str,
        subject: &str,
        audience: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<SecretString, CertificateError> {
        let claims = json!({
            "iss": issuer, "sub": subject, "aud": audience, "jti": id,
            "iat": now.as_second(),
            "nbf": (now - TOLERANCE).as_second(),
            "exp": (now + LIFETIME).as_second(),
        });
        let jwt = self
            .key
            .jwt(Algorithm::Rs256, json!({ "kid": self.kid }), &claims)?;
        Ok(jwt.into())
    }
}

impl fmt::Debug for IssuerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuerKey({})", self.kid)
    }
}
