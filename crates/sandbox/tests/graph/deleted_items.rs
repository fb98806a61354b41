//! The recycle bin of the directory.
//! Source: <https://learn.microsoft.com/graph/api/resources/directory>

use std::time::Duration;

use serde_json::json;

use crate::cloud::{ANA, BEN, Cloud};
use crate::groups::{add, id_of, make, security, unified};

const ALL: [&str; 2] = ["Group.ReadWrite.All", "User.ReadWrite.All"];
const ADMIN: &str = "admin@contoso.com";
const GROUPS: &str = "/directory/deletedItems/microsoft.graph.group";
const PEOPLE: &str = "/directory/deletedItems/microsoft.graph.user";
const MISSING: &str = "Request_ResourceNotFound";
const DENIED: &str = "Authorization_RequestDenied";

#[tokio::test]
async fn a_group_comes_back_with_its_members_and_its_team() {
    let cloud = Cloud::start().await;
    let admin =
        cloud.application(&[&ALL[..], &["Team.Create", "TeamSettings.ReadWrite.All"]].concat());
    let ben = id_of(&admin, BEN).await;
    let group = make(&admin, unified("rollout")).await;
    add(&admin, &group, "owners", &ben).await;
    add(&admin, &group, "members", &ben).await;
    let team = admin
        .call(
            reqwest::Method::PUT,
            &format!("/groups/{group}/team"),
            Some(json!({})),
        )
        .await;
    assert_eq!(team.status, 201, "{}", team.text);
    assert!(admin.get(GROUPS).await.values().is_empty());
    assert_eq!(admin.delete(&format!("/groups/{group}")).await.status, 204);
    for path in [format!("/groups/{group}"), format!("/teams/{group}")] {
        assert_eq!(admin.get(&path).await.status, 404, "{path}");
    }
    let listed = admin.get(GROUPS).await.values();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["id"], group.as_str());
    assert_eq!(listed[0]["deletedDateTime"], "2026-10-01T12:00:00Z");
    let one = format!("/directory/deletedItems/{group}");
    let found = admin.get(&format!("{one}?$select=id,displayName")).await;
    assert_eq!(found.status, 200, "{}", found.text);
    assert_eq!(found.body["@odata.type"], "#microsoft.graph.group");
    assert_eq!(found.body["displayName"], "rollout");
    let back = admin.post(&format!("{one}/restore"), json!({})).await;
    assert_eq!(back.status, 200, "{}", back.text);
    assert_eq!(back.id(), group);
    let members = admin
        .get(&format!("/groups/{group}/members"))
        .await
        .values();
    assert_eq!(members[0]["id"], ben.as_str());
    assert_eq!(admin.get(&format!("/teams/{group}")).await.status, 200);
    admin.get(&one).await.assert_refused(404, MISSING);
    let again = admin.post(&format!("{one}/restore"), json!({})).await;
    again.assert_refused(404, MISSING);
}

#[tokio::test]
async fn a_security_group_is_gone_at_once_and_a_group_of_microsoft_365_after_thirty_days() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let hard = make(&admin, security("hard")).await;
    let soft = make(&admin, unified("soft")).await;
    for group in [&hard, &soft] {
        assert_eq!(admin.delete(&format!("/groups/{group}")).await.status, 204);
    }
    let listed = admin.get(GROUPS).await.values();
    assert_eq!(listed.len(), 1, "{listed:?}");
    let missing = admin.get(&format!("/directory/deletedItems/{hard}")).await;
    missing.assert_refused(404, MISSING);
    cloud.control.advance(Duration::from_hours(24 * 30));
    let admin = cloud.application(&ALL);
    assert!(admin.get(GROUPS).await.values().is_empty());
    let late = format!("/directory/deletedItems/{soft}/restore");
    assert_eq!(admin.post(&late, json!({})).await.status, 404);
}

#[tokio::test]
async fn a_name_that_was_taken_meanwhile_keeps_a_group_in_the_bin() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let first = make(&admin, unified("taken")).await;
    assert_eq!(admin.delete(&format!("/groups/{first}")).await.status, 204);
    make(&admin, unified("taken")).await;
    let restore = format!("/directory/deletedItems/{first}/restore");
    let refused = admin.post(&restore, json!({})).await;
    refused.assert_refused(400, "Request_BadRequest");
    assert_eq!(admin.get(GROUPS).await.values().len(), 1);
}

