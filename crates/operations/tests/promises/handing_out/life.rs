//! How long a token lasts, and what happens when it or its connection ends.

use futures_util::future::join_all;
use jiff::SignedDuration;
use model::{ConnectionState, Outcome, Phase, Policy};
use operations::{Error, HandedOut, TokenCall};

use super::{open, text, wanted};
use crate::stage::Stage;
use crate::world::ANA;

impl Stage {
    async fn lasting(&self, connection: &model::Connection, secs: i64) -> HandedOut {
        let call = TokenCall {
            least: Some(SignedDuration::from_secs(secs)),
            ..wanted(&self.world.admin, connection)
        };
        self.runner.hand_out(&call).await.unwrap()
    }

    async fn instead_of(
        &self,
        connection: &model::Connection,
        refused: &HandedOut,
    ) -> Result<HandedOut, Error> {
        let call = TokenCall {
            instead_of: refused.token.access.id(),
            ..wanted(&self.world.admin, connection)
        };
        self.runner.hand_out(&call).await
    }
}

#[tokio::test]
async fn a_token_that_has_ended_is_renewed_once_for_all_who_ask() {
    let stage = Stage::start().await;
    let user = stage.world.connect_user(ANA).await;
    let application = stage.world.connect_application().await;
    for connection in [&user, &application] {
        stage.set(connection, open()).await;
        let ended = stage.take(connection).await.unwrap();
        stage.world.advance_all(7200);
        let before = stage.world.token_requests();
        let given = join_all((0..40).map(|_| stage.take(connection))).await;
        let mut given: Vec<_> = given
            .into_iter()
            .map(|given| text(&given.unwrap()))
            .collect();
        given.dedup();
        assert_eq!(given.len(), 1);
        assert_ne!(given[0], text(&ended));
        assert_eq!(stage.world.token_requests() - before, 1);
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn a_token_has_the_life_that_was_asked_for_if_entra_gives_so_much() {
    let stage = Stage::start().await;
    stage.world.control().set_access_token_lifetime(Some(3600));
    let connection = stage.world.connect_application().await;
    stage.set(&connection, open()).await;
    let first = stage.take(&connection).await.unwrap();
    let before = stage.world.token_requests();
    stage.world.advance_all(1900);
    let same = stage.take(&connection).await.unwrap();
    assert_eq!(text(&same), text(&first));
    let fresh = stage.lasting(&connection, 1800).await;
    assert_ne!(text(&fresh), text(&first));
    assert!(fresh.expires_in.as_secs() > 3500, "{fresh:?}");
    assert_eq!(stage.world.token_requests() - before, 1);
    stage.world.stop().await;
}

#[tokio::test]
async fn tokens_shorter_than_what_is_asked_for_do_not_cost_one_a_request() {
    let stage = Stage::start().await;
    stage.world.control().set_access_token_lifetime(Some(400));
    let connection = stage.world.connect_application().await;
    stage.set(&connection, open()).await;
    let before = stage.world.token_requests();
    for _ in 0..5 {
        let given = stage.lasting(&connection, 1800).await;
        assert!(given.expires_in.as_secs() > 350, "{given:?}");
    }
    assert!(stage.world.token_requests() - before <= 1);
    let before = stage.world.token_requests();
    stage.world.advance_all(250);
    let given = stage.lasting(&connection, 1800).await;
    assert!(given.expires_in.as_secs() > 350, "{given:?}");
    assert_eq!(stage.world.token_requests() - before, 1);
    stage.world.stop().await;
}

#[tokio::test]
async fn while_entra_is_in_trouble_the_old_token_is_answered_for_what_it_is() {
    let stage = Stage::start().await;
    stage.world.control().set_access_token_lifetime(Some(3600));
    let connection = stage.world.connect_application().await;
    stage.set(&connection, open()).await;
    let first = stage.take(&connection).await.unwrap();
    stage.world.control().inject(sandbox::Fault {
        method: Some("POST".to_owned()),
        path_contains: "/token".to_owned(),
        times: 50,
        action: sandbox::Action::Status {
            status: 503,
            retry_after: Some(120),
            body: None,
        },
    });
    stage.world.advance_all(3400);
    let old = stage.take(&connection).await.unwrap();
    assert_eq!(text(&old), text(&first));
    assert!(old.expires_in.as_secs() <= 200, "{old:?}");
    stage.world.stop().await;
}

#[tokio::test]
async fn a_token_that_microsoft_refused_is_replaced_once() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    stage.set(&connection, open()).await;
    let refused = stage.take(&connection).await.unwrap();
    let before = stage.world.token_requests();
    let first = stage.instead_of(&connection, &refused).await.unwrap();
    assert_ne!(text(&first), text(&refused));
    // Whoever comes later with the same one gets what is there.
    let second = stage.instead_of(&connection, &refused).await.unwrap();
    assert_eq!(text(&second), text(&first));
    assert_eq!(stage.world.token_requests() - before, 1);
    stage.world.stop().await;
}

#[tokio::test]
async fn a_connection_that_waits_for_somebody_says_for_whom() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_application().await;
    stage.set(&connection, open()).await;
    let client_id = &stage.world.registered.client_id;
    stage.world.control().expire_secrets(client_id).unwrap();
    stage.world.advance_all(7200);
    let refused = stage.take(&connection).await.unwrap_err();
    assert_eq!(refused.code(), "refused_by_entra");
    assert_eq!(refused.diagnosis().unwrap().evidence.code, "AADSTS7000222");
    let before = stage.world.token_requests();
    let unusable = stage.take(&connection).await.unwrap_err();
    assert_eq!(unusable.code(), "connection_unusable");
    assert_eq!(unusable.diagnosis().unwrap().evidence.code, "AADSTS7000222");
    assert_eq!(stage.world.token_requests(), before);
    let lines = stage.world.activities().await;
    let line = lines
        .iter()
        .find(|line| line.action == "token.hand_out" && line.phase == Phase::Result)
        .unwrap();
    assert_eq!(
        (line.outcome, line.code.as_deref(), &line.remote.uti),
        (Outcome::Failed, Some("AADSTS7000222"), &None)
    );
    stage.world.stop().await;
}

