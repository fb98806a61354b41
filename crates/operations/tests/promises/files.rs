//! Bytes up and down, whatever breaks on the way.

use bytes::Bytes;
use connections::{NewApp, NewSecret};
use futures_util::{StreamExt, TryStreamExt, stream};
use microsoft::Content;
use model::{Connection, Phase, Service};
use operations::{Answer, Call, Error};
use sandbox::{Action, Fault, NewApplication};
use serde_json::{Value, json};

use crate::stage::{Stage, call, json};
use crate::world::{ANA, outlook};

/// A chunk and a bit.
const SIZE: usize = 11 * 1024 * 1024;
/// Into the second chunk.
const MIDDLE: usize = SIZE - 256 * 1024;

struct Drive {
    stage: Stage,
    connection: Connection,
    id: String,
    root: String,
}

impl Drive {
    async fn open() -> Self {
        let stage = Stage::start().await;
        let connection = Box::pin(connect(&stage)).await;
        let drive = stage
            .json(
                &connection,
                "onedrive.drives.getDefault",
                json!({ "user": ANA }),
            )
            .await;
        let id = drive["id"].as_str().unwrap().to_owned();
        let input = json!({ "driveId": id, "path": "" });
        let root = match stage
            .run(&connection, "onedrive.items.getByPath", input)
            .await
        {
            Ok(found) => json(&found)["id"].as_str().unwrap().to_owned(),
            Err(_) => "root".to_owned(),
        };
        Self {
            stage,
            connection,
            id,
            root,
        }
    }

    fn input(&self, name: &str) -> Value {
        json!({ "driveId": self.id, "parentId": self.root, "fileName": name })
    }

    async fn upload(
        &self,
        name: &str,
        content: Content,
        key: Option<&str>,
    ) -> Result<Answer, Error> {
        let input = self.input(name);
        let call = call(
            &self.stage.world.admin,
            self.connection.id,
            "onedrive.files.createUploadSession",
            &input,
        );
        let call = Call {
            idempotency_key: key,
            ..call
        };
        self.stage.runner.run_with(call, Some(content)).await
    }

    async fn download(&self, item: &Value, range: Option<&str>) -> Result<Vec<u8>, Error> {
        let mut input = json!({ "driveId": self.id, "itemId": item["id"] });
        if let Some(range) = range {
            input["range"] = range.into();
        }
        let call = call(
            &self.stage.world.admin,
            self.connection.id,
            "onedrive.files.download",
            &input,
        );
        let file = self.stage.runner.download(call).await?;
        file.bytes
            .try_fold(Vec::new(), |mut whole, piece| async move {
                whole.extend_from_slice(&piece);
                Ok(whole)
            })
            .await
    }

    /// How many items of that name are in the root.
    async fn count(&self, name: &str) -> usize {
        let input = json!({ "driveId": self.id, "itemId": self.root, "top": 200 });
        let page = self
            .stage
            .json(&self.connection, "onedrive.items.listChildren", input)
            .await;
        let items = page["value"].as_array().unwrap();
        items.iter().filter(|item| item["name"] == name).count()
    }

    fn inject(&self, method: &str, path: &str, times: u32, action: Action) {
        self.stage.world.control().inject(Fault {
            times,
            ..Fault::once(method, path, action)
        });
    }
}

pub(crate) async fn connect(stage: &Stage) -> Connection {
    let control = stage.world.control();
    let registered = control
        .register_application(NewApplication {
            display_name: "Files".to_owned(),
            application: vec![
                "Files.ReadWrite.All".to_owned(),
                "Sites.ReadWrite.All".to_owned(),
            ],
            ..NewApplication::default()
        })
        .unwrap();
    control.grant_admin_consent(&registered.client_id).unwrap();
    let year = std::time::Duration::from_hours(24 * 365);
    let secret = control
        .add_secret(&registered.client_id, "test", year)
        .unwrap();
    let app = NewApp {
        client_id: registered.client_id.clone(),
        proof: Some(
            NewSecret {
                value: secret.secret_text.into(),
                expires_at: None,
            }
            .into(),
        ),
        ..stage.world.new_app("files")
    };
    let new = connections::NewConnection {
        service: Service::OneDrive,
        ..outlook("files")
    };
    let life = &stage.world.life;
    let connected = life
        .connect_new_application(&stage.world.admin, new, app)
        .await;
    connected.unwrap().connection
}

