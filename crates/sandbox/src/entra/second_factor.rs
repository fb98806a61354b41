//! The second factor of people of whom one is demanded: six digits, which change every half minute.
//!
//! A right password leads to this page instead of a session. What it carries is worth nothing without the digits, and lasts for ten
//! minutes and a few wrong answers.
//! Source: learn.microsoft.com/entra/identity/authentication/howto-mfa-userstates

use axum::response::{Html, IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::error::EntraError;
use super::pages::{self, SecondFactorPage};
use super::parameters::Parameters;
use super::secrets;
use crate::shared::Shared;
use crate::state::State;
use crate::state::directory::{SecondFactor, User};
use crate::state::sign_in::HalfWay;

const PERIOD_SECS: i64 = 30;
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
const MOST_WRONG: u32 = 5;

/// Whether somebody needs more than their password.
pub(super) fn is_demanded(user: &User) -> bool {
    user.second_factor != SecondFactor::NotDemanded
}

/// What an authenticator of the person shows at this time.
pub(crate) fn digits(user: &User, at: Timestamp) -> String {
    let period = at.as_second().div_euclid(PERIOD_SECS);
    let hash = Sha256::digest(format!("{};{period}", user.id));
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&hash[..4]);
    format!("{:06}", u32::from_be_bytes(bytes) % 1_000_000)
}

/// The page, after a right password.
pub(super) fn ask(
    shared: &Shared,
    tenant: &str,
    form: &Parameters,
    user: &User,
    now: Timestamp,
) -> Response {
    let pass = secrets::nonce();
    shared.write(|state| {
        let half_way = HalfWay {
            user_id: user.id.clone(),
            started_at: now,
            wrong: 0,
        };
        state.sign_in.half_way.retain(|_, it| is_good(it, now));
        state
            .sign_in
            .half_way
            .insert(secrets::hash(&pass), half_way);
    });
    page(tenant, form, user, &pass, now, None)
}

/// What came of the page's form.
pub(super) enum Outcome {
    /// They have shown both.
    Passed(Box<User>),
    /// A wrong answer, and another try.
    Again(Response),
    /// Too late, or wrong too often: from the start.
    Over(EntraError),
}

/// Reads the page's form. A person who had none yet has a second factor from now on.
pub(super) fn check(
    shared: &Shared,
    tenant: &str,
    form: &Parameters,
    pass: &str,
    now: Timestamp,
) -> Outcome {
    let given: String = form
        .get("otc")
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let key = secrets::hash(pass);
    let answered = shared.write(|state| {
        let State {
            sign_in, directory, ..
        } = state;
        let half_way = sign_in.half_way.get_mut(&key);
        let half_way = half_way.filter(|it| is_good(it, now))?;
        let user = directory.user_mut(&half_way.user_id)?;
        let before = now.saturating_sub(SignedDuration::from_secs(PERIOD_SECS));
        let before = before.unwrap_or(now);
        let is_right = [now, before].iter().any(|at| digits(user, *at) == given);
        if !is_right {
            half_way.wrong += 1;
            let may_go_on = half_way.wrong < MOST_WRONG;
            return may_go_on.then(|| (user.clone(), false));
        }
        user.second_factor = SecondFactor::Registered;
        let user = user.clone();
        sign_in.half_way.remove(&key);
        Some((user, true))
    });
    match answered {
        Some((user, true)) if user.disabled => Outcome::Over(EntraError::user_disabled()),
        Some((user, true)) => Outcome::Passed(Box::new(user)),
        Some((user, false)) => {
            let error = EntraError::second_factor_wrong();
            Outcome::Again(page(tenant, form, &user, pass, now, Some(&error)))
        }
        None => Outcome::Over(EntraError::second_factor_wrong()),
    }
}

fn is_good(half_way: &HalfWay, now: Timestamp) -> bool {
    half_way.wrong < MOST_WRONG && now.duration_since(half_way.started_at) < LIFETIME
}

fn page(
    tenant: &str,
    form: &Parameters,
    user: &User,
    pass: &str,
    now: Timestamp,
    error: Option<&EntraError>,
) -> Response {
    let page = SecondFactorPage {
        action: format!("/{tenant}/login"),
        purpose: form.get("purpose").unwrap_or_default(),
        request: form.get("request").unwrap_or_default(),
        pass,
        user_principal_name: &user.user_principal_name,
        is_new: user.second_factor == SecondFactor::ToRegister,
        digits: digits(user, now),
        error: error.map(EntraError::short),
    };
    Html(pages::rendered(&page)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_somebodys_own_and_change_with_time() {
        let user = |id: &str| User {
            id: id.to_owned(),
            ..User::default()
        };
        let at = |seconds| Timestamp::from_second(seconds).unwrap_or_default();
        let ana = user("ana");
        assert_eq!(digits(&ana, at(60)), digits(&ana, at(89)));
        assert_ne!(digits(&ana, at(60)), digits(&ana, at(90)));
        assert_ne!(digits(&ana, at(60)), digits(&user("ben"), at(60)));
        assert_eq!(digits(&ana, at(60)).len(), 6);
    }
}
