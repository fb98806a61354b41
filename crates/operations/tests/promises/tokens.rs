use model::{Act, ConnectionState};
use serde_json::json;

use crate::stage::{Stage, mail};
use crate::world::{ANA, BEN};

#[tokio::test]
async fn with_both_clocks_moved_a_token_is_renewed_before_anyone_sees_a_401() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    stage
        .run(&connection, "outlook.folders.list", json!({}))
        .await
        .unwrap();
    stage.world.advance_all(7200);
    stage.world.control().clear_requests();
    stage
        .run(&connection, "outlook.folders.list", json!({}))
        .await
        .unwrap();
    let statuses: Vec<_> = stage
        .world
        .control()
        .requests()
        .iter()
        .filter_map(|request| request.status)
        .collect();
    assert_eq!(statuses, [200, 200]);
    stage.world.stop().await;
}

#[tokio::test]
async fn a_401_costs_one_new_token_and_one_repeat() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    stage
        .run(&connection, "outlook.folders.list", json!({}))
        .await
        .unwrap();
    stage
        .world
        .control()
        .advance(std::time::Duration::from_hours(2));
    stage.world.control().clear_requests();
    stage
        .run(
            &connection,
            "outlook.messages.send",
            mail("after a 401", BEN),
        )
        .await
        .unwrap();
    let statuses: Vec<_> = stage
        .world
        .control()
        .requests()
        .iter()
        .filter_map(|request| request.status)
        .collect();
    assert_eq!(statuses, [401, 200, 202]);
    stage.world.stop().await;
}

#[tokio::test]
async fn more_calls_than_a_mailbox_takes_at_once_all_get_over_a_401() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let list = || stage.run(&connection, "outlook.folders.list", json!({}));
    list().await.unwrap();
    let hours = std::time::Duration::from_hours(2);
    stage.world.control().advance(hours);
    let calls = futures_util::future::join_all((0..12).map(|_| list())).await;
    assert!(calls.iter().all(Result::is_ok), "{calls:?}");
    stage.world.stop().await;
}

#[tokio::test]
async fn a_token_that_is_refused_again_ends_the_call() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_application().await;
    stage.world.control().inject(sandbox::Fault {
        times: 5,
        ..sandbox::Fault::once("GET", "/mailFolders", sandbox::Action::status(401))
    });
    stage.world.control().clear_requests();
    let refused = stage
        .run(
            &connection,
            "outlook.folders.list",
            json!({ "mailbox": BEN }),
        )
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "refused_by_microsoft");
    assert_eq!(stage.world.control().count("GET", "/mailFolders"), 2);
    stage.world.stop().await;
}

#[tokio::test]
async fn an_expired_secret_is_diagnosed_and_costs_no_second_request() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_application().await;
    stage
        .world
        .control()
        .expire_secrets(&stage.world.registered.client_id)
        .unwrap();
    let refused = stage
        .run(
            &connection,
            "outlook.folders.list",
            json!({ "mailbox": BEN }),
        )
        .await
        .unwrap_err();
    let diagnosis = refused.diagnosis().unwrap();
    assert_eq!(diagnosis.evidence.code, "AADSTS7000222");
    assert_eq!(diagnosis.act, Act::Administrator);
    let before = stage.world.token_requests();
    let unusable = stage
        .run(
            &connection,
            "outlook.folders.list",
            json!({ "mailbox": BEN }),
        )
        .await
        .unwrap_err();
    assert_eq!(unusable.code(), "connection_unusable");
    assert_eq!(unusable.diagnosis().unwrap().evidence.code, "AADSTS7000222");
    assert_eq!(stage.world.token_requests(), before);
    assert_eq!(
        stage.world.snapshot(&connection).await.connection.state,
        ConnectionState::NeedsAdmin
    );
    stage.world.stop().await;
}

#[tokio::test]
async fn a_missing_application_permission_is_named_with_who_must_act() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_application().await;
    stage.world.control().inject(sandbox::Fault::once(
        "GET",
        "/messages",
        sandbox::Action::Status {
            status: 403,
            retry_after: None,
            body: Some(
                json!({ "error": { "code": "ErrorAccessDenied", "message": "Access is denied." } }),
            ),
        },
    ));
    let refused = stage
        .run(
            &connection,
            "outlook.messages.list",
            json!({ "mailbox": BEN }),
        )
        .await
        .unwrap_err();
    let diagnosis = refused.diagnosis().unwrap();
    assert_eq!(diagnosis.group, model::Group::PermissionDenied);
    assert_eq!(
        (diagnosis.act, diagnosis.evidence.code.as_str()),
        (Act::Administrator, "ErrorAccessDenied")
    );
    assert!(diagnosis.cause.contains(BEN), "{}", diagnosis.cause);
    stage.world.stop().await;
}

#[tokio::test]
async fn every_call_is_recorded_with_the_ids_of_its_token_and_of_its_request() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_application().await;
    let list = "outlook.messages.list";
    let input = json!({ "mailbox": BEN });
    stage.run(&connection, list, input.clone()).await.unwrap();
    stage.world.control().inject(sandbox::Fault::once(
        "GET",
        "/messages",
        sandbox::Action::status(403),
    ));
    let refused = stage.run(&connection, list, input).await.unwrap_err();
    let evidence = &refused.diagnosis().unwrap().evidence;
    assert!(evidence.uti.is_some() && evidence.client_request_id.is_some());
    let lines = stage.world.activities().await;
    let told: Vec<_> = lines.iter().filter(|line| line.action == list).collect();
    assert_eq!(told.len(), 2);
    for line in told {
        assert!(line.remote.uti.is_some(), "{line:?}");
        assert!(line.remote.client_request_id.is_some(), "{line:?}");
        assert!(line.remote.request_id.is_some(), "{line:?}");
    }
    stage.world.stop().await;
}
