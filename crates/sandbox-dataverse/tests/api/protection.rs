//! Service protection limits.

use std::time::Duration;

use sandbox_dataverse::Limits;
use serde_json::{Value, json};

use crate::environment::{APPLICATION, Answer, Environment};

#[test]
fn each_limit_refuses_with_its_own_code_and_a_time_to_wait() {
    let mut at = Environment::empty();
    let usual = Limits::default();
    for (limits, code) in [
        (
            Limits {
                requests: 3,
                ..usual
            },
            "0x80072322",
        ),
        (
            Limits {
                execution_ms: 150,
                ..usual
            },
            "0x80072321",
        ),
        (
            Limits {
                concurrent: 3,
                ..usual
            },
            "0x80072326",
        ),
    ] {
        at.dataverse.set_limits(Some(limits));
        for _ in 0..3 {
            at.get("WhoAmI").ok();
        }
        let refused = at.get("WhoAmI");
        refused.refused(429, code);
        assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
        at.now += Duration::from_secs(301);
        at.get("WhoAmI").ok();
    }
    at.dataverse.set_limits(None);
    assert!((0..100).all(|_| at.get("WhoAmI").status == 200));
}

/// Seconds of work that the caller has left.
fn left(answer: &Answer) -> f64 {
    let text = answer.header("x-ms-ratelimit-time-remaining-xrm-requests");
    text.parse().unwrap()
}

fn batch(at: &mut Environment, count: usize) -> Answer {
    let part = "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET WhoAmI HTTP/1.1\r\n\r\n\r\n";
    let body = format!("{}--b--\r\n", part.repeat(count));
    let headers = [("Content-Type", "multipart/mixed;boundary=b")];
    let caller = Environment::application(APPLICATION);
    at.ask(caller, "POST", "$batch", &headers, body)
}

#[test]
fn work_is_counted_by_the_kind_of_a_request_and_by_all_that_a_batch_holds() {
    let mut at = Environment::contoso();
    at.dataverse.set_limits(Some(Limits {
        request_ms: 1_000,
        ..Limits::default()
    }));
    let mut before = 1_200.0;
    let mut took = |answer: &Answer| {
        let now = left(answer);
        let took = before - now;
        before = now;
        took
    };
    let rows: Vec<Value> = (0..7)
        .map(|number| json!({ "name": number.to_string(), "@odata.type": "Microsoft.Dynamics.CRM.account" }))
        .collect();
    let many = json!({ "Targets": rows });
    let query = "accounts?$apply=aggregate($count as number)";
    for (seconds, answer) in [
        (1.0, at.get("WhoAmI")),
        (2.0, at.get("accounts?$select=name&$top=1")),
        (4.0, at.get(query)),
        (2.0, at.post("accounts", json!({ "name": "One" }))),
        (
            7.0,
            at.post("accounts/Microsoft.Dynamics.CRM.CreateMultiple", many),
        ),
        (20.0, batch(&mut at, 10)),
    ] {
        assert!(answer.status < 300, "{}", answer.text);
        let took = took(&answer);
        assert!((took - seconds).abs() < 0.01, "{took}, not {seconds}");
    }
    batch(&mut at, 500).ok();
    let refused = batch(&mut at, 100);
    refused.refused(429, "0x80072321");
    at.get("WhoAmI").ok();
    at.now += Duration::from_secs(301);
    batch(&mut at, 100).ok();
}
