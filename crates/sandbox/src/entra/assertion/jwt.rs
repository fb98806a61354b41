//! A JSON Web Token somebody else made, RFC 7519.

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// Taken apart, not yet believed.
pub(super) struct Jwt<'a> {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    message: &'a str,
    signature: Vec<u8>,
}

/// Signatures that Entra accepts of assertions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Ps256,
}

impl Algorithm {
    pub(super) fn parse(name: Option<&str>) -> Option<Self> {
        match name? {
            "RS256" => Some(Self::Rs256),
            "PS256" => Some(Self::Ps256),
            _ => None,
        }
    }

    fn parameters(self) -> &'static RsaParameters {
        match self {
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::Ps256 => &RSA_PSS_2048_8192_SHA256,
        }
    }
}

impl<'a> Jwt<'a> {
    /// None for anything but three parts of which the first two hold objects.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let (message, signature) = text.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        Some(Self {
            header: object(header)?,
            claims: object(claims)?,
            message,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    pub(super) fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }

    /// A `NumericDate`, which may have a fraction.
    pub(super) fn seconds(&self, claim: &str) -> Option<i64> {
        let value = self.claims.get(claim)?;
        let fraction = || value.to_string().split('.').next()?.parse().ok();
        value.as_i64().or_else(fraction)
    }

    /// `aud`, which is one text or several.
    pub(super) fn audiences(&self) -> impl Iterator<Item = &str> {
        let aud = self.claims.get("aud");
        let many = aud.and_then(Value::as_array).into_iter().flatten();
        many.chain(aud).filter_map(Value::as_str)
    }

    /// Whether the holder of a key signed this; the key is a `SubjectPublicKeyInfo`.
    pub(super) fn is_signed_by(&self, public_key: &[u8], algorithm: Algorithm) -> bool {
        UnparsedPublicKey::new(algorithm.parameters(), public_key)
            .verify(self.message.as_bytes(), &self.signature)
            .is_ok()
    }

    /// The same, for a JSON Web Key's modulus and exponent.
    pub(super) fn is_signed_by_jwk(&self, n: &[u8], e: &[u8], algorithm: Algorithm) -> bool {
        RsaPublicKeyComponents { n, e }
            .verify(
                algorithm.parameters(),
                self.message.as_bytes(),
                &self.signature,
            )
            .is_ok()
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
