//! Entra's errors: one constructor for each AADSTS code, with Microsoft's words.
//! Source: learn.microsoft.com/entra/identity-platform/reference-error-codes

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::trace::Trace;

/// One refusal. How it reaches the caller (JSON, page, or redirect) depends on where it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntraError {
    /// The number after `AADSTS`.
    pub(crate) code: u32,
    /// OAuth's `error`.
    pub(crate) error: &'static str,
    pub(crate) suberror: Option<&'static str>,
    text: String,
}

/// Codes that the public error page does not list, and whose answers therefore carry no `error_uri`.
const WITHOUT_PAGE: [u32; 3] = [700_038, 70003, 700_082];

impl EntraError {
    fn new(code: u32, error: &'static str, text: impl Into<String>) -> Self {
        Self {
            code,
            error,
            suberror: None,
            text: text.into(),
        }
    }

    fn with_suberror(self, suberror: &'static str) -> Self {
        Self {
            suberror: Some(suberror),
            ..self
        }
    }

    /// `AADSTS…: text`, without what identifies the request.
    pub(crate) fn short(&self) -> String {
        format!("AADSTS{}: {}", self.code, self.text)
    }

    /// The whole `error_description`.
    pub(crate) fn description(&self, trace: &Trace) -> String {
        format!(
            "{} Trace ID: {} Correlation ID: {} Timestamp: {}",
            self.short(),
            trace.id,
            trace.correlation_id,
            trace.timestamp(),
        )
    }

    /// Where the error is explained, for codes that the public page lists.
    pub(crate) fn uri(&self, trace: &Trace) -> Option<String> {
        (!WITHOUT_PAGE.contains(&self.code))
            .then(|| format!("{}/error?code={}", trace.base, self.code))
    }

    /// The answer of the token endpoint and of metadata.
    pub(crate) fn respond(&self, trace: &Trace) -> Response {
        let status = if self.error == "invalid_client" {
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::BAD_REQUEST
        };
        (status, Json(self.to_json(trace))).into_response()
    }

    fn to_json(&self, trace: &Trace) -> Value {
        let mut body = json!({
            "error": self.error,
            "error_description": self.description(trace),
            "error_codes": [self.code],
            "timestamp": trace.timestamp(),
            "trace_id": trace.id,
            "correlation_id": trace.correlation_id,
        });
        if let Some(uri) = self.uri(trace) {
            body["error_uri"] = uri.into();
        }
        if let Some(suberror) = self.suberror {
            body["suberror"] = suberror.into();
        }
        body
    }
}

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

/// Malformed requests.
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

/// Codes and refresh tokens.
impl EntraError {
    pub(crate) fn code_of_another_tenant() -> Self {
        let text =
            "Provided Authorization Code is intended to use against other tenant, thus rejected.";
        Self::new(700_005, "invalid_grant", text)
    }

    pub(crate) fn grant_of_another_client() -> Self {
        let text = "Provided grant is invalid or malformed.";
        Self::new(70000, "invalid_grant", text)
    }

    pub(crate) fn code_redeemed() -> Self {
        let text = "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing \
             refresh token.";
        Self::new(54005, "invalid_grant", text)
    }

    pub(crate) fn code_expired() -> Self {
        let text = "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive \
             authorization request for this user and resource.";
        Self::new(70008, "invalid_grant", text)
    }

    pub(crate) fn verifier_missing() -> Self {
        let text =
            "The code_verifier is missing, though the authorization request had a code_challenge.";
        Self::new(50148, "invalid_grant", text)
    }

    pub(crate) fn verifier_wrong() -> Self {
        let text = "The Code_Verifier does not match the code_challenge supplied in the authorization request.";
        Self::new(501_481, "invalid_grant", text)
    }

    pub(crate) fn refresh_token_inactive(issued_at: Timestamp) -> Self {
        let text = format!(
            "The refresh token has expired due to inactivity. The token was issued on {} and was inactive for 90.00:00:00.",
            precise(issued_at)
        );
        Self::new(700_082, "invalid_grant", text)
    }

    pub(crate) fn refresh_token_redeemed() -> Self {
        let text =
            "The refresh token was already redeemed, and this tenant accepts each only once.";
        Self::new(70000, "invalid_grant", text).with_suberror("bad_token")
    }

    pub(crate) fn revoked(issued_at: Timestamp, valid_from: Timestamp) -> Self {
        let text = format!(
            "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed \
             or reset their password. The grant was issued on '{}' and the TokensValidFrom date (before which tokens are not \
             valid) for this user is '{}'.",
            precise(issued_at),
            precise(valid_from),
        );
        Self::new(50173, "invalid_grant", text).with_suberror("bad_token")
    }
}

/// People and consent.
impl EntraError {
    pub(crate) fn user_disabled() -> Self {
        Self::new(50057, "invalid_grant", "The user account is disabled.")
    }

    pub(crate) fn user_not_found(tenant: &str) -> Self {
        let text = format!(
            "The user account {{EmailHidden}} does not exist in the {tenant} directory. To sign into this application, the \
             account must be added to the directory."
        );
        Self::new(50034, "invalid_grant", text)
    }

    pub(crate) fn password_wrong() -> Self {
        let text = "Error validating credentials due to invalid username or password.";
        Self::new(50126, "invalid_grant", text)
    }

    pub(crate) fn not_signed_in() -> Self {
        let text = "A silent sign-in request was sent but no user is signed in.";
        Self::new(50058, "login_required", text)
    }

    pub(crate) fn consent_missing(client_id: &str, name: &str) -> Self {
        let text = format!(
            "The user or administrator has not consented to use the application with ID '{client_id}' named '{name}'. Send an \
             interactive authorization request for this user and resource."
        );
        Self::new(65001, "invalid_grant", text).with_suberror("consent_required")
    }

    /// Same code as [`EntraError::consent_missing`], as the authorize endpoint words it.
    pub(crate) fn consent_required(client_id: &str, name: &str) -> Self {
        Self {
            error: "consent_required",
            suberror: None,
            ..Self::consent_missing(client_id, name)
        }
    }

    pub(crate) fn consent_declined() -> Self {
        let text = "User declined to consent to access the app.";
        Self::new(65004, "access_denied", text)
    }

    pub(crate) fn admin_required() -> Self {
        let text = "The grant requires admin permission.";
        Self::new(90094, "access_denied", text)
    }
}

/// Instants inside sentences carry seven decimals.
fn precise(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6f0Z").to_string()
}
