//! Certificates that prove an application. The private key signs assertions and goes nowhere.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>

mod read;
#[cfg(test)]
mod tests;

use std::fmt;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::client_assertion;
use super::rsa_key::RsaKey;

/// Why this is no certificate to sign in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    #[error("holds no certificate and private key in PEM")]
    NotPem,
    #[error("holds no private key; both parts are needed, the certificate and its key")]
    NoKey,
    #[error("holds no certificate; both parts are needed, the certificate and its key")]
    NoCertificate,
    #[error(
        "holds an encrypted private key; decrypt it with `openssl pkey`, or give a PFX file with its password"
    )]
    Encrypted,
    #[error(
        "has a key that is not RSA; Entra takes assertions signed by RSA keys only (PS256), so make an RSA key"
    )]
    NotRsa,
    #[error("has an RSA key of less than 2,048 bits, which is too short to be safe")]
    Short,
    #[error("has a private key that does not belong to its certificate")]
    Mismatch,
    #[error("is no PFX file, or its password is another")]
    Pfx,
    #[error("has a private key that cannot be used")]
    Key,
    #[error("is larger than 64 KiB")]
    Large,
}

/// A certificate with its private key.
pub struct ClientCertificate {
    key: RsaKey,
    der: Vec<u8>,
    subject: String,
    starts_at: Timestamp,
    expires_at: Timestamp,
}

impl ClientCertificate {
    /// A certificate and its key in PEM, in either order; of a chain the one that the key belongs to.
    pub fn from_pem(text: &SecretString) -> Result<Self, CertificateError> {
        read::pem(text)
    }

    /// A PFX (PKCS#12) file. Deriving its keys takes a while: not for the runtime's own threads.
    pub fn from_pfx(bytes: &[u8], password: &SecretString) -> Result<Self, CertificateError> {
        read::pfx(bytes, password)
    }

    /// A new key of 2,048 bits and a certificate that it signs itself. Its public part is what Entra has to know.
    pub fn generate(
        name: &str,
        starts_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Self, CertificateError> {
        let key = RsaKey::generate()?;
        let der = read::self_signed(&key, name, starts_at, expires_at)?;
        Self::new(key, der)
    }

    fn new(key: RsaKey, der: Vec<u8>) -> Result<Self, CertificateError> {
        let facts = Facts::of(&der)?;
        if !facts.is_rsa {
            return Err(CertificateError::NotRsa);
        }
        if facts.public_key != key.public_der() {
            return Err(CertificateError::Mismatch);
        }
        // The modulus is nearly all of a PKCS#1 public key.
        if facts.public_key.len() < 256 {
            return Err(CertificateError::Short);
        }
        let Facts {
            subject,
            starts_at,
            expires_at,
            ..
        } = facts;
        Ok(Self {
            key,
            der,
            subject,
            starts_at,
            expires_at,
        })
    }

    /// Certificate and key as [`from_pem`](Self::from_pem) takes them: for sealing.
    pub fn to_pem(&self) -> Result<SecretString, CertificateError> {
        let key = self.key.to_pkcs8()?;
        let key = zeroize::Zeroizing::new(read::pem_of("PRIVATE KEY", key.expose_secret()));
        Ok(format!("{}{}", self.public_pem(), *key).into())
    }

    /// What is uploaded to Entra.
    pub fn public_pem(&self) -> String {
        read::pem_of("CERTIFICATE", &self.der)
    }

    /// The same as Microsoft Graph takes it, in `keyCredentials[].key`.
    pub fn public_base64(&self) -> String {
        STANDARD.encode(&self.der)
    }

    /// SHA-1 in upper-case hexadecimal digits, as the portal shows it.
    pub fn thumbprint(&self) -> String {
        use fmt::Write;
        let digest = self.sha1();
        let digits = digest.as_ref().iter();
        digits.fold(String::with_capacity(40), |mut text, byte| {
            write!(text, "{byte:02X}").expect("a string takes all that is written");
            text
        })
    }

    fn sha1(&self) -> digest::Digest {
        digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &self.der)
    }

    /// The header `x5t` of its proofs of possession.
    pub(super) fn x5t(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.sha1())
    }

    /// The header `x5t#S256` of its assertions.
    pub(super) fn x5t_s256(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, &self.der))
    }

    pub fn subject(&self) -> &str {
        &self.subject
    }

    pub fn starts_at(&self) -> Timestamp {
        self.starts_at
    }

    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// What Microsoft Graph asks of whoever adds or removes certificates of a registration, by the registration's object id
    /// (not its client id). Good for nine minutes from now.
    ///
    /// Source: <https://learn.microsoft.com/graph/application-rollkey-prooftoken>
    pub fn prove_possession(
        &self,
        object_id: &str,
        now: Timestamp,
    ) -> Result<SecretString, CertificateError> {
        client_assertion::prove_possession(self, object_id, now)
    }

    pub(super) fn key(&self) -> &RsaKey {
        &self.key
    }
}

/// Shows what the portal shows.
impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCertificate({})", self.thumbprint())
    }
}

struct Facts {
    is_rsa: bool,
    public_key: Vec<u8>,
    subject: String,
    starts_at: Timestamp,
    expires_at: Timestamp,
}

impl Facts {
    fn of(der: &[u8]) -> Result<Self, CertificateError> {
        let (_, certificate) =
            X509Certificate::from_der(der).map_err(|_| CertificateError::NoCertificate)?;
        let instant =
            |seconds| Timestamp::from_second(seconds).map_err(|_| CertificateError::NoCertificate);
        let public = certificate.public_key();
        Ok(Self {
            is_rsa: public.algorithm.algorithm.to_id_string() == "1.2.840.113549.1.1.1",
            public_key: public.subject_public_key.data.to_vec(),
            subject: certificate.subject().to_string(),
            starts_at: instant(certificate.validity().not_before.timestamp())?,
            expires_at: instant(certificate.validity().not_after.timestamp())?,
        })
    }
}
