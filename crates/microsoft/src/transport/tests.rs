use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use url::Url;

use super::*;
use crate::support::{NOW, Reply, Responder, shown, transport};
use crate::{AccessToken, Clouds};

const TOKEN: &str = "header.payload.signature";

fn token() -> AccessToken {
    AccessToken::new(TOKEN.into(), NOW.parse().expect("a time"))
}

fn post(url: Url, repeat: Repeat) -> Outgoing {
    Outgoing::new(Method::POST, url, repeat).body(Body::Json(serde_json::json!({ "a": 1 })))
}

async fn fails(request: Outgoing) -> TransportError {
    transport().send(request).await.expect_err("a failure")
}

#[tokio::test]
async fn throttled_requests_are_repeated_under_one_id() {
    let server = Responder::start(vec![
        Reply::status(429).with("retry-after", "0"),
        Reply::text(200, "done"),
    ])
    .await;
    let request = post(server.url("/messages"), Repeat::Never);
    let answer = transport().send(request).await.expect("an answer");
    assert_eq!((answer.status, answer.attempts), (StatusCode::OK, 2));
    let sent_id = answer.client_request_id.clone();
    assert_eq!(answer.body.bytes(10).await.expect("a body"), "done");
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    for request in &seen {
        assert_eq!(request.line, "POST /messages");
        assert_eq!(request.body, r#"{"a":1}"#);
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("return-client-request-id"), Some("true"));
        assert_eq!(request.header("client-request-id"), sent_id.as_deref());
    }
    assert!(uuid::Uuid::try_parse(&sent_id.expect("an id")).is_ok());
}

#[tokio::test]
async fn an_id_that_was_given_is_kept() {
    let server = Responder::start(vec![Reply::status(204)]).await;
    let request = Outgoing::get(server.url("/")).header(
        HeaderName::from_static("client-request-id"),
        HeaderValue::from_static("mine"),
    );
    let answer = transport().send(request).await.expect("an answer");
    assert_eq!(answer.client_request_id.as_deref(), Some("mine"));
    assert_eq!(server.seen()[0].header("client-request-id"), Some("mine"));
}

