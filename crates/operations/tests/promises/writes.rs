use model::{Outcome, Phase};
use operations::Error;
use sandbox::{Action, Fault};
use serde_json::{Value, json};
use store::{Claim, ClaimOutcome};

use crate::stage::{Stage, json, mail};
use crate::world::{ANA, BEN};

fn lost_answer(path: &str) -> Fault {
    Fault::once("POST", path, Action::ResetAfter)
}

async fn sent(stage: &Stage, connection: &model::Connection, subject: &str) -> usize {
    let input =
        json!({ "folderId": "sentitems", "filter": format!("subject eq '{subject}'"), "top": 50 });
    stage
        .json(connection, "outlook.messages.listInFolder", input)
        .await["value"]
        .as_array()
        .unwrap()
        .len()
}

#[tokio::test]
async fn a_write_is_announced_before_and_told_after() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let answer = stage
        .run(&connection, "outlook.messages.send", mail("Minutes", BEN))
        .await
        .unwrap();
    assert_eq!(answer.status, 202);
    assert_eq!(sent(&stage, &connection, "Minutes").await, 1);
    let lines = stage.world.activities().await;
    let of_send: Vec<_> = lines
        .iter()
        .filter(|line| line.action == "outlook.messages.send")
        .collect();
    let [result, intent] = of_send[..] else {
        panic!("two lines, not {of_send:?}")
    };
    assert_eq!(
        (intent.phase, intent.outcome),
        (Phase::Intent, Outcome::Started)
    );
    assert_eq!(
        (result.phase, result.outcome, result.status),
        (Phase::Result, Outcome::Ok, Some(202))
    );
    assert_eq!(result.intent_id, Some(intent.id));
    assert!(result.remote.request_id.is_some());
    stage.world.stop().await;
}

#[tokio::test]
async fn a_draft_is_made_sent_and_answered_and_a_message_moved() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let message = mail("Draft", BEN)["message"].clone();
    let draft = stage
        .json(&connection, "outlook.drafts.create", message)
        .await;
    assert_eq!(draft["isDraft"], true);
    let id = draft["id"].as_str().unwrap();
    stage
        .run(&connection, "outlook.drafts.send", json!({ "draftId": id }))
        .await
        .unwrap();
    let sent_one = stage
        .json(
            &connection,
            "outlook.messages.get",
            json!({ "messageId": id }),
        )
        .await;
    assert_eq!(sent_one["isDraft"], false);
    let inbox = json!({ "folderId": "inbox", "top": 1 });
    let first = stage
        .json(&connection, "outlook.messages.listInFolder", inbox)
        .await["value"][0]
        .clone();
    let reply = json!({ "messageId": first["id"], "comment": "Thank you." });
    stage
        .run(&connection, "outlook.messages.reply", reply)
        .await
        .unwrap();
    let moved = json!({ "messageId": first["id"], "destinationId": "archive" });
    let moved = stage
        .json(&connection, "outlook.messages.move", moved)
        .await;
    assert_eq!(moved["id"], first["id"], "immutable ids stay");
    assert_ne!(moved["parentFolderId"], first["parentFolderId"]);
    stage.world.stop().await;
}

#[tokio::test]
async fn one_key_sends_once_and_answers_the_same() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let first = stage
        .run_keyed(
            &connection,
            "outlook.messages.send",
            mail("Once", BEN),
            "k-1",
        )
        .await
        .unwrap();
    let again = stage
        .run_keyed(
            &connection,
            "outlook.messages.send",
            mail("Once", BEN),
            "k-1",
        )
        .await
        .unwrap();
    assert_eq!((first.status, first.replayed), (202, false));
    assert_eq!((again.status, again.replayed), (202, true));
    assert_eq!(sent(&stage, &connection, "Once").await, 1);
    let other = stage
        .run_keyed(
            &connection,
            "outlook.messages.send",
            mail("Other", BEN),
            "k-1",
        )
        .await
        .unwrap_err();
    assert!(matches!(other, Error::KeyMismatch));
    stage.world.stop().await;
}

#[tokio::test]
async fn a_kept_answer_is_the_one_that_was_given() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let message = mail("Kept", BEN)["message"].clone();
    let first = stage
        .run_keyed(&connection, "outlook.drafts.create", message.clone(), "k-2")
        .await
        .unwrap();
    let again = stage
        .run_keyed(&connection, "outlook.drafts.create", message, "k-2")
        .await
        .unwrap();
    assert_eq!(json(&first), json(&again));
    stage.world.stop().await;
}

