//! How nouns read on a page. States are said in words; the tone only colours them.

use super::prose::Prose;
use connections::bootstrap;
use jiff::Timestamp;
use model::{Act, ConnectionMethod, ConnectionState, OperationKind, Outcome, Phase, Role, Service};

/// A state in a word or two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Badge {
    /// `good`, `warn`, `bad`, `info`, or nothing.
    pub(crate) tone: &'static str,
    pub(crate) label: &'static str,
}

/// One line above a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Notice {
    pub(crate) tone: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) text: &'static str,
}

/// A point in time, for machines and for people. Times are shown in UTC, as the logs and Microsoft's evidence have them.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    pub(crate) iso: String,
    pub(crate) text: String,
}

/// A message with literals in backticks, as a sentence.
pub(crate) fn prose(text: &str) -> Prose {
    Prose::sentence(text)
}

/// A name and a value that somebody may want to copy.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

const fn badge(tone: &'static str, label: &'static str) -> Badge {
    Badge { tone, label }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self {
            iso: at.to_string(),
            text: at.strftime("%-d %b %Y, %H:%M UTC").to_string(),
        }
    }
}

pub(crate) fn state(state: ConnectionState) -> Badge {
    match state {
        ConnectionState::Pending => badge("info", "Waiting for consent"),
        ConnectionState::Active => badge("good", "Active"),
        ConnectionState::Degraded => badge("warn", "Degraded"),
        ConnectionState::NeedsReconnect => badge("bad", "Needs reconnect"),
        ConnectionState::NeedsAdmin => badge("bad", "Needs administrator"),
        ConnectionState::Expiring => badge("warn", "Expiring"),
        ConnectionState::Disabled => badge("", "Disabled"),
    }
}

/// Of a set-up without the portal.
pub(crate) fn set_up(state: bootstrap::State) -> Badge {
    match state {
        bootstrap::State::SigningIn => badge("info", "Waiting for the sign-in"),
        bootstrap::State::Working => badge("info", "Under way"),
        bootstrap::State::NeedsSignIn => badge("warn", "Needs another sign-in"),
        bootstrap::State::Done => badge("good", "Done"),
        bootstrap::State::Failed => badge("bad", "Stopped"),
    }
}

/// Of one of its steps.
pub(crate) fn set_up_step(state: bootstrap::StepState) -> Badge {
    match state {
        bootstrap::StepState::Pending => badge("", "To do"),
        bootstrap::StepState::Made => badge("good", "Made"),
        bootstrap::StepState::There => badge("good", "There already"),
        bootstrap::StepState::ByHand => badge("warn", "By hand"),
        bootstrap::StepState::Failed => badge("bad", "Failed"),
    }
}

/// What a state means, where the word and the diagnosis do not say it all.
pub(crate) fn state_hint(state: ConnectionState) -> Option<&'static str> {
    Some(match state {
        ConnectionState::Pending => {
            "Nobody has consented yet. Make a connect link, and open it or send it to the account’s owner."
        }
        ConnectionState::Degraded => {
            "Microsoft, or the way there, has trouble. It is tried again by itself."
        }
        ConnectionState::Expiring => "It still works, but its secret ends soon. Rotate it in time.",
        ConnectionState::Disabled => {
            "No call goes through until it is enabled again. Consent and secrets are kept."
        }
        ConnectionState::Active | ConnectionState::NeedsReconnect | ConnectionState::NeedsAdmin => {
            return None;
        }
    })
}

pub(crate) fn method(method: ConnectionMethod) -> &'static str {
    match method {
        ConnectionMethod::OAuth => "OAuth (as a user)",
        ConnectionMethod::ServicePrincipal => "Service principal",
    }
}

pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Auditor => "Auditor",
        Role::Member => "Member",
        Role::Builder => "Builder",
        Role::Admin => "Administrator",
        Role::Owner => "Owner",
    }
}

pub(crate) fn act(act: Act) -> &'static str {
    match act {
        Act::User => "the person whose account is connected",
        Act::Administrator => "an administrator of the Microsoft tenant",
        Act::Operator => "whoever runs this Consentry installation",
        Act::Nobody => "nobody; it is tried again by itself",
    }
}

pub(crate) fn kind(kind: OperationKind) -> (&'static str, &'static str) {
    match kind {
        OperationKind::Read => ("Read", "Look, list and search. Changes nothing."),
        OperationKind::Write => ("Write", "Create and change."),
        OperationKind::Delete => ("Delete", "Remove."),
        OperationKind::Action => ("Action", "What reaches others, such as sending."),
    }
}

pub(crate) fn outcome(outcome: Outcome, phase: Phase) -> Badge {
    match (outcome, phase) {
        (Outcome::Started, _) | (_, Phase::Intent) => badge("info", "Announced"),
        (Outcome::Ok, Phase::Result) => badge("good", "OK"),
        (Outcome::Failed, Phase::Result) => badge("bad", "Failed"),
        (Outcome::Denied, Phase::Result) => badge("warn", "Denied"),
        (Outcome::Uncertain, Phase::Result) => badge("warn", "Uncertain"),
    }
}

/// The API as the portal's list of permissions calls it.
pub(crate) fn api_title(service: Service) -> &'static str {
    match service.api() {
        model::Api::Graph => "Microsoft Graph",
        model::Api::Dataverse => "Dynamics CRM",
        model::Api::BusinessCentral => "Dynamics 365 Business Central",
    }
}

/// What a page says once after a form did its work. The query names it, so that nobody's text gets onto the page.
pub(crate) fn notice(key: &str) -> Option<Notice> {
    if key == "incomplete" {
        return Some(Notice {
            tone: "warn",
            icon: "alert",
            text: "Connected, but not all permissions are granted. Grant them, and test again.",
        });
    }
    let text = match key {
        "connected" => "Connected, and tested with a token of its own.",
        "policy" => "The policy is saved. It holds everywhere within a second.",
        "rotated" => "The new proof works and is in use.",
        "asked" => "An administrator is asked. The link is below: hand it over.",
        "disabled" => "Disabled. No call goes through any more.",
        "enabled" => "Enabled.",
        "deleted" => "The connection is removed, and its secrets with it.",
        "revoked" => "The key is revoked.",
        "password" => "The password is set.",
        "webhook-removed" => "No more events are sent there.",
        "proof" => "The proof is added and in use.",
        "proof-waits" => "The proof is added. It is used once Entra knows it.",
        "proof-removed" => "The proof is removed here. What Entra knows of it stays there.",
        "verified" => "It works, and is in use.",
        "auto-rotate" => "Client secret and certificate are replaced by themselves from now on.",
        "by-hand" => "Client secret and certificate are replaced by hand from now on.",
        "removed" => "The app registration is removed.",
        _ => return None,
    };
    Some(Notice {
        tone: "good",
        icon: "check",
        text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_in_utc() {
        let moment = Moment::from(Timestamp::UNIX_EPOCH);
        assert_eq!(moment.text, "1 Jan 1970, 00:00 UTC");
        assert_eq!(moment.iso, "1970-01-01T00:00:00Z");
    }
}
