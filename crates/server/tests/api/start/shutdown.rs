use sandbox::{Action, Control, Fault};
use serde_json::json;
use tokio::task::yield_now;
use tokio::time::{Duration, Instant};

use crate::support::{Outcome, TestServer};

const MAILBOX: &str = "ana.reis@contoso.com";

fn delay(method: &str, path: &str) -> Fault {
    Fault::once(method, path, Action::Delay(300))
}

/// Returns once the request that the fault waits for has come.
async fn arrived(control: &Control) -> Outcome {
    let deadline = Instant::now() + Duration::from_secs(10);
    while control.faults().iter().any(|fault| fault.times > 0) {
        if Instant::now() > deadline {
            return Err("no request came".into());
        }
        yield_now().await;
    }
    Ok(())
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_end() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let control = test.sandbox.control();
    control.inject(delay("GET", "/messages"));
    let builder = test.builder.clone();
    let path = format!("/connections/{id}/operations/outlook.messages.list");
    let request = builder.post(&path, json!({ "mailbox": MAILBOX }));
    let end = async {
        arrived(&control).await?;
        test.server.shutdown().await;
        Outcome::Ok(())
    };
    let (answer, ended) = tokio::join!(request, end);
    ended?;
    answer?.expect(200)?;
    assert!(builder.get("/me").await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_write_goes_to_its_end_though_its_caller_left() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let control = test.sandbox.control();
    control.inject(delay("POST", "/sendMail"));
    let path = format!("/connections/{id}/operations/outlook.messages.send");
    let message = json!({
        "mailbox": MAILBOX,
        "message": {
            "subject": "Gone on",
            "body": { "contentType": "text", "content": "Hello" },
            "toRecipients": [{ "emailAddress": { "address": "ben.okafor@contoso.com" } }],
        },
    });
    tokio::select! {
        answer = test.builder.post(&path, message) => {
            return Err(format!("it did not wait: {:?}", answer?.text).into());
        }
        arrived = arrived(&control) => arrived?,
    }
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let lines = test.log("outlook.messages.send").await?;
        if lines.iter().any(|(_, outcome, _)| outcome == "ok") {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(format!("no result in {lines:?}").into());
        }
    }
}