#[tokio::test]
async fn a_sent_mail_whose_answer_was_lost_is_found_and_not_sent_twice() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    stage.world.control().inject(lost_answer("/sendMail"));
    let answer = stage
        .run_keyed(
            &connection,
            "outlook.messages.send",
            mail("Lost", BEN),
            "k-3",
        )
        .await
        .unwrap();
    assert_eq!(answer.status, 202);
    assert_eq!(sent(&stage, &connection, "Lost").await, 1);
    assert_eq!(stage.world.control().count("POST", "/sendMail"), 1);
    stage.world.stop().await;
}

#[tokio::test]
async fn a_reply_whose_answer_was_lost_is_uncertain_and_stays_so() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let inbox = stage
        .json(
            &connection,
            "outlook.messages.listInFolder",
            json!({ "folderId": "inbox", "top": 1 }),
        )
        .await;
    let input = json!({ "messageId": inbox["value"][0]["id"], "comment": "Lost?" });
    stage.world.control().inject(lost_answer("/reply"));
    for _ in 0..3 {
        let uncertain = stage
            .run_keyed(&connection, "outlook.messages.reply", input.clone(), "k-4")
            .await
            .unwrap_err();
        assert_eq!(uncertain.code(), "uncertain");
    }
    assert_eq!(stage.world.control().count("POST", "/reply"), 1);
    let lines = stage.world.activities().await;
    assert!(lines.iter().any(|line| line.outcome == Outcome::Uncertain));
    stage.world.stop().await;
}

#[tokio::test]
async fn a_key_is_free_again_after_a_refusal() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let gone = json!({ "messageId": "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0AZXIaSF8", "destinationId": "archive" });
    for _ in 0..2 {
        let refused = stage
            .run_keyed(&connection, "outlook.messages.move", gone.clone(), "k-5")
            .await
            .unwrap_err();
        assert!(matches!(refused, Error::Microsoft { .. }), "{refused:?}");
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn throttling_is_waited_for_and_the_write_happens_once() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let action = Action::Status {
        status: 429,
        retry_after: Some(0),
        body: None,
    };
    stage.world.control().inject(Fault {
        times: 2,
        ..Fault::once("POST", "/sendMail", action)
    });
    stage
        .run(&connection, "outlook.messages.send", mail("Patience", BEN))
        .await
        .unwrap();
    assert_eq!(sent(&stage, &connection, "Patience").await, 1);
    stage.world.stop().await;
}

#[tokio::test]
async fn a_dry_run_shows_the_request_and_sends_nothing() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    stage.world.control().clear_requests();
    let input = mail("Dry", BEN);
    let call = crate::stage::call(
        &stage.world.admin,
        connection.id,
        "outlook.messages.send",
        &input,
    );
    let plan = stage.runner.plan(call).await.unwrap();
    assert_eq!(plan.method, "POST");
    assert!(plan.url.ends_with("/v1.0/me/sendMail"));
    assert_eq!(
        plan.body.unwrap().pointer("/message/subject"),
        Some(&Value::from("Dry"))
    );
    assert!(plan.headers.iter().all(|(name, _)| name != "authorization"));
    assert!(stage.world.control().requests().is_empty());
    stage.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_asked_for_at_once_sends_once() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let tries = (0..20).map(|_| {
        stage.run_keyed(
            &connection,
            "outlook.messages.send",
            mail("Race", BEN),
            "k-6",
        )
    });
    for outcome in futures_util::future::join_all(tries).await {
        match outcome {
            Ok(answer) => assert_eq!(answer.status, 202),
            Err(error) => assert_eq!(error.code(), "idempotency_in_progress"),
        }
    }
    assert_eq!(sent(&stage, &connection, "Race").await, 1);
    stage.world.stop().await;
}

