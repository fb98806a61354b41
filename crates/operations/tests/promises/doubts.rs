//! What is not known after a break is asked again, and never guessed: nothing is made twice, and nothing stays uncertain that
//! can be seen.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use microsoft::Content;
use operations::{Answer, Call, Error};
use sandbox::{Action, Fault};
use serde_json::{Value, json};

use crate::files;
use crate::stage::{Stage, call, mail};
use crate::world::{ANA, BEN};

/// As long as nobody clears it.
fn fault(stage: &Stage, method: &str, path: &str, action: Action) {
    stage.world.control().inject(Fault {
        times: 1_000,
        ..Fault::once(method, path, action)
    });
}

fn once(stage: &Stage, method: &str, path: &str, action: Action) {
    stage
        .world
        .control()
        .inject(Fault::once(method, path, action));
}

fn status(status: u16) -> Action {
    Action::status(status)
}

/// The third try finds what the first one made, though the second took the key over and saw nothing.
#[tokio::test]
async fn a_try_that_could_not_look_does_not_change_what_the_next_one_looks_for() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let control = stage.world.control();
    let draft = mail("Doubtful", BEN)["message"].clone();
    let run = || stage.run_keyed(&connection, "outlook.drafts.create", draft.clone(), "doubt");
    once(&stage, "POST", "/messages", Action::ResetAfter);
    fault(&stage, "GET", "/messages", status(503));
    assert_eq!(run().await.unwrap_err().code(), "uncertain");
    stage.world.advance_all(1);
    assert_eq!(run().await.unwrap_err().code(), "uncertain");
    control.clear_faults();
    stage.world.advance_all(6 * 60);
    let found = run().await.unwrap();
    assert_eq!(found.status, 201);
    assert_eq!(control.count("POST", "/messages"), 1);
    stage.world.stop().await;
}

struct Upload {
    stage: Stage,
    connection: model::Connection,
    input: Value,
}

impl Upload {
    async fn begin() -> Self {
        let stage = Stage::start().await;
        let connection = Box::pin(files::connect(&stage)).await;
        let drive = stage.json(
            &connection,
            "onedrive.drives.getDefault",
            json!({ "user": ANA }),
        );
        let input =
            json!({ "driveId": drive.await["id"], "parentId": "root", "fileName": "doubt.bin" });
        Self {
            stage,
            connection,
            input,
        }
    }

    async fn send(&self) -> Result<Answer, Error> {
        let id = "onedrive.files.createUploadSession";
        let call = call(&self.stage.world.admin, self.connection.id, id, &self.input);
        let bytes = Bytes::from(vec![7; 700_000]);
        let content = Content {
            length: bytes.len() as u64,
            bytes: stream::iter([Ok(bytes)]).boxed(),
        };
        let call = Call {
            idempotency_key: Some("key"),
            ..call
        };
        self.stage.runner.run_with(call, Some(content)).await
    }
}

/// The bytes were lost on the way; then the session cannot be asked where it is, refused and unheard.
#[tokio::test]
async fn an_upload_whose_session_cannot_be_asked_keeps_its_key() {
    for action in [status(503), Action::Reset, Action::ResetAfter] {
        let upload = Box::pin(Upload::begin()).await;
        let control = upload.stage.world.control();
        fault(&upload.stage, "PUT", "uploadSession", Action::Reset);
        assert_eq!(upload.send().await.unwrap_err().code(), "unreachable");
        control.clear_faults();
        fault(&upload.stage, "GET", "uploadSession", action);
        let error = upload.send().await.unwrap_err();
        assert_ne!(error.code(), "uncertain", "it was a read: {error}");
        control.clear_faults();
        upload.send().await.unwrap();
        assert_eq!(
            control.count("POST", "createUploadSession"),
            1,
            "the same session"
        );
        upload.stage.world.stop().await;
    }
}
