//! Refusals of assertions: an application's own, an outside issuer's, and a user's token on behalf of whom it acts.

use super::EntraError;

/// By certificate.
impl EntraError {
    pub(crate) fn assertion_malformed() -> Self {
        let text = "Client assertion is malformed: it is not a JSON Web Token in compact form.";
        Self::new(50027, "invalid_request", text)
    }

    pub(crate) fn assertion_type_unsupported() -> Self {
        let text = "The client assertion type is not supported: 'client_assertion_type' must be \
             'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'.";
        Self::new(900_144, "invalid_request", text)
    }

    pub(crate) fn assertion_subject_wrong() -> Self {
        let text = "Issuer and subject of the client assertion do not match: both must be the application's identifier.";
        Self::new(50048, "invalid_client", text)
    }

    pub(crate) fn assertion_audience_wrong() -> Self {
        let text = "Client assertion audience claim does not match Realm issuer. Review the documentation at \
             https://learn.microsoft.com/entra/identity-platform/certificate-credentials.";
        Self::new(700_023, "invalid_client", text)
    }

    pub(crate) fn assertion_outside_its_time() -> Self {
        let text = "Client assertion is not within its valid time range. Review the documentation at \
             https://learn.microsoft.com/entra/identity-platform/certificate-credentials.";
        Self::new(700_024, "invalid_client", text)
    }

    pub(crate) fn certificate_unknown(client_id: &str, thumbprint: &str) -> Self {
        Self::certificate(client_id, thumbprint, "The key was not found.")
    }

    pub(crate) fn certificate_expired(client_id: &str, thumbprint: &str) -> Self {
        Self::certificate(client_id, thumbprint, "The key used is expired.")
    }

    pub(crate) fn certificate_signature_wrong(client_id: &str, thumbprint: &str) -> Self {
        let reason = "The signature does not match the key.";
        Self::certificate(client_id, thumbprint, reason)
    }

    fn certificate(client_id: &str, thumbprint: &str, reason: &str) -> Self {
        let text = format!(
            "Client assertion failed signature validation. [Reason - {reason}, Thumbprint of key used by client: \
             '{thumbprint}', application '{client_id}']."
        );
        Self::new(700_027, "invalid_client", text)
    }
}

/// By an outside issuer.
impl EntraError {
    pub(crate) fn federated_missing() -> Self {
        let text = "No matching federated identity record found for presented assertion. The application has no federated \
             identity credential.";
        Self::new(70021, "invalid_request", text)
    }

    pub(crate) fn federated_issuer_unknown(issuer: &str) -> Self {
        Self::federated(700_211, "issuer", issuer)
    }

    pub(crate) fn federated_audience_unknown(audience: &str) -> Self {
        Self::federated(700_212, "audience", audience)
    }

    pub(crate) fn federated_subject_unknown(subject: &str) -> Self {
        Self::federated(700_213, "subject", subject)
    }

    fn federated(code: u32, what: &str, presented: &str) -> Self {
        let text = format!(
            "No matching federated identity record found for presented assertion {what} '{presented}'. Check your federated \
             identity credential Subject, Audience and Issuer against the presented assertion. \
             https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
        );
        Self::new(code, "invalid_client", text)
    }

    /// As the original says it in <https://github.com/Azure/azure-workload-identity/issues/642>.
    pub(crate) fn issuer_unreachable() -> Self {
        Self::new(
            50166,
            "invalid_request",
            "Request to External OIDC endpoint failed.",
        )
    }

    /// As in <https://github.com/Azure/azure-workload-identity/issues/1232>.
    pub(crate) fn issuer_key_unknown(issuer: &str, key: &str) -> Self {
        let text = format!(
            "The certificate with identifier {key} used to sign the federated credential could not be found in the metadata \
             of identity provider {issuer}. Please validate that your Identity Provider's metadata exposes the key used to \
             sign the incoming token."
        );
        Self::new(7_000_272, "invalid_client", text)
    }

    pub(crate) fn federated_signature_wrong() -> Self {
        let text = "Assertion failed signature validation. [Reason - The key was not found.]";
        Self::new(50013, "invalid_request", text)
    }
}

/// On behalf of a user.
impl EntraError {
    pub(crate) fn user_assertion_wrong(reason: &str) -> Self {
        let text = format!("Assertion failed validation. [Reason - {reason}]");
        Self::new(50013, "invalid_grant", text)
    }

    pub(crate) fn user_assertion_outside_its_time() -> Self {
        let text = "Assertion is not within its valid time range. Ensure that the access token is not expired before using \
             it for user assertion, or request a new token.";
        Self::new(500_133, "invalid_grant", text)
    }

    pub(crate) fn id_token_as_assertion() -> Self {
        let text =
            "Input id_token cannot be used as 'urn:ietf:params:oauth:grant-type:jwt-bearer' grant.";
        Self::new(240_002, "invalid_grant", text)
    }

    pub(crate) fn on_behalf_of_application(client_id: &str) -> Self {
        let text = format!(
            "Application '{client_id}' is not allowed to make application on-behalf-of calls."
        );
        Self::new(7_000_114, "invalid_grant", text)
    }
}
