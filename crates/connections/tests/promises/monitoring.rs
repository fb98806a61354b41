//! The ids by which Microsoft's own logs know what was done here.

use model::{Connection, RemoteIds};
use sandbox::{Action, Fault};
use serde_json::json;

use crate::world::{ANA, World};

impl World {
    async fn remote_of(&self, action: &str) -> RemoteIds {
        let lines = self.activities().await;
        let line = lines.into_iter().find(|line| line.action == action);
        line.unwrap_or_else(|| panic!("no `{action}`")).remote
    }

    async fn renew(&self, connection: &Connection) {
        self.advance_all(2 * 60 * 60);
        let snapshot = self.snapshot(connection).await;
        let _ = self.broker.token_for(&snapshot).await;
    }
}

#[tokio::test]
async fn every_token_is_recorded_by_the_ids_that_entra_knows_it_by() {
    let world = World::start().await;
    let application = world.connect_application().await;
    let created = world.remote_of("connection.create").await;
    world.connect_user(ANA).await;
    let consented = world.remote_of("connection.consent").await;
    world.renew(&application).await;
    let renewed = world.remote_of("token.renew").await;
    for (action, remote) in [
        ("created", created),
        ("consented", consented),
        ("renewed", renewed),
    ] {
        assert!(remote.uti.is_some(), "{action}: {remote:?}");
        assert!(remote.request_id.is_some(), "{action}: {remote:?}");
        assert!(remote.client_request_id.is_some(), "{action}: {remote:?}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_refused_token_is_recorded_by_trace_and_correlation_id() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    world
        .control()
        .expire_secrets(&world.registered.client_id)
        .unwrap();
    world.renew(&connection).await;
    let remote = world.remote_of("token.renew").await;
    assert!(remote.trace_id.is_some() && remote.correlation_id.is_some());
    assert!(remote.client_request_id.is_some(), "{remote:?}");
    assert_eq!(remote.uti, None);
    world.stop().await;
}

#[tokio::test]
async fn an_application_has_queries_for_its_sign_ins_and_its_requests() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    let monitoring = world
        .life
        .monitoring(&world.admin, connection.id)
        .await
        .unwrap();
    assert_eq!(monitoring.consent_page, None);
    let uti = world.remote_of("connection.create").await.uti.unwrap();
    let client_id = format!("\"{}\"", world.registered.client_id);
    let expected = [
        ("sign_ins", "AADServicePrincipalSignInLogs", &client_id),
        ("graph_activity", "MicrosoftGraphActivityLogs", &client_id),
        ("graph_activity_by_token", "SignInActivityId", &uti),
    ];
    for (name, table, id) in expected {
        let query = monitoring.queries.iter().find(|query| query.name == name);
        let text = &query.unwrap().query;
        assert!(text.contains(table) && text.contains(id), "{name}: {text}");
        assert!(!text.contains("UserId =="), "{text}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_user_has_queries_of_their_own_and_the_page_of_their_consent() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let revoked = json!({
        "error": "invalid_grant",
        "error_description": "AADSTS50173: Revoked.",
        "error_codes": [50173],
        "correlation_id": "the-sign-in",
    });
    let answer = Action::Status {
        status: 400,
        retry_after: None,
        body: Some(revoked),
    };
    world
        .control()
        .inject(Fault::once("POST", "/oauth2/v2.0/token", answer));
    world.renew(&connection).await;
    let failed = world.remote_of("token.renew").await;
    assert_eq!(failed.correlation_id.as_deref(), Some("the-sign-in"));
    let monitoring = world
        .life
        .monitoring(&world.admin, connection.id)
        .await
        .unwrap();
    let snapshot = world.snapshot(&connection).await;
    let page = snapshot.cloud.my_apps.as_ref().map(ToString::to_string);
    assert!(page.is_some());
    assert_eq!(monitoring.consent_page, page);
    let user = connection.identity.unwrap().object_id;
    let text = |name: &str| {
        let query = monitoring.queries.iter().find(|query| query.name == name);
        query.unwrap().query.clone()
    };
    assert!(text("sign_ins").contains("union SigninLogs, AADNonInteractiveUserSignInLogs"));
    assert!(text("sign_ins").contains(&user));
    assert!(text("sign_in_by_correlation_id").contains("\"the-sign-in\""));
    assert!(text("graph_activity").contains(&user));
    world.stop().await;
}
