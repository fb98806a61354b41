//! A client in a namespace where Microsoft's names lead to the sandbox. The test runs itself again inside.

use std::process::Stdio;

use sandbox::{Namespace, Options, Sandbox};

use crate::environment::say_left_out;

const INSIDE: &str = "SANDBOX_TEST_IS_INSIDE";
const NAME: &str = "namespace::names_of_microsoft_lead_to_the_sandbox_inside";

#[tokio::test(flavor = "multi_thread")]
async fn names_of_microsoft_lead_to_the_sandbox_inside() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test tells itself that it is inside"
    )]
    let is_inside = std::env::var(INSIDE).is_ok();
    if is_inside {
        return inside().await;
    }
    if let Err(error) = Namespace::probe() {
        // The proxy is the other way, and CI accepts either.
        say_left_out("the namespace", &error.to_string());
        return;
    }
    let program = std::env::current_exe().unwrap();
    let command = Namespace::enter(program)
        .args(["--exact", NAME, "--nocapture"])
        .env(INSIDE, "yes")
        .stdin(Stdio::null())
        .output();
    let output = command.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

async fn inside() {
    let namespace = Namespace::open().unwrap();
    let (listen, also_listen) = Namespace::addresses();
    let sandbox = Sandbox::start(Options {
        listen,
        also_listen,
        tls: true,
        ..Options::default()
    });
    let sandbox = sandbox.await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let ca = sandbox.ca_certificate().unwrap();
    let bundle = namespace.furnish(directory.path(), ca).unwrap();
    assert!(std::fs::read_to_string(bundle).unwrap().ends_with(ca));
    let authority = reqwest::Certificate::from_pem(ca.as_bytes()).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([authority])
        .no_proxy();
    let client = client.build().unwrap();
    let get = async |url: String| client.get(url).send().await.unwrap();
    let tenant = sandbox.tenant_id();
    let path = format!("{tenant}/v2.0/.well-known/openid-configuration");
    let metadata = get(format!("https://login.windows.net/{path}")).await;
    let metadata: serde_json::Value = metadata.json().await.unwrap();
    let issuer = format!("https://login.microsoftonline.com/{tenant}/v2.0");
    assert_eq!(metadata["issuer"], issuer.as_str());
    assert_eq!(
        metadata["userinfo_endpoint"],
        "https://graph.microsoft.com/oidc/userinfo"
    );
    let me = get("https://graph.microsoft.com/v1.0/me".to_owned()).await;
    assert_eq!(me.status().as_u16(), 401);
    let elsewhere = get(format!("https://graph.microsoft.com/{path}")).await;
    assert_eq!(elsewhere.status().as_u16(), 501);
    let machine = get("http://169.254.169.254/metadata/identity/oauth2/token".to_owned()).await;
    assert_eq!(machine.status().as_u16(), 400);
    sandbox.stop().await;
}
