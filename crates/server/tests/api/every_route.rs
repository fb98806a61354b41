//! What holds for every route, walked by the document that is made of the table of routes.

use reqwest::Method;
use serde_json::Value;

use crate::support::client::{Answer, Client};
use crate::support::{Outcome, TestServer};

const ROLES: [&str; 5] = ["auditor", "member", "builder", "admin", "owner"];

pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) role: Option<String>,
}

pub(crate) async fn routes(test: &TestServer) -> Result<Vec<Route>, Box<dyn std::error::Error>> {
    let document = test.anonymous.get_at("/openapi.json").await?.expect(200)?;
    let paths = document["paths"].as_object().ok_or("paths")?;
    let mut routes = Vec::new();
    for (path, methods) in paths {
        for (method, told) in methods.as_object().ok_or("methods")? {
            routes.push(Route {
                method: method.to_uppercase().parse()?,
                path: path.replace(['{', '}'], ""),
                role: told["x-role"].as_str().map(str::to_owned),
            });
        }
    }
    Ok(routes)
}

fn rank(role: &str) -> usize {
    ROLES
        .iter()
        .position(|known| *known == role)
        .unwrap_or(usize::MAX)
}

#[tokio::test]
async fn nobody_gets_past_without_a_key() -> Outcome {
    let test = TestServer::start().await?;
    for route in routes(&test)
        .await?
        .iter()
        .filter(|route| route.role.is_some())
    {
        let request = test.anonymous.request_at(route.method.clone(), &route.path);
        Answer::of(request)
            .await?
            .problem(401, "unauthenticated")
            .map_err(|error| format!("{} {}: {error}", route.method, route.path))?;
    }
    Ok(())
}

#[tokio::test]
async fn each_role_is_refused_what_needs_a_higher_one() -> Outcome {
    let test = TestServer::start().await?;
    let clients: [(&str, &Client); 4] = [
        ("auditor", &test.auditor),
        ("member", &test.member),
        ("builder", &test.builder),
        ("admin", &test.admin),
    ];
    for route in routes(&test).await? {
        let Some(needed) = route.role else { continue };
        for (role, client) in clients {
            let answer = Answer::of(client.request_at(route.method.clone(), &route.path)).await?;
            let refused = answer.body["code"] == "role_required";
            assert_eq!(
                refused,
                rank(role) < rank(&needed),
                "{role}: {} {}: {}",
                route.method,
                route.path,
                answer.text
            );
        }
    }
    test.logged("request.refuse", "role_required").await
}

#[tokio::test]
async fn every_answer_carries_its_request_id_and_is_of_no_use_to_a_browser() -> Outcome {
    let test = TestServer::start().await?;
    for path in ["/healthz", "/api/v1/me", "/api/v1/nowhere", "/nowhere"] {
        let answer = test.owner.get_at(path).await?;
        assert!(answer.header("x-request-id").starts_with("req_"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .starts_with("default-src 'none'"),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn a_method_that_is_not_taken_is_said_to_be() -> Outcome {
    let test = TestServer::start().await?;
    let answer = Answer::of(test.owner.request(Method::PUT, "/connections")).await?;
    assert!(
        answer.header("allow").contains("POST"),
        "{:?}",
        answer.headers
    );
    answer.problem(405, "method_not_allowed")?;
    Ok(())
}

#[tokio::test]
async fn a_foreign_host_name_is_not_answered() -> Outcome {
    let test = TestServer::start().await?;
    let request = test
        .owner
        .request(Method::GET, "/me")
        .header("host", "evil.example");
    Answer::of(request).await?.problem(421, "host_unknown")?;
    let probe = test
        .anonymous
        .request_at(Method::GET, "/healthz")
        .header("host", "10.0.0.7:8365");
    assert_eq!(
        Answer::of(probe).await?.expect(200)?,
        serde_json::json!({ "status": "ok" })
    );
    Ok(())
}

#[tokio::test]
async fn the_document_says_what_the_roles_need() -> Outcome {
    let test = TestServer::start().await?;
    let document = test.anonymous.get_at("/openapi.json").await?.expect(200)?;
    assert_eq!(document["openapi"], "3.1.0");
    let post = &document["paths"]["/api/v1/keys"]["post"];
    assert_eq!(post["x-role"], "builder");
    let request = &post["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(request["additionalProperties"], Value::Bool(false));
    assert!(request["properties"]["name"].is_object());
    Ok(())
}
