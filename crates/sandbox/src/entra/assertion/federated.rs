//! Assertions of an outside issuer, matched with the application's federated credentials, letter by letter.

use jiff::Timestamp;

use super::issuer::{self, Failure};
use super::jwt::Jwt;
use crate::entra::error::EntraError;
use crate::state::directory::{Application, FederatedCredential};

/// Matches issuer, then subject, then audience, and asks the issuer's keys last.
pub(super) async fn verify(
    application: &Application,
    jwt: &Jwt<'_>,
    now: Timestamp,
) -> Result<(), EntraError> {
    let credential = matching(application, jwt)?;
    super::check_time(jwt, now)?;
    issuer::check(&credential.issuer, jwt)
        .await
        .map_err(|failure| match failure {
            Failure::Unreachable => EntraError::issuer_unreachable(),
            Failure::UnknownKey => {
                let key = jwt.header("kid").unwrap_or_default();
                EntraError::issuer_key_unknown(&credential.issuer, key)
            }
            Failure::Signature => EntraError::federated_signature_wrong(),
        })
}

fn matching<'a>(
    application: &'a Application,
    jwt: &Jwt<'_>,
) -> Result<&'a FederatedCredential, EntraError> {
    if application.federated.is_empty() {
        return Err(EntraError::federated_missing());
    }
    let issuer = jwt.text("iss").unwrap_or_default();
    let subject = jwt.text("sub").unwrap_or_default();
    let mut held: Vec<_> = application.federated.iter().collect();
    held.retain(|it| it.issuer == issuer);
    if held.is_empty() {
        return Err(EntraError::federated_issuer_unknown(issuer));
    }
    held.retain(|it| it.subject == subject);
    if held.is_empty() {
        return Err(EntraError::federated_subject_unknown(subject));
    }
    held.into_iter()
        .find(|it| {
            jwt.audiences()
                .any(|audience| it.audiences.iter().any(|own| own == audience))
        })
        .ok_or_else(|| {
            EntraError::federated_audience_unknown(jwt.audiences().next().unwrap_or_default())
        })
}
