use serde_json::Value;

use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn the_seven_services_are_listed_with_both_methods() -> Outcome {
    let test = TestServer::start().await?;
    let list = test.auditor.get("/integrations").await?.expect(200)?;
    let ids: Vec<_> = list["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item["service"].as_str())
        .collect();
    let known = [
        "outlook",
        "teams",
        "onedrive",
        "sharepoint",
        "crm",
        "fieldservice",
        "businesscentral",
    ];
    assert_eq!(ids, known);
    assert_eq!(list["next"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn a_method_that_is_refused_says_why_and_what_to_do_instead() -> Outcome {
    let test = TestServer::start().await?;
    let crm = test.member.get("/integrations/crm").await?.expect(200)?;
    let oauth = &crm["methods"][0];
    assert_eq!(
        (&oauth["method"], &oauth["supported"]),
        (&"oauth".into(), &false.into())
    );
    assert!(
        oauth["why"].is_string() && oauth["instead"].is_string(),
        "{oauth}"
    );
    Ok(())
}

#[tokio::test]
async fn an_unknown_service_is_answered_with_those_there_are() -> Outcome {
    let test = TestServer::start().await?;
    let problem = test
        .member
        .get("/integrations/exchange")
        .await?
        .problem(404, "not_found")?;
    assert!(
        problem["next_step"]
            .as_str()
            .is_some_and(|step| step.contains("outlook")),
        "{problem}"
    );
    Ok(())
}
