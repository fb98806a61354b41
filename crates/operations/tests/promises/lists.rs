use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::TryStreamExt;
use operations::Call;
use serde_json::json;

use crate::stage::{Stage, call, fields, json};
use crate::world::{ANA, BEN};

#[tokio::test]
async fn a_list_goes_on_at_its_cursor_without_loss_or_repeats() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let mut ids = HashSet::new();
    let mut cursor: Option<String> = None;
    loop {
        let call = call(
            &stage.world.admin,
            connection.id,
            "outlook.messages.list",
            &json!({ "top": 7, "select": ["subject"] }),
        );
        let answer = stage
            .runner
            .run(Call {
                cursor: cursor.as_deref(),
                ..call
            })
            .await
            .unwrap();
        for item in json(&answer)["value"].as_array().unwrap() {
            assert!(ids.insert(item["id"].as_str().unwrap().to_owned()));
        }
        cursor = answer.cursor;
        if cursor.is_none() {
            break;
        }
    }
    let counted = stage
        .json(
            &connection,
            "outlook.messages.list",
            json!({ "count": true, "top": 1 }),
        )
        .await;
    assert_eq!(counted["@odata.count"].as_u64().unwrap(), ids.len() as u64);
    stage.world.stop().await;
}

#[tokio::test]
async fn a_whole_list_streams_one_item_a_line() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let call = call(
        &stage.world.admin,
        connection.id,
        "outlook.messages.list",
        &json!({ "top": 5 }),
    );
    let pages: Vec<_> = stage.runner.run_all(&call).try_collect().await.unwrap();
    let text = String::from_utf8(pages.concat()).unwrap();
    let ids: HashSet<_> = text
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["id"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(ids.len(), text.lines().count());
    assert!(pages.len() > 1 && ids.len() > 5);
    stage.world.stop().await;
}

#[tokio::test]
async fn a_cursor_leads_nowhere_but_to_pages_of_its_own_operation() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_application().await;
    let base = stage.world.sandbox.url().to_owned();
    stage.world.control().clear_requests();
    let elsewhere = [
        "https://evil.example/v1.0/me/messages".to_owned(),
        format!("{base}/v1.0/users/{BEN}/mailFolders"),
        format!("{base}/v1.0/users"),
        format!("{base}/_sandbox/clock"),
        format!("{base}/v1.0/users/{BEN}/messages/../../../_sandbox/clock"),
        "not a url".to_owned(),
    ];
    for url in elsewhere {
        let cursor = URL_SAFE_NO_PAD.encode(&url);
        let input = fields(&json!({ "mailbox": ANA }));
        let call = call(
            &stage.world.admin,
            connection.id,
            "outlook.messages.list",
            &json!({}),
        );
        let refused = stage
            .runner
            .run(Call {
                input,
                cursor: Some(&cursor),
                ..call
            })
            .await
            .unwrap_err();
        assert_eq!(refused.field(), Some("cursor"), "{url}");
    }
    assert!(stage.world.control().requests().is_empty());
    stage.world.stop().await;
}

#[tokio::test]
async fn an_application_reads_the_mailbox_it_names() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_application().await;
    let folders = stage
        .json(
            &connection,
            "outlook.folders.list",
            json!({ "mailbox": BEN }),
        )
        .await;
    assert!(!folders["value"].as_array().unwrap().is_empty());
    let missing = stage
        .run(&connection, "outlook.folders.list", json!({}))
        .await
        .unwrap_err();
    assert_eq!(
        (missing.code(), missing.field()),
        ("missing_field", Some("mailbox"))
    );
    // What another service has is said before what it would need there.
    let elsewhere = stage
        .run(&connection, "teams.channels.list", json!({}))
        .await
        .unwrap_err();
    assert_eq!(elsewhere.code(), "unsupported_method");
    stage.world.stop().await;
}

#[tokio::test]
async fn a_cursor_gives_a_write_no_way_to_read() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let url = format!(
        "{}/v1.0/me/messages?$select=subject,body",
        stage.world.sandbox.url()
    );
    let cursor = URL_SAFE_NO_PAD.encode(url);
    let call = call(
        &stage.world.admin,
        connection.id,
        "outlook.drafts.create",
        &json!({}),
    );
    let refused = stage
        .runner
        .run(Call {
            cursor: Some(&cursor),
            ..call
        })
        .await
        .unwrap_err();
    assert_eq!(refused.field(), Some("cursor"));
    stage.world.stop().await;
}

#[tokio::test]
async fn what_answers_no_list_is_not_carried_out_to_find_that_out() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    stage.world.control().clear_requests();
    let call = call(
        &stage.world.admin,
        connection.id,
        "outlook.messages.send",
        &crate::stage::mail("All", BEN),
    );
    let refused = stage
        .runner
        .run_all(&call)
        .try_collect::<Vec<_>>()
        .await
        .unwrap_err();
    assert_eq!(refused.field(), Some("all"));
    assert!(stage.world.control().requests().is_empty());
    stage.world.stop().await;
}
