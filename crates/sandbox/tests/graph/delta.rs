//! Following changes of messages and folders.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cloud::{ANA, Answer, BEN, Caller, Cloud, id, message};

const INBOX: &str = "/me/mailFolders/inbox/messages/delta?$select=subject,isRead";

/// Everything of a round, and the link of the next one.
async fn follow(caller: &Caller<'_>, start: &str) -> (Vec<Value>, String) {
    let mut all = Vec::new();
    let mut address = start.to_owned();
    loop {
        let page = caller.get(&address).await;
        all.extend(page.values());
        if let Some(link) = page.body["@odata.deltaLink"].as_str() {
            assert!(link.contains("$deltatoken="), "{link}");
            return (all, link.to_owned());
        }
        page.body["@odata.nextLink"]
            .as_str()
            .unwrap()
            .clone_into(&mut address);
        assert!(address.contains("$skiptoken="), "{address}");
    }
}

fn removed(values: &[Value]) -> Vec<&Value> {
    values
        .iter()
        .filter(|value| value["@removed"]["reason"] == "deleted")
        .collect()
}

#[tokio::test]
async fn a_first_round_tells_everything_and_the_next_only_what_changed() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA).with("prefer", "odata.maxpagesize=7");
    let listed = ana
        .get("/me/mailFolders/inbox/messages?$top=1000&$select=id")
        .await
        .values();
    let (all, link) = follow(&ana, INBOX).await;
    assert_eq!(all.len(), listed.len());
    assert!(all[0].get("body").is_none() && all[0].get("subject").is_some());
    let (nothing, link) = follow(&ana, &link).await;
    assert!(nothing.is_empty(), "{nothing:?}");
    let ben = cloud.mail_user(BEN);
    ben.post("/me/sendMail", json!({"message": message("News", &[ANA])}))
        .await;
    let first = id(&all[0]);
    ana.patch(
        &format!("/me/messages/{first}"),
        json!({"isRead": all[0]["isRead"] == false}),
    )
    .await;
    ana.delete(&format!("/me/messages/{}", id(&all[1]))).await;
    let (changes, link) = follow(&ana, &link).await;
    assert_eq!(changes.len(), 3, "{changes:?}");
    assert!(changes.iter().any(|value| value["subject"] == "News"));
    assert!(changes.iter().any(|value| value["id"] == *first));
    assert_eq!(removed(&changes)[0]["id"], all[1]["id"]);
    assert!(follow(&ana, &link).await.0.is_empty());
}

#[tokio::test]
async fn what_changes_during_a_round_is_not_lost() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA).with("prefer", "odata.maxpagesize=5");
    let first = ana.get(INBOX).await;
    let next = first.body["@odata.nextLink"].as_str().unwrap().to_owned();
    let listed = ana
        .get("/me/mailFolders/inbox/messages?$top=1000&$select=id,isRead")
        .await
        .values();
    let told: Vec<String> = first.values().iter().map(id).collect();
    let late = listed
        .iter()
        .find(|value| !told.contains(&id(value)))
        .unwrap();
    let path = format!("/me/messages/{}", id(late));
    ana.patch(&path, json!({"isRead": late["isRead"] == false}))
        .await;
    let (rest, link) = follow(&ana, &next).await;
    assert!(rest.iter().all(|value| value["id"] != late["id"]));
    let (changes, _) = follow(&ana, &link).await;
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0]["id"], late["id"]);
}

#[tokio::test]
async fn kinds_of_change_and_the_age_of_messages_narrow_a_round() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let young = "/me/mailFolders/inbox/messages/delta?$filter=receivedDateTime ge 2026-09-25T00:00:00Z&$orderby=receivedDateTime desc";
    let (recent, _) = follow(&ana, young).await;
    let (all, _) = follow(&ana, INBOX).await;
    assert!(!recent.is_empty() && recent.len() < all.len());
    let (_, created) = follow(
        &ana,
        "/me/mailFolders/inbox/messages/delta?changeType=created",
    )
    .await;
    let (_, deleted) = follow(
        &ana,
        "/me/mailFolders/inbox/messages/delta?changeType=deleted",
    )
    .await;
    ana.patch(
        &format!("/me/messages/{}", id(&all[0])),
        json!({"importance": "high"}),
    )
    .await;
    ana.delete(&format!("/me/messages/{}", id(&all[1]))).await;
    assert!(follow(&ana, &created).await.0.is_empty());
    let (gone, _) = follow(&ana, &deleted).await;
    assert_eq!((gone.len(), removed(&gone).len()), (1, 1));
    for bad in [
        "?changeType=moved",
        "?$filter=subject eq 'x'",
        "?$orderby=subject",
    ] {
        let path = format!("/me/mailFolders/inbox/messages/delta{bad}");
        ana.get(&path).await.assert_refused(400, "BadRequest");
    }
}

