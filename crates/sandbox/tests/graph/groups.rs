//! Groups, who belongs to them, and what belonging to them says.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cloud::{ANA, Answer, BEN, Caller, Cloud};

const ALL: [&str; 2] = ["Group.ReadWrite.All", "User.Read.All"];

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.body["error"]["code"], code, "{}", answer.text);
}

pub(crate) fn unified(name: &str) -> Value {
    json!({
        "displayName": name,
        "mailNickname": name,
        "mailEnabled": true,
        "securityEnabled": false,
        "groupTypes": ["Unified"],
    })
}

pub(crate) fn security(name: &str) -> Value {
    json!({ "displayName": name, "mailNickname": name, "mailEnabled": false, "securityEnabled": true })
}

pub(crate) async fn make(caller: &Caller<'_>, group: Value) -> String {
    let made = caller.post("/groups", group).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.id()
}

pub(crate) async fn id_of(caller: &Caller<'_>, user: &str) -> String {
    caller.get(&format!("/users/{user}")).await.id()
}

pub(crate) async fn add(caller: &Caller<'_>, group: &str, relation: &str, id: &str) -> Answer {
    let url = format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}");
    let path = format!("/groups/{group}/{relation}/$ref");
    caller.post(&path, json!({ "@odata.id": url })).await
}

fn names(answer: &Answer) -> Vec<String> {
    let values = answer.values();
    let name = |it: &Value| it["displayName"].as_str().unwrap_or("-").to_owned();
    values.iter().map(name).collect()
}

#[tokio::test]
async fn a_microsoft_365_group_is_made_found_changed_and_removed() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let mut group = unified("rollout");
    group["description"] = json!("The rollout");
    let made = ana.post("/groups", group).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["mail"], "rollout@contoso.com");
    assert_eq!(made.body["visibility"], "Public");
    assert_eq!(made.body["groupTypes"], json!(["Unified"]));
    assert_eq!(made.body["createdDateTime"], "2026-10-01T12:00:00Z");
    let path = format!("/groups/{}", made.id());
    assert_eq!(
        names(&ana.get(&format!("{path}/owners")).await),
        ["Ana Reis"]
    );
    assert_eq!(
        names(&ana.get(&format!("{path}/members")).await),
        ["Ana Reis"]
    );
    let change = json!({ "displayName": "Roll-out", "visibility": "private" });
    assert_eq!(ana.patch(&path, change).await.status, 204);
    let found = ana
        .get("/groups?$filter=displayName eq 'Roll-out'&$select=id,visibility")
        .await;
    assert_eq!(found.values().len(), 1);
    assert_eq!(found.values()[0]["visibility"], "Private");
    let unified =
        "/groups?$top=999&$filter=groupTypes/any(t:t eq 'Unified') and mailNickname eq 'rollout'";
    assert_eq!(ana.get(unified).await.values().len(), 1);
    assert_eq!(ana.delete(&path).await.status, 204);
    refused(&ana.get(&path).await, 404, "Request_ResourceNotFound");
}

#[tokio::test]
async fn what_no_group_can_be_is_refused() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    make(&admin, unified("taken")).await;
    let bad = "Request_BadRequest";
    for (name, value) in [
        ("displayName", json!("")),
        ("mailNickname", json!("with blank")),
        ("groupTypes", json!(["Other"])),
        ("visibility", json!("Secret")),
        ("mailEnabled", json!(false)),
        (
            "owners@odata.bind",
            json!(vec!["https://graph.microsoft.com/v1.0/users/x"; 21]),
        ),
    ] {
        let mut group = unified("fresh");
        group[name] = value;
        refused(&admin.post("/groups", group).await, 400, bad);
    }
    refused(&admin.post("/groups", unified("TAKEN")).await, 400, bad);
    let mut mailing_list = security("list");
    mailing_list["mailEnabled"] = json!(true);
    refused(&admin.post("/groups", mailing_list).await, 400, bad);
    let mut unknown = security("nonsense");
    unknown["nonsense"] = json!(1);
    refused(
        &admin.post("/groups", unknown).await,
        400,
        "RequestBodyRead",
    );
    let filter = admin.get("/groups?$filter=nonsense eq 1").await;
    refused(&filter, 400, bad);
}

