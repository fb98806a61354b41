//! Going back, in process and over HTTP, with and without a data directory.

use std::path::Path;
use std::time::Duration;

use reqwest::RequestBuilder;
use sandbox::{Clock, Control, ControlError, NewApplication, Options, Sandbox};
use serde_json::json;

use crate::cloud::{Cloud, answer, http};

fn registered(control: &Control, name: &str) -> String {
    let new = NewApplication {
        display_name: name.to_owned(),
        ..NewApplication::default()
    };
    control.register_application(new).unwrap().client_id
}

fn names(control: &Control) -> Vec<String> {
    let applications = control.applications();
    applications.into_iter().map(|it| it.display_name).collect()
}

#[tokio::test]
async fn a_snapshot_brings_back_what_was_there_and_the_time_it_was() {
    let cloud = Cloud::start().await;
    let control = &cloud.control;
    registered(control, "Before");
    let (then, before) = (control.now(), names(control));
    let taken = control.take_snapshot("lunch").unwrap();
    assert_eq!((taken.name.as_str(), taken.at), ("lunch", then));
    assert!(taken.size_bytes > 1_000);
    registered(control, "After");
    control.advance(Duration::from_hours(30));
    control.disable_user(&cloud.member).unwrap();
    control.restore_snapshot("lunch").unwrap();
    assert_eq!((control.now(), names(control)), (then, before));
    let users = control.users();
    let member = users
        .iter()
        .find(|user| user.user_principal_name == cloud.member);
    assert!(!member.unwrap().disabled);
    assert_eq!(cloud.app_only(&[]).await.status, 200);
}

#[tokio::test]
async fn snapshots_are_listed_replaced_and_removed() {
    let cloud = Cloud::start().await;
    let control = &cloud.control;
    control.take_snapshot("b").unwrap();
    control.take_snapshot("a").unwrap();
    control.advance(Duration::from_mins(1));
    control.take_snapshot("b").unwrap();
    let listed: Vec<_> = control
        .snapshots()
        .into_iter()
        .map(|it| (it.name, it.at == control.now()))
        .collect();
    assert_eq!(listed, [("a".to_owned(), false), ("b".to_owned(), true)]);
    control.delete_snapshot("a").unwrap();
    let unknown = || Err(ControlError::UnknownSnapshot("a".to_owned()));
    assert_eq!(control.delete_snapshot("a"), unknown());
    assert_eq!(control.restore_snapshot("a"), unknown());
    assert!(matches!(
        control.take_snapshot("../x"),
        Err(ControlError::InvalidRequest(_))
    ));
}

#[tokio::test]
async fn a_reset_begins_anew() {
    let cloud = Cloud::start().await;
    let control = &cloud.control;
    let (people, then) = (control.users(), control.now());
    registered(control, "Gone");
    control.advance(Duration::from_hours(5));
    control.disable_user(&cloud.member).unwrap();
    control.reset();
    assert_eq!((control.users(), control.now()), (people, then));
    assert!(!names(control).contains(&"Gone".to_owned()));
}

#[tokio::test]
async fn the_same_goes_over_http() {
    let cloud = Cloud::start().await;
    let url = |path: &str| cloud.url(&format!("/_sandbox{path}"));
    let taken = answer(
        http()
            .post(url("/snapshots"))
            .json(&json!({ "name": "first" })),
    )
    .await;
    assert_eq!((taken.status, &taken.body["name"]), (201, &json!("first")));
    let listed = answer(http().get(url("/snapshots"))).await;
    assert_eq!(listed.body.as_array().unwrap().len(), 1);
    registered(&cloud.control, "Later");
    assert_eq!(
        status(http().post(url("/snapshots/first/restore"))).await,
        204
    );
    assert!(!names(&cloud.control).contains(&"Later".to_owned()));
    assert_eq!(status(http().delete(url("/snapshots/first"))).await, 204);
    let gone = answer(http().post(url("/snapshots/first/restore"))).await;
    assert_eq!(
        (gone.status, &gone.body["error"]["code"]),
        (404, &json!("unknown_snapshot"))
    );
    assert_eq!(status(http().post(url("/reset"))).await, 204);
    assert_eq!(
        answer(
            http()
                .post(url("/snapshots"))
                .json(&json!({ "name": "a/b" }))
        )
        .await
        .status,
        400
    );
}

/// Of an answer without a body.
async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

async fn kept(data: &Path) -> Sandbox {
    let options = Options {
        data: Some(data.to_owned()),
        clock: Clock::fixed("2026-03-01T09:00:00Z".parse().unwrap()),
        ..Options::default()
    };
    Sandbox::start(options).await.unwrap()
}

#[tokio::test]
async fn with_a_data_directory_a_snapshot_outlives_the_sandbox() {
    let data = tempfile::tempdir().unwrap();
    let first = kept(data.path()).await;
    registered(&first.control(), "Early");
    first.control().take_snapshot("early").unwrap();
    registered(&first.control(), "Late");
    first.stop().await;
    let second = kept(data.path()).await;
    assert!(names(&second.control()).contains(&"Late".to_owned()));
    second.control().restore_snapshot("early").unwrap();
    assert!(names(&second.control()).contains(&"Early".to_owned()));
    assert!(!names(&second.control()).contains(&"Late".to_owned()));
    second.stop().await;
    let third = kept(data.path()).await;
    assert!(!names(&third.control()).contains(&"Late".to_owned()));
    assert_eq!(third.control().snapshots().len(), 1);
}

#[tokio::test]
async fn large_files_come_back_with_a_snapshot() {
    let data = tempfile::tempdir().unwrap();
    let sandbox = kept(data.path()).await;
    let control = sandbox.control();
    let client_id = registered(&control, "Files");
    let ana = Some("ana.reis@contoso.com");
    let token = control
        .issue_access_token(&client_id, ana, &["Files.ReadWrite.All"])
        .unwrap();
    let url = format!("{}/v1.0/me/drive/root:/large.bin", sandbox.url());
    let put = http()
        .put(format!("{url}:/content"))
        .bearer_auth(&token)
        .body(vec![7; 200_000]);
    assert_eq!(answer(put).await.status, 201);
    control.take_snapshot("with").unwrap();
    assert_eq!(status(http().delete(&url).bearer_auth(&token)).await, 204);
    control.take_snapshot("without").unwrap();
    // What nothing refers to goes with this.
    control.restore_snapshot("without").unwrap();
    control.restore_snapshot("with").unwrap();
    let found = http()
        .get(format!("{url}:/content"))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    let location = found.headers()["location"].to_str().unwrap().to_owned();
    let bytes = http()
        .get(location)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(bytes, vec![7; 200_000]);
}
