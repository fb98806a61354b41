//! Several operations in one request.

use model::{Connection, OperationKind, Outcome, Phase, Policy};
use operations::Error;
use sandbox::{Action, Fault};
use serde_json::{Value, json};

use crate::stage::{Stage, json as read, mail};
use crate::world::{ANA, BEN};

fn member(id: &str, operation: &str, input: &Value) -> Value {
    json!({ "id": id, "operation": operation, "input": input })
}

fn after(id: &str, operation: &str, input: &Value, others: &[&str]) -> Value {
    json!({ "id": id, "operation": operation, "input": input, "dependsOn": others })
}

async fn run(stage: &Stage, connection: &Connection, requests: Value) -> Result<Vec<Value>, Error> {
    let answer = stage
        .run(connection, "graph.batch", json!({ "requests": requests }))
        .await?;
    Ok(read(&answer)["responses"].as_array().unwrap().clone())
}

fn outcomes(responses: &[Value]) -> Vec<&str> {
    let outcomes = responses.iter().map(|one| one["outcome"].as_str().unwrap());
    outcomes.collect()
}

/// Envelopes that were sent.
fn envelopes(stage: &Stage) -> usize {
    let requests = stage.world.control().requests();
    let to_batch = |path: &String| path.ends_with("/$batch");
    requests
        .iter()
        .filter(|request| to_batch(&request.path))
        .count()
}

fn throttled(path: &str, times: u32, retry_after: u32) -> Fault {
    Fault {
        method: None,
        path_contains: path.to_owned(),
        times,
        action: Action::Status {
            status: 429,
            retry_after: Some(retry_after),
            body: None,
        },
    }
}

fn failing(method: &str, path: &str, times: u32) -> Fault {
    Fault {
        times,
        ..Fault::once(method, path, Action::status(503))
    }
}

fn draft(subject: &str) -> Value {
    mail(subject, BEN)["message"].clone()
}

#[tokio::test]
async fn each_member_has_its_own_answer_line_and_explanation() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let requests = json!([
        member("list", "outlook.messages.list", &json!({ "top": 1 })),
        member(
            "gone",
            "outlook.messages.get",
            &json!({ "messageId": "AAMkNone" })
        ),
        member("new", "outlook.drafts.create", &draft("In a batch")),
    ]);
    let responses = run(&stage, &connection, requests).await.unwrap();
    assert_eq!(outcomes(&responses), ["ok", "failed", "ok"]);
    assert!(responses[0]["cursor"].is_string());
    assert_eq!(responses[1]["operation"], "outlook.messages.get");
    assert!(
        responses[1]["diagnosis"]["cause"].is_string() && responses[1]["body"]["error"].is_object()
    );
    assert_eq!(
        (&responses[2]["status"], &responses[2]["body"]["subject"]),
        (&json!(201), &json!("In a batch"))
    );
    assert_eq!(envelopes(&stage), 1);
    let lines = stage.world.activities().await;
    let of = |action: &str| -> Vec<_> {
        let of = lines.iter().filter(|line| line.action == action);
        of.map(|line| (line.phase, line.outcome)).collect()
    };
    let written = [
        (Phase::Result, Outcome::Ok),
        (Phase::Intent, Outcome::Started),
    ];
    assert_eq!(of("outlook.messages.list"), [(Phase::Result, Outcome::Ok)]);
    assert_eq!(
        of("outlook.messages.get"),
        [(Phase::Result, Outcome::Failed)]
    );
    for action in ["outlook.drafts.create", "graph.batch"] {
        let mut lines = of(action);
        lines.sort_by_key(|(phase, _)| *phase == Phase::Intent);
        assert_eq!(lines, written, "{action}");
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn more_than_twenty_go_in_several_requests_and_keep_their_order() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let mut requests: Vec<_> = (0..45)
        .map(|number| {
            member(
                &number.to_string(),
                "outlook.messages.list",
                &json!({ "top": 1 }),
            )
        })
        .collect();
    requests.insert(
        0,
        after("last", "outlook.folders.list", &json!({}), &["44"]),
    );
    let responses = run(&stage, &connection, requests.into()).await.unwrap();
    assert!(outcomes(&responses).iter().all(|outcome| *outcome == "ok"));
    assert_eq!((responses.len(), &responses[0]["id"]), (46, &json!("last")));
    assert_eq!(envelopes(&stage), 3);
    stage.world.stop().await;
}

#[tokio::test]
async fn what_depends_on_a_failure_is_not_sent() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let requests = json!([
        member(
            "gone",
            "outlook.messages.get",
            &json!({ "messageId": "AAMkNone" })
        ),
        after("then", "outlook.drafts.create", &draft("Never"), &["gone"]),
        member("other", "outlook.folders.list", &json!({})),
        after(
            "mixed",
            "outlook.drafts.create",
            &draft("Never"),
            &["then", "other"]
        ),
    ]);
    let responses = run(&stage, &connection, requests).await.unwrap();
    assert_eq!(responses[1]["status"], 424);
    assert_eq!(outcomes(&responses), ["failed", "failed", "ok", "not_sent"]);
    stage.world.stop().await;
}

