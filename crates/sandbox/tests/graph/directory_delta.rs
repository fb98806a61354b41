//! Following people and groups: rounds, their tokens, and what is told of each object.
//! Source: <https://learn.microsoft.com/graph/delta-query-groups>, <https://learn.microsoft.com/graph/delta-query-users>

use std::time::Duration;

use serde_json::{Value, json};

use crate::cloud::{ANA, Answer, BEN, Caller, Cloud, id};
use crate::groups::{add, id_of, make, security, unified};

const ALL: [&str; 2] = ["Group.ReadWrite.All", "User.ReadWrite.All"];

fn link(answer: &Answer, name: &str) -> Option<String> {
    answer.body[name].as_str().map(str::to_owned)
}

/// All that a round tells, and where the next begins.
async fn follow(caller: &Caller<'_>, path: &str) -> (Vec<Value>, String) {
    let mut path = path.to_owned();
    let mut found = Vec::new();
    loop {
        let answer = caller.get(&path).await;
        found.extend(answer.values());
        if let Some(end) = link(&answer, "@odata.deltaLink") {
            return (found, end);
        }
        path = link(&answer, "@odata.nextLink").unwrap();
    }
}

fn of<'a>(told: &'a [Value], id: &str) -> Option<&'a Value> {
    told.iter().find(|it| it["id"] == id)
}

/// Ids that joined a relation, and ids that left it.
fn related(object: &Value, relation: &str) -> (Vec<String>, Vec<String>) {
    let list = object[format!("{relation}@delta")].as_array();
    let list = list.cloned().unwrap_or_default();
    let (left, joined): (Vec<_>, Vec<_>) =
        list.into_iter().partition(|it| it["@removed"].is_object());
    let ids = |list: Vec<Value>| list.iter().map(id).collect();
    (ids(joined), ids(left))
}

#[tokio::test]
async fn a_round_tells_what_changed_of_groups_and_who_joined_and_left() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let (ana, ben) = (id_of(&admin, ANA).await, id_of(&admin, BEN).await);
    let group = make(&admin, unified("rollout")).await;
    add(&admin, &group, "members", &ana).await;
    let (all, link) = follow(&admin, "/groups/delta").await;
    let listed = admin.get("/groups?$top=999").await.values();
    assert_eq!(all.len(), listed.len());
    let told = of(&all, &group).unwrap();
    assert_eq!(told["displayName"], "rollout");
    assert_eq!(related(told, "members"), (vec![ana.clone()], vec![]));
    // What never had a value is not told.
    assert!(told.get("description").is_none(), "{told}");
    // Nothing happened: nothing is told, by a link that goes on as well.
    let (none, link) = follow(&admin, &link).await;
    assert!(none.is_empty(), "{none:?}");
    add(&admin, &group, "members", &ben).await;
    let path = format!("/groups/{group}/members/{ana}/$ref");
    assert_eq!(admin.delete(&path).await.status, 204);
    let described = json!({ "description": "For all" });
    let path = format!("/groups/{group}");
    assert_eq!(admin.patch(&path, described).await.status, 204);
    let (changes, later) = follow(&admin, &link).await;
    let [told] = changes.as_slice() else {
        panic!("{changes:?}");
    };
    assert_eq!(told["displayName"], "rollout");
    assert_eq!(told["description"], "For all");
    assert_eq!(related(told, "members"), (vec![ben.clone()], vec![ana]));
    // Told once more by the same link, as a client that lost the answer asks.
    let (again, _) = follow(&admin, &link).await;
    assert_eq!(again, changes);
    // What has no value any more is told as null.
    let cleared = json!({ "description": null });
    assert_eq!(admin.patch(&path, cleared).await.status, 204);
    let minimal = cloud.application(&ALL).with("prefer", "return=minimal");
    let (changes, _) = follow(&minimal, &later).await;
    assert_eq!(changes, [json!({ "id": group, "description": null })]);
    let (changes, _) = follow(&admin, &later).await;
    assert!(changes[0].as_object().unwrap().contains_key("displayName"));
}

#[tokio::test]
async fn what_is_selected_is_what_is_tracked() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let ben = id_of(&admin, BEN).await;
    let group = make(&admin, unified("narrow")).await;
    let (all, link) = follow(&admin, "/groups/delta?$select=displayName").await;
    let told = of(&all, &group).unwrap();
    assert_eq!(*told, json!({ "id": group, "displayName": "narrow" }));
    let path = format!("/groups/{group}");
    let other = json!({ "description": "Not tracked" });
    assert_eq!(admin.patch(&path, other).await.status, 204);
    add(&admin, &group, "members", &ben).await;
    let (none, link) = follow(&admin, &link).await;
    assert!(none.is_empty(), "{none:?}");
    let named = json!({ "displayName": "wide" });
    assert_eq!(admin.patch(&path, named).await.status, 204);
    let (changes, _) = follow(&admin, &link).await;
    assert_eq!(changes, [json!({ "id": group, "displayName": "wide" })]);
    // Owners come when they are asked for, alone.
    let asked = format!("/groups/delta?$select=owners&$filter=id eq '{group}'");
    let (all, link) = follow(&admin, &asked).await;
    assert_eq!(all, [json!({ "id": group })]);
    add(&admin, &group, "owners", &ben).await;
    make(&admin, security("another")).await;
    let (changes, _) = follow(&admin, &link).await;
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(related(&changes[0], "owners").0, [ben]);
}

