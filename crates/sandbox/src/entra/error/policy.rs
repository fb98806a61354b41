//! Refusals by conditional access, of guests, and of devices that wait.

use super::EntraError;
use crate::state::directory::Application;

/// Names the policy in the claims of a step-up, as the original does with a policy's id.
const POLICY: &str = r#"{"access_token":{"polids":{"essential":true,"values":["c0a7050f-0000-4000-8000-000000000ca1"]}}}"#;

/// Between Microsoft's own applications.
impl EntraError {
    pub(crate) fn not_preauthorized(client_id: &str, resource: &str) -> Self {
        let text = format!(
            "Consent between first party application '{client_id}' and first party resource '{resource}' must be configured \
             via preauthorization - applications owned and operated by Microsoft must get approval from the API owner before \
             requesting tokens for that API."
        );
        Self::new(65002, "invalid_request", text)
    }
}

/// Conditional access.
impl EntraError {
    pub(crate) fn second_factor_needed(resource: &str) -> Self {
        let text = format!(
            "Due to a configuration change made by your administrator, or because you moved to a new location, you must use \
             multi-factor authentication to access '{resource}'."
        );
        Self::new(50076, "invalid_grant", text)
            .with_suberror("basic_action")
            .with_claims(POLICY.to_owned())
    }

    pub(crate) fn second_factor_unregistered(resource: &str) -> Self {
        let text = format!(
            "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll \
             in multi-factor authentication to access '{resource}'."
        );
        Self::new(50079, "invalid_grant", text)
            .with_suberror("basic_action")
            .with_claims(POLICY.to_owned())
    }

    pub(crate) fn second_factor_wrong() -> Self {
        let text = "Authentication failed during strong authentication request.";
        Self::new(500_121, "access_denied", text)
    }

    pub(crate) fn context_needed(resource: &str, claims: &str) -> Self {
        Self::second_factor_needed(resource).with_claims(claims.to_owned())
    }

    pub(crate) fn blocked() -> Self {
        let text = "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.";
        Self::new(53003, "invalid_grant", text)
            .with_suberror("message_only")
            .with_claims(POLICY.to_owned())
    }

    /// As the authorize endpoint and the on-behalf-of grant say what only the person can mend.
    pub(crate) fn into_interaction(self) -> Self {
        Self {
            error: "interaction_required",
            ..self
        }
    }

    /// As the authorize endpoint says what nobody can mend.
    pub(crate) fn into_denial(self) -> Self {
        Self {
            error: "access_denied",
            suberror: None,
            claims: None,
            ..self
        }
    }
}

/// People of other tenants, and applications unknown in one.
impl EntraError {
    pub(crate) fn not_in_tenant(tenant: &str, home: &str, application: &str) -> Self {
        let text = format!(
            "User account '{{EmailHidden}}' from identity provider 'https://sts.windows.net/{home}/' does not exist in tenant \
             '{tenant}' and cannot access the application '{application}' in that tenant. The account needs to be added as \
             an external user in the tenant first. Sign out and sign in again with a different Azure Active Directory user \
             account."
        );
        Self::new(50020, "invalid_grant", text)
    }

    pub(crate) fn principal_missing(client_id: &str, tenant: &str) -> Self {
        let text = format!(
            "The client application {client_id} is missing service principal in the tenant {tenant}. See instructions here: \
             https://go.microsoft.com/fwlink/?linkid=2225119"
        );
        Self::new(7_000_229, "invalid_client", text)
    }
}

/// Applications that let in only those who were assigned to them.
impl EntraError {
    pub(crate) fn not_assigned(application: &Application) -> Self {
        let text = format!(
            "Your administrator has configured the application {} ('{}') to block users unless they are specifically granted \
             ('assigned') access to the application. The signed in user '{{EmailHidden}}' is blocked because they are not a \
             direct member of a group with access, nor had access directly assigned by an administrator. Please contact your \
             administrator to assign access to this application.",
            application.display_name, application.client_id
        );
        Self::new(50105, "interaction_required", text)
    }

    pub(crate) fn application_not_assigned(client_id: &str, resource: &str) -> Self {
        let text = format!(
            "Application '{client_id}' is not assigned to a role for the application '{resource}'."
        );
        Self::new(501_051, "invalid_grant", text)
    }
}

/// Devices.
impl EntraError {
    pub(crate) fn device_pending() -> Self {
        let text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling.";
        Self::new(70016, "authorization_pending", text)
    }

    pub(crate) fn device_declined() -> Self {
        let text = "User declined to consent to access the app.";
        Self::new(65004, "authorization_declined", text)
    }

    pub(crate) fn device_expired() -> Self {
        let text = "OAuth 2.0 device flow error. The device code has expired.";
        Self::new(70020, "expired_token", text)
    }

    pub(crate) fn device_code_unknown() -> Self {
        let text = "OAuth 2.0 device flow error. Bad verification code.";
        Self::new(70018, "bad_verification_code", text)
    }

    pub(crate) fn device_code_redeemed() -> Self {
        let text = "OAuth2 device code was already redeemed, please retry with a new device code.";
        Self::new(54005, "invalid_grant", text)
    }

    pub(crate) fn user_code_wrong() -> Self {
        let text =
            "The user code that you entered does not exist, has expired, or was used before.";
        Self::new(90119, "invalid_request", text)
    }
}

/// What a request at the authorize endpoint may ask together.
impl EntraError {
    pub(crate) fn several_resources(scope: &str) -> Self {
        let text = format!(
            "The provided value for the input parameter 'scope' is not valid because it contains more than one resource. \
             Scope {scope} is not valid."
        );
        Self::new(700_022, "invalid_request", text)
    }

    pub(crate) fn query_cannot_carry_tokens() -> Self {
        let text = "'query' is not a supported value of 'response_mode' when requesting a token.";
        Self::new(70007, "invalid_request", text)
    }
}
