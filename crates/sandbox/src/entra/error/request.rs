//! Refusals of malformed requests.

use super::EntraError;

impl EntraError {
    pub(crate) fn parameter_missing(name: &str) -> Self {
        let text = format!("The request body must contain the following parameter: '{name}'.");
        Self::new(900_144, "invalid_request", text)
    }

    pub(crate) fn malformed() -> Self {
        let text = "Invalid request. Request is malformed or invalid.";
        Self::new(9_002_313, "invalid_request", text)
    }

    /// Same code as [`EntraError::malformed`], as Entra says of a code or refresh token that it cannot read.
    pub(crate) fn grant_unreadable() -> Self {
        Self {
            error: "invalid_grant",
            ..Self::malformed()
        }
    }

    pub(crate) fn only_post(method: &str) -> Self {
        let text = format!("The endpoint only accepts POST requests. Received a {method} request.");
        Self::new(900_561, "invalid_request", text)
    }

    pub(crate) fn grant_type_unsupported(grant_type: &str) -> Self {
        let text = format!("The app requested an unsupported grant type '{grant_type}'.");
        Self::new(70003, "unsupported_grant_type", text)
    }

    pub(crate) fn response_type_unsupported(response_type: &str) -> Self {
        let text = format!("response_type '{response_type}' is not enabled for the application.");
        Self::new(700_054, "unsupported_response_type", text)
    }

    pub(crate) fn response_mode_unsupported(response_mode: &str) -> Self {
        let text = format!(
            "'{response_mode}' is not a supported value of 'response_mode' for this request."
        );
        Self::new(70007, "invalid_request", text)
    }

    pub(crate) fn prompt_unsupported(prompt: &str) -> Self {
        let text = format!("Value '{prompt}' for the parameter 'prompt' is not valid.");
        Self::new(90023, "invalid_request", text)
    }

    pub(crate) fn challenge_method_unsupported(method: &str) -> Self {
        let text = format!("The 'code_challenge_method' parameter value '{method}' is not valid.");
        Self::new(501_491, "invalid_request", text)
    }

    pub(crate) fn challenge_invalid() -> Self {
        let text = "The size of the code challenge parameter isn't valid.";
        Self::new(50147, "invalid_request", text)
    }

    pub(crate) fn scope_invalid(scope: &str) -> Self {
        let text = format!(
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' \
             is not valid. The scope {scope} is not valid."
        );
        Self::new(70011, "invalid_scope", text)
    }

    pub(crate) fn scope_unknown(application: &str, scope: &str, resource: &str) -> Self {
        let text = format!(
            "The application '{application}' asked for scope '{scope}' that doesn't exist on the resource '{resource}'. \
             Contact the app vendor."
        );
        Self::new(650_053, "invalid_client", text)
    }

    pub(crate) fn scope_without_default(scope: &str) -> Self {
        let text = format!(
            "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with \
             /.default suffixed to the resource identifier (application ID URI)."
        );
        Self::new(1_002_012, "invalid_scope", text)
    }

    pub(crate) fn resource_not_found(resource: &str, tenant: &str) -> Self {
        let text = format!(
            "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the \
             application has not been installed by the administrator of the tenant or consented to by any user in the \
             tenant. You might have sent your authentication request to the wrong tenant."
        );
        Self::new(500_011, "invalid_resource", text)
    }
}
