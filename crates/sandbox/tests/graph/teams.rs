//! Teams and channels: made, joined, changed, archived, and kept to those who belong.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cloud::{ANA, Answer, BEN, Caller, Cloud};

pub(crate) const ALL: [&str; 22] = [
    "Team.Create",
    "Team.ReadBasic.All",
    "TeamSettings.ReadWrite.All",
    "TeamMember.ReadWrite.All",
    "Channel.Create",
    "Channel.Delete.All",
    "Channel.ReadBasic.All",
    "ChannelSettings.ReadWrite.All",
    "ChannelMember.ReadWrite.All",
    "ChannelMessage.Read.All",
    "ChannelMessage.ReadWrite",
    "ChannelMessage.Send",
    "Chat.Create",
    "Chat.ReadWrite",
    "ChatMessage.Send",
    "ChatMember.ReadWrite",
    "TeamsTab.ReadWrite.All",
    "TeamsActivity.Send",
    "OnlineMeetings.ReadWrite",
    "Presence.Read.All",
    "Presence.ReadWrite",
    "User.Read",
];

pub(crate) fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.body["error"]["code"], code, "{}", answer.text);
}

pub(crate) fn person(user: &str, roles: &[&str]) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.aadUserConversationMember",
        "roles": roles,
        "user@odata.bind": format!("https://graph.microsoft.com/v1.0/users('{user}')"),
    })
}

fn new_team(name: &str) -> Value {
    json!({
        "template@odata.bind": "https://graph.microsoft.com/v1.0/teamsTemplates('standard')",
        "displayName": name,
        "description": "For the tests",
        "visibility": "private",
        "channels": [{ "displayName": "Plans" }],
    })
}

/// The address of a new team, `/teams/{id}`.
pub(crate) async fn make_team(caller: &Caller<'_>, name: &str) -> String {
    let made = caller.post("/teams", new_team(name)).await;
    assert_eq!(made.status, 202, "{}", made.text);
    let place = made.header("content-location").to_owned();
    let id = place.split('\'').nth(1).unwrap();
    format!("/teams/{id}")
}

/// The address of a team's first channel besides General.
pub(crate) async fn plans(caller: &Caller<'_>, team: &str) -> String {
    let channels = caller
        .get(&format!("{team}/channels?$filter=displayName eq 'Plans'"))
        .await;
    format!(
        "{team}/channels/{}",
        channels.values()[0]["id"].as_str().unwrap()
    )
}

fn names(answer: &Answer) -> Vec<String> {
    let values = answer.values();
    values
        .iter()
        .map(|it| it["displayName"].as_str().unwrap_or("-").to_owned())
        .collect()
}

#[tokio::test]
async fn a_team_is_made_in_a_while_and_is_then_there_with_its_group() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let made = ana.post("/teams", new_team("Rollout team")).await;
    assert_eq!(made.status, 202, "{}", made.text);
    let operation = made.header("location").to_owned();
    assert_eq!(ana.get(&operation).await.body["status"], "inProgress");
    let done = ana.get(&operation).await.body;
    assert_eq!(
        (&done["status"], &done["operationType"]),
        (&json!("succeeded"), &json!("createTeam"))
    );
    let team = format!("/teams/{}", done["targetResourceId"].as_str().unwrap());
    let found = ana.get(&team).await.body;
    assert_eq!(found["displayName"], "Rollout team");
    assert_eq!(found["visibility"], "private");
    assert_eq!(found["memberSettings"]["allowCreateUpdateChannels"], true);
    assert_eq!(
        names(&ana.get(&format!("{team}/channels")).await),
        ["General", "Plans"]
    );
    assert_eq!(
        names(&ana.get(&format!("{team}/members")).await),
        ["Ana Reis"]
    );
    let general = ana.get(&format!("{team}/primaryChannel")).await.body;
    assert_eq!(general["id"], found["internalId"]);
    assert!(names(&ana.get("/me/joinedTeams").await).contains(&"Rollout team".to_owned()));
    let group = cloud.application(&["Group.ReadWrite.All"]);
    let of_team = group
        .get("/groups?$filter=mailNickname eq 'Rolloutteam'")
        .await
        .values();
    assert_eq!(of_team[0]["resourceProvisioningOptions"], json!(["Team"]));
    let gone = group
        .delete(&format!("/groups/{}", of_team[0]["id"].as_str().unwrap()))
        .await;
    assert_eq!(gone.status, 204);
    refused(&ana.get(&team).await, 404, "NotFound");
}

