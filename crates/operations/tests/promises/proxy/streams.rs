//! Bytes both ways, and what the log says when either end goes away.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::Method;
use model::{Connection, OperationKind, Outcome, Phase, Policy};
use operations::{ProxyAnswer, ProxyBody, RawBody};
use sandbox::{Action, Fault};
use serde_json::{Value, json};

use super::{LIMIT, bytes, headers, lines, pass, send, text};
use crate::stage::{Stage, mail};
use crate::world::{ANA, BEN};

const PIECE: usize = 64 * 1024;
/// Several times what is ever read before it is sent.
const PIECES: usize = 5 * LIMIT / PIECE;

/// A drive, and what was put into it.
struct Drive {
    stage: Stage,
    connection: Connection,
    id: String,
}

impl Drive {
    async fn open() -> Self {
        Box::pin(Self::opened()).await
    }

    async fn opened() -> Self {
        let stage = Stage::start().await;
        let connection = Box::pin(crate::files::connect(&stage)).await;
        let drive = stage
            .json(
                &connection,
                "onedrive.drives.getDefault",
                json!({ "user": ANA }),
            )
            .await;
        let id = drive["id"].as_str().unwrap().to_owned();
        Self {
            stage,
            connection,
            id,
        }
    }

    fn content(&self, name: &str) -> String {
        format!("v1.0/drives/{}/items/root:/{name}:/content", self.id)
    }

    async fn put(&self, name: &str, body: RawBody) -> Result<ProxyAnswer, operations::Error> {
        let headers = headers(&[("content-type", "application/octet-stream")]);
        pass(
            &self.stage,
            &self.connection,
            Method::PUT,
            &self.content(name),
            &headers,
            body,
        )
        .await
    }

    async fn file(&self) -> Value {
        text(self.put("large.bin", pieces(PIECES).0).await.unwrap()).await
    }
}

/// A body in pieces, and how many of them were taken.
fn pieces(number: usize) -> (RawBody, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&taken);
    let bytes = stream::iter(0..number).map(move |at| {
        counted.fetch_add(1, Ordering::Relaxed);
        let byte = u8::try_from(at % 251).unwrap_or_default();
        Ok(Bytes::from(vec![byte; PIECE]))
    });
    let body = RawBody {
        length: Some((number * PIECE) as u64),
        bytes: bytes.boxed(),
    };
    (body, taken)
}

#[tokio::test]
async fn a_file_of_any_size_goes_up_and_comes_down_as_a_stream() {
    let drive = Drive::open().await;
    let file = drive.file().await;
    assert_eq!(file["size"], PIECES * PIECE);
    let path = format!(
        "v1.0/drives/{}/items/{}/content",
        drive.id,
        file["id"].as_str().unwrap()
    );
    let get = |range: &'static str| {
        let headers = headers(&[("range", range)]);
        let (drive, path) = (&drive, path.as_str());
        async move {
            pass(
                &drive.stage,
                &drive.connection,
                Method::GET,
                path,
                &headers,
                RawBody::empty(),
            )
            .await
            .unwrap()
        }
    };
    let part = get("bytes=65536-65545").await;
    assert_eq!(part.status, 206);
    assert_eq!(
        part.headers["content-range"],
        format!("bytes 65536-65545/{}", PIECES * PIECE).as_str()
    );
    assert!(
        !part.headers.contains_key("location"),
        "the file's address is followed here"
    );
    assert_eq!(bytes(part).await.unwrap(), [1; 10]);
    let whole = bytes(get("bytes=0-").await).await.unwrap();
    assert!(
        whole.len() == PIECES * PIECE
            && whole
                .chunks(PIECE)
                .enumerate()
                .all(|(at, piece)| piece.iter().all(|byte| usize::from(*byte) == at % 251))
    );
    let lines = lines(&drive.stage, "onedrive.files.download").await;
    assert!(
        lines.len() == 2 && lines.iter().all(|line| line.outcome == Outcome::Ok),
        "{lines:?}"
    );
    drive.stage.world.stop().await;
}

#[tokio::test]
async fn nothing_of_a_body_is_taken_before_it_may_be_sent() {
    let drive = Drive::open().await;
    let policy = Policy {
        kinds: Some([OperationKind::Read].into()),
        ..Policy::default()
    };
    drive.stage.world.limit(&drive.connection, policy).await;
    let (body, taken) = pieces(PIECES);
    let refused = drive.put("no.bin", body).await.unwrap_err();
    assert_eq!(
        (refused.code(), taken.load(Ordering::Relaxed)),
        ("policy_denied", 0)
    );
    drive.stage.world.stop().await;
}

#[tokio::test]
async fn an_upload_that_its_caller_breaks_off_is_told_as_not_done() {
    let drive = Drive::open().await;
    let (body, _) = pieces(PIECES);
    let gone = stream::iter([Err(io::Error::from(io::ErrorKind::ConnectionReset))]);
    let body = RawBody {
        length: body.length,
        bytes: body.bytes.take(3).chain(gone).boxed(),
    };
    let broken = drive.put("half.bin", body).await.unwrap_err();
    assert_eq!(broken.code(), "body_unreadable");
    let lines = lines(&drive.stage, "onedrive.files.upload").await;
    assert_eq!(
        lines
            .iter()
            .map(|line| (line.phase, line.outcome))
            .collect::<Vec<_>>(),
        [
            (Phase::Result, Outcome::Failed),
            (Phase::Intent, Outcome::Started)
        ]
    );
    let path = format!("v1.0/drives/{}/root:/half.bin", drive.id);
    let missing = send(
        &drive.stage,
        &drive.connection,
        Method::GET,
        &path,
        Bytes::new(),
    )
    .await;
    assert!(missing.is_err());
    drive.stage.world.stop().await;
}

