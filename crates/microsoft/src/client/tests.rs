use super::*;
use crate::support::{NOW, Reply, Responder, transport};

fn path(text: &str) -> Target {
    Target::Path {
        api: Api::Graph,
        environment: None,
        path_and_query: text.to_owned(),
    }
}

async fn send(server: &Responder, target: Target) -> Result<Incoming, CallError> {
    let token = AccessToken::new("t0ken".into(), NOW.parse().expect("a time"));
    let call = ApiCall::new(target, Method::GET, token, Repeat::Safe);
    ApiClient::new(transport())
        .send(&server.cloud(), call)
        .await
}

#[tokio::test]
async fn a_path_goes_below_the_apis_root_with_its_token() {
    let server = Responder::start(vec![Reply::text(200, "{}")]).await;
    let target = path("/me/messages?$top=5&$filter=contains(subject,'a%26b')");
    send(&server, target).await.expect("an answer");
    let seen = &server.seen()[0];
    assert_eq!(
        seen.line,
        "GET /v1.0/me/messages?$top=5&$filter=contains(subject,%27a%26b%27)"
    );
    assert_eq!(seen.header("authorization"), Some("Bearer t0ken"));
}

#[tokio::test]
async fn a_path_cannot_climb_out_of_the_root() {
    let server = Responder::start(Vec::new()).await;
    for bad in [
        "me",
        "//evil.example/me",
        "/../beta/me",
        "/me/%2e%2E/%2e./beta",
        "/me/./x",
        "/me\\..\\x",
        "/me#x",
    ] {
        let error = send(&server, path(bad)).await.expect_err(bad);
        assert!(
            matches!(error, CallError::Transport(TransportError::Invalid { .. })),
            "{bad}"
        );
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_next_page_at_another_host_is_not_fetched() {
    let elsewhere = Responder::start(Vec::new()).await;
    let server = Responder::start(vec![Reply::text(200, "{}")]).await;
    send(&server, Target::Url(server.url("/beta/me")))
        .await
        .expect("an answer");
    let error = send(&server, Target::Url(elsewhere.url("/v1.0/me"))).await;
    assert!(matches!(
        error,
        Err(CallError::Transport(TransportError::Invalid { .. }))
    ));
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn a_call_shows_no_token() {
    let token = AccessToken::new("t0ken".into(), NOW.parse().expect("a time"));
    let call = ApiCall::new(path("/me"), Method::GET, token, Repeat::Safe);
    assert!(!format!("{call:?}").contains("t0ken"));
}
