//! Client assertions: signed statements by which an application proves itself instead of a secret.
//!
//! Its own certificate signs one kind, an outside issuer that it trusts (a federated credential) the other.
//! Source: learn.microsoft.com/entra/identity-platform/certificate-credentials,
//! learn.microsoft.com/entra/workload-id/workload-identity-federation

mod federated;
mod issuer;
mod jwt;
pub(crate) mod registered;

use jiff::Timestamp;

use super::error::EntraError;
use super::trace::Trace;
use crate::shared::Shared;
use crate::state::directory::Application;

use jwt::{Algorithm, Jwt};

/// The one value that `client_assertion_type` may have.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Whom an assertion speaks for, unverified; for requests that name no client.
pub(super) fn subject(text: &str) -> Option<String> {
    Some(Jwt::read(text)?.text("sub")?.to_owned())
}

/// Checks an assertion of an application that is known to exist.
pub(super) async fn verify(
    shared: &Shared,
    trace: &Trace,
    application: &Application,
    text: &str,
) -> Result<(), EntraError> {
    let jwt = Jwt::read(text).ok_or_else(EntraError::assertion_malformed)?;
    let own = application.client_id.as_str();
    if jwt.text("iss") == Some(own) {
        return by_certificate(trace, application, &jwt);
    }
    let now = shared.now();
    federated::verify(application, &jwt, now).await
}

fn by_certificate(
    trace: &Trace,
    application: &Application,
    jwt: &Jwt<'_>,
) -> Result<(), EntraError> {
    let client_id = &application.client_id;
    if jwt.text("sub") != Some(client_id) {
        return Err(EntraError::assertion_subject_wrong());
    }
    let thumbprint = jwt.header("x5t#S256").or(jwt.header("x5t"));
    // MSAL for Python pads it, which Base64 in a token does not need.
    let thumbprint = thumbprint.unwrap_or_default().trim_end_matches('=');
    let key = application
        .certificates
        .iter()
        .find(|key| key.sha256 == thumbprint || key.sha1 == thumbprint)
        .ok_or_else(|| EntraError::certificate_unknown(client_id, thumbprint))?;
    if key.ends_at <= trace.at || key.starts_at > trace.at {
        return Err(EntraError::certificate_expired(client_id, thumbprint));
    }
    let is_signed = registered::public_key(key)
        .zip(Algorithm::parse(jwt.header("alg")))
        .is_some_and(|(public_key, algorithm)| jwt.is_signed_by(&public_key, algorithm));
    if !is_signed {
        return Err(EntraError::certificate_signature_wrong(
            client_id, thumbprint,
        ));
    }
    check_audience(trace, jwt)?;
    check_time(jwt, trace.at)
}

/// Whether somebody who holds a registered certificate of an application signed this for ten minutes at most, as Microsoft
/// Graph asks before it lets keys be added or removed.
/// Source: learn.microsoft.com/graph/application-rollkey-prooftoken
pub(crate) fn is_proof_of_possession(
    application: &Application,
    issuer: &str,
    text: &str,
    now: Timestamp,
) -> bool {
    /// The old directory's API, which the proof still names.
    const AUDIENCE: &str = "00000002-0000-0000-c000-000000000000";
    const LONGEST_SECS: i64 = 600;
    let Some(jwt) = Jwt::read(text) else {
        return false;
    };
    let is_signed = application.certificates.iter().any(|key| {
        let algorithm = Algorithm::parse(jwt.header("alg"));
        let is_good = key.starts_at <= now && now < key.ends_at;
        is_good
            && registered::public_key(key)
                .zip(algorithm)
                .is_some_and(|(public_key, algorithm)| jwt.is_signed_by(&public_key, algorithm))
    });
    let lifetime = jwt.seconds("exp").zip(jwt.seconds("nbf"));
    is_signed
        && lifetime.is_some_and(|(until, from)| until - from <= LONGEST_SECS)
        && jwt.text("iss") == Some(issuer)
        && jwt.audiences().any(|audience| audience == AUDIENCE)
        && check_time(&jwt, now).is_ok()
}

/// Any form of this authority's token endpoint will do, as the original is lenient about host alias and tenant.
fn check_audience(trace: &Trace, jwt: &Jwt<'_>) -> Result<(), EntraError> {
    let mut audiences = jwt.audiences();
    let is_ours = audiences.any(|audience| {
        let host = audience.strip_prefix(trace.base.as_str());
        host.is_some_and(|path| path.is_empty() || path.starts_with('/'))
            || trace.is_alias_of_us(audience)
    });
    if is_ours {
        Ok(())
    } else {
        Err(EntraError::assertion_audience_wrong())
    }
}

/// Clocks may differ by five minutes.
const SKEW_SECS: i64 = 300;

fn check_time(jwt: &Jwt<'_>, now: Timestamp) -> Result<(), EntraError> {
    let now = now.as_second();
    let from = jwt.seconds("nbf").or(jwt.seconds("iat")).unwrap_or(now);
    let until = jwt.seconds("exp").unwrap_or(i64::MIN);
    if from > now + SKEW_SECS || until <= now - SKEW_SECS {
        return Err(EntraError::assertion_outside_its_time());
    }
    Ok(())
}
