use aws_lc_rs::constant_time::verify_slices_are_equal;
use jiff::SignedDuration;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use uuid::Uuid;

use super::keys::for_tenant;
use super::{Entra, EntraError};

/// How far Microsoft's clock and ours may be apart.
const LEEWAY: SignedDuration = SignedDuration::from_mins(5);

/// Who signed in, proven.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct IdTokenClaims {
    /// The user's home in this sign-in: a tenant's GUID.
    pub tid: String,
    /// The user's object id in that tenant: with `tid`, the only lasting name of a user.
    pub oid: String,
    /// Shown to people; changes, and proves nothing.
    pub preferred_username: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub iss: String,
    exp: i64,
    #[serde(default)]
    nbf: i64,
    #[serde(default)]
    nonce: String,
}

#[derive(Deserialize)]
struct Unproven {
    #[serde(default)]
    tid: String,
    #[serde(default)]
    iss: String,
}

impl Entra {
    /// The claims of an id token, once it is proven that Microsoft issued it, for this client, this attempt (`nonce`) and
    /// this tenant, and that it is in force. Every doubt is [`EntraError::Untrusted`].
    ///
    /// `tenant_id` is the one of the authorize request: a GUID must be the token's own; at `organizations` and its like
    /// each tenant issues in its own name.
    pub async fn verify_id_token(
        &self,
        id_token: &SecretString,
        client_id: &str,
        nonce: &str,
        tenant_id: &str,
    ) -> Result<IdTokenClaims, EntraError> {
        let token = id_token.expose_secret();
        let header = decode_header(token).map_err(|_| untrusted("it is no signed token"))?;
        if header.alg != Algorithm::RS256 {
            return Err(untrusted("it is not signed by RS256"));
        }
        let kid = header.kid.ok_or(untrusted("it names no key"))?;
        let unproven: Unproven = jsonwebtoken::dangerous::insecure_decode_claims(token)
            .map_err(|_| untrusted("it cannot be read"))?;
        if Uuid::try_parse(&unproven.tid).is_err() {
            return Err(untrusted("it names no tenant"));
        }
        let keys = self.keys_for(tenant_id, &kid).await?;
        let key = keys
            .find(&kid, &unproven.iss, &unproven.tid)
            .and_then(|jwk| DecodingKey::from_jwk(jwk).ok())
            .ok_or(untrusted("it is signed by an unknown key"))?;
        let claims = proven(token, &key, client_id)?;
        if claims.iss != for_tenant(&keys.issuer, &claims.tid) {
            return Err(untrusted("another issuer made it"));
        }
        self.check(&claims, nonce, tenant_id)?;
        Ok(claims)
    }

    fn check(
        &self,
        claims: &IdTokenClaims,
        nonce: &str,
        tenant_id: &str,
    ) -> Result<(), EntraError> {
        let now = self.clock.now();
        if claims.exp < (now - LEEWAY).as_second() {
            return Err(untrusted("it has expired"));
        }
        if claims.nbf > (now + LEEWAY).as_second() {
            return Err(untrusted("it is not in force yet"));
        }
        let is_other_tenant =
            Uuid::try_parse(tenant_id).is_ok() && !tenant_id.eq_ignore_ascii_case(&claims.tid);
        if is_other_tenant {
            return Err(untrusted("it is of another tenant"));
        }
        if nonce.is_empty()
            || verify_slices_are_equal(claims.nonce.as_bytes(), nonce.as_bytes()).is_err()
        {
            return Err(untrusted("it is of another sign-in"));
        }
        Ok(())
    }
}

/// Signature and audience. Times are checked by our clock, which is not always the machine's.
fn proven(token: &str, key: &DecodingKey, client_id: &str) -> Result<IdTokenClaims, EntraError> {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_audience(&[client_id]);
    validation.set_required_spec_claims(&["exp", "aud", "iss"]);
    decode(token, key, &validation)
        .map(|token| token.claims)
        .map_err(|error| {
            untrusted(match error.kind() {
                ErrorKind::InvalidSignature => "its signature is wrong",
                ErrorKind::InvalidAudience => "it is for another application",
                _ => "its claims cannot be read",
            })
        })
}

fn untrusted(reason: &'static str) -> EntraError {
    EntraError::Untrusted { reason }
}
