//! Refusals of codes, refresh tokens, people, and for want of consent.

use jiff::Timestamp;

use super::EntraError;

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

    pub(crate) fn account_locked() -> Self {
        let text = "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.";
        Self::new(50053, "invalid_grant", text)
    }

    /// They were there when the grant was made.
    pub(crate) fn user_deleted(tenant: &str) -> Self {
        let text = format!(
            "The user account {{EmailHidden}} has been deleted from the {tenant} directory. To sign into this application, the \
             account must be added to the directory."
        );
        Self::new(500_341, "invalid_grant", text)
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
