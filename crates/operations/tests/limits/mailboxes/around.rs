//! What somebody would try who wants to walk around the list.

use model::{ConnectionMethod, Policy, Service};
use operations::Error;
use serde_json::{Value, json};

use super::stage::Stage;
use super::ways::sender;
use crate::world::{ANA, BEN};

const APPLICATION: ConnectionMethod = ConnectionMethod::ServicePrincipal;

fn is_denied<T: std::fmt::Debug>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::Denied { .. }))
}

/// Sends it raw; it has to be denied before anything leaves.
async fn stays(stage: &Stage, method: &str, path: &str, body: Option<&Value>) {
    for by in ConnectionMethod::ALL {
        stage.world.control().clear_requests();
        let outcome = stage
            .raw(stage.of(by), method, &format!("v1.0/{path}"), body)
            .await
            .map(|answer| answer.status);
        assert!(outcome.is_err(), "{method} {path}: {outcome:?}");
        let reached = stage.reached();
        assert!(reached.is_empty(), "{method} {path}: {reached:?}");
    }
}

#[tokio::test]
async fn what_reads_mail_of_the_organisation_is_refused() {
    let stage = Stage::start().await;
    for path in [
        "users?$expand=messages",
        "users?$expand=manager($expand=calendar)",
        "users?$select=id,mailboxSettings",
        &format!("users/{BEN}?$select=mailboxSettings"),
        &format!("users/{BEN}?$expand=events"),
        "users?$filter=mailboxSettings/userPurpose%20eq%20'shared'",
        "groups/g/conversations",
        "groups/g/calendar/events",
        "groups/g/members/x/microsoft.graph.user/messages",
        "reports/getMailboxUsageDetail(period='D7')",
        "admin/exchange/mailboxes/x/folders",
        "me/people",
        "me/joinedGroups/x/threads",
    ] {
        stays(&stage, "GET", path, None).await;
    }
    for kinds in [
        json!(["message"]),
        json!(["driveItem", "event"]),
        json!("message"),
    ] {
        let body =
            json!({ "requests": [{ "entityTypes": kinds, "query": { "queryString": "x" } }] });
        stays(&stage, "POST", "search/query", Some(&body)).await;
    }
    // People are no mailboxes.
    let users = stage.json(stage.of(APPLICATION), "graph.users.list", json!({}));
    users.await.unwrap();
    stage.world.stop().await;
}

#[tokio::test]
async fn a_subscription_watches_what_is_listed() {
    let stage = Stage::start().await;
    let base = stage.world.sandbox.url().to_owned();
    let other = stage.scene.other.id.clone();
    let subscribe = |resource: String| {
        json!({
            "changeType": "updated",
            "notificationUrl": "https://webhook.contoso.com/graph",
            "resource": resource,
            "expirationDateTime": "2026-11-26T11:00:00Z",
        })
    };
    let create = "graph.subscriptions.create";
    for resource in [
        format!("users/{BEN}/messages"),
        format!("/Users('{other}')/mailFolders('inbox')/messages"),
        format!("users/{BEN}/events"),
        format!("users/{BEN}/contacts"),
        format!("{base}/v1.0/users/{BEN}/messages"),
        format!("https://graph.microsoft.com/v1.0/users/{other}/messages"),
        format!("users/{ANA}/../{BEN}/messages"),
        format!("users/{ANA}%2F..%2F{BEN}/messages"),
        format!("users/{ANA}/messages?$expand=x"),
        // An address in a condition, or behind a path, is not what is watched.
        format!("users/{BEN}/messages?$filter=subject ne 'a://b/v1.0/users/{ANA}/messages"),
        format!("users/{BEN}/messages/a://b/v1.0/users/{ANA}/messages"),
        format!(
            "https://graph.microsoft.com/v1.0/users/{BEN}/messages?x=a://b/v1.0/users/{ANA}/events"
        ),
        "groups/g/conversations".to_owned(),
        "users/*/messages".to_owned(),
    ] {
        stage.world.control().clear_requests();
        let input = subscribe(resource.clone());
        let outcome = stage
            .json(stage.of(APPLICATION), create, input.clone())
            .await;
        assert!(is_denied(&outcome), "{resource}: {outcome:?}");
        assert_eq!(stage.reached().len(), 0, "{resource}");
        stays(&stage, "POST", "subscriptions", Some(&input)).await;
    }
    stage.world.control().clear_requests();
    let input = subscribe(format!("users/{ANA}/messages"));
    drop(stage.json(stage.of(APPLICATION), create, input).await);
    assert_eq!(stage.reached().len(), 1);
    stage.world.stop().await;
}

