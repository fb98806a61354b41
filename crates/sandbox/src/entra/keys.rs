//! The key that signs tokens, as a JSON Web Key set publishes it.

mod ring;

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, io};

use aws_lc_rs::digest;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{self, KeyPair as _, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::certificate;
use crate::Error;

pub(crate) use ring::KeyRing;

const FILE: &str = "signing-key.der";

/// Sandboxes without a data directory share one key: making one takes longer than everything else in a start.
static OF_THIS_PROCESS: Mutex<Option<Arc<SigningKey>>> = Mutex::new(None);

/// An RSA-2048 key pair, its certificate, and the certificate's thumbprint.
pub(crate) struct SigningKey {
    pair: KeyPair,
    certificate: Vec<u8>,
    id: String,
}

impl SigningKey {
    /// The key of a data directory, made on first use, readable by its owner only; or this process's own.
    pub(crate) fn open(data: Option<&Path>) -> Result<Arc<Self>, Error> {
        match data {
            Some(directory) => Self::in_directory(directory).map(Arc::new),
            None => Self::of_this_process(),
        }
    }

    fn of_this_process() -> Result<Arc<Self>, Error> {
        let mut held = OF_THIS_PROCESS
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = &*held {
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(Self::new(generate()?));
        *held = Some(Arc::clone(&key));
        Ok(key)
    }

    fn in_directory(directory: &Path) -> Result<Self, Error> {
        let path = directory.join(FILE);
        if let Some(key) = Self::read(&path)? {
            return Ok(key);
        }
        let key = Self::generate()?;
        key.write(&path)?;
        Ok(key)
    }

    /// The key of a file, or none when there is no such file.
    fn read(path: &Path) -> Result<Option<Self>, Error> {
        match fs::read(path) {
            Ok(der) => match KeyPair::from_pkcs8(&der) {
                Ok(pair) => Ok(Some(Self::new(pair))),
                Err(_) => Err(Error::Damaged {
                    path: path.to_owned(),
                }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::Data {
                path: path.to_owned(),
                source,
            }),
        }
    }

    fn write(&self, path: &Path) -> Result<(), Error> {
        let der = self.pair.as_der().map_err(|_| Error::SigningKey)?;
        write_private(path, der.as_ref()).map_err(|source| Error::Data {
            path: path.to_owned(),
            source,
        })
    }

    fn generate() -> Result<Self, Error> {
        generate().map(Self::new)
    }

    fn new(pair: KeyPair) -> Self {
        let public_key = pair.public_key().as_ref();
        let mut serial = [0; 16];
        serial.copy_from_slice(&Sha256::digest(public_key)[..16]);
        let certificate = certificate::self_signed(public_key, serial, |body| sign(&pair, body));
        let thumbprint = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &certificate);
        let id = URL_SAFE_NO_PAD.encode(thumbprint);
        Self {
            pair,
            certificate,
            id,
        }
    }

    /// `kid` and `x5t` of a token's header.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// A signature by RS256 over a token's first two parts.
    pub(crate) fn sign(&self, message: &str) -> Vec<u8> {
        sign(&self.pair, message.as_bytes())
    }

    /// Whether a signature is this key's.
    pub(crate) fn has_signed(&self, message: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(
            &signature::RSA_PKCS1_2048_8192_SHA256,
            self.pair.public_key().as_ref(),
        )
        .verify(message.as_bytes(), signature)
        .is_ok()
    }

    /// The public half as a JSON Web Key, RFC 7517.
    pub(crate) fn public(&self, issuer: &str) -> Value {
        let (modulus, exponent) = components(self.pair.public_key().as_ref());
        json!({
            "kty": "RSA",
            "use": "sig",
            "kid": self.id,
            "x5t": self.id,
            "n": URL_SAFE_NO_PAD.encode(modulus),
            "e": URL_SAFE_NO_PAD.encode(exponent),
            "x5c": [STANDARD.encode(&self.certificate)],
            "cloud_instance_name": "microsoftonline.com",
            "issuer": issuer,
        })
    }
}

/// RSASSA-PKCS1-v1_5 with SHA-256.
fn sign(pair: &KeyPair, message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &signature::RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message,
        &mut signature,
    )
    .expect("the signature is exactly as long as the modulus");
    signature
}

fn generate() -> Result<KeyPair, Error> {
    KeyPair::generate(KeySize::Rsa2048).map_err(|_| Error::SigningKey)
}

/// Modulus and exponent of a PKCS #1 public key: a DER sequence of two integers.
fn components(der: &[u8]) -> (&[u8], &[u8]) {
    let (sequence, _) = element(der);
    let (modulus, rest) = element(sequence);
    let (exponent, _) = element(rest);
    // DER puts a zero before an integer whose first bit is set; a JSON Web Key does not.
    (modulus.strip_prefix(&[0]).unwrap_or(modulus), exponent)
}

/// Content of the first DER element, and what follows it.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let first = usize::from(der[1]);
    let (header, length) = if first < 0x80 {
        (2, first)
    } else {
        let bytes = first & 0x7f;
        let length = der[2..2 + bytes]
            .iter()
            .fold(0, |length, byte| length << 8 | usize::from(*byte));
        (2 + bytes, length)
    };
    (&der[header..header + length], &der[header + length..])
}

/// Writes a file that only its owner may read, whole or not at all.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let partial = path.with_extension("partial");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(&partial)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(partial, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_recognises_its_own_signatures_only() {
        let key = SigningKey::of_this_process().unwrap();
        let signature = key.sign("header.claims");
        assert!(key.has_signed("header.claims", &signature));
        assert!(!key.has_signed("header.other", &signature));
    }

    #[test]
    fn the_published_modulus_has_exactly_its_length() {
        let key = SigningKey::of_this_process().unwrap();
        let (modulus, exponent) = components(key.pair.public_key().as_ref());
        assert_eq!(modulus.len(), 256);
        assert_eq!(exponent, [1, 0, 1]);
    }
}
