use super::rejections::misfit;
use super::*;

fn shown(problem: &Problem) -> Value {
    serde_json::from_slice(&problem.to_json("req_1")).unwrap_or_default()
}

#[test]
fn an_unknown_field_is_named() {
    let problem = misfit("unknown field `nmae`, expected one of `name`, `role` at line 1 column 9");
    assert_eq!(
        (problem.code(), &shown(&problem)["field"]),
        ("unknown_field", &"nmae".into())
    );
    assert!(!problem.detail().contains("line"));
}

#[test]
fn a_missing_field_is_named_with_its_path() {
    let problem = misfit("policy: missing field `raw`");
    assert_eq!(
        (problem.code(), &shown(&problem)["field"]),
        ("missing_field", &"policy.raw".into())
    );
}

#[test]
fn a_value_that_does_not_fit_is_named_by_its_path() {
    let problem = misfit("service: unknown variant `x`, expected `outlook`");
    assert_eq!(
        (problem.code(), &shown(&problem)["field"]),
        ("invalid_input", &"service".into())
    );
}

#[test]
fn an_internal_failure_tells_the_client_nothing_of_it() {
    let problem = Problem::broken("password of the database is hunter2");
    assert!(!shown(&problem).to_string().contains("hunter2"));
    assert_eq!(
        problem.internal_reason(),
        Some("password of the database is hunter2")
    );
}

#[test]
fn every_problem_carries_the_request_id_and_a_type() {
    let body = shown(&Problem::not_found("key", "key_1"));
    assert_eq!(body["request_id"], "req_1");
    assert_eq!(body["type"], "urn:consentry:problem:not_found");
}