#[tokio::test]
async fn an_application_names_the_owner_of_its_team_and_a_group_becomes_one() {
    let cloud = Cloud::start().await;
    let application = cloud.application(&[
        "Team.Create",
        "Group.ReadWrite.All",
        "TeamMember.Read.All",
        "User.Read.All",
    ]);
    refused(
        &application.post("/teams", new_team("Ownerless")).await,
        400,
        "BadRequest",
    );
    let mut owned = new_team("Owned");
    owned["members"] = json!([person(BEN, &["owner"])]);
    let made = application.post("/teams", owned).await;
    assert_eq!(made.status, 202, "{}", made.text);
    let team = made.header("content-location").to_owned();
    let members = application.get(&format!("{team}/members")).await.values();
    assert_eq!(
        (members.len(), &members[0]["roles"]),
        (1, &json!(["owner"]))
    );
    let ben = members[0]["userId"].as_str().unwrap();
    let group = json!({
        "displayName": "Old group", "mailNickname": "old", "mailEnabled": true, "securityEnabled": false,
        "groupTypes": ["Unified"],
        "owners@odata.bind": [format!("https://graph.microsoft.com/v1.0/users/{ben}")],
    });
    let group = application.post("/groups", group).await.id();
    let path = format!("/groups/{group}/team");
    let put = application
        .call(
            Method::PUT,
            &path,
            Some(json!({ "funSettings": { "allowGiphy": false } })),
        )
        .await;
    assert_eq!(put.status, 201, "{}", put.text);
    assert_eq!(put.body["funSettings"]["allowGiphy"], false);
    let again = application.call(Method::PUT, &path, Some(json!({}))).await;
    refused(&again, 409, "Conflict");
}

#[tokio::test]
async fn people_of_a_team_come_change_and_go() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let team = make_team(&ana, "People").await;
    let path = format!("{team}/members");
    let ben = ana.post(&path, person(BEN, &[])).await;
    assert_eq!(
        (ben.status, &ben.body["email"]),
        (201, &json!(BEN)),
        "{}",
        ben.text
    );
    refused(&ana.post(&path, person(BEN, &[])).await, 400, "BadRequest");
    refused(
        &ana.post(&path, person("nobody@contoso.com", &[])).await,
        404,
        "NotFound",
    );
    let id = ben.id();
    let user = ben.body["userId"].as_str().unwrap();
    let cast =
        format!("{path}?$filter=(microsoft.graph.aadUserConversationMember/userId eq '{user}')");
    assert_eq!(ana.get(&cast).await.values().len(), 1);
    let path = format!("{path}/{id}");
    let owner =
        json!({ "@odata.type": "#microsoft.graph.aadUserConversationMember", "roles": ["owner"] });
    let limited = cloud.user(ANA, &["TeamMember.ReadWriteNonOwnerRole.All"]);
    refused(&limited.patch(&path, owner.clone()).await, 403, "Forbidden");
    assert_eq!(
        ana.patch(&path, owner).await.body["roles"],
        json!(["owner"])
    );
    assert_eq!(ana.delete(&path).await.status, 204);
    refused(&ana.get(&path).await, 404, "NotFound");
    let ana_id = ana.get(&format!("{team}/members")).await.values()[0]["id"].clone();
    let last = ana
        .delete(&format!("{team}/members/{}", ana_id.as_str().unwrap()))
        .await;
    refused(&last, 400, "BadRequest");
}