fn bytes() -> Vec<u8> {
    let mut state = 1_u32;
    (0..SIZE)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u8::try_from(state >> 24).unwrap_or_default()
        })
        .collect()
}

/// As a network brings them.
fn content_pieces(bytes: &[u8]) -> Vec<std::io::Result<Bytes>> {
    let pieces = bytes.chunks(100_003);
    pieces
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect()
}

fn content(bytes: &[u8]) -> Content {
    Content {
        length: bytes.len() as u64,
        bytes: stream::iter(content_pieces(bytes)).boxed(),
    }
}

#[tokio::test]
async fn a_large_file_arrives_as_it_was_sent_and_comes_back_whole_and_in_parts() {
    let drive = Box::pin(Drive::open()).await;
    let sent = bytes();
    let item = json(
        &drive
            .upload("large.bin", content(&sent), None)
            .await
            .unwrap(),
    );
    assert_eq!(item["size"], SIZE);
    assert!(drive.download(&item, None).await.unwrap() == sent);
    let part = drive
        .download(&item, Some("bytes=1000-1999"))
        .await
        .unwrap();
    assert!(part == sent[1000..2000]);
}

#[tokio::test]
async fn an_upload_survives_breaks_and_refusals_on_the_way() {
    let drive = Box::pin(Drive::open()).await;
    let sent = bytes();
    for action in [Action::Reset, Action::ResetAfter] {
        drive.inject("PUT", "upload", 1, action);
    }
    let item = json(
        &drive
            .upload("broken.bin", content(&sent), None)
            .await
            .unwrap(),
    );
    assert!(drive.download(&item, None).await.unwrap() == sent);
    assert_eq!(drive.count("broken.bin").await, 1);
}

#[tokio::test]
async fn a_file_without_bytes_is_a_file_too() {
    let drive = Box::pin(Drive::open()).await;
    let item = json(&drive.upload("empty.txt", content(&[]), None).await.unwrap());
    assert_eq!(
        (&item["name"], &item["size"]),
        (&json!("empty.txt"), &json!(0))
    );
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_sent_leaves_nothing_behind() {
    let drive = Box::pin(Drive::open()).await;
    for length in [SIZE as u64 - 1, SIZE as u64 + 1] {
        let content = Content {
            length,
            ..content(&bytes())
        };
        let error = drive
            .upload("changed.bin", content, None)
            .await
            .unwrap_err();
        assert_eq!(
            (error.code(), error.field()),
            ("content_changed", Some("content"))
        );
    }
    assert_eq!(drive.count("changed.bin").await, 0);
}

#[tokio::test]
async fn without_bytes_beside_it_an_upload_says_how_they_come() {
    let drive = Box::pin(Drive::open()).await;
    let input = drive.input("none.bin");
    let refused = drive
        .stage
        .run(
            &drive.connection,
            "onedrive.files.createUploadSession",
            input,
        )
        .await;
    assert_eq!(refused.unwrap_err().code(), "content_missing");
}

#[tokio::test]
async fn an_upload_whose_process_died_goes_on_where_it_was() {
    let drive = Box::pin(Drive::open()).await;
    let sent = bytes();
    // The first chunk is acknowledged, and in the middle of the second whoever sends it is gone.
    let (reached, middle) = tokio::sync::oneshot::channel();
    let begun = Bytes::copy_from_slice(&sent[..MIDDLE]);
    let stuck = stream::once(async move {
        let _ = reached.send(());
        std::future::pending().await
    });
    let half = Content {
        length: SIZE as u64,
        bytes: stream::iter([Ok(begun)]).chain(stuck).boxed(),
    };
    tokio::select! {
        ended = drive.upload("resumed.bin", half, Some("key")) => panic!("it ended: {ended:?}"),
        _ = middle => {}
    }
    let item = json(
        &drive
            .upload("resumed.bin", content(&sent), Some("key"))
            .await
            .unwrap(),
    );
    assert!(drive.download(&item, None).await.unwrap() == sent);
    assert_eq!(drive.count("resumed.bin").await, 1);
    let sessions = drive.stage.world.control().requests();
    let sessions = sessions
        .iter()
        .filter(|request| request.path.contains("createUploadSession"));
    assert_eq!(sessions.count(), 1, "the same session");
    // The first, the one that was cut off, and the rest.
    assert!(uploads(&drive) <= 3, "the first chunk was sent again");
}

#[tokio::test]
async fn an_upload_that_broke_off_goes_on_under_its_key_and_only_with_the_same_file() {
    let drive = Box::pin(Drive::open()).await;
    let sent = bytes();
    // The first chunk arrives; then the line is down for longer than anybody tries.
    let control = drive.stage.world.control();
    let arrives = control.clone();
    let pieces = stream::iter(content_pieces(&sent)).inspect(move |_| {
        if arrives.count("PUT", "uploadSession") == 1 && arrives.faults().is_empty() {
            arrives.inject(Fault {
                times: 50,
                ..Fault::once("PUT", "uploadSession", Action::Reset)
            });
        }
    });
    let begun = Content {
        length: SIZE as u64,
        bytes: pieces.boxed(),
    };
    let error = drive
        .upload("line.bin", begun, Some("key"))
        .await
        .unwrap_err();
    control.clear_faults();
    assert_eq!(error.code(), "unreachable");
    assert!(error.to_string().contains("goes on with it"), "{error}");
    assert_eq!(drive.count("line.bin").await, 0);

    let mut another = sent.clone();
    another[7] ^= 1;
    let error = drive
        .upload("line.bin", content(&another), Some("key"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), error.field()),
        ("content_changed", Some("content"))
    );
    assert_eq!(drive.count("line.bin").await, 0);
}

