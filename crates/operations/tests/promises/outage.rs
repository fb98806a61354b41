//! The database goes away: before a write, while Microsoft does it, and while it is looked for.

use bytes::Bytes;
use http::Method;
use operations::Error;
use sandbox::{Action, Fault};

use crate::proxy;
use crate::stage::{Stage, mail};
use crate::world::{ANA, BEN};

/// Milliseconds in which the database goes away.
const A_WHILE: u64 = 300;

fn once(stage: &Stage, method: &str, action: Action) {
    stage.world.control().inject(Fault {
        method: Some(method.to_owned()),
        path_contains: "/messages".to_owned(),
        times: 1,
        action,
    });
}

/// Once Microsoft was asked so.
async fn stop_database_after(stage: &Stage, method: &str) {
    while stage.world.control().count(method, "/messages") == 0 {
        tokio::task::yield_now().await;
    }
    stage.world.context.store.close().await;
}

fn is_uncertain<T>(outcome: Result<T, Error>) {
    let error = outcome.err().expect("nobody can know that it was done");
    assert_eq!(error.code(), "uncertain", "{error}");
}

#[tokio::test]
async fn a_write_whose_intent_cannot_be_committed_is_not_sent_although_its_token_is_there() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let draft = mail("Away", BEN)["message"].clone();
    let create = "outlook.drafts.create";
    stage.run(&connection, create, draft.clone()).await.unwrap();
    let before = stage.world.control().requests().len();
    stage.world.context.store.close().await;
    for outcome in [
        stage.run(&connection, create, draft.clone()).await,
        stage
            .run_keyed(&connection, create, draft.clone(), "k")
            .await,
    ] {
        assert_eq!(outcome.unwrap_err().code(), "database_unavailable");
    }
    let body = Bytes::from(draft.to_string());
    let raw = proxy::send(&stage, &connection, Method::POST, "v1.0/me/messages", body);
    assert_eq!(raw.await.err().unwrap().code(), "database_unavailable");
    assert_eq!(stage.world.control().requests().len(), before);
    stage.world.stop().await;
}

#[tokio::test]
async fn what_microsoft_did_while_the_database_went_away_is_uncertain() {
    for key in [None, Some("k")] {
        let stage = Stage::start().await;
        let connection = stage.world.connect_user(ANA).await;
        once(&stage, "POST", Action::Delay(A_WHILE));
        let draft = mail("Away", BEN)["message"].clone();
        let create = "outlook.drafts.create";
        let (outcome, ()) = tokio::join!(
            async {
                match key {
                    Some(key) => stage.run_keyed(&connection, create, draft, key).await,
                    None => stage.run(&connection, create, draft).await,
                }
            },
            stop_database_after(&stage, "POST"),
        );
        is_uncertain(outcome);
        assert_eq!(stage.world.control().count("POST", "/messages"), 1);
        stage.world.stop().await;
    }
}

#[tokio::test]
async fn what_microsoft_may_have_done_stays_uncertain_when_not_even_that_can_be_recorded() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    // Nothing is found, and it is too early to say that there never will be.
    once(&stage, "POST", Action::Reset);
    once(&stage, "GET", Action::Delay(A_WHILE));
    let draft = mail("Away", BEN)["message"].clone();
    let (outcome, ()) = tokio::join!(
        stage.run_keyed(&connection, "outlook.drafts.create", draft, "k"),
        stop_database_after(&stage, "GET"),
    );
    is_uncertain(outcome);
    stage.world.stop().await;
}
