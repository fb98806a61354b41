use serde_json::Value;

use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn operations_are_found_by_service_and_by_words() -> Outcome {
    let test = TestServer::start().await?;
    let all = test.auditor.get("/operations").await?.expect(200)?;
    let outlook = test
        .auditor
        .get("/operations?service=outlook")
        .await?
        .expect(200)?;
    let items = |page: &Value| page["items"].as_array().cloned().unwrap_or_default();
    let (all, outlook) = (items(&all), items(&outlook));
    let runs_there = |operation: &Value| {
        let mut services = operation["services"].as_array().into_iter().flatten();
        services.any(|service| service == "outlook")
    };
    assert!(!outlook.is_empty() && outlook.iter().all(runs_there));
    let there = all.iter().filter(|operation| runs_there(operation)).count();
    assert!(there == outlook.len() && there < all.len());
    let found = test
        .auditor
        .get("/operations?q=messages.reply")
        .await?
        .expect(200)?;
    assert_eq!(found["items"][0]["id"], "outlook.messages.reply");
    test.auditor
        .get("/operations?service=exchange")
        .await?
        .problem(422, "invalid_input")?;
    Ok(())
}

#[tokio::test]
async fn one_is_described_with_its_input() -> Outcome {
    let test = TestServer::start().await?;
    let send = test
        .auditor
        .get("/operations/outlook.messages.send")
        .await?
        .expect(200)?;
    assert_eq!(send["kind"], "action");
    assert_eq!(send["input_schema"]["additionalProperties"], false);
    assert_eq!(send["support"][0]["method"], "oauth");
    assert!(
        send["docs"]
            .as_str()
            .is_some_and(|page| page.starts_with("https://learn.microsoft.com/"))
    );
    Ok(())
}

#[tokio::test]
async fn an_unknown_one_is_answered_with_those_most_like_it() -> Outcome {
    let test = TestServer::start().await?;
    let problem = test
        .auditor
        .get("/operations/outlook.message.send")
        .await?
        .problem(404, "operation_not_found")?;
    assert_eq!(problem["nearest"][0], "outlook.messages.send");
    Ok(())
}
