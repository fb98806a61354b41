use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretSlice;
use serde_json::{Value, json};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::RSAPublicKey;

use super::certificate::CertificateError;

/// How a JWT is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// What Entra asks for in client assertions.
    Ps256,
    /// What Entra takes from issuers of federated credentials.
    Rs256,
}

impl Algorithm {
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
        }
    }

    fn encoding(self) -> &'static dyn RsaEncoding {
        match self {
            Self::Ps256 => &RSA_PSS_SHA256,
            Self::Rs256 => &RSA_PKCS1_SHA256,
        }
    }
}

/// A private RSA key that signs. The library wipes it when it is dropped.
pub(super) struct RsaKey(KeyPair);

impl RsaKey {
    /// 2,048 bits, from the library's own random source: it takes no other.
    pub(super) fn generate() -> Result<Self, CertificateError> {
        KeyPair::generate(KeySize::Rsa2048)
            .map(Self)
            .map_err(|_| CertificateError::Key)
    }

    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, CertificateError> {
        KeyPair::from_pkcs8(der)
            .map(Self)
            .map_err(|_| CertificateError::Key)
    }

    pub(super) fn from_pkcs1(der: &[u8]) -> Result<Self, CertificateError> {
        KeyPair::from_der(der)
            .map(Self)
            .map_err(|_| CertificateError::Key)
    }

    pub(super) fn to_pkcs8(&self) -> Result<SecretSlice<u8>, CertificateError> {
        let der: Pkcs8V1Der<'_> = self.0.as_der().map_err(|_| CertificateError::Key)?;
        Ok(der.as_ref().to_vec().into())
    }

    /// PKCS#1, as a certificate holds it.
    pub(super) fn public_der(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    /// The public half as a JSON Web Key for signatures by RS256.
    pub(super) fn jwk(&self, kid: &str) -> Result<Value, CertificateError> {
        let (_, public) =
            RSAPublicKey::from_der(self.public_der()).map_err(|_| CertificateError::Key)?;
        let number = |bytes: &[u8]| {
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            URL_SAFE_NO_PAD.encode(&bytes[zeros..])
        };
        Ok(json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
            "n": number(public.modulus), "e": number(public.exponent),
        }))
    }

    /// A JWT of these claims. `header` is completed with the algorithm.
    pub(super) fn jwt(
        &self,
        algorithm: Algorithm,
        mut header: Value,
        claims: &Value,
    ) -> Result<String, CertificateError> {
        header["alg"] = algorithm.id().into();
        header["typ"] = "JWT".into();
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(claims));
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(
                algorithm.encoding(),
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .map_err(|_| CertificateError::Key)?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaKey({} bits)", self.0.public_modulus_len() * 8)
    }
}