#[tokio::test]
async fn a_large_upload_whose_answer_is_lost_is_uncertain_or_can_be_repeated() {
    let drive = Drive::open().await;
    drive
        .stage
        .world
        .control()
        .inject(Fault::once("PUT", "/content", Action::ResetAfter));
    let lost = drive.put("lost.bin", pieces(PIECES).0).await.unwrap_err();
    let repeat = catalog::operation("onedrive.files.upload").unwrap().repeat;
    let wanted = if repeat == catalog::Repeat::Idempotent {
        "unreachable"
    } else {
        "uncertain"
    };
    assert_eq!(lost.code(), wanted);
    drive.stage.world.stop().await;
}

#[tokio::test]
async fn a_caller_that_leaves_in_the_middle_of_an_answer_leaves_a_line() {
    let drive = Drive::open().await;
    let file = drive.file().await;
    let path = format!(
        "v1.0/drives/{}/items/{}/content",
        drive.id,
        file["id"].as_str().unwrap()
    );
    let answer = send(
        &drive.stage,
        &drive.connection,
        Method::GET,
        &path,
        Bytes::new(),
    )
    .await
    .unwrap();
    let ProxyBody::Stream(mut body) = answer.body else {
        panic!("a read streams")
    };
    assert!(body.next().await.unwrap().is_ok());
    assert!(
        lines(&drive.stage, "onedrive.files.download")
            .await
            .is_empty()
    );
    drop(body);
    drive.stage.world.context.tasks.close();
    drive.stage.world.context.tasks.wait().await;
    let lines = lines(&drive.stage, "onedrive.files.download").await;
    assert_eq!(
        lines
            .iter()
            .map(|line| (line.outcome, line.code.as_deref()))
            .collect::<Vec<_>>(),
        [(Outcome::Failed, Some("cancelled"))]
    );
    drive.stage.world.stop().await;
}

#[tokio::test]
async fn an_answer_that_microsoft_cuts_is_no_whole_answer() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    stage
        .world
        .control()
        .inject(Fault::once("GET", "/messages", Action::CutBody));
    let answer = send(
        &stage,
        &connection,
        Method::GET,
        "v1.0/me/messages",
        Bytes::new(),
    )
    .await
    .unwrap();
    assert!(bytes(answer).await.is_err());
    let lines = lines(&stage, "outlook.messages.list").await;
    assert_eq!(
        lines.iter().map(|line| line.outcome).collect::<Vec<_>>(),
        [Outcome::Failed]
    );
    stage.world.stop().await;
}

#[tokio::test]
async fn a_writes_answer_comes_with_its_headers_with_a_key_too() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let draft = || RawBody::whole(json!({ "subject": "A draft" }).to_string().into());
    let json = ("content-type", "application/json");
    let plain = pass(
        &stage,
        &connection,
        Method::POST,
        "v1.0/me/messages",
        &headers(&[json]),
        draft(),
    )
    .await
    .unwrap();
    assert_eq!(plain.status, 201);
    assert!(
        plain.headers.contains_key("request-id"),
        "{:?}",
        plain.headers
    );
    let keyed = headers(&[json, ("idempotency-key", "k")]);
    let first = pass(
        &stage,
        &connection,
        Method::POST,
        "v1.0/me/messages",
        &keyed,
        draft(),
    )
    .await
    .unwrap();
    assert!(
        first.headers.contains_key("request-id"),
        "{:?}",
        first.headers
    );
    let again = pass(
        &stage,
        &connection,
        Method::POST,
        "v1.0/me/messages",
        &keyed,
        draft(),
    )
    .await
    .unwrap();
    assert_eq!(again.headers["consentry-replayed"], "true");
    assert_eq!(text(again).await["id"], text(first).await["id"]);
    stage.world.stop().await;
}

#[tokio::test]
async fn a_head_and_an_unchanged_answer_are_told_at_once() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let answer = send(
        &stage,
        &connection,
        Method::HEAD,
        "v1.0/me/messages",
        Bytes::new(),
    )
    .await;
    drop(answer);
    stage.world.context.tasks.close();
    stage.world.context.tasks.wait().await;
    let lines = lines(&stage, "outlook.messages.list").await;
    assert_eq!(lines.len(), 1);
    assert_ne!(lines[0].code.as_deref(), Some("cancelled"));
    stage.world.stop().await;
}

#[tokio::test]
async fn a_short_body_is_sent_again_after_a_throttle_and_a_long_one_is_not() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let throttle = || {
        stage.world.control().inject(Fault::once(
            "POST",
            "/sendMail",
            Action::Status {
                status: 429,
                retry_after: Some(0),
                body: None,
            },
        ));
    };
    throttle();
    let short = Bytes::from(mail("Short", BEN).to_string());
    assert_eq!(
        send(&stage, &connection, Method::POST, "v1.0/me/sendMail", short)
            .await
            .unwrap()
            .status,
        202
    );
    throttle();
    let mut long = mail("Long", BEN);
    long["message"]["body"]["content"] = "x".repeat(2 * PIECE).into();
    let refused = send(
        &stage,
        &connection,
        Method::POST,
        "v1.0/me/sendMail",
        long.to_string().into(),
    )
    .await
    .unwrap_err();
    assert_eq!(refused.code(), "throttled");
    stage.world.stop().await;
}