#[tokio::test]
async fn a_key_used_anew_after_a_day_does_not_find_yesterdays_mail() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    stage
        .run_keyed(
            &connection,
            "outlook.messages.send",
            mail("Daily", BEN),
            "daily",
        )
        .await
        .unwrap();
    stage.world.advance_all(25 * 3600);
    stage.world.control().inject(Fault {
        action: Action::status(504),
        ..lost_answer("/sendMail")
    });
    let unknown = stage
        .run_keyed(
            &connection,
            "outlook.messages.send",
            mail("Daily", BEN),
            "daily",
        )
        .await
        .unwrap_err();
    assert_eq!(unknown.code(), "uncertain");
    assert_eq!(sent(&stage, &connection, "Daily").await, 1);
    stage.world.stop().await;
}

#[tokio::test]
async fn two_deaths_in_a_row_do_not_send_twice() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    stage.world.control().inject(Fault {
        action: Action::Delay(60_000),
        ..lost_answer("/sendMail")
    });
    let first = stage.run_keyed(
        &connection,
        "outlook.messages.send",
        mail("Twice", BEN),
        "k-7",
    );
    tokio::select! {
        _ = first => panic!("it is cut off before its answer"),
        () = consumed(&stage) => {}
    }
    let claimed = left_behind(&stage, &connection, "k-7").await;
    die_after_taking_over(&stage, &claimed).await;
    let third = stage
        .run_keyed(
            &connection,
            "outlook.messages.send",
            mail("Twice", BEN),
            "k-7",
        )
        .await
        .unwrap_err();
    assert_eq!(third.code(), "uncertain");
    assert!(stage.world.control().count("POST", "/sendMail") <= 1);
    stage.world.stop().await;
}

/// A second process commits its intent, takes the claim, and is gone before it looks.
async fn die_after_taking_over(stage: &Stage, claimed: &Claim) {
    let context = &stage.world.context;
    let workspace = stage.world.admin.workspace_id;
    let mut tx = context.store.read().await.unwrap();
    let line = tx
        .activity(workspace, claimed.intent_id)
        .await
        .unwrap()
        .unwrap();
    drop(tx);
    let dead = Claim {
        intent_id: intent(stage),
        writer: writer(stage),
        ..claimed.clone()
    };
    context
        .journal
        .record(model::Activity {
            id: dead.intent_id,
            ..line
        })
        .await
        .unwrap();
    let mut tx = context.store.write().await.unwrap();
    assert!(tx.reclaim(workspace, claimed, &dead).await.unwrap());
    tx.commit().await.unwrap();
}

async fn consumed(stage: &Stage) {
    while !stage.world.control().faults().is_empty() {
        tokio::task::yield_now().await;
    }
}

fn intent(stage: &Stage) -> model::ActivityId {
    model::ActivityId::generate(&*stage.world.context.clock, &*stage.world.context.random)
}

fn writer(stage: &Stage) -> model::WriterId {
    model::WriterId::generate(&*stage.world.context.clock, &*stage.world.context.random)
}

/// The claim of a try that was cut off.
async fn left_behind(stage: &Stage, connection: &model::Connection, key: &str) -> Claim {
    let context = &stage.world.context;
    let workspace = stage.world.admin.workspace_id;
    let probe = Claim {
        key: format!("{}:{key}", stage.world.admin.member_id),
        request_hash: [0; 32],
        connection_id: connection.id,
        writer: context.journal.writer(),
        intent_id: model::ActivityId::generate(&*context.clock, &*context.random),
        created_at: context.now(),
        expires_at: context.now(),
    };
    let mut tx = context.store.write().await.unwrap();
    let ClaimOutcome::Existing(row) = tx.claim(workspace, &probe).await.unwrap() else {
        panic!("the key was used");
    };
    drop(tx);
    row.claim
}

#[tokio::test]
async fn what_was_uncertain_is_settled_once_its_trace_would_be_there() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let message = mail("Settled", BEN)["message"].clone();
    stage.world.control().inject(Fault {
        action: Action::Reset,
        ..lost_answer("/messages")
    });
    let early = stage
        .run_keyed(&connection, "outlook.drafts.create", message.clone(), "k-8")
        .await
        .unwrap_err();
    assert_eq!(early.code(), "uncertain");
    stage.world.advance_all(6 * 60);
    let later = stage
        .run_keyed(&connection, "outlook.drafts.create", message.clone(), "k-8")
        .await
        .unwrap();
    assert_eq!(later.status, 201);
    let again = stage
        .run_keyed(&connection, "outlook.drafts.create", message, "k-8")
        .await
        .unwrap();
    assert!(again.replayed);
    stage.world.stop().await;
}