/// What became of a token that was on its way from Entra while `change` was made.
async fn meanwhile(
    stage: &Stage,
    connection: &model::Connection,
    change: impl Future<Output = ()>,
) -> Result<HandedOut, Error> {
    stage.world.advance_all(7200);
    stage.world.control().inject(sandbox::Fault {
        method: Some("POST".to_owned()),
        path_contains: "/token".to_owned(),
        times: 1,
        action: sandbox::Action::Delay(700),
    });
    let changed = async {
        while !stage.world.control().faults().is_empty() {
            tokio::task::yield_now().await;
        }
        change.await;
    };
    tokio::join!(stage.take(connection), changed).0
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_forbidden_while_the_token_was_on_its_way_holds() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_application().await;
    stage.set(&connection, open()).await;
    let kept = meanwhile(
        &stage,
        &connection,
        stage.set(&connection, Policy::default()),
    )
    .await;
    assert_eq!(kept.unwrap_err().code(), "policy_denied");

    stage.set(&connection, open()).await;
    let disable = async {
        let admin = &stage.world.admin;
        let disabled = stage.world.life.disable(admin, connection.id).await;
        disabled.unwrap();
    };
    let kept = meanwhile(&stage, &connection, disable).await;
    assert_eq!(kept.unwrap_err().code(), "connection_unusable");
    let lines = stage.world.activities().await;
    let left = lines
        .iter()
        .filter(|line| line.action == "token.hand_out" && line.outcome == Outcome::Ok);
    assert_eq!(left.count(), 0);
    stage.world.stop().await;
}

#[tokio::test]
async fn a_disabled_connection_lets_no_token_leave() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_application().await;
    stage.set(&connection, open()).await;
    stage.take(&connection).await.unwrap();
    let admin = &stage.world.admin;
    stage
        .world
        .life
        .disable(admin, connection.id)
        .await
        .unwrap();
    let before = stage.world.token_requests();
    let refused = stage.take(&connection).await.unwrap_err();
    assert_eq!(refused.code(), "connection_unusable");
    assert_eq!(stage.world.token_requests(), before);
    stage.world.stop().await;
}

#[tokio::test]
async fn with_continuous_access_a_token_lasts_a_day_and_ends_with_the_session() {
    let stage = Stage::answering_challenges().await;
    let connection = stage.world.connect_user(ANA).await;
    stage.set(&connection, open()).await;
    let given = stage.take(&connection).await.unwrap();
    assert!(given.expires_in.as_hours() >= 20, "{given:?}");
    stage.world.control().revoke_sessions(ANA).unwrap();
    let refused = stage.instead_of(&connection, &given).await.unwrap_err();
    assert_eq!(refused.diagnosis().unwrap().evidence.code, "AADSTS50173");
    let waiting = stage.world.snapshot(&connection).await;
    assert_eq!(waiting.connection.state, ConnectionState::NeedsReconnect);
    let before = stage.world.token_requests();
    stage.take(&connection).await.unwrap_err();
    assert_eq!(stage.world.token_requests(), before);
    stage.world.stop().await;
}
