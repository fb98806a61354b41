use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use http::HeaderValue;

use super::*;
use crate::support::{Reply, Responder, shown, transport};

fn proof(server: &Responder) -> ProofUrl {
    let url = server.url("/files/s3cr3t?sig=s3cr3t");
    ProofUrl::of(&server.cloud(), url.as_str()).expect("the sandbox's own")
}

fn session(server: &Responder) -> UploadSession {
    UploadSession {
        transport: transport(),
        url: proof(server),
        sequence: Sequence::Drive,
        content_type: None,
        tally: Tally::default(),
    }
}

fn recognisable(server: &Responder) -> UploadSession {
    UploadSession {
        tally: Tally::recognisable(),
        ..session(server)
    }
}

fn unheard(_: Mark) -> BoxFuture<'static, bool> {
    async { true }.boxed()
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    model::sha256(bytes)
}

/// In uneven pieces, since nobody sends in chunks of ours.
fn content(text: &str) -> Content {
    let pieces: Vec<_> = text
        .as_bytes()
        .chunks(7)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    Content {
        length: text.len() as u64,
        bytes: stream::iter(pieces).boxed(),
    }
}

fn download(server: &Responder, relocated: Option<ProofUrl>) -> Download {
    Download {
        transport: transport(),
        url: proof(server),
        range: None,
        relocate: Box::new(move || {
            let url = relocated.clone();
            async move { url }.boxed()
        }),
    }
}

async fn whole(opened: Opened) -> Result<Vec<u8>, crate::TransportError> {
    opened
        .bytes
        .try_fold(Vec::new(), |mut whole, piece| async move {
            whole.extend_from_slice(&piece);
            Ok(whole)
        })
        .await
}

#[test]
fn only_addresses_of_the_clouds_own_files_are_followed() {
    let clouds = crate::Clouds::built_in();
    let global = clouds.get("global").expect("built in");
    let is_taken = |url: &str| ProofUrl::of(global, url).is_some();
    assert!(is_taken(
        "https://contoso-my.sharepoint.com/_layouts/15/download.aspx?tempauth=x"
    ));
    assert!(is_taken(
        "https://outlook.office.com/api/v2.0/x/uploadSessions('y')?authtoken=z"
    ));
    for wrong in [
        "http://contoso.sharepoint.com/x",
        "https://contoso.sharepoint.com.evil.example/x",
        "https://evilsharepoint.com/x",
        "https://contoso.sharepoint.com:8443/x",
        "https://user@contoso.sharepoint.com/x",
        "https://graph.microsoft.com/v1.0/me",
        "https://127.0.0.1/x",
        "file:///etc/passwd",
    ] {
        assert!(!is_taken(wrong), "{wrong}");
    }
}