#[tokio::test]
async fn one_that_is_denied_refuses_all_and_nothing_is_sent() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let policy = Policy {
        kinds: Some([OperationKind::Read].into()),
        ..Policy::default()
    };
    stage.world.limit(&connection, policy).await;
    stage.world.control().clear_requests();
    let reads = json!([member("a", "outlook.folders.list", &json!({}))]);
    let mut both = reads.clone();
    both.as_array_mut()
        .unwrap()
        .push(member("b", "outlook.drafts.create", &draft("No")));
    let error = run(&stage, &connection, both).await.unwrap_err();
    assert!(
        matches!(&error, Error::Denied { reason, .. } if reason.contains("request `b`")),
        "{error}"
    );
    assert_eq!(envelopes(&stage), 0);
    // A batch of reads is a read.
    let responses = run(&stage, &connection, reads).await.unwrap();
    assert_eq!(outcomes(&responses), ["ok"]);
    stage.world.stop().await;
}

#[tokio::test]
async fn bad_members_are_named() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    stage.world.control().clear_requests();
    for (requests, code, field) in [
        (
            json!([member("a", "outlook.messages.lst", &json!({}))]),
            "operation_not_found",
            "requests.0.operation",
        ),
        (
            json!([member("a", "graph.batch", &json!({ "requests": [] }))]),
            "invalid_input",
            "requests.0.operation",
        ),
        (
            json!([member("a", "outlook.messages.get", &json!({}))]),
            "missing_field",
            "requests.0.input.messageId",
        ),
        (
            json!([
                member("a", "outlook.folders.list", &json!({})),
                member("A", "outlook.folders.list", &json!({}))
            ]),
            "invalid_input",
            "requests.1.id",
        ),
    ] {
        let error = run(&stage, &connection, requests).await.unwrap_err();
        assert_eq!(
            (error.code(), error.field()),
            (code, Some(field)),
            "{error}"
        );
    }
    assert!(stage.world.control().requests().is_empty());
    stage.world.stop().await;
}

#[tokio::test]
async fn throttled_members_are_asked_for_again_with_those_that_depend_on_them() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    stage
        .world
        .control()
        .inject(throttled("/me/mailFolders", 1, 0));
    let requests = json!([
        member("folders", "outlook.folders.list", &json!({})),
        after(
            "draft",
            "outlook.drafts.create",
            &draft("Later"),
            &["folders"]
        ),
        member("list", "outlook.messages.list", &json!({ "top": 1 })),
    ]);
    let responses = run(&stage, &connection, requests).await.unwrap();
    assert_eq!(outcomes(&responses), ["ok", "ok", "ok"]);
    assert_eq!(envelopes(&stage), 2);
    // Longer than anybody waits.
    stage
        .world
        .control()
        .inject(throttled("/me/mailFolders", 1, 3_600));
    let requests = json!([
        member("folders", "outlook.folders.list", &json!({})),
        member("list", "outlook.messages.list", &json!({ "top": 1 })),
    ]);
    let responses = run(&stage, &connection, requests).await.unwrap();
    assert_eq!(outcomes(&responses), ["failed", "ok"]);
    assert_eq!(
        (&responses[0]["code"], &responses[0]["retryAfterSecs"]),
        (&json!("throttled"), &json!(3_600))
    );
    stage.world.stop().await;
}

#[tokio::test]
async fn a_write_that_may_have_happened_is_uncertain_and_a_read_is_repeated() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let control = stage.world.control();
    control.inject(failing("POST", "/me/messages", 1));
    control.inject(failing("GET", "/me/mailFolders", 1));
    let requests = json!([
        member("draft", "outlook.drafts.create", &draft("Maybe")),
        member("folders", "outlook.folders.list", &json!({})),
    ]);
    let input = json!({ "requests": requests });
    let answer = stage
        .run_keyed(&connection, "graph.batch", input.clone(), "b-1")
        .await
        .unwrap();
    let responses = read(&answer)["responses"].as_array().unwrap().clone();
    assert_eq!(outcomes(&responses), ["uncertain", "ok"]);
    assert_eq!(
        (&responses[0]["code"], &responses[0]["status"]),
        (&json!("uncertain"), &json!(503))
    );
    let before = envelopes(&stage);
    let again = stage
        .run_keyed(&connection, "graph.batch", input, "b-1")
        .await
        .unwrap();
    assert!(again.replayed && again.body == answer.body);
    assert_eq!(envelopes(&stage), before);
    let lines = stage.world.activities().await;
    let uncertain = |line: &&model::Activity| line.outcome == Outcome::Uncertain;
    assert_eq!(lines.iter().filter(uncertain).count(), 1);
    stage.world.stop().await;
}

#[tokio::test]
async fn a_batch_whose_answer_is_lost_is_uncertain_unless_it_only_reads() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let lost = || Fault::once("POST", "$batch", Action::ResetAfter);
    stage.world.control().inject(lost());
    let writes = json!([member("draft", "outlook.drafts.create", &draft("Lost"))]);
    let error = run(&stage, &connection, writes).await.unwrap_err();
    assert!(matches!(error, Error::Uncertain { .. }), "{error}");
    assert_eq!(envelopes(&stage), 1);
    stage.world.control().inject(lost());
    let reads = json!([member("folders", "outlook.folders.list", &json!({}))]);
    let responses = run(&stage, &connection, reads).await.unwrap();
    assert_eq!(outcomes(&responses), ["ok"]);
    stage.world.stop().await;
}
