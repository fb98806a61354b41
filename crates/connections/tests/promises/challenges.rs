//! Claims challenges: what a person has to do is told, costs nothing more, and is asked for by the next consent.

use model::{Act, Connection, ConnectionState, Group};
use sandbox::Location;

use crate::world::{ANA, World};

const CHALLENGE: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1702682181"}}}"#;

impl World {
    /// Nobody gets a token, and Entra is not asked.
    async fn costs_nothing_more(&self, connection: &Connection) {
        let asked = self.token_requests();
        for _ in 0..3 {
            let snapshot = self.snapshot(connection).await;
            self.broker.token_for(&snapshot).await.unwrap_err();
        }
        assert_eq!(self.token_requests(), asked);
    }
}

#[tokio::test]
async fn a_challenge_that_only_a_sign_in_meets_is_carried_into_the_next_consent() {
    let world = World::answering_challenges().await;
    let connection = world.connect_user(ANA).await;
    let snapshot = world.snapshot(&connection).await;
    let token = world.broker.token_for(&snapshot).await.unwrap();
    world.control().revoke_sessions(ANA).unwrap();
    let refused = world.broker.meet(&snapshot, &token, CHALLENGE).await;
    refused.unwrap_err();

    let waiting = world.stored(&connection).await;
    assert_eq!(waiting.state, ConnectionState::NeedsReconnect);
    let diagnosis = waiting.diagnosis.unwrap();
    assert_eq!(diagnosis.act, Act::User);
    assert_eq!(diagnosis.group, Group::TokenRefreshFailed);
    assert_eq!(diagnosis.evidence.code, "AADSTS50173");
    assert_eq!(diagnosis.evidence.claims.as_deref(), Some(CHALLENGE));
    assert!(diagnosis.evidence.correlation_id.is_some());
    assert!(diagnosis.remedy[0].text.contains("sign in again"));
    world.costs_nothing_more(&connection).await;

    let invitation = world.life.reconnect(&world.admin, connection.id);
    let invitation = invitation.await.unwrap();
    let secret = invitation.connect_url.rsplit('/').next().unwrap();
    let departure = world.life.oauth.depart(secret).await.unwrap();
    let claims = departure
        .authorize_url
        .query_pairs()
        .find(|(name, _)| name == "claims")
        .map(|(_, value)| value.into_owned())
        .unwrap();
    assert!(
        claims.contains("1702682181") && claims.contains("cp1"),
        "{claims}"
    );
    let back = world.follow(&invitation.connect_url, ANA).await;
    assert_eq!(
        (back.id, back.state),
        (connection.id, ConnectionState::Active)
    );
    assert!(world.stored(&connection).await.diagnosis.is_none());
    world.stop().await;
}

#[tokio::test]
async fn a_person_whom_only_the_api_sees_elsewhere_has_to_come_back() {
    let world = World::answering_challenges().await;
    let connection = world.connect_user(ANA).await;
    world.control().set_location(Location::Split);
    let report = world.life.test(&world.admin, connection.id).await.unwrap();
    assert!(!report.ok, "{report:?}");
    let waiting = world.stored(&connection).await;
    assert_eq!(waiting.state, ConnectionState::NeedsReconnect);
    let evidence = waiting.diagnosis.unwrap().evidence;
    assert!(
        evidence.message.contains("LocationCondition"),
        "{evidence:?}"
    );
    assert!(evidence.claims.is_some() && evidence.request_id.is_some());
    world.costs_nothing_more(&connection).await;

    world.control().set_location(Location::Named);
    let report = world.life.test(&world.admin, connection.id).await.unwrap();
    assert!(report.ok, "{report:?}");
    let well = world.stored(&connection).await;
    assert_eq!(well.state, ConnectionState::Active);
    world.stop().await;
}

#[tokio::test]
async fn a_token_for_a_day_is_used_for_an_hour() {
    let world = World::answering_challenges().await;
    let connection = world.connect_application().await;
    let snapshot = world.snapshot(&connection).await;
    let first = world.broker.token_for(&snapshot).await.unwrap();
    let lives = first.expires_at.duration_since(world.context.now());
    assert!(lives.as_hours() >= 20, "{lives}");
    let asked = world.token_requests();
    // What nobody asks for is not renewed ahead.
    world.advance_all(30 * 60);
    world.broker.token_for(&snapshot).await.unwrap();
    assert_eq!(world.token_requests(), asked);
    world.advance_all(35 * 60);
    world.broker.renew_due().await;
    assert_eq!(world.token_requests(), asked + 1);
    world.stop().await;
}
