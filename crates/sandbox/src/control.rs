//! What may be done to this cloud from outside: its clock, its applications, its people, its faults, and a look at what came.
//!
//! [`Control`] does it in process; the HTTP face at `/_sandbox/` calls the same methods.

mod applications;
mod consent;
mod credentials;
mod error;
mod exchange;
mod face;
mod scenarios;
mod snapshots;
mod tenants;

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::entra::{second_factor, tokens};
use crate::http::{Fault, LoggedRequest, UnimplementedRequest};
use crate::issued::IssuedSecret;
use crate::notify;
use crate::shared::Shared;
use crate::state::State;
use crate::state::directory::User;
use crate::throttling::Throttling;

pub use crate::state::directory::SecondFactor;
pub use crate::state::exchange::AccessRight;
pub use crate::state::sign_in::{ConditionalAccess, Location, UserConsentPolicy};
pub use applications::{NewApplication, RegisteredApplication, Secret};
pub use credentials::{Certificate, NewFederatedCredential};
pub use error::ControlError;
pub use scenarios::{Cast, Expectation, Scenario};
pub use tenants::{AddedTenant, ManagedIdentity, NewAccount, NewTenant};

pub(crate) use consent::{grant_configured_api_roles, grant_roles, grant_scopes};
pub(crate) use face::{Body, router};

/// A handle to a running sandbox. Clones are cheap, and all of them act on the same sandbox.
#[derive(Clone)]
pub struct Control {
    pub(crate) shared: Shared,
}

/// A person's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Object id.
    pub id: String,
    /// What they sign in with.
    pub user_principal_name: String,
    /// What people call them.
    pub display_name: String,
    /// The password, which is no secret here.
    pub password: String,
    /// Whether they may consent for the organisation.
    pub is_admin: bool,
    /// Whether their sign-in is blocked.
    pub disabled: bool,
}

impl Account {
    fn of(user: &User) -> Self {
        Self {
            id: user.id.clone(),
            user_principal_name: user.user_principal_name.clone(),
            display_name: user.display_name.clone(),
            password: user.password.clone(),
            is_admin: user.is_admin,
            disabled: user.disabled,
        }
    }
}

impl Control {
    pub(crate) fn new(shared: Shared) -> Self {
        Self { shared }
    }

    /// The sandbox's time.
    pub fn now(&self) -> Timestamp {
        self.shared.now()
    }

    /// Moves the sandbox's time forward: tokens expire, refresh tokens grow old.
    pub fn advance(&self, by: Duration) {
        self.shared.clock().advance(by);
        self.shared.write(|_| ());
    }

    /// Seconds that access tokens issued from now on live; none draws 3600 to 5399 for each, as Entra does.
    pub fn set_access_token_lifetime(&self, seconds: Option<u32>) {
        self.shared
            .write(|state| state.settings.access_token_lifetime = seconds);
    }

    /// Whether a refresh token is dead once redeemed. Entra's are not; some servers' are.
    pub fn single_use_refresh_tokens(&self, single_use: bool) {
        self.shared
            .write(|state| state.settings.single_use_refresh_tokens = single_use);
    }

    /// What people may consent to without an administrator.
    pub fn set_user_consent_policy(&self, policy: UserConsentPolicy) {
        self.shared
            .write(|state| state.settings.user_consent = policy);
    }

    /// What every sign-in of a person must have shown.
    pub fn set_conditional_access(&self, policy: ConditionalAccess) {
        self.shared
            .write(|state| state.settings.conditional_access = policy);
    }

    /// Where everybody is from now on, people and applications, for a policy that lets in from named locations only.
    pub fn set_location(&self, location: Location) {
        self.shared
            .write(|state| state.settings.location = location);
    }

    /// Whether a policy for workload identities keeps applications out.
    pub fn block_applications(&self, block: bool) {
        self.shared
            .write(|state| state.settings.blocks_applications = block);
    }

    /// Whether callers are held to Microsoft's published limits. What they used so far is forgotten.
    pub fn set_throttling(&self, throttling: Throttling) {
        self.shared
            .write(|state| state.settings.throttling = throttling);
        self.shared.throttle().clear();
    }

    /// Whether notifications may go to other machines than this one.
    pub fn notify_anywhere(&self, anywhere: bool) {
        self.shared.outgoing().allow_anywhere(anywhere);
        self.shared
            .write(|state| state.settings.notify_anywhere = anywhere);
    }

    /// Whether exports from Teams are refused to applications, as they are until Microsoft has approved one.
    pub fn refuse_protected_apis(&self, refuse: bool) {
        self.shared
            .write(|state| state.settings.refuse_protected_apis = refuse);
    }

    /// Returns once every notification of what happened so far was delivered, or waits for its next attempt.
    pub async fn notified(&self) {
        notify::pump(&self.shared);
        self.shared.outgoing().settled(self.shared.clock()).await;
        // An attempt that failed for good has something to say itself.
        notify::pump(&self.shared);
        self.shared.outgoing().settled(self.shared.clock()).await;
    }

