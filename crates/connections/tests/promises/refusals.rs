//! What Graph, Dataverse and Business Central refuse, and what is said of it: group, actor, cause and remedy, row by row.

mod business_central;
mod dataverse;
mod graph;

use std::sync::Arc;

use connections::{Snapshot, diagnose_graph};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use microsoft::GraphFault;
use model::Group::{PermissionDenied, TokenRefreshFailed};
use model::{Act, Diagnosis, Group, Service};
use serde_json::json;

use crate::world::{ANA, World};

/// Status, code and sentence as Microsoft says them; what they lead to; a word of the cause, and one of the remedy with its
/// link or command.
type Case = (
    u16,
    &'static str,
    &'static str,
    Group,
    Act,
    &'static str,
    &'static str,
);

fn fault(status: u16, code: &str, message: &str) -> GraphFault {
    let body = json!({ "error": { "code": code, "message": message } });
    let status = StatusCode::from_u16(status).unwrap();
    GraphFault::parse(status, &HeaderMap::new(), body.to_string().as_bytes())
}

fn remedy(diagnosis: &Diagnosis) -> String {
    let steps = diagnosis.remedy.iter().flat_map(|step| {
        let link = step.link.as_deref().unwrap_or_default();
        let command = step.command.as_deref().unwrap_or_default();
        [step.text.as_str(), link, command]
    });
    steps.collect::<Vec<_>>().join(" ")
}

fn each(snapshot: &Arc<Snapshot>, operation: &str, target: Option<&str>, cases: &[Case]) {
    let operation = catalog::operation(operation);
    assert!(operation.is_some());
    for &(status, code, message, group, act, cause, step) in cases {
        let case = format!("{status} {code} {message}");
        let diagnosis = diagnose_graph(snapshot, operation, target, &fault(status, code, message));
        assert!(diagnosis.known, "{case}: {diagnosis:?}");
        assert_eq!((diagnosis.group, diagnosis.act), (group, act), "{case}");
        assert!(
            diagnosis.cause.contains(cause),
            "{case}: {}",
            diagnosis.cause
        );
        let told = remedy(&diagnosis);
        assert!(told.contains(step), "{case}: {told}");
        assert_eq!(diagnosis.evidence.code, code, "{case}");
        assert_eq!(diagnosis.evidence.message, message, "{case}");
        assert_eq!(diagnosis.evidence.status, Some(status), "{case}");
    }
}

#[tokio::test]
async fn a_claims_challenge_asks_the_user_to_sign_in_and_an_administrator_to_look() {
    let world = World::start().await;
    let challenge =
        r#"Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ==""#;
    let mut headers = HeaderMap::new();
    headers.insert(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static(challenge),
    );
    let body = br#"{"error":{"code":"InvalidAuthenticationToken","message":"Continuous access evaluation resulted in challenge"}}"#;
    let fault = GraphFault::parse(StatusCode::UNAUTHORIZED, &headers, body);
    let user = world.connect_user(ANA).await;
    let diagnosis = diagnose_graph(&*world.snapshot(&user).await, None, None, &fault);
    assert_eq!(
        (diagnosis.group, diagnosis.act),
        (TokenRefreshFailed, Act::User)
    );
    assert!(remedy(&diagnosis).contains("reconnect"));
    let application = world.connect_application().await;
    let diagnosis = diagnose_graph(&*world.snapshot(&application).await, None, None, &fault);
    assert_eq!(diagnosis.act, Act::Administrator);
    assert!(remedy(&diagnosis).contains("workload-identity"));
    world.stop().await;
}

#[tokio::test]
async fn an_unknown_code_of_a_service_is_shown_whole_and_said_to_be_unknown() {
    let world = World::start().await;
    let crm = world.connect_dynamics(Service::Crm).await.connection;
    let graph = world.connect_application().await;
    for connection in [crm, graph] {
        let snapshot = world.snapshot(&connection).await;
        let told = fault(403, "0x8badf00d", "Something new happened.");
        let diagnosis = diagnose_graph(&snapshot, None, None, &told);
        assert!(!diagnosis.known);
        assert!(diagnosis.cause.contains("0x8badf00d"));
        assert!(diagnosis.cause.contains("Something new happened."));
        assert_eq!(diagnosis.group, PermissionDenied);
    }
    world.stop().await;
}
