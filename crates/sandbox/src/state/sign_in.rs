//! What sign-in leaves behind: browser sessions, authorization codes, refresh tokens, and the switches of the control API.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::throttling::Throttling;

/// Most codes and sessions kept; the oldest go first, as an abandoned sign-in leaves one behind each.
const KEPT: usize = 10_000;

/// Keys are SHA-256 in hexadecimal: the sandbox's files hold nothing that could be presented.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct SignIn {
    pub(crate) sessions: BTreeMap<String, Session>,
    pub(crate) codes: BTreeMap<String, Code>,
    pub(crate) refresh_tokens: BTreeMap<String, RefreshToken>,
    #[serde(default)]
    pub(crate) device_codes: BTreeMap<String, DeviceCode>,
    /// Wrong passwords, by user id.
    #[serde(default)]
    pub(crate) lockouts: BTreeMap<String, Lockout>,
    /// People who still owe their second factor, by what their page carries.
    #[serde(default)]
    pub(crate) half_way: BTreeMap<String, HalfWay>,
}

/// Somebody whose password was right and of whom more is demanded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct HalfWay {
    pub(crate) user_id: String,
    pub(crate) started_at: Timestamp,
    /// Wrong answers so far.
    pub(crate) wrong: u32,
}

/// Wrong passwords since the last right one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Lockout {
    pub(crate) wrong: u32,
    /// Hashes of the last ones, newest first.
    pub(crate) recent: Vec<String>,
    /// Nobody signs in before that.
    pub(crate) until: Option<Timestamp>,
}

/// A browser that is signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Session {
    /// `sid` of ID tokens.
    pub(crate) id: String,
    pub(crate) user_id: String,
    pub(crate) started_at: Timestamp,
    /// Ties the forms of our pages to this browser.
    pub(crate) form_token: String,
    /// More than a password was shown, as conditional access asked at the time.
    #[serde(default)]
    pub(crate) is_strong: bool,
}

/// A device that waits for a person to enter its code on another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DeviceCode {
    /// What the person types; the map's key is the hash of what the device holds.
    pub(crate) user_code: String,
    pub(crate) client_id: String,
    /// The tenant segment of the device's request.
    pub(crate) segment: String,
    pub(crate) scope: String,
    pub(crate) issued_at: Timestamp,
    pub(crate) state: DeviceState,
}

/// How far the person has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum DeviceState {
    Waiting,
    Declined,
    /// What the device's next question redeems.
    Approved(Box<Code>),
    Redeemed,
}

/// An authorization code and everything that it is bound to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) tenant_id: String,
    pub(crate) user_id: String,
    pub(crate) session_id: String,
    pub(crate) signed_in_at: Timestamp,
    /// As asked for, OIDC scopes included.
    pub(crate) scopes: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) issued_at: Timestamp,
    pub(crate) redeemed: bool,
    /// Set when the user's sessions were revoked.
    pub(crate) revoked_at: Option<Timestamp>,
    /// See [`Session::is_strong`].
    #[serde(default)]
    pub(crate) is_strong: bool,
}

/// PKCE, RFC 7636.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Challenge {
    Plain(String),
    S256(String),
}

/// What a refresh token stands for: a user and a client, whatever the resource.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    pub(crate) client_id: String,
    pub(crate) tenant_id: String,
    pub(crate) user_id: String,
    pub(crate) session_id: String,
    pub(crate) signed_in_at: Timestamp,
    /// Of the request that it came from, for a refresh that names none.
    pub(crate) scopes: Vec<String>,
    pub(crate) issued_at: Timestamp,
    pub(crate) redeemed: bool,
    /// Set when the user's sessions were revoked.
    pub(crate) revoked_at: Option<Timestamp>,
    /// See [`Session::is_strong`].
    #[serde(default)]
    pub(crate) is_strong: bool,
}

/// What the control API may set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct Settings {
    /// Seconds; none draws 3600 to 5399 for each token, as Entra does.
    pub(crate) access_token_lifetime: Option<u32>,
    /// Entra lets an old refresh token live on; this makes it a stricter server.
    pub(crate) single_use_refresh_tokens: bool,
    pub(crate) user_consent: UserConsentPolicy,
    #[serde(default)]
    pub(crate) conditional_access: ConditionalAccess,
    /// Where everybody is, for policies that name locations.
    #[serde(default)]
    pub(crate) location: Location,
    /// A policy for workload identities lets no application in.
    #[serde(default)]
    pub(crate) blocks_applications: bool,
    #[serde(default)]
    pub(crate) throttling: Throttling,
    /// Whether notifications may go to other machines.
    #[serde(default)]
    pub(crate) notify_anywhere: bool,
    /// Exports from Teams are for applications that Microsoft approved; this takes the approval away.
    #[serde(default)]
    pub(crate) refuse_protected_apis: bool,
}

/// What conditional access demands of every sign-in of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConditionalAccess {
    /// Nothing beyond the password.
    #[default]
    Off,
    /// A second factor: grants from before it was demanded are sent back to the pages (AADSTS50076), whose sign-in then
    /// counts as strong.
    Mfa,
    /// Nobody passes (AADSTS53003).
    Block,
}

