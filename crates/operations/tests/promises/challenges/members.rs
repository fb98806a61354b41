//! Members of a batch that are refused for their token although the batch is not.

use http::{HeaderMap, Method};
use model::{Act, Connection, ConnectionMethod, ConnectionState};
use operations::RawBody;
use sandbox::{Action, Fault};
use serde_json::{Value, json};

use crate::proxy::{pass, send, text};
use crate::stage::{Stage, json as read, mail};
use crate::world::{ANA, BEN};

fn challenged(method: &str, path: &str, times: u32) -> Fault {
    Fault {
        method: Some(method.to_owned()),
        path_contains: path.to_owned(),
        times,
        action: Action::Challenge,
    }
}

fn refused(path: &str, times: u32) -> Fault {
    Fault {
        action: Action::Status {
            status: 401,
            retry_after: None,
            body: None,
        },
        ..challenged("GET", path, times)
    }
}

/// Folders, a draft and messages, in this order.
async fn batch(stage: &Stage, connection: &Connection) -> Vec<Value> {
    let of = |input: Value| match connection.method {
        ConnectionMethod::OAuth => input,
        ConnectionMethod::ServicePrincipal => {
            let mut input = input;
            input["mailbox"] = ANA.into();
            input
        }
    };
    let requests = json!([
        { "id": "folders", "operation": "outlook.folders.list", "input": of(json!({})) },
        { "id": "draft", "operation": "outlook.drafts.create", "input": of(mail("In a batch", BEN)["message"].clone()) },
        { "id": "list", "operation": "outlook.messages.list", "input": of(json!({ "top": 1 })) },
    ]);
    let answer = stage
        .run(connection, "graph.batch", json!({ "requests": requests }))
        .await
        .unwrap();
    read(&answer)["responses"].as_array().cloned().unwrap()
}

