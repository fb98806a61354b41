mod batches;
mod streams;

use bytes::Bytes;
use futures_util::TryStreamExt;
use http::{HeaderMap, Method};
use model::{Api, Connection, OperationKind, Policy};
use operations::{Error, ProxyAnswer, ProxyBody, ProxyCall, RawBody};
use serde_json::{Value, json};

use crate::stage::{Stage, mail};
use crate::world::{ANA, BEN};

/// The most that is read of a body before it is sent.
const LIMIT: usize = 1024 * 1024;

pub(crate) async fn send(
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
    pass(
        stage,
        connection,
        method,
        path,
        &headers,
        RawBody::whole(body),
    )
    .await
}

pub(crate) async fn pass(
    stage: &Stage,
    connection: &Connection,
    method: Method,
    path: &str,
    headers: &HeaderMap,
    body: RawBody,
) -> Result<ProxyAnswer, Error> {
    let key = headers
        .get("idempotency-key")
        .map(|key| key.to_str().unwrap());
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
            headers,
            body,
            body_limit: LIMIT,
            idempotency_key: key,
        })
        .await
}

async fn bytes(answer: ProxyAnswer) -> Result<Vec<u8>, Error> {
    match answer.body {
        ProxyBody::Whole(bytes) => Ok(bytes.to_vec()),
        ProxyBody::Stream(body) => {
            let whole = body.map_ok(|piece| piece.to_vec());
            whole.try_concat().await
        }
    }
}

pub(crate) async fn text(answer: ProxyAnswer) -> Value {
    serde_json::from_slice(&bytes(answer).await.unwrap()).unwrap()
}

/// The lines of the log that tell of `action`, newest first.
async fn lines(stage: &Stage, action: &str) -> Vec<model::Activity> {
    let mut lines = stage.world.activities().await;
    lines.retain(|line| line.action == action);
    lines
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
        .collect()
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
    stage
        .world
        .limit(
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
    stage
        .world
        .limit(
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
    stage
        .world
        .limit(
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
async fn a_body_that_decides_and_cannot_be_read_for_certain_is_denied() {
    let stage = Stage::start().await;
    let drive = Box::pin(crate::files::connect(&stage)).await;
    stage.world.control().clear_requests();
    let path = "v1.0/drives/d/items/i/copy";
    let json = "application/json";
    let tricks: [(&str, &str, &[u8]); 8] = [
        (
            json,
            "policy_denied",
            br#"{"parentReference": {"driveId": "a"}, "parentReference": {"driveId": "b"}}"#,
        ),
        (
            json,
            "policy_denied",
            br#"{"parentReference": {"driveId": "a", "DRIVEID": "b"}}"#,
        ),
        (json, "policy_denied", b"\xef\xbb\xbf{}"),
        (json, "policy_denied", b"{\"name\": \"\xff\"}"),
        (json, "policy_denied", b"parentReference=x"),
        ("application/json; charset=utf-16", "policy_denied", b"{}"),
        ("text/plain", "policy_denied", b"{}"),
        ("multipart/mixed; boundary=a", "policy_denied", b"{}"),
    ];
    for (content_type, code, body) in tricks {
        let headers = headers(&[("content-type", content_type)]);
        let body = RawBody {
            length: None,
            ..RawBody::whole(Bytes::from_static(body))
        };
        let refused = pass(&stage, &drive, Method::POST, path, &headers, body)
            .await
            .unwrap_err();
        assert_eq!(refused.code(), code, "{content_type}: {refused}");
    }
    let packed = headers(&[("content-type", json), ("content-encoding", "gzip")]);
    let refused = pass(
        &stage,
        &drive,
        Method::POST,
        path,
        &packed,
        RawBody::whole(Bytes::from_static(b"{}")),
    )
    .await;
    assert_eq!(refused.unwrap_err().code(), "invalid_input");
    let plain = headers(&[("content-type", json)]);
    let long = RawBody {
        length: None,
        ..RawBody::whole(vec![b' '; LIMIT + 1].into())
    };
    let refused = pass(&stage, &drive, Method::POST, path, &plain, long).await;
    assert_eq!(refused.unwrap_err().code(), "body_too_large");
    let with_body = RawBody {
        length: None,
        ..RawBody::whole(Bytes::from_static(b"{}"))
    };
    let refused = pass(
        &stage,
        &drive,
        Method::GET,
        "v1.0/drives/d/items/i",
        &plain,
        with_body,
    )
    .await;
    assert_eq!(refused.unwrap_err().code(), "invalid_input");
    assert!(stage.world.control().requests().is_empty());
    assert_eq!(
        lines(&stage, "onedrive.items.copy").await.len(),
        tricks.len() + 1
    );
    stage.world.stop().await;
}

#[tokio::test]
async fn what_a_request_brings_along_needs_a_permit_of_its_own() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    stage
        .world
        .limit(
            &connection,
            Policy {
                permissions: Some([model::Permission::new("Mail.Read")].into_iter().collect()),
                ..Policy::default()
            },
        )
        .await;
    stage.world.control().clear_requests();
    let get = async |path: &str| send(&stage, &connection, Method::GET, path, Bytes::new()).await;
    assert!(
        get("v1.0/me/messages?$top=1&$expand=attachments")
            .await
            .is_ok()
    );
    for query in [
        "$expand=manager",
        "$expand=*",
        "$expand=attachments&%24expand=manager",
        "access_token=x",
    ] {
        let refused = get(&format!("v1.0/me/messages?{query}")).await;
        assert!(refused.is_err(), "{query}");
    }
    assert_eq!(stage.world.control().requests().len(), 1);
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
