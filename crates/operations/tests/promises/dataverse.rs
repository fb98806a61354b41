//! Pages of FetchXML queries, and what a service does not have.

use bytes::Bytes;
use connections::NewConnection;
use futures_util::TryStreamExt;
use model::{Connection, Service};
use operations::{Call, Error};
use sandbox::{Action, Fault};
use serde_json::{Value, json};

use crate::stage::{Stage, call, json, mail};
use crate::world::{ANA, BEN, outlook};

const FETCH: &str = "dataverse.fetchXml";

async fn connect(stage: &Stage) -> Connection {
    let world = &stage.world;
    world
        .control()
        .add_application_user(&world.registered.client_id, &["System Administrator"])
        .unwrap();
    let new = NewConnection {
        service: Service::Crm,
        place: model::Place {
            environment_url: Some(world.sandbox.url().to_owned()),
            ..model::Place::default()
        },
        ..outlook("crm")
    };
    let app = world.new_app("crm");
    let connected = world
        .life
        .connect_new_application(&world.admin, new, app)
        .await;
    connected.unwrap().connection
}

fn query(count: usize) -> Value {
    let xml = format!(
        "<fetch count='{count}'><entity name='account'><attribute name='name'/><order attribute='name'/></entity></fetch>"
    );
    json!({ "entitySet": "accounts", "fetchXml": xml })
}

fn names(page: &Value) -> Vec<String> {
    let rows = page["value"].as_array().unwrap().iter();
    rows.map(|row| row["accountid"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_fetchxml_query_has_pages_by_cursor_and_all_of_them_as_a_stream() {
    let stage = Stage::start().await;
    let connection = Box::pin(connect(&stage)).await;
    let whole = names(&stage.json(&connection, FETCH, query(500)).await);
    assert!(whole.len() > 2, "{whole:?}");
    let input = query(2);
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let call = Call {
            cursor: cursor.as_deref(),
            ..call(&stage.world.admin, connection.id, FETCH, &input)
        };
        let answer = stage.runner.run(call).await.unwrap();
        let page = names(&json(&answer));
        assert!((1..=2).contains(&page.len()), "{page:?}");
        found.extend(page);
        cursor = answer.cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, whole);
    let lines = stage
        .runner
        .run_all(&call(&stage.world.admin, connection.id, FETCH, &input));
    let lines: Vec<Bytes> = lines.try_collect().await.unwrap();
    assert_eq!(
        String::from_utf8(lines.concat()).unwrap().lines().count(),
        whole.len()
    );
    stage.world.stop().await;
}

#[tokio::test]
async fn what_microsoft_does_not_have_was_not_done() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    stage
        .world
        .control()
        .inject(Fault::once("POST", "/reply", Action::status(501)));
    let input = json!({ "messageId": "a", "comment": "Thanks" });
    let refused: Error = stage
        .run(&connection, "outlook.messages.reply", input)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "refused_by_microsoft", "and not uncertain");
    let sent = stage
        .run(&connection, "outlook.messages.send", mail("After", BEN))
        .await;
    assert_eq!(sent.unwrap().status, 202);
    stage.world.stop().await;
}
