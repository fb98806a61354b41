use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{Random, sha256};
use secrecy::{ExposeSecret, SecretString};

/// Proof that whoever redeems a code is whoever asked for it (RFC 7636, S256).
#[derive(Debug, Clone)]
pub struct Pkce {
    /// Kept until the code is redeemed. 43 characters.
    pub verifier: SecretString,
    /// Sent along to the authorize endpoint. Not a secret.
    pub challenge: String,
}

impl Pkce {
    /// A verifier of 256 random bits, and its challenge.
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        Self::from_verifier(URL_SAFE_NO_PAD.encode(bytes).into())
    }

    pub fn from_verifier(verifier: SecretString) -> Self {
        let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier.expose_secret().as_bytes()));
        Self {
            verifier,
            challenge,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    #[test]
    fn challenge_is_that_of_the_rfc() {
        let pkce = Pkce::from_verifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into());
        assert_eq!(
            pkce.challenge,
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn verifier_is_long_enough_and_never_shown() {
        let pkce = Pkce::generate(&model::SeededRandom::new(7));
        let verifier = pkce.verifier.expose_secret();
        assert_eq!(verifier.len(), 43);
        assert!(!format!("{pkce:?}").contains(verifier));
    }
}
