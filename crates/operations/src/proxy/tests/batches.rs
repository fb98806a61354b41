//! What is read out of a batch, and what is refused because it could be read in two ways.

use http::HeaderMap;
use model::{Policy, Service};
use serde_json::{Value, json};

use super::{DATAVERSE, GUID, root, shown};
use crate::proxy::batch;
use crate::{Error, Result};

fn batched(service: Service, content_type: &str, body: &[u8]) -> Result<Vec<String>> {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", content_type.parse().unwrap());
    batch::parts(service, &Policy::default(), &root(service), &headers, body).map(shown)
}

fn json_batch(requests: &Value) -> Result<Vec<String>> {
    let body = json!({ "requests": requests }).to_string();
    batched(
        Service::OneDrive,
        "application/json; charset=utf-8",
        body.as_bytes(),
    )
}

#[test]
fn each_request_of_a_batch_is_judged_by_itself() {
    let found = json_batch(&json!([
        { "id": "1", "method": "GET", "url": "/drives/d/items/i?$expand=thumbnails" },
        { "id": "2", "method": "post", "url": "drives/d/items/i/copy", "headers": { "Content-Type": "application/json" },
          "body": { "parentReference": { "driveId": "other" } }, "dependsOn": ["1"] },
        { "id": "3", "method": "PUT", "url": "/drives/d/items/i/content", "headers": { "content-type": "text/plain" }, "body": "aGk=" },
        { "id": "4", "method": "GET", "url": "/organization" },
    ]));
    let wanted = [
        "onedrive.items.get Drive:d",
        "onedrive.thumbnails.list Drive:d",
        "onedrive.items.copy Drive:d Drive:other",
        "onedrive.files.replaceContent Drive:d",
        "raw",
    ];
    assert_eq!(found.unwrap(), wanted);
}

#[test]
fn a_batch_that_could_be_read_in_two_ways_is_refused() {
    let one = |request: Value| json_batch(&json!([request]));
    let get = |url: &str| one(json!({ "id": "1", "method": "GET", "url": url }));
    for url in [
        "https://graph.microsoft.com/beta/me",
        "//graph.microsoft.com/v1.0/me",
        "https://graph.microsoft.com/v1.0evil/me",
        "/me/../users",
        "/$batch",
        "/me#x",
        "/me\\x",
        "/me//messages",
        "/me?$expand=a&$expand=b",
        " /me",
    ] {
        assert!(get(url).is_err(), "{url}");
    }
    assert!(get("https://graph.microsoft.com/v1.0/me").is_ok());
    for request in [
        json!({ "id": "1", "url": "/me" }),
        json!({ "id": "1", "method": "GET" }),
        json!({ "id": "1", "method": "CONNECT", "url": "/me" }),
        json!({ "id": "1", "method": "GET", "url": "/me", "Url": "/users" }),
        json!({ "id": "1", "method": "GET", "url": "/me", "path": "/users" }),
        json!({ "id": "1", "method": "GET", "url": "/me", "body": { "a": 1 } }),
        json!({ "id": "1", "method": "GET", "url": "/me", "headers": { "Authorization": "Bearer x" } }),
        json!({ "id": "1", "method": "GET", "url": "/me", "headers": { "X-HTTP-Method-Override": "DELETE" } }),
        json!({ "id": "1", "method": "GET", "url": "/me", "headers": "x" }),
        json!({ "id": "1", "method": "PATCH", "url": "/drives/d/items/i", "headers": { "content-type": "text/plain" }, "body": "e30=" }),
    ] {
        assert!(one(request.clone()).is_err(), "{request}");
    }
    let whole = |body: &str| batched(Service::OneDrive, "application/json", body.as_bytes());
    for body in [
        "",
        "[]",
        "{}",
        r#"{"requests": []}"#,
        r#"{"requests": [], "x": 1}"#,
        r#"{"requests": [], "requests": []}"#,
    ] {
        assert!(whole(body).is_err(), "{body}");
    }
    let good = r#"{"requests": [{"id": "1", "method": "GET", "url": "/me"}]}"#;
    assert!(whole(good).is_ok());
    for content_type in [
        "text/plain",
        "application/json; charset=utf-16",
        "application/json-patch+json",
        "multipart/mixed; boundary=a",
    ] {
        assert!(
            batched(Service::OneDrive, content_type, good.as_bytes()).is_err(),
            "{content_type}"
        );
    }
}