#[tokio::test]
async fn an_upload_that_broke_off_goes_on_under_its_key() {
    let drive = Box::pin(Drive::open()).await;
    let sent = bytes();
    let control = drive.stage.world.control();
    drive.inject("PUT", "uploadSession", 50, Action::Reset);
    let error = drive
        .upload("again.bin", content(&sent), Some("key"))
        .await
        .unwrap_err();
    control.clear_faults();
    assert_eq!(error.code(), "unreachable");
    let item = drive.upload("again.bin", content(&sent), Some("key")).await;
    assert!(drive.download(&json(&item.unwrap()), None).await.unwrap() == sent);
    assert_eq!(
        control.count("POST", "createUploadSession"),
        1,
        "the same session"
    );
}

fn uploads(drive: &Drive) -> usize {
    let requests = drive.stage.world.control().requests();
    let is_chunk =
        |path: &str| path.to_ascii_lowercase().contains("upload") && !path.contains("createUpload");
    requests
        .iter()
        .filter(|request| request.method == "PUT" && is_chunk(&request.path))
        .count()
}

#[tokio::test]
async fn the_log_counts_the_bytes_of_files_both_ways() {
    let drive = Box::pin(Drive::open()).await;
    let upload = drive.upload("counted.bin", content(&bytes()), None);
    let item = json(&upload.await.unwrap());
    drive.download(&item, None).await.unwrap();
    drive.download(&item, Some("bytes=0-99")).await.unwrap();
    // Whoever goes away in the middle got so much, and no more.
    let input = json!({ "driveId": drive.id, "itemId": item["id"] });
    let call = call(
        &drive.stage.world.admin,
        drive.connection.id,
        "onedrive.files.download",
        &input,
    );
    let mut file = drive.stage.runner.download(call).await.unwrap();
    let piece = file.bytes.next().await.unwrap().unwrap().len();
    drop(file);
    let tasks = &drive.stage.world.context.tasks;
    tasks.close();
    tasks.wait().await;
    tasks.reopen();

    let lines = drive.stage.world.activities().await;
    let size = Some(i64::try_from(SIZE).unwrap());
    let sent: Vec<_> = lines
        .iter()
        .filter(|line| line.action == "onedrive.files.createUploadSession")
        .map(|line| (line.phase, line.bytes_sent, line.bytes_received))
        .collect();
    assert_eq!(
        sent,
        [(Phase::Result, size, None), (Phase::Intent, None, None)]
    );
    let received: Vec<_> = lines
        .iter()
        .filter(|line| line.action == "onedrive.files.download")
        .map(|line| (line.bytes_received, line.code.as_deref()))
        .collect();
    let broken = Some(i64::try_from(piece).unwrap());
    assert_eq!(
        received,
        [(broken, Some("cancelled")), (Some(100), None), (size, None)]
    );
    drive.stage.world.stop().await;
}
