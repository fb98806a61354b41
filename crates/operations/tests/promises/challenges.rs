//! Claims challenges on the way of a call.

mod members;

use model::{Act, Connection, ConnectionMethod, ConnectionState};
use operations::{Error, Runner};
use sandbox::Location;
use serde_json::json;

use crate::stage::Stage;
use crate::world::{ANA, World};

impl Stage {
    pub(crate) async fn answering_challenges() -> Self {
        let world = World::answering_challenges().await;
        let runner = Runner::new(
            world.context.clone(),
            world.live.clone(),
            world.broker.clone(),
        );
        Self { world, runner }
    }

    async fn list(&self, connection: &Connection) -> Result<(), Error> {
        let input = match connection.method {
            ConnectionMethod::OAuth => json!({}),
            ConnectionMethod::ServicePrincipal => json!({ "mailbox": ANA }),
        };
        let answer = self.run(connection, "outlook.folders.list", input).await;
        answer.map(drop)
    }

    async fn state(&self, connection: &Connection) -> (ConnectionState, Option<Act>) {
        let snapshot = self.world.snapshot(connection).await;
        let diagnosis = snapshot.connection.diagnosis.as_ref();
        (
            snapshot.connection.state,
            diagnosis.map(|diagnosis| diagnosis.act),
        )
    }

    fn statuses(&self) -> Vec<u16> {
        let requests = self.world.control().requests();
        requests
            .iter()
            .filter_map(|request| request.status)
            .collect()
    }
}

#[tokio::test]
async fn a_challenge_is_met_by_one_token_that_was_asked_for_with_it() {
    let stage = Stage::answering_challenges().await;
    let connection = stage.world.connect_user(ANA).await;
    stage.list(&connection).await.unwrap();
    let control = stage.world.control();
    control.change_password(ANA, "Another-1").unwrap();
    control.clear_requests();
    stage.list(&connection).await.unwrap();
    assert_eq!(stage.statuses(), [401, 200, 200]);
    stage.list(&connection).await.unwrap();
    assert_eq!(stage.statuses(), [401, 200, 200, 200]);
    assert_eq!(
        stage.state(&connection).await,
        (ConnectionState::Active, None)
    );
    stage.world.stop().await;
}

#[tokio::test]
async fn a_revoked_session_ends_with_the_next_call_and_costs_nothing_after_it() {
    let stage = Stage::answering_challenges().await;
    let connection = stage.world.connect_user(ANA).await;
    stage.list(&connection).await.unwrap();
    let control = stage.world.control();
    control.revoke_sessions(ANA).unwrap();
    control.clear_requests();
    let refused = stage.list(&connection).await.unwrap_err();
    assert_eq!(refused.diagnosis().unwrap().evidence.code, "AADSTS50173");
    assert_eq!(stage.statuses(), [401, 400]);
    assert_eq!(
        stage.state(&connection).await,
        (ConnectionState::NeedsReconnect, Some(Act::User))
    );
    stage.list(&connection).await.unwrap_err();
    assert_eq!(stage.statuses().len(), 2);
    stage.world.stop().await;
}

#[tokio::test]
async fn a_challenge_that_comes_again_ends_with_whoever_can_act() {
    let stage = Stage::answering_challenges().await;
    let user = stage.world.connect_user(ANA).await;
    let application = stage.world.connect_application().await;
    let cases = [
        (&user, ConnectionState::NeedsReconnect, Act::User),
        (
            &application,
            ConnectionState::NeedsAdmin,
            Act::Administrator,
        ),
    ];
    let control = stage.world.control();
    for (connection, state, act) in cases {
        stage.list(connection).await.unwrap();
        control.set_location(Location::Split);
        control.clear_requests();
        let refused = stage.list(connection).await.unwrap_err();
        let diagnosis = refused.diagnosis().unwrap();
        assert!(diagnosis.evidence.claims.is_some(), "{diagnosis:?}");
        assert_eq!(stage.statuses(), [401, 200, 401]);
        assert_eq!(stage.state(connection).await, (state, Some(act)));
        stage.list(connection).await.unwrap_err();
        assert_eq!(stage.statuses().len(), 3);
        control.set_location(Location::Named);
    }
    stage.world.stop().await;
}
