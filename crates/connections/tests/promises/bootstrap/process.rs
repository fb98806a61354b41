//! Somebody who sets up, as one process sees it.

use connections::bootstrap::{
    Bootstraps, Progress, SignIn, State, StepState, Wanted, WantedConnection, WantedProof,
};
use jiff::SignedDuration;
use model::{ConnectionMethod, Place, Service};
use sandbox::{Action, Fault};
use serde_json::Value;

use crate::world::{Person, World};

pub(super) const ADMIN: &str = "admin@contoso.com";
pub(super) const ROLE: &str = "System Administrator";
/// More rounds than any attempt takes.
const ROUNDS: usize = 60;

/// All seven services by one application.
pub(super) fn all(world: &World) -> Wanted {
    called(world, "contoso")
}

/// The same under another name.
pub(super) fn called(world: &World, name: &str) -> Wanted {
    let connections = Service::ALL.iter().map(|service| WantedConnection {
        service: *service,
        name: format!("{name}-{service}"),
        permissions: None,
    });
    Wanted {
        name: name.to_owned(),
        cloud: "sandbox".to_owned(),
        tenant_id: None,
        connections: connections.collect(),
        method: ConnectionMethod::ServicePrincipal,
        admin_consent: false,
        proof: WantedProof::Secret,
        place: Place {
            environment_url: Some(world.sandbox.url().to_owned()),
            environment: Some("Production".to_owned()),
            company_id: None,
        },
        dataverse_role: Some(ROLE.to_owned()),
        auto_rotate: true,
        sign_in_client_id: None,
    }
}

/// One process, as far as set-up goes: what it remembers is gone with it.
pub(super) struct Process<'a> {
    pub(super) world: &'a World,
    pub(super) bootstraps: Bootstraps,
    pub(super) id: String,
}

impl<'a> Process<'a> {
    /// Begins, and has somebody enter the code.
    pub(super) async fn begin(world: &'a World, wanted: Wanted, person: &str) -> Self {
        let bootstraps = Bootstraps::new(world.life.clone());
        let begun = bootstraps
            .begin(&world.admin, wanted, SignIn::DeviceCode)
            .await
            .unwrap();
        assert_eq!(begun.state, State::SigningIn);
        let page = begun.verification_uri.unwrap();
        Person::new(world.sandbox.url())
            .enter(&page, &begun.user_code.unwrap(), person)
            .await;
        Self {
            world,
            bootstraps,
            id: begun.id,
        }
    }

    /// Goes on once, when it is time.
    pub(super) async fn next(&self) -> Progress {
        let now = self.look().await;
        let wait = SignedDuration::from_secs(now.next_in_secs.unwrap_or_default());
        self.world.clock.advance(wait);
        self.bootstraps
            .next(&self.world.admin, &self.id)
            .await
            .unwrap()
    }

    pub(super) async fn look(&self) -> Progress {
        self.bootstraps
            .look(&self.world.admin, &self.id)
            .await
            .unwrap()
    }

    pub(super) async fn finish(&self) -> Progress {
        for _ in 0..ROUNDS {
            let now = self.next().await;
            if now.next_in_secs.is_none() {
                return now;
            }
        }
        panic!("it does not end: {:?}", self.look().await.steps);
    }
}

pub(super) async fn done(world: &World, wanted: Wanted) -> Progress {
    let begun = Box::pin(Process::begin(world, wanted, ADMIN)).await;
    let ended = Box::pin(begun.finish()).await;
    assert_eq!(ended.state, State::Done, "{:?}", ended.failure);
    ended
}

pub(super) fn states(progress: &Progress) -> Vec<(&str, StepState)> {
    let steps = progress.steps.iter();
    steps.map(|step| (step.id.as_str(), step.state)).collect()
}

pub(super) fn refuse(
    world: &World,
    method: &str,
    path: &str,
    status: u16,
    times: u32,
    body: Option<Value>,
) {
    world.control().inject(Fault {
        times,
        ..Fault::once(
            method,
            path,
            Action::Status {
                status,
                retry_after: None,
                body,
            },
        )
    });
}