#[tokio::test]
async fn a_person_comes_back_with_their_mail_and_their_groups() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&[&ALL[..], &["Mail.Read"]].concat());
    let ben = id_of(&admin, BEN).await;
    let group = make(&admin, unified("team")).await;
    add(&admin, &group, "members", &ben).await;
    let mail = format!("/users/{ben}/messages/$count");
    let count = admin.get(&mail).await.text;
    assert_eq!(admin.delete(&format!("/users/{BEN}")).await.status, 204);
    assert_eq!(admin.get(&mail).await.status, 404);
    assert!(
        admin
            .get(&format!("/groups/{group}/members"))
            .await
            .values()
            .is_empty()
    );
    let found = admin
        .get(&format!(
            "{PEOPLE}?$filter=startswith(displayName,'Ben')&$select=id,deletedDateTime"
        ))
        .await;
    assert_eq!(found.values()[0]["id"], ben.as_str(), "{}", found.text);
    let back = admin
        .post(&format!("/directory/deletedItems/{ben}/restore"), json!({}))
        .await;
    assert_eq!(back.status, 200, "{}", back.text);
    assert_eq!(back.body["userPrincipalName"], BEN);
    assert_eq!(admin.get(&mail).await.text, count);
    assert_eq!(
        admin
            .get(&format!("/groups/{group}/members"))
            .await
            .values()
            .len(),
        1
    );
}

#[tokio::test]
async fn the_bin_is_counted_ordered_and_emptied() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL).with("consistencylevel", "eventual");
    let mut made = Vec::new();
    for name in ["one", "two", "three"] {
        let group = make(&admin, unified(name)).await;
        assert_eq!(admin.delete(&format!("/groups/{group}")).await.status, 204);
        cloud.control.advance(Duration::from_mins(1));
        made.push(group);
    }
    let newest = format!("{GROUPS}?$orderby=deletedDateTime desc&$count=true&$top=2");
    let found = admin.get(&newest).await;
    assert_eq!(found.body["@odata.count"], 3);
    assert_eq!(found.values()[0]["id"], made[2].as_str());
    assert!(found.body["@odata.nextLink"].is_string());
    assert_eq!(admin.get(&format!("{GROUPS}/$count")).await.text, "3");
    // No application removes a group for good; an administrator does.
    let one = format!("/directory/deletedItems/{}", made[0]);
    let denied = admin.delete(&one).await;
    assert_eq!((denied.status, denied.code()), (403, DENIED));
    let person = cloud.user(ADMIN, &ALL);
    assert_eq!(person.delete(&one).await.status, 204);
    assert_eq!(person.delete(&one).await.status, 404);
    assert_eq!(admin.get(&format!("{GROUPS}/$count")).await.text, "2");
}

#[tokio::test]
async fn who_may_not_is_refused_and_what_is_not_there_is_named() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let (ana, ben) = (id_of(&admin, ANA).await, id_of(&admin, BEN).await);
    let group = make(&admin, unified("owned")).await;
    add(&admin, &group, "owners", &ana).await;
    add(&admin, &group, "members", &ben).await;
    assert_eq!(admin.delete(&format!("/groups/{group}")).await.status, 204);
    let people = cloud.application(&["User.Read.All"]);
    people.get(GROUPS).await.assert_refused(403, DENIED);
    assert_eq!(people.get(PEOPLE).await.status, 200);
    let restore = format!("/directory/deletedItems/{group}/restore");
    let reader = cloud.application(&["Group.Read.All"]);
    reader
        .post(&restore, json!({}))
        .await
        .assert_refused(403, DENIED);
    // A member has no say in it, an owner has.
    let member = cloud.user(BEN, &ALL);
    member
        .post(&restore, json!({}))
        .await
        .assert_refused(403, DENIED);
    let owner = cloud.user(ANA, &ALL);
    assert_eq!(owner.post(&restore, json!({})).await.status, 200);
    for (path, status, code) in [
        ("/directory/deletedItems", 400, "Request_BadRequest"),
        (
            "/directory/deletedItems/microsoft.graph.application",
            501,
            "notImplemented",
        ),
        ("/directory/administrativeUnits", 501, "notImplemented"),
        (
            "/directory/deletedItems/00000000-0000-0000-0000-000000000000",
            404,
            MISSING,
        ),
    ] {
        admin.get(path).await.assert_refused(status, code);
    }
}
