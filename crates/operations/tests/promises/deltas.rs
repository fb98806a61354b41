//! Changes since last time.

use futures_util::TryStreamExt;
use model::Connection;
use operations::Error;
use sandbox::{Action, Fault};
use serde_json::{Value, json};

use crate::stage::{Stage, call, mail};
use crate::world::{ANA, BEN};

const INBOX: &str = "outlook.messages.delta";

/// A round: its items, what it says besides, and what keeps it.
struct Told {
    items: Vec<Value>,
    resync: Option<Value>,
    keep: String,
}

async fn round(stage: &Stage, connection: &Connection, input: Value) -> Result<Told, Error> {
    let call = call(&stage.world.admin, connection.id, INBOX, &input);
    let changes = stage.runner.changes(&call, "inbox").await?;
    let text = changes.try_collect::<Vec<_>>().await?.concat();
    let lines = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let mut lines: Vec<Value> = lines
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    let last = lines.pop().unwrap();
    let marked = |line: &Value| line.get("@consentry.resync").cloned();
    Ok(Told {
        resync: lines.iter().find_map(marked),
        items: lines
            .into_iter()
            .filter(|line| marked(line).is_none())
            .collect(),
        keep: last["@consentry.delta"]["keep"]
            .as_str()
            .unwrap()
            .to_owned(),
    })
}

async fn kept(stage: &Stage, connection: &Connection, told: &Told) -> Result<i64, Error> {
    let admin = &stage.world.admin;
    let cursor = stage
        .runner
        .keep_cursor(admin, connection.id, "inbox", &told.keep);
    cursor.await.map(|cursor| cursor.rounds)
}

fn drafts() -> Value {
    json!({ "folderId": "drafts" })
}

async fn draft(stage: &Stage, connection: &Connection, subject: &str) {
    let message = mail(subject, BEN)["message"].clone();
    stage
        .json(connection, "outlook.drafts.create", message)
        .await;
}

#[tokio::test]
async fn a_round_tells_what_changed_since_the_one_that_was_kept() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    draft(&stage, &connection, "First").await;
    let first = round(&stage, &connection, drafts()).await.unwrap();
    assert!(!first.items.is_empty() && first.resync.is_none());
    // Nobody kept it: the same again, and nothing is lost.
    let again = round(&stage, &connection, drafts()).await.unwrap();
    assert_eq!(again.items.len(), first.items.len());
    assert_eq!(kept(&stage, &connection, &again).await.unwrap(), 1);
    let none = round(&stage, &connection, drafts()).await.unwrap();
    assert!(none.items.is_empty());
    draft(&stage, &connection, "Second").await;
    let second = round(&stage, &connection, drafts()).await.unwrap();
    let subjects: Vec<_> = second.items.iter().map(|item| &item["subject"]).collect();
    assert_eq!(subjects, ["Second"]);
    assert_eq!(kept(&stage, &connection, &second).await.unwrap(), 2);
    stage.world.stop().await;
}

#[tokio::test]
async fn a_round_is_kept_once_and_only_as_it_was_told() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let (one, other) = (
        round(&stage, &connection, drafts()).await.unwrap(),
        round(&stage, &connection, drafts()).await.unwrap(),
    );
    kept(&stage, &connection, &one).await.unwrap();
    for told in [&one, &other] {
        let late = kept(&stage, &connection, told).await.unwrap_err();
        assert!(
            matches!(late, Error::Connection(connections::Error::Conflict)),
            "{late}"
        );
    }
    assert!(!one.keep.contains("deltatoken"));
    let admin = &stage.world.admin;
    let elsewhere = stage.world.connect_application().await;
    for (connection, name, keep) in [
        (elsewhere.id, "inbox", other.keep.as_str()),
        (connection.id, "outbox", &other.keep),
        (connection.id, "inbox", "AAAA"),
        (connection.id, "inbox", "not sealed"),
    ] {
        let refused = stage
            .runner
            .keep_cursor(admin, connection, name, keep)
            .await
            .unwrap_err();
        assert_eq!(refused.field(), Some("keep"), "{refused}");
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn a_place_that_microsoft_forgot_begins_anew_and_says_so() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    draft(&stage, &connection, "First").await;
    let first = round(&stage, &connection, drafts()).await.unwrap();
    kept(&stage, &connection, &first).await.unwrap();
    let forgotten = |code: &str| {
        Fault::once(
            "GET",
            "/delta",
            Action::Status {
                status: 410,
                retry_after: None,
                body: Some(json!({ "error": { "code": code, "message": "Resync is required." } })),
            },
        )
    };
    stage.world.control().inject(forgotten("syncStateNotFound"));
    let told = round(&stage, &connection, drafts()).await.unwrap();
    assert_eq!(told.items.len(), first.items.len());
    assert_eq!(told.resync.as_ref().unwrap()["code"], "syncStateNotFound");
    assert_eq!(kept(&stage, &connection, &told).await.unwrap(), 2);
    stage
        .world
        .control()
        .inject(forgotten("resyncChangesUploadDifferences"));
    let told = round(&stage, &connection, drafts()).await.unwrap();
    assert!(
        told.resync.unwrap()["message"]
            .as_str()
            .unwrap()
            .contains("keep what only you have")
    );
    // One that is gone before it began has nothing to begin anew.
    let admin = &stage.world.admin;
    stage
        .runner
        .delete_cursor(admin, connection.id, "inbox")
        .await
        .unwrap();
    let lines = stage.world.activities().await;
    let of_cursors = lines
        .iter()
        .filter(|line| line.action.starts_with("cursor."));
    let told: Vec<_> = of_cursors
        .map(|line| (line.action.as_str(), line.target.as_deref()))
        .collect();
    let named = |action| (action, Some("inbox"));
    assert_eq!(
        told,
        [
            named("cursor.delete"),
            named("cursor.reset"),
            named("cursor.move"),
            named("cursor.reset"),
            named("cursor.create"),
        ]
    );
    stage.world.control().inject(forgotten("resyncRequired"));
    let error = round(&stage, &connection, drafts()).await.err().unwrap();
    assert!(
        matches!(error, Error::Microsoft { status: 410, .. }),
        "{error}"
    );
    stage.world.stop().await;
}

#[tokio::test]
async fn a_name_is_for_one_operation_with_one_input_and_can_be_forgotten() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let admin = &stage.world.admin;
    let told = round(&stage, &connection, drafts()).await.unwrap();
    kept(&stage, &connection, &told).await.unwrap();
    let other = round(&stage, &connection, json!({ "folderId": "inbox" }))
        .await
        .err()
        .unwrap();
    assert_eq!(
        (other.code(), other.field()),
        ("delta_mismatch", Some("delta"))
    );
    let listed = stage.runner.cursors(admin, connection.id).await.unwrap();
    assert_eq!((listed.len(), listed[0].operation.as_str()), (1, INBOX));
    stage
        .runner
        .delete_cursor(admin, connection.id, "inbox")
        .await
        .unwrap();
    let missing = stage
        .runner
        .delete_cursor(admin, connection.id, "inbox")
        .await
        .unwrap_err();
    assert!(missing.to_string().contains("no cursor"), "{missing}");
    round(&stage, &connection, json!({ "folderId": "inbox" }))
        .await
        .unwrap();
    let wrong = call(admin, connection.id, "outlook.messages.list", &json!({}));
    let wrong = stage.runner.changes(&wrong, "inbox").await.err().unwrap();
    assert_eq!(wrong.field(), Some("delta"));
    let bad = call(admin, connection.id, INBOX, &drafts());
    assert!(stage.runner.changes(&bad, "a/b").await.is_err());
    stage.world.stop().await;
}