#[tokio::test]
async fn a_file_goes_in_ranges_and_without_a_token() {
    let text = "0123456789".repeat(10);
    let server = Responder::start(vec![Reply::text(201, r#"{"id":"1"}"#)]).await;
    let uploaded = session(&server)
        .send(content(&text), None, &unheard)
        .await
        .expect("an item");
    assert_eq!(uploaded.body, r#"{"id":"1"}"#);
    let seen = server.seen();
    assert_eq!(seen[0].header("content-range"), Some("bytes 0-99/100"));
    assert_eq!(seen[0].header("content-length"), Some("100"));
    assert_eq!(seen[0].header("authorization"), None);
    assert_eq!(seen[0].body, text);
}

#[tokio::test]
async fn what_was_not_acknowledged_is_sent_again_after_a_break() {
    let text = "0123456789".repeat(10);
    let server = Responder::start(vec![
        Reply::HangUp,
        Reply::text(200, r#"{"nextExpectedRanges":["30-"]}"#),
        Reply::text(201, r#"{"id":"1"}"#),
    ])
    .await;
    session(&server)
        .send(content(&text), None, &unheard)
        .await
        .expect("an item");
    let seen = server.seen();
    assert_eq!(seen[1].line, "GET /files/s3cr3t?sig=s3cr3t");
    assert_eq!(seen[2].header("content-range"), Some("bytes 30-99/100"));
    assert_eq!(seen[2].body, text[30..]);
}

/// Had it asked at once, Microsoft would count it against the limit.
#[tokio::test(start_paused = true)]
async fn a_chunk_that_was_refused_for_its_rate_waits_as_long_as_microsoft_says() {
    let server = Responder::start(vec![
        Reply::status(429).with("retry-after", "7"),
        Reply::text(200, r#"{"nextExpectedRanges":["0-"]}"#),
        Reply::text(201, r#"{"id":"1"}"#),
    ])
    .await;
    let begun = tokio::time::Instant::now();
    session(&server)
        .send(content("0123456789"), None, &unheard)
        .await
        .expect("an item");
    assert!(begun.elapsed() >= Duration::from_secs(7));
}

#[tokio::test]
async fn a_chunk_that_would_wait_too_long_says_what_microsoft_said() {
    let server = Responder::start(vec![Reply::status(429).with("retry-after", "3600")]).await;
    let error = session(&server)
        .send(content("0123456789"), None, &unheard)
        .await
        .expect_err("throttled");
    let UploadError::Refused {
        status,
        retry_after,
        ..
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!(status, 429);
    assert_eq!(retry_after, Some(Duration::from_hours(1)));
}

#[tokio::test]
async fn a_session_that_stands_still_is_given_up() {
    let still = || Reply::text(202, r#"{"nextExpectedRanges":["0-"]}"#);
    let server = Responder::start((0..9).map(|_| still()).collect()).await;
    let error = session(&server)
        .send(content("0123456789"), None, &unheard)
        .await
        .expect_err("no end");
    assert!(matches!(error, UploadError::Transport(_)), "{error}");
    assert!(!shown(&error).contains("s3cr3t"));
    assert_eq!(server.seen().len(), 6);
}

#[tokio::test]
async fn after_a_restart_it_goes_on_where_the_session_is() {
    let text = "0123456789".repeat(10);
    let server = Responder::start(vec![
        Reply::text(200, r#"{"nextExpectedRanges":["42-99"]}"#),
        Reply::text(201, r#"{"id":"1"}"#),
    ])
    .await;
    let session = recognisable(&server);
    let from = session.expects().await.expect("a session");
    let mark = Mark {
        at: from,
        sha256: sha256(&text.as_bytes()[..42]),
    };
    let another = text.replacen('0', "1", 1);
    let refused = session.send(content(&another), Some(mark), &unheard).await;
    assert!(matches!(refused, Err(UploadError::AnotherFile)));
    let session = recognisable(&server);
    session
        .send(content(&text), Some(mark), &unheard)
        .await
        .expect("an item");
    assert_eq!(session.tally.sha256(), Some(sha256(text.as_bytes())));
    assert_eq!(server.seen()[1].body, text[42..]);
}

#[tokio::test]
async fn a_file_that_is_shorter_or_longer_than_announced_never_arrives() {
    for length in [90, 110] {
        let text = "0123456789".repeat(10);
        let server = Responder::start(vec![Reply::text(201, r#"{"id":"1"}"#)]).await;
        let content = Content {
            length,
            ..content(&text)
        };
        let error = session(&server)
            .send(content, None, &unheard)
            .await
            .expect_err("a refusal");
        assert!(matches!(error, UploadError::Content(_)), "{error}");
        assert!(server.seen().is_empty(), "the last byte was not sent");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_stops_the_upload() {
    let pieces = vec![
        Ok(Bytes::from_static(b"0123")),
        Err(io::Error::new(io::ErrorKind::NotFound, "it is gone")),
    ];
    let content = Content {
        length: 10,
        bytes: stream::iter(pieces).boxed(),
    };
    let server = Responder::start(Vec::new()).await;
    let error = session(&server)
        .send(content, None, &unheard)
        .await
        .expect_err("a refusal");
    assert!(shown(&error).contains("it is gone"));
}

#[tokio::test]
async fn a_session_that_is_gone_is_told_apart_from_a_refusal() {
    let server = Responder::start(vec![
        Reply::status(404),
        Reply::text(409, r#"{"error":{"code":"nameAlreadyExists"}}"#),
    ])
    .await;
    let gone = session(&server)
        .send(content("x"), None, &unheard)
        .await
        .expect_err("gone");
    assert!(matches!(gone, UploadError::SessionGone));
    let refused = session(&server)
        .send(content("x"), None, &unheard)
        .await
        .expect_err("refused");
    assert!(matches!(refused, UploadError::Refused { status, .. } if status == 409));
    assert!(!shown(&refused).contains("s3cr3t"));
}

#[tokio::test]
async fn attachments_count_the_next_byte_without_a_dash_and_end_without_a_body() {
    let text = "0123456789".repeat(10);
    let server = Responder::start(vec![
        Reply::text(200, r#"{"nextExpectedRanges":["50"]}"#),
        Reply::status(201).with("location", "https://outlook.office.com/x/attachments('a')"),
    ])
    .await;
    let session = UploadSession {
        sequence: Sequence::Attachment,
        content_type: Some(HeaderValue::from_static("application/octet-stream")),
        ..session(&server)
    };
    let uploaded = session
        .send(content(&text), None, &unheard)
        .await
        .expect("an attachment");
    assert!(uploaded.headers.contains_key("location") && uploaded.body.is_empty());
    assert_eq!(server.seen()[1].body, text[50..]);
}

#[tokio::test]
async fn a_broken_download_goes_on_in_the_same_version() {
    let rest = Reply::text(206, "456789ab").with("content-range", "bytes 4-11/12");
    let server = Responder::start(vec![Reply::CutFile, rest]).await;
    let opened = download(&server, None).open().await.expect("an answer");
    let opened = opened.expect("a file");
    assert_eq!(whole(opened).await.expect("the file"), b"0123456789ab");
    let asked = &server.seen()[1];
    assert_eq!(asked.header("range"), Some("bytes=4-"));
    assert_eq!(server.seen()[0].header("accept-encoding"), Some("identity"));
    assert_eq!(asked.header("if-range"), Some("\"1\""));
}

#[tokio::test]
async fn a_file_that_changed_during_the_break_is_not_patched_together() {
    let server = Responder::start(vec![Reply::CutFile, Reply::text(200, "another file")]).await;
    let opened = download(&server, None).open().await.expect("an answer");
    let opened = opened.expect("a file");
    assert!(whole(opened).await.is_err());
}

#[tokio::test]
async fn an_address_that_has_ended_is_asked_for_anew() {
    let server = Responder::start(vec![Reply::status(403), Reply::text(200, "bytes")]).await;
    let again = ProofUrl::of(&server.cloud(), server.url("/files/anew").as_str());
    let opened = download(&server, again)
        .open()
        .await
        .expect("an answer")
        .expect("a file");
    assert_eq!(whole(opened).await.expect("the file"), b"bytes");
    assert_eq!(server.seen()[1].line, "GET /files/anew");
}
