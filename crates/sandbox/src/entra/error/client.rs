//! Refusals of tenants, applications and their proofs.

use super::EntraError;

/// Tenants and authorities.
impl EntraError {
    pub(crate) fn tenant_not_found(segment: &str) -> Self {
        let text = format!(
            "Tenant '{segment}' not found. Check to make sure you have the correct tenant ID and are signing into the correct \
             cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the \
             tenant."
        );
        Self::new(90002, "invalid_request", text)
    }

    pub(crate) fn empty_tenant_id(segment: &str) -> Self {
        let text = format!(
            "Requested tenant identifier '{segment}' is not valid. Tenant identifiers may not be an empty GUID."
        );
        Self::new(900_021, "invalid_request", text)
    }

    pub(crate) fn tenant_malformed(segment: &str) -> Self {
        let text = format!(
            "Specified tenant identifier '{segment}' is neither a valid DNS name, nor a valid external domain."
        );
        Self::new(900_023, "invalid_request", text)
    }

    pub(crate) fn unknown_instance() -> Self {
        let text = "Unknown or invalid instance.";
        Self::new(50049, "invalid_instance", text)
    }

    pub(crate) fn grant_needs_tenant() -> Self {
        let text = "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations \
             or tenant-specific endpoint.";
        Self::new(9_001_023, "invalid_request", text)
    }

    pub(crate) fn not_multi_tenant(client_id: &str, name: &str) -> Self {
        let text = format!(
            "Application '{client_id}'({name}) is not configured as a multi-tenant application. Usage of the /common endpoint \
             is not supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint or configure the \
             application to be multi-tenant."
        );
        Self::new(50194, "invalid_request", text)
    }
}

/// Applications and their proofs.
impl EntraError {
    pub(crate) fn application_not_found(client_id: &str, tenant: &str) -> Self {
        let text = format!(
            "Application with identifier '{client_id}' was not found in the directory '{tenant}'. This can happen if the \
             application has not been installed by the administrator of the tenant or consented to by any user in the \
             tenant. You may have sent your authentication request to the wrong tenant."
        );
        Self::new(700_016, "unauthorized_client", text)
    }

    pub(crate) fn client_id_invalid(client_id: &str) -> Self {
        let text = format!("{client_id} is not a valid application identifier.");
        Self::new(700_038, "unauthorized_client", text)
    }

    pub(crate) fn application_disabled(client_id: &str, name: &str) -> Self {
        let text = format!("Application '{client_id}'({name}) is disabled.");
        Self::new(7_000_112, "unauthorized_client", text)
    }

    pub(crate) fn secret_wrong(client_id: &str) -> Self {
        let text = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the \
             client secret ID, for a secret added to app '{client_id}'."
        );
        Self::new(7_000_215, "invalid_client", text)
    }

    pub(crate) fn secret_expired(client_id: &str) -> Self {
        let text = format!(
            "The provided client secret keys for app '{client_id}' are expired. Visit the Azure portal to create new keys for \
             your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: \
             https://aka.ms/certCreds."
        );
        Self::new(7_000_222, "invalid_client", text)
    }

    pub(crate) fn secret_missing() -> Self {
        let text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        Self::new(7_000_218, "invalid_client", text)
    }

    pub(crate) fn secret_of_public_client() -> Self {
        let text = "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
        Self::new(700_025, "invalid_client", text)
    }

    pub(crate) fn redirect_not_registered(redirect_uri: &str, client_id: &str) -> Self {
        let text = format!(
            "The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs configured for the \
             application '{client_id}'. Make sure the redirect URI sent in the request matches one added to your application \
             in the Azure portal. Navigate to https://aka.ms/redirectUriMismatchError to learn more about how to \
             troubleshoot this error."
        );
        Self::new(50011, "invalid_client", text)
    }

    pub(crate) fn no_permissions_configured() -> Self {
        let text = "Misconfigured application. This could be due to one of the following: the client has not listed any \
             permissions for 'Microsoft Graph' in the requested permissions in the client's application registration. Or, \
             the admin has not consented in the tenant.";
        Self::new(650_056, "invalid_client", text)
    }

    pub(crate) fn no_redirect_registered() -> Self {
        let text = "No reply address is registered for the application.";
        Self::new(500_113, "invalid_request", text)
    }

    pub(crate) fn redirect_differs(at_token: &str, at_authorize: &str) -> Self {
        let text = format!(
            "The reply address '{at_token}' does not match the reply address '{at_authorize}' provided when requesting \
             Authorization code."
        );
        Self::new(500_112, "invalid_client", text)
    }
}