    /// The accounts of the directory, in the order of the sign-in page.
    pub fn users(&self) -> Vec<Account> {
        self.shared.read(|state| {
            let users = state.directory.users.iter();
            users.map(Account::of).collect()
        })
    }

    /// Ends a user's sessions and refresh tokens, as an administrator's *Revoke sessions* does.
    pub fn revoke_sessions(&self, user: &str) -> Result<(), ControlError> {
        let now = self.now();
        self.shared
            .write(|state| {
                let user = state.directory.user_mut(user)?;
                user.tokens_valid_from = Some(now);
                let user_id = user.id.clone();
                state.sign_in.revoke(&user_id, now);
                Some(())
            })
            .ok_or_else(|| ControlError::UnknownUser(user.to_owned()))
    }

    /// A person changes their own password. Sessions of browsers end, and so do access tokens that are evaluated continuously; what
    /// applications with a proof of their own were given to refresh with lives on.
    /// Source: learn.microsoft.com/entra/identity-platform/refresh-tokens#token-revocation
    pub fn change_password(&self, user: &str, password: &str) -> Result<(), ControlError> {
        let now = self.now();
        self.shared
            .write(|state| {
                let State {
                    directory, sign_in, ..
                } = state;
                let user = directory.user_mut(user)?;
                password.clone_into(&mut user.password);
                user.tokens_valid_from = Some(now);
                let user_id = user.id.clone();
                let is_public = |client_id: &str| {
                    let application = directory.application(client_id);
                    application.is_none_or(|application| application.is_public_client)
                };
                sign_in.revoke_where(&user_id, now, is_public);
                Some(())
            })
            .ok_or_else(|| ControlError::UnknownUser(user.to_owned()))
    }

    /// Blocks a user's sign-in. Their access tokens live on until they expire, as Entra's do.
    pub fn disable_user(&self, user: &str) -> Result<(), ControlError> {
        self.change_user(user, |user| user.disabled = true)
    }

    /// Unblocks a user's sign-in.
    pub fn enable_user(&self, user: &str) -> Result<(), ControlError> {
        self.change_user(user, |user| user.disabled = false)
    }

    /// Demands a second factor of a person from their next sign-in on, or no longer. Grants from before are sent back to the pages.
    pub fn demand_second_factor(
        &self,
        user: &str,
        second_factor: SecondFactor,
    ) -> Result<(), ControlError> {
        self.change_user(user, |user| user.second_factor = second_factor)
    }

    /// What is demanded of a person, and the six digits that their authenticator shows now.
    pub fn second_factor(&self, user: &str) -> Result<(SecondFactor, String), ControlError> {
        let now = self.now();
        self.shared
            .read(|state| {
                let user = state.directory.user(user)?;
                Some((user.second_factor, second_factor::digits(user, now)))
            })
            .ok_or_else(|| ControlError::UnknownUser(user.to_owned()))
    }

    /// Forgets what changed in a mailbox so far: whoever follows its changes is told to start afresh, with 410.
    pub fn forget_changes(&self, user: &str) -> Result<(), ControlError> {
        self.shared
            .write(|state| {
                let id = state.directory.user(user)?.id.clone();
                let State { mail, ids, .. } = state;
                mail.open(&id, ids).forget_changes();
                Some(())
            })
            .ok_or_else(|| ControlError::UnknownUser(user.to_owned()))
    }

    /// An access token for Microsoft Graph without any sign-in: of a user with these scopes, or of the application itself
    /// with these roles. A short cut for tests that are not about signing in.
    pub fn issue_access_token(
        &self,
        client_id: &str,
        user: Option<&str>,
        permissions: &[&str],
    ) -> Result<String, ControlError> {
        tokens::issue_directly(&self.shared, client_id, user, permissions)
    }

    /// Lets the next matching requests fail.
    pub fn inject(&self, fault: Fault) {
        self.shared.faults().inject(fault);
    }

    /// Faults still to be met.
    pub fn faults(&self) -> Vec<Fault> {
        self.shared.faults().pending()
    }

    /// Forgets the faults still to be met.
    pub fn clear_faults(&self) {
        self.shared.faults().clear();
    }

    /// The last ten thousand requests, oldest first; those to the control API are not among them.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.log().requests()
    }

    /// How many of [`Control::requests`] had this method (empty for any) and this in their path.
    pub fn count(&self, method: &str, path_contains: &str) -> usize {
        self.shared.log().count(method, path_contains)
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.shared.log().clear();
    }

    /// What was asked for and answered 501 so far.
    pub fn unimplemented(&self) -> Vec<UnimplementedRequest> {
        self.shared.log().unimplemented()
    }

    /// The last ten thousand tokens, codes and secrets that were given out, in clear: a test looks for them where they
    /// should not be.
    pub fn issued(&self) -> Vec<IssuedSecret> {
        self.shared.issued().all()
    }

    fn change_user(&self, name: &str, change: impl FnOnce(&mut User)) -> Result<(), ControlError> {
        self.shared
            .write(|state| state.directory.user_mut(name).map(change))
            .ok_or_else(|| ControlError::UnknownUser(name.to_owned()))
    }
}
