use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::json;

use super::certificate::{CertificateError, ClientCertificate};
use super::rsa_key::Algorithm;

/// Microsoft suggests five to ten minutes.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// A clock that is a little ahead does not make an assertion that is not good yet.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(1);

/// The JWT by which the holder of a certificate proves to be the application: signed by PS256, named by `x5t#S256`.
///
/// Source: <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>
pub(super) fn sign(
    certificate: &ClientCertificate,
    client_id: &str,
    token_endpoint: &str,
    id: &str,
    now: Timestamp,
) -> Result<SecretString, CertificateError> {
    let header = json!({ "x5t#S256": certificate.x5t_s256() });
    let claims = json!({
        "aud": token_endpoint,
        "iss": client_id,
        "sub": client_id,
        "jti": id,
        "iat": now.as_second(),
        "nbf": (now - TOLERANCE).as_second(),
        "exp": (now + LIFETIME).as_second(),
    });
    let jwt = certificate.key().jwt(Algorithm::Ps256, header, &claims)?;
    Ok(jwt.into())
}

/// The audience of proofs of possession: the directory's first API, which they still name.
const DIRECTORY: &str = "00000002-0000-0000-c000-000000000000";

/// The JWT by which the holder of a registered certificate may add or remove others: signed by RS256 and named by `x5t`, as in
/// Microsoft's sample, and good for ten minutes at most.
///
/// Source: <https://learn.microsoft.com/graph/application-rollkey-prooftoken>
pub(super) fn prove_possession(
    certificate: &ClientCertificate,
    object_id: &str,
    now: Timestamp,
) -> Result<SecretString, CertificateError> {
    let header = json!({ "x5t": certificate.x5t(), "kid": certificate.thumbprint() });
    let from = now - TOLERANCE;
    let claims = json!({
        "aud": DIRECTORY,
        "iss": object_id,
        "iat": from.as_second(),
        "nbf": from.as_second(),
        "exp": (from + LIFETIME).as_second(),
    });
    let jwt = certificate.key().jwt(Algorithm::Rs256, header, &claims)?;
    Ok(jwt.into())
}