#[tokio::test]
async fn deleted_groups_are_told_by_whether_they_can_come_back() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let soft = make(&admin, unified("soft")).await;
    let hard = make(&admin, security("hard")).await;
    let (_, link) = follow(&admin, "/groups/delta").await;
    for group in [&soft, &hard] {
        assert_eq!(admin.delete(&format!("/groups/{group}")).await.status, 204);
    }
    let (changes, link) = follow(&admin, &link).await;
    let reason = |id: &str| of(&changes, id).unwrap()["@removed"]["reason"].clone();
    assert_eq!(reason(&soft), "changed");
    assert_eq!(reason(&hard), "deleted");
    let restored = format!("/directory/deletedItems/{soft}/restore");
    assert_eq!(admin.post(&restored, json!({})).await.status, 200);
    let (changes, link) = follow(&admin, &link).await;
    let told = of(&changes, &soft).unwrap();
    assert!(told.get("@removed").is_none(), "{told}");
    assert_eq!(told["displayName"], "soft");
    assert_eq!(admin.delete(&format!("/groups/{soft}")).await.status, 204);
    // Thirty days on nothing brings it back.
    let mut link = link;
    let mut told = Vec::new();
    for _ in 0..5 {
        let admin = cloud.application(&ALL);
        let (changes, next) = follow(&admin, &link).await;
        told.extend(changes);
        link = next;
        cloud.control.advance(Duration::from_hours(24 * 6));
    }
    let removed = |reason: &str| json!({ "id": soft, "@removed": { "reason": reason } });
    assert_eq!(told, [removed("changed")]);
    let admin = cloud.application(&ALL);
    let (changes, _) = follow(&admin, &link).await;
    assert_eq!(changes, [removed("deleted")]);
}

#[tokio::test]
async fn long_lists_of_members_come_in_parts_and_many_groups_in_pages() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let group = make(&admin, security("crowd")).await;
    let mut members = Vec::new();
    for number in 0..130 {
        let inner = make(&admin, security(&format!("inner-{number}"))).await;
        add(&admin, &group, "members", &inner).await;
        members.push(inner);
    }
    let first = admin.get("/groups/delta").await;
    assert_eq!(first.values().len(), 100);
    // What changes between two pages is not lost.
    let next = link(&first, "@odata.nextLink").unwrap();
    let late = make(&admin, security("late")).await;
    let (rest, end) = follow(&admin, &next).await;
    let mut all = first.values();
    all.extend(rest);
    let of_group: Vec<_> = all.iter().filter(|it| it["id"] == group.as_str()).collect();
    assert_eq!(of_group.len(), 2);
    let mut joined: Vec<String> = of_group
        .iter()
        .flat_map(|it| related(it, "members").0)
        .collect();
    joined.sort();
    members.sort();
    assert_eq!(joined, members);
    let (changes, _) = follow(&admin, &end).await;
    assert!(of(&changes, &late).is_some(), "{changes:?}");
}

#[tokio::test]
async fn a_token_lasts_for_seven_days_and_ends_with_a_new_start() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let (_, old) = follow(&admin, "/groups/delta?$select=displayName").await;
    cloud.control.advance(Duration::from_hours(24 * 7 - 1));
    let admin = cloud.application(&ALL);
    let (_, link) = follow(&admin, &old).await;
    cloud.control.advance(Duration::from_hours(2));
    let admin = cloud.application(&ALL);
    let gone = admin.get(&old).await;
    assert_eq!((gone.status, gone.code()), (410, "syncStateNotFound"));
    let start = gone.header("location").to_owned();
    assert!(start.ends_with("/groups/delta?$deltatoken="), "{start}");
    let (all, _) = follow(&admin, &start).await;
    assert!(!all.is_empty());
    // The newer one still works, until the directory forgets.
    let (none, link) = follow(&admin, &link).await;
    assert!(none.is_empty());
    let forget = format!(
        "{}/_sandbox/tenants/contoso.com/forget-changes",
        cloud.sandbox.url()
    );
    let done = cloud.request(reqwest::Method::POST, &forget).send().await;
    assert_eq!(done.unwrap().status(), 204);
    assert_eq!(admin.get(&link).await.status, 410);
    // Of what comes from now on.
    let latest = admin.get("/groups/delta?$deltatoken=latest").await;
    assert!(latest.values().is_empty());
    let link = link_of(&latest);
    let group = make(&admin, security("from-now")).await;
    let (changes, _) = follow(&admin, &link).await;
    assert_eq!(id(&changes[0]), group);
    assert_eq!(changes.len(), 1);
}