fn outcomes(responses: &[Value]) -> Vec<&str> {
    responses
        .iter()
        .map(|one| one["outcome"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn members_that_are_challenged_go_again_once_with_one_token_that_meets_it() {
    let stage = Stage::answering_challenges().await;
    let connection = stage.world.connect_user(ANA).await;
    stage.list(&connection).await.unwrap();
    let control = stage.world.control();
    control.inject(challenged("GET", "/me/mailFolders", 1));
    control.inject(challenged("POST", "/me/messages", 1));
    control.clear_requests();
    let responses = batch(&stage, &connection).await;
    assert_eq!(outcomes(&responses), ["ok", "ok", "ok"], "{responses:?}");
    assert_eq!(stage.statuses(), [200, 200, 200], "batch, token, batch");
    let filter = json!({ "filter": "subject eq 'In a batch'" });
    let drafts = stage
        .json(&connection, "outlook.messages.list", filter)
        .await;
    assert_eq!(drafts["value"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        stage.state(&connection).await,
        (ConnectionState::Active, None)
    );
    stage.world.stop().await;
}

#[tokio::test]
async fn a_member_that_is_challenged_again_ends_with_whoever_can_act() {
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
        control.inject(challenged("GET", "/mailFolders", 2));
        control.clear_requests();
        let responses = batch(&stage, connection).await;
        assert_eq!(outcomes(&responses), ["failed", "ok", "ok"]);
        assert_eq!(responses[0]["status"], 401);
        let evidence = &responses[0]["diagnosis"]["evidence"];
        assert!(evidence["claims"].is_string(), "{responses:?}");
        assert_eq!(stage.statuses(), [200, 200, 200], "batch, token, batch");
        assert_eq!(stage.state(connection).await, (state, Some(act)));
        stage.list(connection).await.unwrap_err();
        assert_eq!(stage.statuses().len(), 3);
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn a_member_for_which_there_is_no_other_token_tells_what_entra_says() {
    let stage = Stage::answering_challenges().await;
    let connection = stage.world.connect_application().await;
    stage.list(&connection).await.unwrap();
    let control = stage.world.control();
    control
        .expire_secrets(&stage.world.registered.client_id)
        .unwrap();
    control.inject(challenged("GET", "/mailFolders", 1));
    control.clear_requests();
    let responses = batch(&stage, &connection).await;
    assert_eq!(outcomes(&responses), ["failed", "ok", "ok"]);
    assert_eq!(
        (&responses[0]["status"], &responses[0]["code"]),
        (&json!(401), &json!("refused_by_entra"))
    );
    let code = &responses[0]["diagnosis"]["evidence"]["code"];
    assert_eq!(code, "AADSTS7000222", "{responses:?}");
    assert_eq!(stage.statuses().len(), 2, "batch, token");
    assert_eq!(
        stage.state(&connection).await,
        (ConnectionState::NeedsAdmin, Some(Act::Administrator))
    );
    stage.world.stop().await;
}

#[tokio::test]
async fn a_member_that_is_refused_without_a_challenge_gets_one_new_token_and_one_repeat() {
    let stage = Stage::answering_challenges().await;
    let connection = stage.world.connect_user(ANA).await;
    stage.list(&connection).await.unwrap();
    let control = stage.world.control();
    for (times, outcome) in [(1, "ok"), (2, "failed")] {
        control.inject(refused("/me/mailFolders", times));
        control.clear_requests();
        let responses = batch(&stage, &connection).await;
        assert_eq!(outcomes(&responses), [outcome, "ok", "ok"]);
        assert_eq!(stage.statuses(), [200, 200, 200], "batch, token, batch");
    }
    assert_eq!(
        stage.state(&connection).await,
        (ConnectionState::Active, None)
    );
    stage.world.stop().await;
}

#[tokio::test]
async fn a_raw_batch_passes_with_its_refusal_and_the_next_one_has_another_token() {
    let stage = Stage::answering_challenges().await;
    let connection = stage.world.connect_user(ANA).await;
    stage.list(&connection).await.unwrap();
    let control = stage.world.control();
    let requests = json!({ "requests": [
        { "id": "1", "method": "GET", "url": "/me/mailFolders" },
        { "id": "2", "method": "GET", "url": "/me/messages?$top=1" },
    ] });
    let statuses = |answer: &Value| -> Vec<u64> {
        let told = answer["responses"].as_array().unwrap();
        told.iter()
            .map(|one| one["status"].as_u64().unwrap())
            .collect()
    };
    control.inject(challenged("GET", "/me/mailFolders", 1));
    control.clear_requests();
    for (expected, requests_in_all) in [([401, 200], 2), ([200, 200], 3)] {
        let body = requests.to_string().into();
        let sent = send(&stage, &connection, Method::POST, "v1.0/$batch", body);
        let answer = text(sent.await.unwrap()).await;
        assert_eq!(statuses(&answer), expected);
        assert_eq!(stage.statuses().len(), requests_in_all);
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn a_raw_batch_with_a_key_keeps_its_answer_and_leaves_another_token_too() {
    let stage = Stage::answering_challenges().await;
    let connection = stage.world.connect_user(ANA).await;
    stage.list(&connection).await.unwrap();
    let draft = mail("Kept", BEN)["message"].clone();
    let requests = json!({ "requests": [
        { "id": "1", "method": "GET", "url": "/me/mailFolders" },
        { "id": "2", "method": "POST", "url": "/me/messages", "headers": { "Content-Type": "application/json" }, "body": draft },
    ] });
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json".parse().unwrap());
    headers.insert("idempotency-key", "raw-1".parse().unwrap());
    let control = stage.world.control();
    control.inject(challenged("GET", "/me/mailFolders", 1));
    control.clear_requests();
    for _ in 0..2 {
        let body = RawBody::whole(requests.to_string().into());
        let path = "v1.0/$batch";
        let sent = pass(&stage, &connection, Method::POST, path, &headers, body);
        let answer = text(sent.await.unwrap()).await;
        assert_eq!(answer["responses"][0]["status"], 401);
        assert_eq!(answer["responses"][1]["status"], 201);
        assert_eq!(stage.statuses(), [200, 200], "batch, token");
    }
    stage.list(&connection).await.unwrap();
    assert_eq!(stage.statuses(), [200, 200, 200]);
    stage.world.stop().await;
}