/// Where everybody is, as a policy sees it that lets in from named locations only. Continuous access evaluation looks at both ends:
/// what Entra sees, and what the API does.
/// Source: learn.microsoft.com/entra/identity/conditional-access/concept-continuous-access-evaluation-strict-enforcement
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Location {
    /// Where the policy lets them in.
    #[default]
    Named,
    /// The API sees an address that is not allowed, and Entra sees one that is: each new token is challenged again.
    Split,
    /// Both see one that is not allowed: Entra issues no token (AADSTS53003).
    Elsewhere,
}

/// What people may consent to without an administrator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserConsentPolicy {
    /// Every delegated permission that is not administrators' by definition.
    #[default]
    Legacy,
    /// Microsoft's managed default for new tenants, which keeps most of mail, files and calendars for administrators.
    /// Source: learn.microsoft.com/entra/identity/enterprise-apps/manage-app-consent-policies
    Recommended,
    /// Nothing: every application needs an administrator.
    Disabled,
}

impl SignIn {
    pub(crate) fn add_code(&mut self, key: String, code: Code) {
        // Long past their ten minutes they are of no use; kept that long, a late one still gets its own error.
        let stale = code.issued_at.saturating_sub(SignedDuration::from_hours(1));
        if let Ok(stale) = stale {
            self.codes.retain(|_, code| code.issued_at > stale);
        }
        self.codes.insert(key, code);
        trim(&mut self.codes, |code| (!code.redeemed, code.issued_at));
    }

    pub(crate) fn add_device_code(&mut self, key: String, code: DeviceCode) {
        self.device_codes.insert(key, code);
        trim(&mut self.device_codes, |code| code.issued_at);
    }

    /// The device that shows this code, which people type in any case.
    pub(crate) fn device_mut(&mut self, user_code: &str) -> Option<&mut DeviceCode> {
        self.device_codes
            .values_mut()
            .find(|device| device.user_code.eq_ignore_ascii_case(user_code))
    }

    pub(crate) fn add_session(&mut self, key: String, session: Session) {
        self.sessions.insert(key, session);
        trim(&mut self.sessions, |session| session.started_at);
    }

    pub(crate) fn add_refresh_token(&mut self, key: String, token: RefreshToken) {
        self.refresh_tokens.insert(key, token);
        // A redeemed one has a successor; one that is not may be all that a quiet connection has.
        trim(&mut self.refresh_tokens, |token| {
            (!token.redeemed, token.issued_at)
        });
    }

    /// Ends a user's sessions, and every code and refresh token that came of them.
    pub(crate) fn revoke(&mut self, user_id: &str, at: Timestamp) {
        self.revoke_where(user_id, at, |_| true);
    }

    /// The same, with the refresh tokens of those clients only.
    pub(crate) fn revoke_where(
        &mut self,
        user_id: &str,
        at: Timestamp,
        is_meant: impl Fn(&str) -> bool,
    ) {
        self.sessions
            .retain(|_, session| session.user_id != user_id);
        let codes = self.codes.values_mut();
        for code in codes.filter(|code| code.user_id == user_id) {
            code.revoked_at = Some(at);
        }
        let tokens = self.refresh_tokens.values_mut();
        for token in tokens.filter(|token| token.user_id == user_id && is_meant(&token.client_id)) {
            token.revoked_at.get_or_insert(at);
        }
        for device in self.device_codes.values_mut() {
            if let DeviceState::Approved(code) = &mut device.state
                && code.user_id == user_id
            {
                code.revoked_at = Some(at);
            }
        }
    }
}

/// Drops the tenth that matters least when there are too many, so that the cost is spread over many inserts.
fn trim<T, K: Ord + Copy>(entries: &mut BTreeMap<String, T>, worth: impl Fn(&T) -> K) {
    if entries.len() <= KEPT {
        return;
    }
    let mut worths: Vec<_> = entries.values().map(&worth).collect();
    worths.sort_unstable();
    let least_kept = worths[KEPT / 10];
    entries.retain(|_, entry| worth(entry) >= least_kept);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(seconds: i64, redeemed: bool) -> RefreshToken {
        RefreshToken {
            client_id: String::new(),
            tenant_id: String::new(),
            user_id: "user".to_owned(),
            session_id: String::new(),
            signed_in_at: Timestamp::UNIX_EPOCH,
            scopes: Vec::new(),
            issued_at: Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH),
            redeemed,
            revoked_at: None,
            is_strong: false,
        }
    }

    #[test]
    fn redeemed_tokens_make_room_and_the_oldest_unredeemed_one_stays() {
        let mut sign_in = SignIn::default();
        sign_in.add_refresh_token("quiet".to_owned(), token(0, false));
        for (number, seconds) in (1..=20_000).enumerate() {
            sign_in.add_refresh_token(format!("busy-{number}"), token(seconds, true));
        }
        assert!(sign_in.refresh_tokens.len() <= KEPT);
        assert!(sign_in.refresh_tokens.contains_key("quiet"));
    }

    #[test]
    fn revoking_reaches_one_user_only() {
        let mut sign_in = SignIn::default();
        sign_in.add_refresh_token("theirs".to_owned(), token(0, false));
        sign_in.revoke("somebody else", Timestamp::UNIX_EPOCH);
        assert!(sign_in.refresh_tokens["theirs"].revoked_at.is_none());
        sign_in.revoke("user", Timestamp::UNIX_EPOCH);
        assert!(sign_in.refresh_tokens["theirs"].revoked_at.is_some());
    }
}
