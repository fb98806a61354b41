use reqwest::{Client, Method};
use sandbox::{Clock, NewApplication, Options, Sandbox};
use serde_json::Value;

use crate::cloud::ANA;

async fn start(directory: &std::path::Path) -> Sandbox {
    let options = Options {
        data: Some(directory.to_owned()),
        clock: Clock::fixed("2026-10-01T12:00:00Z".parse().unwrap()),
        ..Options::default()
    };
    Sandbox::start(options).await.unwrap()
}

/// Asks as Ana; answers the bytes.
async fn ask(sandbox: &Sandbox, method: Method, path: &str, body: Vec<u8>) -> Vec<u8> {
    let application = NewApplication {
        display_name: "Tests".to_owned(),
        ..NewApplication::default()
    };
    let control = sandbox.control();
    let client_id = control.register_application(application).unwrap().client_id;
    let token = control
        .issue_access_token(&client_id, Some(ANA), &["Files.ReadWrite.All"])
        .unwrap();
    let http = Client::builder().build().unwrap();
    let url = format!("{}/v1.0{path}", sandbox.url());
    let request = http.request(method, url).bearer_auth(token).body(body);
    let response = request.send().await.unwrap();
    assert!(response.status().is_success(), "{path}");
    let item: Value = response.json().await.unwrap();
    let url = item["@microsoft.graph.downloadUrl"].as_str().unwrap();
    let bytes = http.get(url).send().await.unwrap().bytes().await.unwrap();
    bytes.to_vec()
}

#[tokio::test]
async fn files_small_and_large_outlive_the_sandbox() {
    let directory = tempfile::tempdir().unwrap();
    let large: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let first = start(directory.path()).await;
    for (name, bytes) in [
        ("small.bin", b"small".to_vec()),
        ("large.bin", large.clone()),
    ] {
        let path = format!("/me/drive/root:/{name}:/content");
        assert!(
            ask(&first, Method::PUT, &path, bytes.clone()).await == bytes,
            "{name}"
        );
    }
    first.stop().await;
    let second = start(directory.path()).await;
    for (name, bytes) in [("small.bin", b"small".to_vec()), ("large.bin", large)] {
        let path = format!("/me/drive/root:/{name}");
        assert!(
            ask(&second, Method::GET, &path, Vec::new()).await == bytes,
            "{name}"
        );
    }
    assert_eq!(
        std::fs::read_dir(directory.path().join("files"))
            .unwrap()
            .count(),
        1
    );
    second.stop().await;
}
