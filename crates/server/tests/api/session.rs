//! People in browsers: how a session begins, what it may send, and how it ends.

use jiff::SignedDuration;
use model::sha256;
use reqwest::Method;
use serde_json::json;

use crate::support::client::{Answer, Client};
use crate::support::{Outcome, TestServer};

const PASSWORD: &str = "correct horse battery";

/// The session cookie's secret, from the answer of a sign-in.
fn secret(answer: &Answer) -> Option<String> {
    let cookie = answer.header("set-cookie");
    let (name, rest) = cookie.split_once('=')?;
    let is_safe =
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/");
    (name == "consentry_session" && is_safe)
        .then(|| rest.split(';').next().unwrap_or_default().to_owned())
}

async fn open_link(client: &Client, secret: &str) -> reqwest::Result<Answer> {
    let request = client.request_at(Method::POST, "/sign-in/link");
    Answer::of(request.form(&[("secret", secret)])).await
}

async fn try_password(client: &Client, email: &str, password: &str) -> reqwest::Result<Answer> {
    let request = client.request_at(Method::POST, "/sign-in");
    Answer::of(request.form(&[("email", email), ("password", password)])).await
}

/// Signs the owner in by a link; answers the cookie's secret.
async fn signed_in(test: &TestServer) -> Result<String, Box<dyn std::error::Error>> {
    let link = test.server.sign_in_link(test.server.owner()).await?;
    let (_, link) = link.url.split_once('#').ok_or("a fragment")?;
    let answer = open_link(&test.anonymous, link).await?;
    Ok(secret(&answer).ok_or("a session cookie")?)
}

fn of_browser(
    test: &TestServer,
    method: Method,
    path: &str,
    secret: &str,
) -> reqwest::RequestBuilder {
    let request = test.anonymous.request(method, path);
    request.header("cookie", format!("other=1; consentry_session={secret}"))
}

fn csrf(secret: &str) -> String {
    hex::encode(sha256(format!("csrf:{secret}").as_bytes()))
}

#[tokio::test]
async fn a_link_signs_in_once() -> Outcome {
    let test = TestServer::start().await?;
    let link = test.server.sign_in_link(test.server.owner()).await?;
    let (_, link) = link.url.split_once('#').ok_or("a fragment")?;
    let session = secret(&open_link(&test.anonymous, link).await?).ok_or("a session cookie")?;
    let me = Answer::of(of_browser(&test, Method::GET, "/me", &session))
        .await?
        .expect(200)?;
    assert_eq!(
        (&me["role"], &me["actor"]["type"]),
        (&"owner".into(), &"member".into())
    );
    open_link(&test.anonymous, link)
        .await?
        .problem(410, "sign_in_link_used")?;
    let lines: Vec<_> = test
        .log("session.")
        .await?
        .into_iter()
        .map(|(action, ..)| action)
        .collect();
    assert_eq!(lines, ["session.open_by_link"]);
    Ok(())
}

#[tokio::test]
async fn a_link_is_good_for_fifteen_minutes() -> Outcome {
    let test = TestServer::start().await?;
    let link = test.server.sign_in_link(test.server.owner()).await?;
    let (_, link) = link.url.split_once('#').ok_or("a fragment")?;
    test.advance(SignedDuration::from_mins(16));
    open_link(&test.anonymous, link)
        .await?
        .problem(410, "sign_in_link_used")?;
    Ok(())
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours() -> Outcome {
    let test = TestServer::start().await?;
    let session = signed_in(&test).await?;
    test.advance(SignedDuration::from_hours(13));
    let request = of_browser(&test, Method::GET, "/me", &session);
    Answer::of(request).await?.problem(401, "unauthenticated")?;
    Ok(())
}

#[tokio::test]
async fn a_session_changes_nothing_without_its_token() -> Outcome {
    let test = TestServer::start().await?;
    let session = signed_in(&test).await?;
    let new = json!({ "name": "x" });
    let post = || of_browser(&test, Method::POST, "/keys", &session).json(&new);
    Answer::of(post()).await?.problem(403, "csrf_refused")?;
    let wrong = post().header("x-csrf-token", csrf("another"));
    Answer::of(wrong).await?.problem(403, "csrf_refused")?;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let foreign = post()
            .header("x-csrf-token", csrf(&session))
            .header(name, value);
        Answer::of(foreign).await?.problem(403, "foreign_origin")?;
    }
    let own = post()
        .header("x-csrf-token", csrf(&session))
        .header("sec-fetch-site", "same-origin");
    Answer::of(own).await?.expect(201)?;
    test.logged("request.refuse", "csrf_refused").await
}

#[tokio::test]
async fn a_password_signs_in_and_is_changed_with_the_one_before() -> Outcome {
    let test = TestServer::start().await?;
    let session = signed_in(&test).await?;
    let choose = |password: &str, current: &str| {
        let new = json!({ "password": password, "current": current });
        let request = of_browser(&test, Method::POST, "/members/me/password", &session);
        Answer::of(request.header("x-csrf-token", csrf(&session)).json(&new))
    };
    choose(PASSWORD, "").await?.expect(204)?;
    let answer = try_password(&test.anonymous, "OWNER@localhost", PASSWORD).await?;
    assert!(
        secret(&answer).is_some(),
        "{} {}",
        answer.status,
        answer.text
    );
    let problem = choose("another long password", "wrong")
        .await?
        .problem(422, "invalid_input")?;
    assert_eq!(problem["field"], "current");
    choose("another long password", PASSWORD)
        .await?
        .expect(204)?;
    let old = try_password(&test.anonymous, "owner@localhost", PASSWORD).await?;
    assert_eq!((old.status, secret(&old)), (401, None));
    Ok(())
}

#[tokio::test]
async fn guessing_passwords_is_stopped_and_does_not_tell_who_exists() -> Outcome {
    let test = TestServer::start().await?;
    for email in ["admin@contoso.com", "nobody@contoso.com"] {
        for _ in 0..10 {
            assert_eq!(
                try_password(&test.anonymous, email, "guess").await?.status,
                401,
                "{email}"
            );
        }
        let stopped = try_password(&test.anonymous, email, "guess").await?;
        assert_eq!(stopped.status, 429, "{email}");
    }
    test.logged("session.refuse", "sign_in_refused").await
}
