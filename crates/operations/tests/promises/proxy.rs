use bytes::Bytes;
use connections::Change;
use http::{HeaderMap, Method};
use model::{Api, Connection, OperationKind, Policy};
use operations::{Error, ProxyAnswer, ProxyBody, ProxyCall};
use serde_json::{Value, json};

use crate::stage::{Stage, mail};
use crate::world::{ANA, BEN};

async fn send(
    stage: &Stage,
    connection: &Connection,
    method: Method,
    path: &str,
    body: Bytes,
) -> Result<ProxyAnswer, Error> {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json".parse().unwrap());
    headers.insert("authorization", "Bearer mine".parse().unwrap());
    headers.insert("x-http-method-override", "DELETE".parse().unwrap());
    let (path, query) = path
        .split_once('?')
        .map_or((path, None), |(path, query)| (path, Some(query)));
    stage
        .runner
        .proxy(ProxyCall {
            caller: &stage.world.admin,
            connection: connection.id,
            api: Api::Graph,
            method,
            path,
            query,
            headers: &headers,
            body,
            idempotency_key: None,
        })
        .await
}

async fn text(answer: ProxyAnswer) -> Value {
    let bytes = match answer.body {
        ProxyBody::Whole(bytes) => bytes,
        ProxyBody::Stream(body) => body.bytes(1 << 20).await.unwrap(),
    };
    serde_json::from_slice(&bytes).unwrap()
}

async fn allow(stage: &Stage, connection: &Connection, policy: Policy) {
    let change = Change {
        policy: Some(policy),
        ..Change::default()
    };
    stage
        .world
        .life
        .change(&stage.world.admin, connection.id, change)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_raw_read_that_matches_an_operation_goes_through_under_its_name() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let answer = send(
        &stage,
        &connection,
        Method::GET,
        "v1.0/me/messages?$top=2&$select=subject",
        Bytes::new(),
    )
    .await
    .unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.headers.contains_key("request-id"));
    assert_eq!(text(answer).await["value"].as_array().unwrap().len(), 2);
    assert!(
        stage
            .world
            .actions()
            .await
            .contains(&"outlook.messages.list".to_owned())
    );
    stage.world.stop().await;
}

#[tokio::test]
async fn a_raw_write_is_announced_and_counted_like_any_other() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let body = Bytes::from(mail("Raw", BEN).to_string());
    let answer = send(&stage, &connection, Method::POST, "v1.0/me/sendMail", body)
        .await
        .unwrap();
    assert_eq!(answer.status, 202);
    let lines = stage.world.activities().await;
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.action == "outlook.messages.send")
            .count(),
        2
    );
    stage.world.stop().await;
}

#[tokio::test]
async fn what_matches_no_operation_is_denied_unless_raw_is_allowed_without_other_limits() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    stage.world.control().clear_requests();
    let body = Bytes::from(json!({ "requests": [] }).to_string());
    let denied = send(
        &stage,
        &connection,
        Method::POST,
        "v1.0/$batch",
        body.clone(),
    )
    .await
    .unwrap_err();
    assert_eq!(denied.code(), "policy_denied");
    let kinds = Some([OperationKind::Read, OperationKind::Action].into());
    allow(
        &stage,
        &connection,
        Policy {
            raw: true,
            kinds,
            ..Policy::default()
        },
    )
    .await;
    let still = send(&stage, &connection, Method::POST, "v1.0/$batch", body)
        .await
        .unwrap_err();
    assert_eq!(still.code(), "policy_denied", "a batch can carry any kind");
    assert!(stage.world.control().requests().is_empty());
    send(
        &stage,
        &connection,
        Method::GET,
        "v1.0/me/mailFolders/inbox/childFolders",
        Bytes::new(),
    )
    .await
    .unwrap();
    allow(
        &stage,
        &connection,
        Policy {
            raw: true,
            ..Policy::default()
        },
    )
    .await;
    send(
        &stage,
        &connection,
        Method::GET,
        "v1.0/me/mailFolders/inbox/childFolders",
        Bytes::new(),
    )
    .await
    .unwrap();
    stage.world.stop().await;
}

#[tokio::test]
async fn a_path_that_climbs_or_hides_what_it_means_reaches_nothing() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    allow(
        &stage,
        &connection,
        Policy {
            raw: true,
            ..Policy::default()
        },
    )
    .await;
    stage.world.control().clear_requests();
    let paths = [
        "v1.0/../_sandbox/clock",
        "v1.0/me/%2e%2e/%2e%2e/_sandbox/clock",
        "v1.0/me/messages/a%2fb",
        "v1.0/me/messages/a%252fb",
        "v1.0/me\\messages",
        "_sandbox/clock",
        "v2.0/me",
        "",
    ];
    for path in paths {
        let refused = send(&stage, &connection, Method::GET, path, Bytes::new()).await;
        assert!(refused.is_err(), "{path}");
    }
    assert!(stage.world.control().requests().is_empty());
    stage.world.stop().await;
}

#[tokio::test]
async fn the_callers_own_authorization_never_travels() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    send(
        &stage,
        &connection,
        Method::GET,
        "v1.0/me/messages",
        Bytes::new(),
    )
    .await
    .unwrap();
    stage.world.stop().await;
}
