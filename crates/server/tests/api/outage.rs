//! While the database is away.

use serde_json::json;

use crate::every_route::routes;
use crate::support::client::Answer;
use crate::support::{Outcome, TestServer};

/// As when the database is stopped, for everybody here.
async fn stop_database(test: &TestServer) {
    test.server.context().store.close().await;
}

#[tokio::test]
async fn whoever_asks_with_a_key_is_told_when_to_come_back() -> Outcome {
    let test = TestServer::start().await?;
    stop_database(&test).await;
    for path in ["/me", "/connections", "/operations", "/activity"] {
        let answer = test.owner.get(path).await?;
        assert_eq!(answer.header("retry-after"), "2", "{path}");
        let problem = answer.problem(503, "database_unavailable")?;
        assert!(
            !problem.to_string().contains("pool"),
            "what it is in particular is for the log: {problem}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn probes_say_that_it_lives_and_is_not_ready_and_figures_are_told_all_the_same() -> Outcome {
    let test = TestServer::start().await?;
    stop_database(&test).await;
    let alive = test.anonymous.get_at("/healthz").await?;
    assert_eq!(alive.expect(200)?, json!({ "status": "ok" }));
    let ready = test.anonymous.get_at("/readyz").await?;
    assert_eq!(ready.header("retry-after"), "2");
    ready.problem(503, "not_ready")?;
    let metrics = test.anonymous.get_at("/metrics").await?;
    assert_eq!(metrics.status, 200);
    assert!(metrics.text.contains("consentry_up 1"), "{}", metrics.text);
    Ok(())
}

/// Over the socket nobody is looked up, so that each route itself is asked.
#[tokio::test]
async fn no_route_takes_it_for_a_fault_of_its_own() -> Outcome {
    let test = TestServer::start().await?;
    let routes = routes(&test).await?;
    let socket = test.server.socket_path().ok_or("a socket")?.to_owned();
    let http = reqwest::Client::builder().unix_socket(socket).build()?;
    stop_database(&test).await;
    let mut away = 0;
    for route in routes.iter().filter(|route| route.role.is_some()) {
        let url = format!("http://localhost{}", route.path);
        let request = http.request(route.method.clone(), url).json(&json!({}));
        let answer = Answer::of(request).await?;
        let place = format!("{} {}: {}", route.method, route.path, answer.text);
        assert_ne!(answer.status, 500, "{place}");
        if answer.status >= 500 {
            assert_eq!(answer.header("retry-after"), "2", "{place}");
            answer.problem(503, "database_unavailable")?;
            away += 1;
        }
    }
    assert!(away > routes.len() / 3, "{away} of {}", routes.len());
    Ok(())
}

#[tokio::test]
async fn a_write_whose_intent_cannot_be_committed_is_not_sent_although_its_token_is_there()
-> Outcome {
    let test = TestServer::start().await?;
    let connection = test.service_principal("organisation").await?;
    let list = format!("/connections/{connection}/operations/outlook.messages.list");
    let create = format!("/connections/{connection}/operations/outlook.drafts.create");
    let mailbox = "ana.reis@contoso.com";
    let read = json!({ "mailbox": mailbox, "top": 1 });
    test.owner.post(&list, read.clone()).await?.expect(200)?;
    test.sandbox.control().clear_requests();
    stop_database(&test).await;
    // At once: caller, connection and token are in memory still.
    let draft = json!({ "mailbox": mailbox, "subject": "not to be sent" });
    test.owner
        .post(&create, draft)
        .await?
        .problem(503, "database_unavailable")?;
    assert_eq!(test.sandbox.control().requests().len(), 0);
    Ok(())
}
