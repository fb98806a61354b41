use std::time::Duration;

use jiff::Timestamp;
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use pem::{EncodeConfig, LineEnding, Pem};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, date_time_ymd};
use secrecy::{ExposeSecret, SecretString};

use super::{CertificateError, ClientCertificate, Facts, RsaKey};

/// A chain of certificates is a few kilobytes.
const LARGEST: usize = 64 * 1024;

pub(super) fn pem(text: &SecretString) -> Result<ClientCertificate, CertificateError> {
    let text = text.expose_secret();
    if text.len() > LARGEST {
        return Err(CertificateError::Large);
    }
    let parts = pem::parse_many(text).map_err(|_| CertificateError::NotPem)?;
    let key = key(&parts)?;
    let certificates = parts.iter().filter(|part| part.tag() == "CERTIFICATE");
    leaf(key, certificates.map(Pem::contents))
}

pub(super) fn pfx(
    bytes: &[u8],
    password: &SecretString,
) -> Result<ClientCertificate, CertificateError> {
    if bytes.len() > LARGEST {
        return Err(CertificateError::Large);
    }
    let store = KeyStore::from_pkcs12(
        bytes,
        password.expose_secret(),
        Pkcs12ImportPolicy::default(),
    )
    .map_err(|_| CertificateError::Pfx)?;
    let (_, chain) = store.private_key_chain().ok_or(CertificateError::NoKey)?;
    let certificates = || chain.certs().iter().map(p12_keystore::Certificate::as_der);
    let Ok(key) = RsaKey::from_pkcs8(chain.key().as_der()) else {
        return Err(other_kind(certificates()));
    };
    leaf(key, certificates())
}

/// The certificate that `key` belongs to.
fn leaf<'a>(
    key: RsaKey,
    certificates: impl Iterator<Item = &'a [u8]>,
) -> Result<ClientCertificate, CertificateError> {
    let mut any = false;
    for der in certificates {
        any = true;
        if Facts::of(der)?.public_key == key.public_der() {
            return ClientCertificate::new(key, der.to_vec());
        }
    }
    Err(if any {
        CertificateError::Mismatch
    } else {
        CertificateError::NoCertificate
    })
}

fn key(parts: &[Pem]) -> Result<RsaKey, CertificateError> {
    if parts.is_empty() {
        return Err(CertificateError::NotPem);
    }
    let found = parts
        .iter()
        .find(|part| part.tag().ends_with("PRIVATE KEY"));
    let part = found.ok_or(CertificateError::NoKey)?;
    let is_encrypted =
        part.tag().starts_with("ENCRYPTED") || part.headers().get("Proc-Type").is_some();
    if is_encrypted {
        return Err(CertificateError::Encrypted);
    }
    match part.tag() {
        "RSA PRIVATE KEY" => RsaKey::from_pkcs1(part.contents()),
        "PRIVATE KEY" => RsaKey::from_pkcs8(part.contents()).map_err(|_| {
            let certificates = parts.iter().filter(|part| part.tag() == "CERTIFICATE");
            other_kind(certificates.map(Pem::contents))
        }),
        _ => Err(CertificateError::NotRsa),
    }
}

/// A key that is no RSA key is told by its certificate.
fn other_kind<'a>(mut certificates: impl Iterator<Item = &'a [u8]>) -> CertificateError {
    let facts = certificates.next().map(Facts::of);
    match facts {
        Some(Ok(facts)) if !facts.is_rsa => CertificateError::NotRsa,
        _ => CertificateError::Key,
    }
}

pub(super) fn self_signed(
    key: &RsaKey,
    name: &str,
    starts_at: Timestamp,
    expires_at: Timestamp,
) -> Result<Vec<u8>, CertificateError> {
    let pkcs8 = key.to_pkcs8()?;
    let pair = KeyPair::try_from(pkcs8.expose_secret()).map_err(|_| CertificateError::Key)?;
    let mut params = CertificateParams::default();
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    params.distinguished_name = distinguished;
    let epoch = date_time_ymd(1970, 1, 1);
    let seconds = |at: Timestamp| Duration::from_secs(at.as_second().max(0).unsigned_abs());
    params.not_before = epoch + seconds(starts_at);
    params.not_after = epoch + seconds(expires_at);
    let certificate = params
        .self_signed(&pair)
        .map_err(|_| CertificateError::Key)?;
    Ok(certificate.der().to_vec())
}

pub(super) fn pem_of(tag: &str, der: &[u8]) -> String {
    let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
    pem::encode_config(&Pem::new(tag, der), config)
}
