use jiff::SignedDuration;
use serde_json::json;

use crate::support::client::Client;
use crate::support::{Outcome, TestServer};

fn path(client: &Client) -> String {
    let id = client.member.map(|id| id.to_string()).unwrap_or_default();
    format!("/members/{id}/sign-in-link")
}

#[tokio::test]
async fn the_links_secret_is_its_fragment() -> Outcome {
    let test = TestServer::start().await?;
    let link = test
        .admin
        .post_nothing(&path(&test.builder))
        .await?
        .expect(200)?;
    let url = link["url"].as_str().unwrap_or_default();
    let (page, secret) = url.split_once('#').ok_or("a fragment")?;
    assert!(page.ends_with("/sign-in") && secret.len() == 64, "{url}");
    assert_eq!(test.log("member.sign_in_link").await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn an_administrator_cannot_become_the_owner_by_a_link() -> Outcome {
    let test = TestServer::start().await?;
    test.admin
        .post_nothing(&path(&test.owner))
        .await?
        .problem(403, "role_required")?;
    test.admin
        .post_nothing("/members/me/sign-in-link")
        .await?
        .expect(200)?;
    test.owner
        .post_nothing(&path(&test.admin))
        .await?
        .expect(200)?;
    Ok(())
}

#[tokio::test]
async fn a_key_that_ends_makes_no_link_which_would_outlast_it() -> Outcome {
    let test = TestServer::start().await?;
    let end = test.server.context().now() + SignedDuration::from_hours(1);
    let made = test
        .admin
        .post("/keys", json!({ "name": "for an hour", "expires_at": end }))
        .await?
        .expect(201)?;
    let ending = test
        .anonymous
        .with_key(made["secret"].as_str().unwrap_or_default());
    for whose in ["/members/me/sign-in-link", &path(&test.builder)] {
        ending
            .post_nothing(whose)
            .await?
            .problem(403, "forbidden")?;
    }
    Ok(())
}
