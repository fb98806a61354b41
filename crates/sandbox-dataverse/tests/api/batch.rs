//! `$batch` and change sets.

use serde_json::json;

use crate::environment::{APPLICATION, Answer, Environment};

fn send(at: &mut Environment, prefer: &str, parts: &[String]) -> Answer {
    let body = joined("b", parts);
    let headers = [
        ("Content-Type", "multipart/mixed;boundary=\"b\""),
        ("Prefer", prefer),
    ];
    let me = Environment::application(APPLICATION);
    at.ask(me, "POST", "$batch", &headers, format!("{body}--b--\r\n"))
}

fn joined(boundary: &str, parts: &[String]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| format!("--{boundary}\r\n{part}"))
        .collect();
    parts.concat()
}

fn part(id: &str, line: &str, body: &str) -> String {
    format!(
        "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {id}\r\n\r\n{line} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{body}\r\n"
    )
}

fn set(parts: &[String]) -> String {
    let inner = joined("c", parts);
    format!("Content-Type: multipart/mixed;boundary=c\r\n\r\n{inner}--c--\r\n\r\n")
}

#[test]
fn a_change_set_refers_to_what_it_makes() {
    let mut at = Environment::empty();
    let changes = set(&[
        part(
            "1",
            "POST /api/data/v9.2/accounts",
            &json!({ "name": "Batch" }).to_string(),
        ),
        part(
            "2",
            "POST /api/data/v9.2/contacts",
            &json!({ "lastname": "Of it", "parentcustomerid_account@odata.bind": "$1" })
                .to_string(),
        ),
        part("3", "PATCH $1", &json!({ "telephone1": "1" }).to_string()),
    ]);
    let read = part(
        "4",
        "GET accounts?$select=name,telephone1&$filter=name eq 'Batch'",
        "",
    );
    let answer = send(&mut at, "", &[changes, read]);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(
        answer
            .header("content-type")
            .starts_with("multipart/mixed; boundary=batchresponse_")
    );
    assert_eq!(answer.text.matches("HTTP/1.1 204 No Content").count(), 3);
    assert!(
        answer
            .text
            .contains("OData-EntityId: https://contoso.crm4.dynamics.com/api/data/v9.2/accounts(")
    );
    assert!(
        answer.text.contains("\"telephone1\":\"1\""),
        "{}",
        answer.text
    );
    assert_eq!(
        at.rows("contacts?$filter=parentcustomerid_account/name eq 'Batch'")
            .len(),
        1
    );
}

#[test]
fn a_change_set_is_all_or_nothing() {
    let mut at = Environment::empty();
    let changes = set(&[
        part("1", "POST accounts", "{\"name\":\"A\"}"),
        part("2", "POST accounts", "{\"nme\":\"B\"}"),
    ]);
    let answer = send(
        &mut at,
        "",
        &[changes, part("3", "POST accounts", "{\"name\":\"C\"}")],
    );
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("0x80048d19") && !answer.text.contains("204"));
    assert_eq!(at.rows("accounts").len(), 0);
    let get = set(&[part("1", "GET accounts", "")]);
    assert_eq!(send(&mut at, "", &[get]).status, 400);
}

#[test]
fn a_batch_stops_at_the_first_failure_unless_told_to_go_on() {
    let mut at = Environment::empty();
    let parts = [
        part("1", "GET nothings", ""),
        part("2", "POST accounts", "{\"name\":\"A\"}"),
    ];
    assert_eq!(send(&mut at, "", &parts).status, 404);
    assert_eq!(at.rows("accounts").len(), 0);
    let answer = send(&mut at, "odata.continue-on-error", &parts);
    assert_eq!(answer.status, 200);
    assert!(answer.text.contains("404 Not Found") && answer.text.contains("204 No Content"));
    assert_eq!(at.rows("accounts").len(), 1);
}

#[test]
fn a_body_that_is_no_batch_is_refused() {
    let mut at = Environment::empty();
    let me = || Environment::application(APPLICATION);
    at.ask(
        me(),
        "POST",
        "$batch",
        &[("Content-Type", "multipart/mixed;boundary=b")],
        "--b\r\nx",
    )
    .refused(400, "0x80060888");
    at.ask(
        me(),
        "POST",
        "$batch",
        &[("Content-Type", "application/json")],
        "{}",
    )
    .refused(400, "0x80060888");
    let parts: Vec<String> = (0..1001).map(|_| part("1", "GET accounts", "")).collect();
    send(&mut at, "", &parts).refused(400, "0x80060888");
}
