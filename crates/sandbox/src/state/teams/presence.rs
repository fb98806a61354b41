//! Who is there: <https://learn.microsoft.com/graph/cloud-communications-manage-presence-state>

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A person's presence: what their applications say, and what they themselves prefer to be seen as.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Presence {
    /// By the application that said so.
    pub(crate) sessions: BTreeMap<String, State>,
    pub(crate) preferred: Option<State>,
    /// As Graph has it.
    pub(crate) status_message: Option<Value>,
    pub(crate) changes: u64,
}

/// What is shown, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) availability: String,
    pub(crate) activity: String,
    pub(crate) expires_at: Timestamp,
}

/// From the strongest down: of several sessions the first of these is shown.
const STRENGTH: [&str; 6] = [
    "DoNotDisturb",
    "Busy",
    "Available",
    "Away",
    "BeRightBack",
    "Offline",
];

impl Presence {
    /// Availability and activity that others see. Without a session a person is offline, whatever they prefer.
    pub(crate) fn shown(&self, now: Timestamp) -> (&str, &str) {
        let live = self.sessions.values().filter(|it| it.expires_at > now);
        let strength = |state: &&State| {
            let found = STRENGTH.iter().position(|it| *it == state.availability);
            found.unwrap_or(STRENGTH.len())
        };
        let Some(strongest) = live.min_by_key(strength) else {
            return ("Offline", "Offline");
        };
        let preferred = self.preferred.as_ref().filter(|it| it.expires_at > now);
        let shown = preferred.unwrap_or(strongest);
        (&shown.availability, &shown.activity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(availability: &str, until: i64) -> State {
        State {
            availability: availability.to_owned(),
            activity: availability.to_owned(),
            expires_at: Timestamp::from_second(until).unwrap_or_default(),
        }
    }

    #[test]
    fn the_strongest_live_session_is_shown_unless_the_person_prefers_otherwise() {
        let now = Timestamp::from_second(10).unwrap_or_default();
        let mut presence = Presence::default();
        assert_eq!(presence.shown(now), ("Offline", "Offline"));
        presence.preferred = Some(state("Away", 99));
        assert_eq!(presence.shown(now).0, "Offline");
        presence
            .sessions
            .insert("a".to_owned(), state("Available", 99));
        presence.sessions.insert("b".to_owned(), state("Busy", 5));
        assert_eq!(presence.shown(now).0, "Away");
        presence.preferred = None;
        assert_eq!(presence.shown(now).0, "Available");
    }
}
