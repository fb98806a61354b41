use bytes::Bytes;
use http::Method;
use model::{OperationKind, Outcome, Phase, Policy};
use serde_json::{Value, json};

use super::{lines, send, text};
use crate::stage::{Stage, mail};
use crate::world::{ANA, BEN};

const BATCH: &str = "v1.0/$batch";

fn body(requests: &Value) -> Bytes {
    json!({ "requests": requests }).to_string().into()
}

#[tokio::test]
async fn a_batch_passes_where_each_request_of_it_would() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let requests = json!([
        { "id": "1", "method": "GET", "url": "/me/messages?$top=1" },
        { "id": "2", "method": "POST", "url": "/me/sendMail", "headers": { "Content-Type": "application/json" }, "body": mail("In a batch", BEN) },
    ]);
    let answer = send(&stage, &connection, Method::POST, BATCH, body(&requests))
        .await
        .unwrap();
    let answer = text(answer).await;
    let mut statuses: Vec<_> = answer["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["status"].as_u64().unwrap())
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 202]);
    let lines = lines(&stage, "graph.batch").await;
    let [result, intent] = &lines[..] else {
        panic!("two lines, not {lines:?}")
    };
    assert_eq!((intent.phase, result.outcome), (Phase::Intent, Outcome::Ok));
    assert_eq!(
        result.target.as_deref(),
        Some("outlook.messages.list outlook.messages.send")
    );
    stage.world.stop().await;
}

#[tokio::test]
async fn one_denied_request_denies_the_whole_batch_before_anything_is_sent() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    stage
        .world
        .limit(
            &connection,
            Policy {
                kinds: Some([OperationKind::Read].into()),
                ..Policy::default()
            },
        )
        .await;
    let reads = json!([
        { "id": "1", "method": "GET", "url": "/me/messages?$top=1" },
        { "id": "2", "method": "GET", "url": "/me/mailFolders" },
    ]);
    let answer = send(&stage, &connection, Method::POST, BATCH, body(&reads))
        .await
        .unwrap();
    assert_eq!(text(answer).await["responses"].as_array().unwrap().len(), 2);
    assert_eq!(
        lines(&stage, "graph.batch").await.len(),
        1,
        "a batch of reads is a read"
    );
    stage.world.control().clear_requests();
    for hidden in [
        json!({ "id": "2", "method": "POST", "url": "/me/sendMail", "body": mail("No", BEN) }),
        json!({ "id": "2", "method": "post", "url": "me/microsoft.graph.sendMail", "body": mail("No", BEN) }),
        json!({ "id": "2", "method": "DELETE", "url": "/me/messages('a')" }),
        json!({ "id": "2", "method": "GET", "url": "/organization" }),
        json!({ "id": "2", "method": "GET", "url": "/me/messages?$expand=manager" }),
        json!({ "id": "2", "method": "GET", "url": "/$batch" }),
        json!({ "id": "2", "method": "GET", "url": "/me/../users" }),
    ] {
        let requests = json!([reads[0], hidden]);
        let refused = send(&stage, &connection, Method::POST, BATCH, body(&requests))
            .await
            .unwrap_err();
        assert!(
            refused.to_string().starts_with("request 2 of the batch")
                || refused.code() == "policy_denied",
            "{hidden}: {refused}"
        );
    }
    assert!(stage.world.control().requests().is_empty());
    stage.world.stop().await;
}
