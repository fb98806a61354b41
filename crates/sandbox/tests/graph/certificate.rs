//! A certificate with its key, and statements signed by it.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKey;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};
use serde_json::{Value, json};

pub(crate) struct Key(RsaKey);

/// The Base64 of a certificate's DER, and its key.
pub(crate) fn new() -> (String, Key) {
    let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let params = CertificateParams::new(Vec::new()).unwrap();
    let certificate = params.self_signed(&pair).unwrap();
    let key = RsaKey::from_pkcs8(&pair.serialize_der()).unwrap();
    (STANDARD.encode(certificate.der()), Key(key))
}

impl Key {
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as(json!({}), claims)
    }

    /// With more in the header.
    pub(crate) fn sign_as(&self, mut header: Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        header["alg"] = json!("RS256");
        header["typ"] = json!("JWT");
        let message = format!("{}.{}", part(&header), part(claims));
        let mut signature = vec![0; self.0.public_modulus_len()];
        let random = SystemRandom::new();
        let signed = self.0.sign(
            &RSA_PKCS1_SHA256,
            &random,
            message.as_bytes(),
            &mut signature,
        );
        signed.unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
