//! Secrets that Consentry replaces itself, and what it says when it may not.

use connections::{Apps, NewApp, NewSecret, jobs};
use jiff::SignedDuration;
use model::{AppRegistrationId, ProofState};
use sandbox::NewApplication;

use crate::world::{World, outlook};

impl World {
    /// An application that may change registrations, connected; its secret ends in `days`.
    async fn rotating(&self, may: bool, days: i64) -> (AppRegistrationId, String) {
        let mut application = vec!["Mail.Read".to_owned()];
        application.extend(may.then(|| "Application.ReadWrite.All".to_owned()));
        let registered = self
            .control()
            .register_application(NewApplication {
                display_name: "rotates itself".to_owned(),
                application,
                admin_consent: true,
                ..NewApplication::default()
            })
            .unwrap();
        let lifetime = std::time::Duration::from_hours(24 * 400);
        let secret = self
            .control()
            .add_secret(&registered.client_id, "first", lifetime)
            .unwrap();
        let app = NewApp {
            name: "rotating".to_owned(),
            cloud: "sandbox".to_owned(),
            tenant_id: registered.tenant_id,
            client_id: registered.client_id.clone(),
            proof: Some(
                NewSecret {
                    value: secret.secret_text.into(),
                    expires_at: Some(self.context.now() + SignedDuration::from_hours(24 * days)),
                }
                .into(),
            ),
        };
        let created = self
            .life
            .connect_new_application(&self.admin, outlook("rotating"), app)
            .await
            .unwrap();
        (created.connection.app_registration_id, registered.client_id)
    }

    async fn states(&self, app: AppRegistrationId) -> Vec<(ProofState, bool)> {
        let view = Apps::new(self.context.clone())
            .get(&self.admin, app)
            .await
            .unwrap();
        let proofs = view.proofs.iter();
        proofs
            .map(|proof| (proof.state, proof.details.key_id.is_some()))
            .collect()
    }
}

#[tokio::test]
async fn an_application_replaces_its_own_secret_and_removes_what_was_replaced_before() {
    let world = World::start().await;
    let (app, _) = world.rotating(true, 100).await;
    world
        .life
        .rotate_by_itself(&world.admin, app, None)
        .await
        .unwrap();
    assert_eq!(
        world.states(app).await,
        [(ProofState::Active, true), (ProofState::Retired, false)]
    );
    for _ in 0..2 {
        world
            .life
            .rotate_by_itself(&world.admin, app, None)
            .await
            .unwrap();
    }
    // The first one's id at Microsoft is not known here: it is forgotten when somebody says so.
    assert_eq!(
        world.states(app).await,
        [
            (ProofState::Active, true),
            (ProofState::Retired, true),
            (ProofState::Retired, false)
        ]
    );
    assert_eq!(world.control().count("POST", "/addPassword"), 3);
    assert_eq!(world.control().count("POST", "/removePassword"), 1);
    world.stop().await;
}

#[tokio::test]
async fn a_secret_that_ends_soon_is_replaced_on_schedule_where_that_is_wanted() {
    let world = World::start().await;
    let (app, _) = world.rotating(true, 20).await;
    let apps = Apps::new(world.context.clone());
    let turn = || {
        jobs::warn(
            world.context.clone(),
            world.live.clone(),
            world.broker.clone(),
        )
    };
    assert!(
        apps.auto_rotate(&world.admin, app, true)
            .await
            .unwrap()
            .app
            .auto_rotate
    );
    turn().await.unwrap();
    turn().await.unwrap();
    assert_eq!(
        world.states(app).await,
        [(ProofState::Active, true), (ProofState::Retired, false)]
    );
    assert_eq!(world.control().count("POST", "/addPassword"), 1);
    world.stop().await;
}

#[tokio::test]
async fn an_application_that_may_not_says_what_is_missing_and_stays_as_it_is() {
    let world = World::start().await;
    let (app, _) = world.rotating(false, 100).await;
    let refused = world
        .life
        .rotate_by_itself(&world.admin, app, None)
        .await
        .unwrap_err();
    let diagnosis = refused.diagnosis().unwrap();
    assert_eq!(diagnosis.act, model::Act::Administrator);
    assert!(
        diagnosis.remedy[0]
            .text
            .contains("Application.ReadWrite.OwnedBy")
    );
    assert_eq!(world.states(app).await, [(ProofState::Active, false)]);
    world.stop().await;
}

/// Each replaces what it made itself: what the other one holds goes on working.
#[tokio::test]
async fn an_application_that_is_registered_twice_says_so_and_neither_takes_the_others_secret_away()
{
    let world = World::start().await;
    let (first, client_id) = world.rotating(true, 100).await;
    let apps = Apps::new(world.context.clone());
    let lifetime = std::time::Duration::from_hours(24 * 400);
    let secret = world.control().add_secret(&client_id, "second", lifetime);
    let second = NewApp {
        name: "the same".to_owned(),
        client_id: client_id.to_uppercase(),
        proof: Some(
            NewSecret {
                value: secret.unwrap().secret_text.into(),
                expires_at: None,
            }
            .into(),
        ),
        ..world.new_app("the same")
    };
    let connected = world
        .life
        .connect_new_application(&world.admin, outlook("the same"), second)
        .await
        .unwrap();
    let second = connected.connection.app_registration_id;
    let names = async |app| {
        apps.get(&world.admin, app)
            .await
            .unwrap()
            .also_registered_as
    };
    assert_eq!(names(first).await, ["the same"]);
    assert_eq!(names(second).await, ["rotating"]);
    for _ in 0..3 {
        for app in [first, second] {
            let rotated = world.life.rotate_by_itself(&world.admin, app, None).await;
            rotated.unwrap();
        }
    }
    for app in apps.list(&world.admin).await.unwrap() {
        let proofs = app.proofs.iter();
        for proof in proofs.filter(|proof| proof.details.key_id.is_some()) {
            let tried = world.life.verify_proof(&world.admin, app.app.id, proof.id);
            tried.await.unwrap();
        }
    }
    world.stop().await;
}