#[tokio::test]
async fn a_retry_after_past_the_deadline_returns_the_refusal_as_it_is() {
    let server = Responder::start(vec![Reply::text(429, "slow").with("retry-after", "3600")]).await;
    let answer = transport()
        .send(Outgoing::get(server.url("/")))
        .await
        .expect("an answer");
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.retry_after, Some(Duration::from_hours(1)));
    assert_eq!(answer.body.bytes(10).await.expect("a body"), "slow");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn trouble_at_microsoft_is_repeated_only_where_that_is_safe() {
    let server =
        Responder::start(vec![Reply::status(503), Reply::HangUp, Reply::status(200)]).await;
    let request = post(server.url("/"), Repeat::Safe);
    let answer = transport().send(request).await.expect("an answer");
    assert_eq!((answer.status, answer.attempts), (StatusCode::OK, 3));

    let server = Responder::start(vec![Reply::status(503).with("retry-after", "0")]).await;
    let request = post(server.url("/"), Repeat::Never);
    let answer = transport().send(request).await.expect("an answer");
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn what_may_have_happened_is_never_sent_twice() {
    for reply in [Reply::HangUp, Reply::Silence] {
        let server = Responder::start(vec![reply, Reply::status(200)]).await;
        let error = fails(post(server.url("/send"), Repeat::Never)).await;
        assert!(
            matches!(
                error,
                TransportError::Interrupted { .. } | TransportError::TimedOut { sent: true, .. }
            ),
            "{error:?}"
        );
        assert!(error.may_have_happened());
        assert_eq!(error.request().attempts, 1);
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_connection_that_was_never_made_is_tried_again_and_known_not_to_have_sent() {
    let server = Responder::start(Vec::new()).await;
    let url = server.url("/send");
    drop(server);
    tokio::task::yield_now().await;
    let error = fails(post(url, Repeat::Never)).await;
    assert!(
        matches!(error, TransportError::Unreachable { .. }),
        "{error:?}"
    );
    assert!(!error.may_have_happened());
    assert_eq!(error.request().attempts, 4);
}

#[tokio::test]
async fn a_stream_is_sent_once() {
    let server = Responder::start(vec![Reply::status(429).with("retry-after", "0")]).await;
    let pieces = stream::iter([Ok(Bytes::from("ab")), Ok(Bytes::from("cd"))]).boxed();
    let request = Outgoing::new(Method::PUT, server.url("/upload"), Repeat::Safe)
        .header(http::header::CONTENT_LENGTH, HeaderValue::from_static("4"))
        .body(Body::Stream(pieces));
    let answer = transport().send(request).await.expect("an answer");
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(server.seen().len(), 1);
    assert_eq!(server.seen()[0].body, "abcd");
}

#[tokio::test]
async fn a_redirect_is_the_callers_to_follow_and_the_token_stays() {
    let elsewhere = Responder::start(vec![Reply::status(200)]).await;
    let server = Responder::start(vec![
        Reply::status(302).with("location", elsewhere.url("/file").as_str()),
    ])
    .await;
    let request = Outgoing::get(server.url("/content"))
        .bearer(token(), &server.cloud())
        .expect("the cloud's own host");
    let answer = transport().send(request).await.expect("an answer");
    assert_eq!(answer.status, StatusCode::FOUND);
    assert_eq!(
        server.seen()[0].header("authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn a_token_is_never_sent_to_a_host_that_the_cloud_does_not_own() {
    let other = Responder::start(vec![Reply::status(200)]).await;
    let clouds = Clouds::built_in();
    let global = clouds.get("global").expect("a cloud");
    for url in [
        other.url("/me"),
        "https://graph.microsoft.com.evil.example/me"
            .parse()
            .expect("a URL"),
        "https://graph.microsoft.com:8443/me"
            .parse()
            .expect("a URL"),
        "https://u@graph.microsoft.com/me".parse().expect("a URL"),
        "https://graph.microsoft.us/me".parse().expect("a URL"),
        "https://contoso.sharepoint.com/file"
            .parse()
            .expect("a URL"),
    ] {
        let error = Outgoing::get(url)
            .bearer(token(), global)
            .expect_err("a refusal");
        assert!(matches!(error, TransportError::Invalid { .. }));
        assert!(!error.may_have_happened());
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn plain_http_user_info_and_foreign_credentials_are_refused_unsent() {
    let url = |text: &str| text.parse::<Url>().expect("a URL");
    let credential = Outgoing::get(url("https://graph.microsoft.com/"))
        .header(AUTHORIZATION, HeaderValue::from_static("Basic YTpi"));
    for request in [
        Outgoing::get(url("http://graph.microsoft.com/")),
        Outgoing::get(url("http://192.168.1.1/")),
        Outgoing::get(url("https://a:b@graph.microsoft.com/")),
        credential,
    ] {
        let error = fails(request).await;
        assert!(matches!(error, TransportError::Invalid { .. }), "{error:?}");
        assert_eq!(error.request().attempts, 0);
    }
}

#[tokio::test]
async fn bodies_are_read_to_a_limit() {
    let server = Responder::start(vec![Reply::text(200, "0123456789")]).await;
    let request = Outgoing::get(server.url("/"));
    let answer = transport().send(request).await.expect("an answer");
    let error = answer.body.bytes(9).await.expect_err("too large");
    assert!(matches!(error, TransportError::TooLarge { limit: 9, .. }));
}

#[tokio::test]
async fn a_body_that_breaks_off_says_so() {
    let server = Responder::start(vec![Reply::Cut, Reply::Cut]).await;
    for streamed in [false, true] {
        let request = Outgoing::get(server.url("/"));
        let body = transport().send(request).await.expect("headers").body;
        let error = if streamed {
            let pieces: Vec<_> = body.stream().collect().await;
            pieces.into_iter().find_map(Result::err)
        } else {
            body.bytes(1000).await.err()
        };
        let error = error.expect("a failure");
        assert!(
            matches!(error, TransportError::Interrupted { .. }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_body_that_stalls_is_given_up() {
    let server = Responder::start(vec![Reply::Stall, Reply::Stall]).await;
    for streamed in [false, true] {
        let request = Outgoing::get(server.url("/"));
        let body = transport().send(request).await.expect("headers").body;
        let error = if streamed {
            let pieces: Vec<_> = body.stream().collect().await;
            assert_eq!(pieces.len(), 2, "the half that came, and the error");
            pieces.into_iter().find_map(Result::err)
        } else {
            body.bytes(1000).await.err()
        };
        let error = error.expect("a failure");
        assert!(
            matches!(error, TransportError::TimedOut { sent: true, .. }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn an_upload_may_take_until_its_deadline() {
    let server = Responder::start(vec![Reply::Silence]).await;
    let deadline = Duration::from_millis(450);
    let request = Outgoing::new(Method::PUT, server.url("/upload"), Repeat::Never)
        .body(Body::Bytes(vec![0; 1024 * 1024].into()))
        .deadline(deadline);
    let error = fails(request).await;
    assert!(error.request().elapsed >= deadline, "{error:?}");
}

#[tokio::test]
async fn an_extra_certificate_file_has_to_hold_certificates() {
    let with = |path: &str| {
        let options = TransportOptions {
            ca_file: Some(path.into()),
            ..TransportOptions::default()
        };
        let random = Arc::new(model::SystemRandom);
        Transport::new(options, crate::support::clock(), random)
    };
    for path in [
        "/nowhere/ca.pem",
        concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"),
    ] {
        let error = with(path).expect_err("a refusal");
        assert_eq!(error.code(), "microsoft.ca_file");
        assert!(error.to_string().contains(path));
    }
}

#[tokio::test]
async fn what_is_not_json_is_invalid_and_not_repeated_in_the_error() {
    let server = Responder::start(vec![Reply::text(200, r#"{"token":"s3cr3t"}"#)]).await;
    let request = Outgoing::get(server.url("/"));
    let answer = transport().send(request).await.expect("an answer");
    let error = answer.body.json::<Vec<u8>>(100).await.expect_err("no list");
    assert!(error.may_have_happened());
    assert!(!shown(&error).contains("s3cr3t"));
}

#[tokio::test]
async fn errors_show_neither_query_nor_token_nor_a_sensitive_path() {
    let server = Responder::start(vec![Reply::HangUp, Reply::HangUp]).await;
    for sensitive in [false, true] {
        let mut request = post(server.url("/p4th?sig=s3cr3t"), Repeat::Never)
            .bearer(token(), &server.cloud())
            .expect("the cloud's own host");
        request.sensitive_url = sensitive;
        let debug = format!("{request:?}");
        let text = shown(&fails(request).await) + &debug;
        assert!(!text.contains("s3cr3t") && !text.contains(TOKEN), "{text}");
        assert_eq!(text.contains("p4th"), !sensitive, "{text}");
    }
}