#[test]
fn a_batch_that_would_take_too_much_to_judge_is_refused() {
    let get =
        |number: usize, url: &str| json!({ "id": number.to_string(), "method": "GET", "url": url });
    let many = |count: usize| {
        let requests: Vec<_> = (0..count).map(|number| get(number, "/me")).collect();
        json_batch(&requests.into())
    };
    assert_eq!(many(1000).unwrap().len(), 1000);
    assert!(many(1001).is_err());
    let long = |length: usize| {
        let url = format!("/me?$select={}", "a".repeat(length - "/me?$select=".len()));
        json_batch(&json!([get(1, &url)]))
    };
    assert!(long(64 * 1024).is_ok());
    assert!(long(64 * 1024 + 1).is_err());
    let wide = format!("/me/messages?$expand={}a", "a,".repeat(10_000));
    assert!(json_batch(&json!([get(1, &wide)])).is_err());
}

fn dataverse(body: &str) -> Result<Vec<String>> {
    batched(
        Service::Crm,
        "multipart/mixed; boundary=b",
        body.replace('\n', "\r\n").as_bytes(),
    )
}

fn part(request: &str) -> String {
    format!("Content-Type: application/http\nContent-Transfer-Encoding: binary\n\n{request}\n")
}

#[test]
fn requests_and_change_sets_are_read_out_of_a_dataverse_batch() {
    let update = format!(
        "PATCH /api/data/v9.2/contacts({GUID}) HTTP/1.1\nContent-Type: application/json\n\n{{\"x@odata.bind\": \"/accounts({GUID})\"}}"
    );
    let create = format!(
        "POST {DATAVERSE}/tasks HTTP/1.1\nContent-Type: application/json\n\n{{\"a@odata.bind\": \"$1\"}}"
    );
    let set = format!("--c\n{}--c\n{}--c--\n", part(&update), part(&create));
    let body = format!(
        "--b\n{}--b\nContent-Type: multipart/mixed; boundary=c\n\n{set}--b--\n",
        part("GET accounts?$top=1 HTTP/1.1\nAccept: application/json\n")
    );
    let found = dataverse(&body).unwrap();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].starts_with("crm.accounts.list"), "{found:?}");
    assert!(
        found[1].starts_with("crm.contacts.update") && found[1].contains("Table:accounts"),
        "{found:?}"
    );
    assert_eq!(found[2], "crm.tasks.create Table:tasks");
}

#[test]
fn a_dataverse_batch_that_hides_a_request_is_refused() {
    let one = |request: &str| dataverse(&format!("--b\n{}--b--\n", part(request)));
    assert!(one("GET accounts HTTP/1.1\n").is_ok());
    for request in [
        "GET accounts\n",
        "GET accounts HTTP/1.1\nMSCRMCallerID: x\n",
        "GET accounts HTTP/1.1\nCallerObjectId: x\n",
        "GET accounts HTTP/1.1\nHost: elsewhere\n",
        "GET https://evil.crm.dynamics.com/api/data/v9.2/accounts HTTP/1.1\n",
        "GET /api/data/v9.1/accounts HTTP/1.1\n",
        "POST $batch HTTP/1.1\n",
        "GET accounts HTTP/1.1\n\n{}",
        "PATCH accounts(3f2504e0-4f89-11d3-9a0c-0305e82c3301) HTTP/1.1\nContent-Type: text/plain\n\n{}",
        "PATCH accounts(x) HTTP/1.1\nContent-Type: application/json\n\n{\"a\": 1, \"a\": 2}",
        "TRACE accounts HTTP/1.1\n",
    ] {
        assert!(one(request).is_err(), "{request}");
    }
    let nested = "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: multipart/mixed; boundary=d\n\n--d--\n--c--\n--b--\n";
    assert!(dataverse(nested).is_err());
    let encoded = part("GET accounts HTTP/1.1\n").replace("binary", "base64");
    assert!(dataverse(&format!("--b\n{encoded}--b--\n")).is_err());
}

#[test]
fn a_refused_request_of_a_batch_is_named() {
    let error = json_batch(
        &json!([{ "id": "1", "method": "GET", "url": "/me" }, { "id": "2", "method": "GET", "url": "/$batch" }]),
    );
    let Err(Error::Denied { reason, .. }) = error else {
        panic!("denied, not {error:?}")
    };
    assert_eq!(reason, "request 2 of the batch: it is a batch itself");
}