#[tokio::test]
async fn settings_change_and_an_archived_team_only_listens() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let team = make_team(&ana, "Settings").await;
    let change =
        json!({ "description": "Changed", "memberSettings": { "allowDeleteChannels": false } });
    assert_eq!(ana.patch(&team, change).await.status, 204);
    let found = ana.get(&team).await.body;
    assert_eq!(found["description"], "Changed");
    assert_eq!(found["memberSettings"]["allowDeleteChannels"], false);
    assert_eq!(found["memberSettings"]["allowAddRemoveApps"], true);
    refused(
        &ana.patch(&team, json!({ "nonsense": 1 })).await,
        400,
        "RequestBodyRead",
    );
    let wrong = json!({ "memberSettings": { "allowDeleteChannels": "no" } });
    refused(&ana.patch(&team, wrong).await, 400, "RequestBodyRead");
    let basic = cloud.user(ANA, &["Team.ReadBasic.All"]);
    assert_eq!(basic.get(&team).await.body["memberSettings"], Value::Null);
    assert_eq!(
        ana.post(&format!("{team}/archive"), json!({})).await.status,
        202
    );
    assert_eq!(ana.get(&team).await.body["isArchived"], true);
    let new = ana
        .post(
            &format!("{team}/channels"),
            json!({ "displayName": "Late" }),
        )
        .await;
    refused(&new, 403, "Forbidden");
    assert_eq!(
        ana.post(&format!("{team}/unarchive"), json!({}))
            .await
            .status,
        202
    );
    assert_eq!(ana.get(&team).await.body["isArchived"], false);
}

#[tokio::test]
async fn channels_of_each_kind_are_seen_by_those_who_belong() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.user(ANA, &ALL), cloud.user(BEN, &ALL));
    let team = make_team(&ana, "Channels").await;
    refused(
        &ben.get(&format!("{team}/channels")).await,
        403,
        "Forbidden",
    );
    ana.post(&format!("{team}/members"), person(BEN, &[])).await;
    let path = format!("{team}/channels");
    let private = json!({ "displayName": "Secret", "membershipType": "private" });
    let private = ana.post(&path, private).await;
    assert_eq!(
        (private.status, &private.body["membershipType"]),
        (201, &json!("private"))
    );
    let secret = format!("{path}/{}", private.id());
    refused(&ben.get(&secret).await, 404, "NotFound");
    assert_eq!(names(&ben.get(&path).await), ["General", "Plans"]);
    let joined = ana
        .post(&format!("{secret}/members"), person(BEN, &[]))
        .await;
    assert_eq!(joined.status, 201, "{}", joined.text);
    assert_eq!(ben.get(&secret).await.status, 200);
    let shared = ana
        .post(
            &path,
            json!({ "displayName": "With others", "membershipType": "shared" }),
        )
        .await;
    assert_eq!(shared.status, 202, "{}", shared.text);
    assert_eq!(
        ana.get(shared.header("content-location")).await.body["displayName"],
        "With others"
    );
    refused(
        &ana.post(&path, json!({ "displayName": "secret" })).await,
        400,
        "BadRequest",
    );
    refused(
        &ana.post(&path, json!({ "displayName": "a/b" })).await,
        400,
        "BadRequest",
    );
    let standard = plans(&ana, &team).await;
    refused(
        &ana.post(&format!("{standard}/members"), person(BEN, &[]))
            .await,
        400,
        "BadRequest",
    );
    assert_eq!(
        ana.patch(&standard, json!({ "displayName": "Plans II" }))
            .await
            .status,
        204
    );
    assert_eq!(ana.get(&standard).await.body["displayName"], "Plans II");
    let general = ana.get(&format!("{team}/primaryChannel")).await.id();
    refused(
        &ana.delete(&format!("{path}/{general}")).await,
        400,
        "BadRequest",
    );
    assert_eq!(ana.delete(&standard).await.status, 204);
    refused(&ana.get(&standard).await, 404, "NotFound");
}