fn link_of(answer: &Answer) -> String {
    link(answer, "@odata.deltaLink").unwrap()
}

#[tokio::test]
async fn people_are_followed_with_their_manager_and_after_their_deletion() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let (ana, ben) = (id_of(&admin, ANA).await, id_of(&admin, BEN).await);
    let (all, link) = follow(&admin, "/users/delta").await;
    assert_eq!(all.len(), admin.get("/users?$top=999").await.values().len());
    let told = of(&all, &ana).unwrap();
    assert_eq!(told["userPrincipalName"], ANA);
    assert!(told.get("department").is_none(), "{told}");
    let (_, of_managers) = follow(&admin, "/users/delta()?$select=displayName,manager").await;
    let moved = json!({ "department": "Elsewhere" });
    assert_eq!(
        admin.patch(&format!("/users/{ANA}"), moved).await.status,
        204
    );
    let chiara = id_of(&admin, "chiara.conti@contoso.com").await;
    let manager =
        json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/users/{chiara}") });
    let path = format!("/users/{ben}/manager/$ref");
    let set = admin.call(reqwest::Method::PUT, &path, Some(manager)).await;
    assert_eq!(set.status, 204, "{}", set.text);
    // Any property is tracked where none is selected.
    let (changes, link) = follow(&admin, &link).await;
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(id(&changes[0]), ana);
    let (changes, _) = follow(&admin, &of_managers).await;
    assert_eq!(changes.len(), 1, "{changes:?}");
    let before = vec![ana.clone()];
    assert_eq!(related(&changes[0], "manager"), (vec![chiara], before));
    // Who is deleted is told, and has left their groups.
    let group = make(&admin, unified("two")).await;
    add(&admin, &group, "members", &ana).await;
    add(&admin, &group, "members", &ben).await;
    let (_, of_groups) = follow(&admin, "/groups/delta").await;
    assert_eq!(admin.delete(&format!("/users/{ana}")).await.status, 204);
    let (changes, _) = follow(&admin, &link).await;
    let told = of(&changes, &ana).unwrap();
    assert_eq!(
        *told,
        json!({ "id": ana, "@removed": { "reason": "changed" } })
    );
    let (changes, _) = follow(&admin, &of_groups).await;
    assert_eq!(related(of(&changes, &group).unwrap(), "members").1, [ana]);
}

#[tokio::test]
async fn what_delta_queries_do_not_take_is_refused() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    for option in [
        "$top=5",
        "$expand=members",
        "$orderby=displayName",
        "$search=\"displayName:a\"",
        "$filter=displayName eq 'a'",
        "$filter=id eq 'a' and id eq 'b'",
    ] {
        let refused = admin.get(&format!("/groups/delta?{option}")).await;
        refused.assert_refused(400, "Request_UnsupportedQuery");
    }
    let many: Vec<String> = (0..51).map(|number| format!("id eq '{number}'")).collect();
    let path = format!("/groups/delta?$filter={}", many.join(" or "));
    let refused = admin.get(&path).await;
    refused.assert_refused(400, "Request_UnsupportedQuery");
    for (path, status, code) in [
        ("/groups/delta?$select=nothing", 400, "Request_BadRequest"),
        ("/groups/delta?$deltatoken=abc", 400, "Request_BadRequest"),
        ("/users/delta?$select=directReports", 501, "notImplemented"),
    ] {
        admin.get(path).await.assert_refused(status, code);
    }
    let posted = admin.post("/groups/delta", json!({})).await;
    posted.assert_refused(405, "Request_BadRequest");
    // A token of one collection is none of another's.
    let (_, link) = follow(&admin, "/groups/delta").await;
    let (_, token) = link.split_once('?').unwrap();
    let other = admin.get(&format!("/users/delta?{token}")).await;
    other.assert_refused(400, "Request_BadRequest");
    let denied = "Authorization_RequestDenied";
    let people = cloud.application(&["User.Read.All"]);
    people
        .get("/groups/delta")
        .await
        .assert_refused(403, denied);
    let groups = cloud.application(&["GroupMember.Read.All"]);
    assert_eq!(groups.get("/groups/delta").await.status, 200);
    groups.get("/users/delta").await.assert_refused(403, denied);
    let basic = cloud.user(ANA, &["User.ReadBasic.All"]);
    assert_eq!(basic.get("/users/delta").await.status, 200);
}
