//! Conditional access: what a sign-in must have shown, whatever the grant.
//! Source: learn.microsoft.com/entra/identity-platform/v2-conditional-access-dev-guide

use serde_json::json;

use super::claims::RequestedClaims;
use super::error::EntraError;
use crate::state::directory::{SecondFactor, User};
use crate::state::sign_in::{ConditionalAccess, Location, Settings};

/// Refuses what the policy blocks, and sends what is too weak back to the pages.
pub(super) fn check(
    settings: &Settings,
    is_strong: bool,
    claims: &RequestedClaims,
    resource: &str,
) -> Result<(), EntraError> {
    if lets_nobody_in(settings) {
        return Err(EntraError::blocked());
    }
    match settings.conditional_access {
        ConditionalAccess::Mfa if !is_strong => {
            return Err(EntraError::second_factor_needed(resource));
        }
        _ => {}
    }
    if is_strong || claims.contexts.is_empty() {
        return Ok(());
    }
    let wanted = json!({ "access_token": {
        "acrs": { "essential": true, "values": claims.contexts },
    }});
    Err(EntraError::context_needed(resource, &wanted.to_string()))
}

/// What is demanded of one person, whatever the policy: a sign-in with a password alone is sent to the pages.
pub(super) fn check_person(user: &User, is_strong: bool, resource: &str) -> Result<(), EntraError> {
    match user.second_factor {
        SecondFactor::Registered if !is_strong => Err(EntraError::second_factor_needed(resource)),
        SecondFactor::ToRegister if !is_strong => {
            Err(EntraError::second_factor_unregistered(resource))
        }
        _ => Ok(()),
    }
}

/// Whether no sign-in, however strong, passes.
pub(super) fn lets_nobody_in(settings: &Settings) -> bool {
    settings.conditional_access == ConditionalAccess::Block
        || settings.location == Location::Elsewhere
}

/// The same of an application on its own, for which there are policies of another kind.
/// Source: learn.microsoft.com/entra/identity/conditional-access/workload-identity
pub(super) fn check_application(settings: &Settings) -> Result<(), EntraError> {
    if settings.blocks_applications || settings.location == Location::Elsewhere {
        return Err(EntraError::blocked());
    }
    Ok(())
}

/// Whether a sign-in now is one with more than a password: the pages then count as having asked for it.
pub(super) fn asks_for_more(policy: ConditionalAccess, claims: &RequestedClaims) -> bool {
    policy == ConditionalAccess::Mfa || !claims.contexts.is_empty()
}
