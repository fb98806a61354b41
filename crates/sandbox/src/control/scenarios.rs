//! Situations by name: what it takes to bring one about, what a client then meets, and what ends it.

mod stages;

use serde::{Deserialize, Serialize};

use super::{ConditionalAccess, Control, ControlError, Location};
use crate::throttling::Throttling;

/// A situation that can be brought about.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Scenario {
    /// `secret_expired`
    pub name: &'static str,
    /// What has happened.
    pub title: &'static str,
    /// Of whom it has to be told: `client_id`, `user`.
    pub needs: &'static [&'static str],
    /// What meets it.
    pub expect: Expectation,
    /// What makes it well again.
    pub remedy: &'static str,
    #[serde(skip)]
    stage: fn(&Control, &Cast) -> Result<(), ControlError>,
}

/// What a client meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Expectation {
    /// Which request of it.
    pub request: &'static str,
    /// None where there is no answer.
    pub status: Option<u16>,
    /// Microsoft Graph's `error.code`, or Entra's number: `AADSTS7000222`. None where nothing is refused.
    pub code: Option<&'static str>,
}

/// Whom a scenario is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cast {
    /// The application.
    pub client_id: Option<String>,
    /// The person, by id or name.
    pub user: Option<String>,
}

impl Cast {
    fn client_id(&self) -> Result<&str, ControlError> {
        self.client_id
            .as_deref()
            .ok_or_else(|| missing("client_id"))
    }

    fn user(&self) -> Result<&str, ControlError> {
        self.user.as_deref().ok_or_else(|| missing("user"))
    }
}

impl Control {
    /// Every scenario that can be played.
    pub fn scenarios(&self) -> &'static [Scenario] {
        &stages::ALL
    }

    /// Brings a situation about. Several may hold at the same time.
    pub fn play(&self, name: &str, cast: &Cast) -> Result<Scenario, ControlError> {
        let scenario = stages::ALL.iter().find(|scenario| scenario.name == name);
        let scenario = scenario.ok_or_else(|| ControlError::UnknownScenario(name.to_owned()))?;
        (scenario.stage)(self, cast)?;
        Ok(*scenario)
    }

    /// Ends what passes by itself: faults still to be met, limits and conditions of access. What is expired, removed or
    /// disabled stays so until its remedy, or until a snapshot from before is restored.
    pub fn end_scenarios(&self) {
        self.clear_faults();
        self.set_throttling(Throttling::Off);
        self.set_conditional_access(ConditionalAccess::Off);
        self.set_location(Location::Named);
        self.block_applications(false);
    }
}

fn missing(name: &str) -> ControlError {
    ControlError::InvalidRequest(format!("this scenario needs `{name}`"))
}
