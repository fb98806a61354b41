//! What outlives a sandbox with a data directory.

use std::fs;
use std::path::Path;
use std::time::Duration;

use sandbox::{Clock, Error, NewApplication, Options, Sandbox};

use crate::cloud::{Cloud, REDIRECT, YEAR, http};

async fn start(data: &Path) -> Sandbox {
    let options = Options {
        data: Some(data.to_owned()),
        ..Options::default()
    };
    Sandbox::start(options).await.unwrap()
}

/// A cloud around a sandbox that keeps its data.
async fn cloud(data: &Path, known: Option<(String, String)>) -> Cloud {
    let sandbox = start(data).await;
    let control = sandbox.control();
    let (client_id, secret) = known.unwrap_or_else(|| {
        let registered = control.register_application(NewApplication {
            display_name: "Kept".to_owned(),
            redirect_uris: vec![REDIRECT.to_owned()],
            ..NewApplication::default()
        });
        let client_id = registered.unwrap().client_id;
        let secret = control.add_secret(&client_id, "kept", YEAR).unwrap();
        (client_id, secret.secret_text)
    });
    let users = control.users();
    let member = users.iter().find(|user| !user.is_admin).unwrap();
    Cloud {
        member: member.user_principal_name.clone(),
        admin: String::new(),
        client_id,
        secret,
        control,
        sandbox,
        http: http(),
    }
}

#[tokio::test]
async fn tokens_clock_and_key_outlive_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let before = cloud(data.path(), None).await;
    before.control.advance(Duration::from_hours(1));
    let tokens = before.tokens_for(&before.member).await;
    let tenant_id = before.sandbox.tenant_id().to_owned();
    let keys = before.tenant_url("/discovery/v2.0/keys");
    let keys = before
        .http
        .get(keys)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let known = (before.client_id.clone(), before.secret.clone());
    let at = before.control.now();
    before.sandbox.stop().await;

    let after = cloud(data.path(), Some(known)).await;
    assert_eq!(after.sandbox.tenant_id(), tenant_id);
    assert!(after.control.now() >= at);
    let url = after.tenant_url("/discovery/v2.0/keys");
    let again = after
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let kid = |text: &str| {
        let keys: serde_json::Value = serde_json::from_str(text).unwrap();
        keys["keys"][0]["kid"].clone()
    };
    assert_eq!(kid(&keys), kid(&again));
    assert_eq!(
        after.refresh(&tokens["refresh_token"], &[]).await.status,
        200
    );
    after.sandbox.stop().await;
}

#[tokio::test]
async fn nothing_that_could_be_presented_is_in_the_files_and_only_the_owner_reads_them() {
    let data = tempfile::tempdir().unwrap();
    let cloud = cloud(data.path(), None).await;
    let tokens = cloud.tokens_for(&cloud.member).await;
    let secret = cloud.secret.clone();
    cloud.sandbox.stop().await;
    let state = fs::read_to_string(data.path().join("state.json")).unwrap();
    assert!(state.contains("Kept"));
    for presented in [&secret, tokens["refresh_token"].as_str().unwrap()] {
        assert!(!state.contains(presented));
    }
    #[cfg(unix)]
    for file in ["state.json", "signing-key.der"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(data.path().join(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_damaged_file_is_named() {
    let data = tempfile::tempdir().unwrap();
    start(data.path()).await.stop().await;
    fs::write(data.path().join("state.json"), "{").unwrap();
    let options = Options {
        data: Some(data.path().to_owned()),
        ..Options::default()
    };
    let error = Sandbox::start(options).await.err().unwrap();
    assert!(matches!(error, Error::Damaged { .. }));
    assert!(error.to_string().contains("state.json"));
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let first = Sandbox::start(Options::default()).await.unwrap();
    let address = first.url().strip_prefix("http://").unwrap();
    let options = Options {
        listen: address.parse().unwrap(),
        clock: Clock::real(),
        ..Options::default()
    };
    let error = Sandbox::start(options).await.err().unwrap();
    assert!(error.to_string().contains(address));
}