#[tokio::test]
async fn members_and_owners_come_and_go_by_reference() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let (ana, ben) = (id_of(&admin, ANA).await, id_of(&admin, BEN).await);
    let group = make(&admin, security("auditors")).await;
    assert_eq!(add(&admin, &group, "members", &ana).await.status, 204);
    refused(
        &add(&admin, &group, "members", &ana).await,
        400,
        "Request_BadRequest",
    );
    refused(
        &add(&admin, &group, "members", &group[..8]).await,
        404,
        "Request_ResourceNotFound",
    );
    let bind =
        json!({ "members@odata.bind": [format!("https://graph.microsoft.com/v1.0/users/{ben}")] });
    assert_eq!(
        admin.patch(&format!("/groups/{group}"), bind).await.status,
        204
    );
    let members = admin
        .get(&format!("/groups/{group}/members?$select=id,department"))
        .await;
    assert_eq!(members.values().len(), 2);
    assert_eq!(members.values()[0]["@odata.type"], "#microsoft.graph.user");
    assert_eq!(members.values()[0]["department"], "Sales");
    let references = admin.get(&format!("/groups/{group}/members/$ref")).await;
    assert!(
        references.values()[0]["@odata.id"]
            .as_str()
            .unwrap()
            .ends_with(&ana)
    );
    let count = format!("/groups/{group}/members/$count");
    refused(&admin.get(&count).await, 400, "Request_UnsupportedQuery");
    let eventual = cloud.application(&ALL).with("consistencylevel", "eventual");
    assert_eq!(eventual.get(&count).await.text, "2");
    let path = format!("/groups/{group}/members/{ana}/$ref");
    assert_eq!(admin.delete(&path).await.status, 204);
    refused(&admin.delete(&path).await, 404, "Request_ResourceNotFound");
    assert_eq!(add(&admin, &group, "owners", &ben).await.status, 204);
    let last = admin
        .delete(&format!("/groups/{group}/owners/{ben}/$ref"))
        .await;
    refused(&last, 400, "Request_BadRequest");
    let expanded = admin.get(&format!("/groups/{group}?$expand=members")).await;
    assert_eq!(expanded.body["members"][0]["id"], ben.as_str());
    let path = format!("/groups/{group}?$expand=");
    admin
        .get(&format!("{path}nothing"))
        .await
        .assert_refused(400, "Request_BadRequest");
    admin
        .get(&format!("{path}acceptedSenders"))
        .await
        .assert_refused(501, "notImplemented");
}

#[tokio::test]
async fn belonging_reaches_through_nested_groups() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let ana = id_of(&admin, ANA).await;
    let inner = make(&admin, security("inner")).await;
    let outer = make(&admin, security("outer")).await;
    add(&admin, &inner, "members", &ana).await;
    assert_eq!(add(&admin, &outer, "members", &inner).await.status, 204);
    let team = make(&admin, unified("flat")).await;
    refused(
        &add(&admin, &team, "members", &inner).await,
        400,
        "Request_BadRequest",
    );
    let all = admin
        .get(&format!("/groups/{outer}/transitiveMembers"))
        .await;
    assert_eq!(names(&all), ["inner", "Ana Reis"]);
    let people = format!("/groups/{outer}/transitiveMembers/microsoft.graph.user");
    assert_eq!(names(&admin.get(&people).await), ["Ana Reis"]);
    let me = cloud.user(ANA, &["User.Read"]);
    let ids = |answer: Answer| {
        answer
            .values()
            .iter()
            .map(|it| it["id"].clone())
            .collect::<Vec<_>>()
    };
    let direct = ids(me.get("/me/memberOf").await);
    assert!(direct.contains(&json!(inner)) && !direct.contains(&json!(outer)));
    assert!(ids(me.get("/me/transitiveMemberOf").await).contains(&json!(outer)));
    let asked = json!({ "groupIds": [outer, team] });
    let held = me.post("/me/checkMemberGroups", asked).await;
    assert_eq!(held.body["value"], json!([outer]));
    let all = me
        .post(
            "/me/getMemberGroups",
            json!({ "securityEnabledOnly": true }),
        )
        .await;
    let all = all.body["value"].as_array().cloned().unwrap();
    assert!(all.contains(&json!(inner)) && all.contains(&json!(outer)));
    let many = json!({ "groupIds": vec![outer; 21] });
    refused(
        &me.post("/me/checkMemberGroups", many).await,
        400,
        "Request_BadRequest",
    );
}