#[tokio::test]
async fn a_body_that_is_not_read_is_not_sent() {
    let stage = Stage::start().await;
    let mime = "RnJvbTogYmVuLm9rYWZvckBjb250b3NvLmNvbQ==";
    for by in ConnectionMethod::ALL {
        stage.world.control().clear_requests();
        let path = format!("v1.0/users/{ANA}/sendMail");
        let outcome = stage
            .raw_as(stage.of(by), "POST", &path, "text/plain", mime.into())
            .await
            .map(|answer| answer.status);
        assert!(outcome.is_err(), "{outcome:?}");
        assert!(stage.reached().is_empty());
    }
    let url = format!("/users/{ANA}/sendMail");
    for (kind, body) in [
        ("text/plain", json!(mime)),
        (
            "application/json",
            json!({ "message": { "from": sender(BEN) } }),
        ),
    ] {
        let member = json!({
            "id": "1", "method": "POST", "url": url, "headers": { "Content-Type": kind }, "body": body,
        });
        let batch = json!({ "requests": [member] });
        stays(&stage, "POST", "$batch", Some(&batch)).await;
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn in_a_batch_each_is_held_to_the_list() {
    let stage = Stage::start().await;
    let member = |id: &str, mailbox: &str| json!({ "id": id, "operation": "outlook.messages.list", "input": { "mailbox": mailbox } });
    let batch = |members: &[Value]| {
        let input = json!({ "requests": members });
        stage.json(stage.of(APPLICATION), "graph.batch", input)
    };
    let listed = [member("1", ANA), member("2", &stage.scene.allowed.id)];
    let answer = batch(&listed).await.unwrap();
    for one in answer["responses"].as_array().unwrap() {
        assert_eq!(one["status"], 200, "{answer}");
    }
    for other in [BEN, &stage.scene.other.id] {
        stage.world.control().clear_requests();
        let outcome = batch(&[member("1", ANA), member("2", other)]).await;
        assert!(is_denied(&outcome), "{outcome:?}");
        assert!(stage.reached().is_empty());
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn the_list_says_nothing_where_there_is_none_and_all_where_it_is_empty() {
    let stage = Stage::start().await;
    let connection = stage.of(APPLICATION);
    let list = |mailbox: &str| {
        let input = json!({ "mailbox": mailbox });
        stage.json(connection, "outlook.messages.list", input)
    };
    stage.world.limit(connection, Policy::default()).await;
    list(BEN).await.unwrap();
    let none = Policy {
        mailboxes: Some([].into()),
        ..Policy::default()
    };
    stage.world.limit(connection, none).await;
    assert!(is_denied(&list(ANA).await) && is_denied(&list(BEN).await));
    assert!(connection.service == Service::Outlook);
    stage.world.stop().await;
}

#[tokio::test]
async fn whose_times_are_asked_for_is_seen_however_the_action_is_written() {
    let stage = Stage::start().await;
    let body = json!({
        "schedules": [ANA, BEN],
        "startTime": { "dateTime": "2026-12-02T08:00:00", "timeZone": "UTC" },
        "endTime": { "dateTime": "2026-12-02T18:00:00", "timeZone": "UTC" },
    });
    for action in [
        "getSchedule",
        "GETSCHEDULE",
        "getSchedule/",
        "getSchedule()",
        "microsoft.graph.getSchedule",
        "microsoft.graph.getSchedule()",
        "Microsoft.Graph.GetSchedule",
        "get%53chedule",
    ] {
        let path = format!("users/{ANA}/calendar/{action}");
        stays(&stage, "POST", &path, Some(&body)).await;
    }
    stage.world.stop().await;
}
