//! A certificate of the sample application, in the forms in which people have one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use microsoft::ClientCertificate;
use model::{Clock, SystemClock};
use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use secrecy::ExposeSecret;

pub(crate) const PASSWORD: &str = "for the file";

pub(crate) struct Material {
    pub(crate) pem: String,
    pub(crate) pfx: Vec<u8>,
    /// What Entra is told.
    pub(crate) public: String,
}

impl Material {
    pub(crate) fn new() -> Self {
        let (now, day) = (SystemClock.now(), jiff::SignedDuration::from_hours(24));
        let made = ClientCertificate::generate("Contoso", now - day, now + day * 90).unwrap();
        let pem = made.to_pem().unwrap().expose_secret().to_owned();
        Self {
            pfx: pfx(&pem),
            public: made.public_pem(),
            pem,
        }
    }
}

fn pfx(pem: &str) -> Vec<u8> {
    let key = PrivateKey::from_der(&part(pem, "PRIVATE KEY")).unwrap();
    let leaf = Certificate::from_der(&part(pem, "CERTIFICATE")).unwrap();
    let chain = PrivateKeyChain::new("contoso", key, [leaf]);
    let mut store = KeyStore::new();
    store.add_entry("contoso", KeyStoreEntry::PrivateKeyChain(chain));
    store.writer(PASSWORD).write().unwrap()
}

fn part(pem: &str, label: &str) -> Vec<u8> {
    let (begin, end) = (
        format!("-----BEGIN {label}-----"),
        format!("-----END {label}-----"),
    );
    let (_, rest) = pem.split_once(&begin).unwrap();
    let (inner, _) = rest.split_once(&end).unwrap();
    let text: String = inner.split_whitespace().collect();
    STANDARD.decode(text).unwrap()
}