#[tokio::test]
async fn people_change_the_groups_that_they_own_and_need_the_permission_too() {
    let cloud = Cloud::start().await;
    let denied = "Authorization_RequestDenied";
    let ana = cloud.user(ANA, &ALL);
    let group = format!("/groups/{}", make(&ana, unified("own")).await);
    let ben = cloud.user(BEN, &ALL);
    refused(
        &ben.patch(&group, json!({ "description": "x" })).await,
        403,
        denied,
    );
    refused(&ben.delete(&group).await, 403, denied);
    assert_eq!(
        cloud
            .user("admin@contoso.com", &ALL)
            .delete(&group)
            .await
            .status,
        204
    );
    let reader = cloud.application(&["GroupMember.Read.All"]);
    assert_eq!(reader.get("/groups").await.status, 200);
    refused(&reader.post("/groups", security("no")).await, 403, denied);
    let stranger = cloud.user(BEN, &["User.Read"]);
    refused(&stranger.get("/groups").await, 403, denied);
    refused(
        &stranger.get(&format!("/users/{ANA}/memberOf")).await,
        403,
        denied,
    );
    let creator = cloud.application(&["Group.Create"]);
    make(&creator, security("made")).await;
}

#[tokio::test]
async fn who_may_not_read_people_gets_their_ids_only() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let ana = id_of(&admin, ANA).await;
    let group = make(&admin, security("seen")).await;
    add(&admin, &group, "members", &ana).await;
    let reader = cloud.application(&["GroupMember.Read.All"]);
    let members = reader
        .get(&format!("/groups/{group}/members"))
        .await
        .values();
    assert_eq!(members[0]["id"], ana.as_str());
    assert_eq!(members[0]["displayName"], Value::Null);
    let ids = json!({ "ids": [ana, group], "types": ["user"] });
    let found = admin.post("/directoryObjects/getByIds", ids).await.values();
    assert_eq!(
        (found.len(), &found[0]["displayName"]),
        (1, &json!("Ana Reis"))
    );
}

#[tokio::test]
async fn the_tenant_tells_its_name_and_its_domains() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &["User.Read"]);
    let organization = ana.get("/organization").await.values();
    assert_eq!(organization[0]["displayName"], "Contoso");
    assert_eq!(organization[0]["id"], cloud.sandbox.tenant_id());
    let domains = organization[0]["verifiedDomains"].as_array().unwrap();
    assert!(
        domains
            .iter()
            .any(|it| it["name"] == "contoso.com" && it["isDefault"] == true)
    );
    refused(
        &ana.get("/domains").await,
        403,
        "Authorization_RequestDenied",
    );
    let reader = cloud.application(&["Domain.Read.All"]);
    assert_eq!(
        reader.get("/domains/contoso.com").await.body["isVerified"],
        true
    );
    refused(
        &reader.get("/domains/example.com").await,
        404,
        "Request_ResourceNotFound",
    );
    assert_eq!(
        reader
            .call(Method::POST, "/domains", Some(json!({})))
            .await
            .status,
        501
    );
}