#[tokio::test]
async fn a_channel_has_tabs() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let team = make_team(&ana, "Tabs").await;
    let path = format!("{}/tabs", plans(&ana, &team).await);
    let tab = json!({
        "displayName": "Handbook",
        "teamsApp@odata.bind": "https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/com.microsoft.teamspace.tab.web",
        "configuration": { "contentUrl": "https://contoso.com/handbook", "websiteUrl": "https://contoso.com/handbook" },
    });
    let made = ana.post(&path, tab).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let one = format!("{path}/{}", made.id());
    assert_eq!(
        ana.patch(&one, json!({ "displayName": "Rules" }))
            .await
            .body["displayName"],
        "Rules"
    );
    let listed = ana.get(&format!("{path}?$expand=teamsApp")).await.values();
    assert_eq!(
        listed[0]["teamsApp"]["id"],
        "com.microsoft.teamspace.tab.web"
    );
    assert_eq!(
        listed[0]["configuration"]["contentUrl"],
        "https://contoso.com/handbook"
    );
    assert_eq!(ana.delete(&one).await.status, 204);
    assert!(ana.get(&path).await.values().is_empty());
}

#[tokio::test]
async fn each_operation_names_the_permission_that_is_missing() {
    let cloud = Cloud::start().await;
    let without = cloud.user(ANA, &["User.Read"]);
    let application = cloud.application(&["User.Read.All"]);
    for path in ["/teams", "/me/joinedTeams", "/me/chats", "/me/presence"] {
        let answer = without.get(path).await;
        refused(&answer, 403, "Forbidden");
        assert!(
            answer.message().contains("Missing scope permissions"),
            "{}",
            answer.text
        );
    }
    let answer = application.post("/teams", new_team("No")).await;
    refused(&answer, 403, "Forbidden");
    assert!(
        answer.message().contains("Missing role permissions"),
        "{}",
        answer.text
    );
    assert_eq!(application.get("/teams/x/schedule").await.status, 501);
    refused(
        &application.get("/teams/x/nonsense").await,
        400,
        "BadRequest",
    );
}

#[tokio::test]
async fn a_channel_keeps_its_files_in_the_library_of_the_team() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &[ALL.as_slice(), &["Files.ReadWrite.All"]].concat());
    let team = make_team(&ana, "Files").await;
    let path = format!("{}/filesFolder", plans(&ana, &team).await);
    let folder = ana.get(&path).await;
    assert_eq!(folder.status, 200, "{}", folder.text);
    assert_eq!(folder.body["name"], "Plans");
    assert_eq!(ana.get(&path).await.body["id"], folder.body["id"]);
    let drive = folder.body["parentReference"]["driveId"].as_str().unwrap();
    let put = format!("/drives/{drive}/items/{}:/plan.txt:/content", folder.id());
    let put = ana.call(Method::PUT, &put, Some(json!("a plan"))).await;
    assert_eq!(put.status, 201, "{}", put.text);
    refused(&cloud.user(ANA, &ALL).get(&path).await, 403, "Forbidden");
}

#[tokio::test]
async fn contoso_has_teams_in_which_people_talk() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let joined = ana.get("/me/joinedTeams").await.values();
    let sales = joined
        .iter()
        .find(|it| it["displayName"] == "Sales")
        .unwrap();
    let team = format!("/teams/{}", sales["id"].as_str().unwrap());
    let general = ana.get(&format!("{team}/primaryChannel")).await.id();
    let path = format!("{team}/channels/{general}/messages?$expand=replies&$top=50");
    let talk = ana.get(&path).await.values();
    assert!(talk.len() >= 9);
    assert!(
        talk.iter()
            .any(|it| !it["replies"].as_array().unwrap().is_empty())
    );
    assert!(!ana.get("/me/chats").await.values().is_empty());
}
