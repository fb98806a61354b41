//! Every scenario.

use std::time::Duration;

use super::{Expectation, Scenario};
use crate::control::{ConditionalAccess, Control, ControlError, Location};
use crate::http::{Action, Fault};
use crate::throttling::Throttling;

const APPLICATION: &[&str] = &["client_id"];
const PERSON: &[&str] = &["user"];
const NOBODY: &[&str] = &[];
/// How often a passing fault is met.
const TIMES: u32 = 3;

const fn token(request: &'static str, status: u16, code: &'static str) -> Expectation {
    Expectation {
        request,
        status: Some(status),
        code: Some(code),
    }
}

const fn graph(request: &'static str, status: u16, code: &'static str) -> Expectation {
    token(request, status, code)
}

const fn unanswered(request: &'static str) -> Expectation {
    Expectation {
        request,
        status: None,
        code: None,
    }
}

pub(super) static ALL: [Scenario; 24] = [
    Scenario {
        name: "secret_expired",
        title: "The client secrets of an application have expired.",
        needs: APPLICATION,
        expect: token("client credentials with the secret", 401, "AADSTS7000222"),
        remedy: "a new secret",
        stage: |control, cast| control.expire_secrets(cast.client_id()?),
    },
    Scenario {
        name: "consent_removed",
        title: "An administrator has taken an application's permissions back, those that people granted included.",
        needs: APPLICATION,
        expect: token("a refresh token", 400, "AADSTS65001"),
        remedy: "consent",
        stage: |control, cast| control.remove_consent(cast.client_id()?, cast.user.as_deref()),
    },
    Scenario {
        name: "application_disabled",
        title: "An administrator has disabled an application in the tenant.",
        needs: APPLICATION,
        expect: token("client credentials with the secret", 400, "AADSTS7000112"),
        remedy: "the application is enabled",
        stage: |control, cast| control.disable_application(cast.client_id()?),
    },
    Scenario {
        name: "application_deleted",
        title: "The registration of an application is gone.",
        needs: APPLICATION,
        expect: token("client credentials with the secret", 400, "AADSTS700016"),
        remedy: "another registration",
        stage: |control, cast| control.delete_application(cast.client_id()?),
    },
    Scenario {
        name: "sessions_revoked",
        title: "A person's sessions were revoked, or the password changed.",
        needs: PERSON,
        expect: token("a refresh token", 400, "AADSTS50173"),
        remedy: "the person signs in again",
        stage: |control, cast| control.revoke_sessions(cast.user()?),
    },
    Scenario {
        name: "user_disabled",
        title: "A person's account is blocked.",
        needs: PERSON,
        expect: token("a refresh token", 400, "AADSTS50057"),
        remedy: "the account is enabled",
        stage: |control, cast| control.disable_user(cast.user()?),
    },
    Scenario {
        name: "second_factor_demanded",
        title: "Conditional access demands a second factor from now on.",
        needs: NOBODY,
        expect: token("a refresh token", 400, "AADSTS50076"),
        remedy: "the person signs in again",
        stage: |control, _| {
            access(control, ConditionalAccess::Mfa);
            Ok(())
        },
    },
    Scenario {
        name: "access_blocked",
        title: "Conditional access lets nobody pass.",
        needs: NOBODY,
        expect: token("a refresh token", 400, "AADSTS53003"),
        remedy: "the policy is changed",
        stage: |control, _| {
            access(control, ConditionalAccess::Block);
            Ok(())
        },
    },
    Scenario {
        name: "left_the_named_locations",
        title: "People and applications are where a policy lets nobody in.",
        needs: NOBODY,
        expect: token("a refresh token", 400, "AADSTS53003"),
        remedy: "they come from a named location, or the policy is changed",
        stage: |control, _| {
            control.set_location(Location::Elsewhere);
            Ok(())
        },
    },
    Scenario {
        name: "applications_blocked",
        title: "Conditional access for workload identities lets no application in.",
        needs: NOBODY,
        expect: token("client credentials with the secret", 400, "AADSTS53003"),
        remedy: "the policy is changed",
        stage: |control, _| {
            control.block_applications(true);
            Ok(())
        },
    },
    Scenario {
        name: "access_tokens_expired",
        title: "Two hours have passed: every access token is over.",
        needs: NOBODY,
        expect: graph("Microsoft Graph", 401, "InvalidAuthenticationToken"),
        remedy: "a new token",
        stage: |control, _| {
            later(control, Duration::from_hours(2));
            Ok(())
        },
    },
    Scenario {
        name: "refresh_tokens_expired",
        title: "A hundred days have passed without a request.",
        needs: NOBODY,
        expect: token("a refresh token", 400, "AADSTS700082"),
        remedy: "the person signs in again",
        stage: |control, _| {
            later(control, Duration::from_hours(100 * 24));
            Ok(())
        },
    },
    Scenario {
        name: "signing_key_rolled",
        title: "Entra signs with a new key.",
        needs: NOBODY,
        expect: Expectation {
            request: "a new token, checked with keys read before",
            status: Some(200),
            code: None,
        },
        remedy: "the published keys are read again",
        stage: |control, _| {
            let rolled = control.roll_signing_key();
            rolled.map_err(|error| ControlError::InvalidRequest(error.to_string()))
        },
    },
    Scenario {
        name: "sign_in_outage",
        title: "Entra's token endpoint fails for three requests.",
        needs: NOBODY,
        expect: token("any grant", 503, "AADSTS90033"),
        remedy: "three requests",
        stage: |control, _| {
            fail(control, "/token", status(503, None));
            Ok(())
        },
    },
    Scenario {
        name: "mailbox_not_found",
        title: "A person has no mailbox any more.",
        needs: PERSON,
        expect: graph("the person's mail", 404, "MailboxNotEnabledForRESTAPI"),
        remedy: "a licence with a mailbox",
        stage: |control, cast| control.change_user(cast.user()?, |user| user.mail = None),
    },
    Scenario {
        name: "changes_forgotten",
        title: "A mailbox no longer knows what changed since a delta link.",
        needs: PERSON,
        expect: graph("an old delta link", 410, "syncStateNotFound"),
        remedy: "a full round",
        stage: |control, cast| control.forget_changes(cast.user()?),
    },
    Scenario {
        name: "throttled",
        title: "Graph is asked too often, and says for how long to wait; for three requests.",
        needs: NOBODY,
        expect: graph("Microsoft Graph", 429, "TooManyRequests"),
        remedy: "three requests",
        stage: |control, _| {
            fail(control, "/v1.0/", status(429, Some(5)));
            Ok(())
        },
    },
    Scenario {
        name: "throttled_without_a_time",
        title: "Graph is asked too often, and does not say for how long to wait; for three requests.",
        needs: NOBODY,
        expect: graph("Microsoft Graph", 429, "TooManyRequests"),
        remedy: "three requests",
        stage: |control, _| {
            fail(control, "/v1.0/", status(429, None));
            Ok(())
        },
    },
    Scenario {
        name: "limits",
        title: "Everybody is held to Microsoft's published limits.",
        needs: NOBODY,
        expect: graph(
            "the request after the last that is allowed",
            429,
            "ApplicationThrottled",
        ),
        remedy: "time",
        stage: |control, _| {
            control.set_throttling(Throttling::On);
            Ok(())
        },
    },
    Scenario {
        name: "outage",
        title: "Graph is not available for three requests.",
        needs: NOBODY,
        expect: graph("Microsoft Graph", 503, "serviceNotAvailable"),
        remedy: "three requests",
        stage: |control, _| {
            fail(control, "/v1.0/", status(503, None));
            Ok(())
        },
    },
    Scenario {
        name: "slow",
        title: "Graph takes two seconds for each of three requests.",
        needs: NOBODY,
        expect: Expectation {
            request: "Microsoft Graph",
            status: Some(200),
            code: None,
        },
        remedy: "three requests",
        stage: |control, _| {
            fail(control, "/v1.0/", Action::Delay(2_000));
            Ok(())
        },
    },
    Scenario {
        name: "connection_lost",
        title: "Three connections to Graph break before anything is done.",
        needs: NOBODY,
        expect: unanswered("Microsoft Graph"),
        remedy: "three requests",
        stage: |control, _| {
            fail(control, "/v1.0/", Action::Reset);
            Ok(())
        },
    },
    Scenario {
        name: "answer_lost",
        title: "Three connections to Graph break when everything is done.",
        needs: NOBODY,
        expect: unanswered("Microsoft Graph"),
        remedy: "three requests",
        stage: |control, _| {
            fail(control, "/v1.0/", Action::ResetAfter);
            Ok(())
        },
    },
    Scenario {
        name: "answer_cut",
        title: "Three answers of Graph end in their middle.",
        needs: NOBODY,
        expect: unanswered("Microsoft Graph"),
        remedy: "three requests",
        stage: |control, _| {
            fail(control, "/v1.0/", Action::CutBody);
            Ok(())
        },
    },
];

fn status(status: u16, retry_after: Option<u32>) -> Action {
    Action::Status {
        status,
        retry_after,
        body: None,
    }
}

fn fail(control: &Control, path_contains: &str, action: Action) {
    control.inject(Fault {
        method: None,
        path_contains: path_contains.to_owned(),
        times: TIMES,
        action,
    });
}

fn access(control: &Control, policy: ConditionalAccess) {
    control.set_conditional_access(policy);
}

fn later(control: &Control, by: Duration) {
    control.advance(by);
}
