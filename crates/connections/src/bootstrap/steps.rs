//! The steps, each of which looks first and makes what is missing: done twice it does nothing the second time.

mod application;
mod connection;
mod dataverse;
mod proof;

use std::sync::Arc;

use microsoft::Cloud;
use model::AppRegistration;

use super::administrator::Administrator;
use super::at_microsoft::{Application, Directory};
use super::attempt::{Connected, StepState};
use super::plan::Step;
use super::refusal::Refusal;
use super::wanted::Wanted;
use crate::{Caller, Error, Lifecycle};

pub(super) type Result<T> = std::result::Result<T, Refusal>;

/// What the steps before found or made.
pub(super) struct Found {
    /// The name that the registration has in the directory and no other.
    pub(super) unique_name: String,
    pub(super) tenant_id: Option<String>,
    pub(super) application: Option<Application>,
    pub(super) principal: Option<String>,
    pub(super) registration: Option<AppRegistration>,
    pub(super) created: Vec<Connected>,
}

impl Found {
    pub(super) fn new(unique_name: String) -> Self {
        Self {
            unique_name,
            tenant_id: None,
            application: None,
            principal: None,
            registration: None,
            created: Vec::new(),
        }
    }
}

/// What came of a step.
pub(super) struct Outcome {
    pub(super) state: StepState,
    pub(super) details: Vec<String>,
    /// For the activity log.
    pub(super) target: Option<String>,
}

impl Outcome {
    fn made(target: &str) -> Self {
        Self {
            state: StepState::Made,
            details: vec![target.to_owned()],
            target: Some(target.to_owned()),
        }
    }

    fn there(detail: &str) -> Self {
        Self {
            state: StepState::There,
            details: vec![detail.to_owned()],
            target: None,
        }
    }

    fn by_hand(details: Vec<String>) -> Self {
        Self {
            state: StepState::ByHand,
            details,
            target: None,
        }
    }
}

/// What a step works with.
pub(super) struct Work<'a> {
    pub(super) life: &'a Lifecycle,
    pub(super) caller: &'a Caller,
    pub(super) wanted: &'a Wanted,
    pub(super) administrator: &'a Administrator,
    pub(super) found: &'a mut Found,
    /// Nothing is waited for any more.
    pub(super) is_late: bool,
}

impl Work<'_> {
    pub(super) async fn step(&mut self, step: &Step) -> Result<Outcome> {
        match step {
            Step::Application => self.application().await,
            Step::ServicePrincipal => self.service_principal().await,
            Step::Consent(api) => self.consent(*api).await,
            Step::ConsentForUsers => self.consent_for_users().await,
            Step::Owner => self.owner().await,
            Step::Registration => self.registration().await,
            Step::Proof => self.proof().await,
            Step::Verify => self.verify().await,
            Step::ApplicationUser => self.application_user().await,
            Step::Connection(at) => self.connection(*at).await,
            Step::BusinessCentral => self.business_central(),
        }
    }

    fn cloud(&self) -> Result<Arc<Cloud>> {
        Ok(self.life.context.cloud(&self.wanted.cloud)?)
    }

    fn directory<'c>(&'c self, cloud: &'c Arc<Cloud>) -> Directory<'c> {
        let token = self.administrator.graph.clone();
        Directory::new(&self.life.context, cloud, token)
    }

    fn known_application(&self) -> Result<Application> {
        Ok(known(self.found.application.clone())?)
    }

    fn known_registration(&self) -> Result<AppRegistration> {
        Ok(known(self.found.registration.clone())?)
    }

    fn known_principal(&self) -> Result<String> {
        Ok(known(self.found.principal.clone())?)
    }
}

fn known<T>(found: Option<T>) -> crate::Result<T> {
    found.ok_or_else(|| Error::Unexpected("a step was left out".to_owned()))
}
