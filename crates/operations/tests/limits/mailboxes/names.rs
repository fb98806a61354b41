//! The other names of a mailbox that is listed, and what is promised where nobody may be looked up.

use model::ConnectionMethod;
use operations::Error;
use serde_json::json;

use super::stage::{Stage, only};
use crate::world::{ANA, BEN};

const APPLICATION: ConnectionMethod = ConnectionMethod::ServicePrincipal;
const USER: ConnectionMethod = ConnectionMethod::OAuth;

async fn lists(stage: &Stage, method: ConnectionMethod, mailbox: &str) -> Result<(), Error> {
    let input = json!({ "mailbox": mailbox });
    let listed = stage.json(stage.of(method), "outlook.messages.list", input);
    listed.await.map(drop)
}

fn reason(outcome: Result<(), Error>) -> String {
    match outcome {
        Err(Error::Denied { reason, instead }) => format!("{reason}; {instead}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_listed_mailbox_is_known_by_its_sign_in_name_and_its_mail_address() {
    let stage = Stage::with(&["User.ReadWrite.All"], ANA).await;
    let change = json!({ "userPrincipalName": "ana@contoso.com" });
    let client = reqwest::Client::builder().build().unwrap();
    let token = stage.world.control().issue_access_token(
        &stage.world.registered.client_id,
        None,
        &["User.ReadWrite.All"],
    );
    let url = format!("{}/v1.0/users/{ANA}", stage.world.sandbox.url());
    let request = client.patch(url).bearer_auth(token.unwrap());
    let request = request.header("content-type", "application/json");
    let answer = request.body(change.to_string()).send().await.unwrap();
    assert!(answer.status().is_success(), "{:?}", answer.text().await);
    // Listed by the one, named by the other.
    for (listed, named) in [(ANA, "ana@contoso.com"), ("ana@contoso.com", ANA)] {
        for method in ConnectionMethod::ALL {
            stage.world.limit(stage.of(method), only(listed)).await;
            lists(&stage, method, named).await.unwrap();
            lists(&stage, method, listed).await.unwrap();
        }
        // So is whoever is signed in.
        let own = stage.json(stage.of(USER), "outlook.messages.list", json!({}));
        own.await.unwrap();
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn without_a_permission_to_look_people_up_a_mailbox_is_named_as_it_is_listed() {
    let stage = Stage::with(&[], ANA).await;
    for method in ConnectionMethod::ALL {
        lists(&stage, method, ANA).await.unwrap();
        let told = reason(lists(&stage, method, BEN).await);
        assert!(
            told.contains("as it is listed") && told.contains(ANA),
            "{told}"
        );
    }
    let told = reason(lists(&stage, APPLICATION, &stage.scene.allowed.id).await);
    assert!(told.contains("User.ReadBasic.All"), "{told}");
    // Whoever is signed in is known without asking.
    lists(&stage, USER, &stage.scene.allowed.id).await.unwrap();
    let own = stage.json(stage.of(USER), "outlook.messages.list", json!({}));
    own.await.unwrap();
    assert!(stage.world.control().count("GET", "/users/ben") == 0);
    stage.world.stop().await;
}

#[tokio::test]
async fn ones_own_mailbox_counts_by_its_owner() {
    let stage = Stage::with(&["User.Read.All"], BEN).await;
    stage.world.control().clear_requests();
    let own = stage.json(stage.of(USER), "outlook.messages.list", json!({}));
    let told = reason(own.await.map(drop));
    assert!(told.contains("connection's own account"), "{told}");
    let told = reason(lists(&stage, USER, BEN).await);
    assert!(told.contains("not among the allowed mailboxes"), "{told}");
    assert!(stage.reached().is_empty());
    // An application is nobody.
    let own = stage.raw(stage.of(APPLICATION), "GET", "v1.0/me/messages", None);
    assert!(own.await.is_err());
    assert!(stage.reached().is_empty());
    // One that was shared counts by its address: that Exchange does not open it is another matter.
    assert!(lists(&stage, USER, ANA).await.is_err());
    assert_eq!(stage.reached().len(), 1);
    stage.world.stop().await;
}

#[tokio::test]
async fn an_address_that_nobody_has_is_told_and_opens_nothing() {
    let stage = Stage::start().await;
    let connection = stage.of(APPLICATION);
    stage
        .world
        .limit(connection, only("gone@contoso.com"))
        .await;
    stage.world.control().clear_requests();
    let told = reason(lists(&stage, APPLICATION, &stage.scene.other.id).await);
    assert!(
        told.contains("knows nobody at `gone@contoso.com`"),
        "{told}"
    );
    let told = stage.world.control().count("GET", "/messages");
    assert_eq!(told, 0);
    stage.world.stop().await;
}

#[tokio::test]
async fn lookups_are_asked_once_in_ten_minutes() {
    let stage = Stage::start().await;
    stage.world.control().clear_requests();
    let looked = || stage.world.control().requests().len() - stage.reached().len();
    for _ in 0..3 {
        lists(&stage, APPLICATION, &stage.scene.allowed.id)
            .await
            .unwrap();
    }
    let is_token = |request: &sandbox::LoggedRequest| request.path.ends_with("/token");
    let tokens = stage
        .world
        .control()
        .requests()
        .iter()
        .filter(|one| is_token(one))
        .count();
    assert_eq!(looked() - tokens, 1);
    stage
        .world
        .clock
        .advance(jiff::SignedDuration::from_mins(11));
    lists(&stage, APPLICATION, &stage.scene.allowed.id)
        .await
        .unwrap();
    let tokens = stage
        .world
        .control()
        .requests()
        .iter()
        .filter(|one| is_token(one))
        .count();
    assert_eq!(looked() - tokens, 2);
    stage.world.stop().await;
}