fn assert_resync(answer: &Answer) {
    answer.assert_refused(410, "syncStateNotFound");
    assert!(answer.header("location").ends_with("/messages/delta"));
}

#[tokio::test]
async fn a_token_that_is_unknown_or_forgotten_asks_for_a_new_start() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    assert_resync(
        &ana.get("/me/mailFolders/inbox/messages/delta?$deltatoken=nonsense")
            .await,
    );
    let (_, link) = follow(&ana, INBOX).await;
    cloud.control.forget_changes(ANA).unwrap();
    assert_resync(&ana.get(&link).await);
    let (_, link) = follow(&ana, INBOX).await;
    assert!(follow(&ana, &link).await.0.is_empty());
}

#[tokio::test]
async fn following_needs_a_folder_and_a_permission() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    ana.get("/me/messages/delta")
        .await
        .assert_refused(400, "BadRequest");
    ana.call(Method::POST, "/me/mailFolders/inbox/messages/delta", None)
        .await
        .assert_refused(405, "Request_BadRequest");
    let sender = cloud.application(&["Mail.Send"]);
    sender
        .get(&format!("/users/{ANA}/mailFolders/inbox/messages/delta"))
        .await
        .assert_refused(403, "ErrorAccessDenied");
    let basic = cloud.application(&["Mail.ReadBasic.All"]);
    let path = format!("/users/{ANA}/mailFolders/inbox/messages/delta");
    let (values, _) = follow(&basic, &path).await;
    assert!(values[0].get("bodyPreview").is_none());
}

#[tokio::test]
async fn folders_are_followed_too() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let (all, link) = follow(&ana, "/me/mailFolders/delta").await;
    assert!(all.iter().any(|folder| folder["displayName"] == "Inbox"));
    let made = ana
        .post("/me/mailFolders", json!({"displayName": "Deals"}))
        .await
        .body;
    let (changes, link) = follow(&ana, &link).await;
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(changes[0]["displayName"], "Deals");
    ana.post(
        &format!("/me/mailFolders/{}/permanentDelete", id(&made)),
        json!({}),
    )
    .await;
    let (changes, _) = follow(&ana, &link).await;
    assert_eq!(removed(&changes)[0]["id"], made["id"]);
}

#[tokio::test]
async fn a_folder_is_copied_with_everything_in_it() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let deals = ana
        .post("/me/mailFolders", json!({"displayName": "Deals"}))
        .await
        .id();
    ana.post(
        &format!("/me/mailFolders/{deals}/childFolders"),
        json!({"displayName": "Won"}),
    )
    .await;
    let inbox = ana
        .get("/me/mailFolders/inbox/messages?$top=1")
        .await
        .values();
    ana.post(
        &format!("/me/messages/{}/copy", id(&inbox[0])),
        json!({"destinationId": deals}),
    )
    .await;
    let copy = ana
        .post(
            &format!("/me/mailFolders/{deals}/copy"),
            json!({"destinationId": "archive"}),
        )
        .await;
    assert_eq!(
        (copy.status, &copy.body["totalItemCount"]),
        (201, &json!(1)),
        "{}",
        copy.text
    );
    assert_eq!(copy.body["childFolderCount"], 1);
    assert_ne!(copy.id(), deals);
    ana.post(
        &format!("/me/mailFolders/{deals}/copy"),
        json!({"destinationId": "archive"}),
    )
    .await
    .assert_refused(409, "ErrorFolderExists");
    ana.post(
        &format!("/me/mailFolders/{deals}/copy"),
        json!({"destinationId": deals}),
    )
    .await
    .assert_refused(400, "BadRequest");
}
