//! Metadata and signatures.

use std::time::Duration;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::cloud::{Cloud, answer};

async fn document(cloud: &Cloud, segment: &str) -> Value {
    let url = cloud.url(&format!("/{segment}/v2.0/.well-known/openid-configuration"));
    answer(cloud.http.get(url)).await.body
}

#[tokio::test]
async fn every_address_follows_the_host_and_a_domain_becomes_its_tenant_id() {
    let cloud = Cloud::start().await;
    let domain = cloud.member.split_once('@').unwrap().1;
    let document = document(&cloud, domain).await;
    let tenant_id = cloud.sandbox.tenant_id();
    assert_eq!(document["issuer"], cloud.tenant_url("/v2.0"));
    for (field, path) in [
        ("authorization_endpoint", "/oauth2/v2.0/authorize"),
        ("token_endpoint", "/oauth2/v2.0/token"),
        ("jwks_uri", "/discovery/v2.0/keys"),
        ("end_session_endpoint", "/oauth2/v2.0/logout"),
    ] {
        assert_eq!(document[field], cloud.tenant_url(path), "{tenant_id}");
    }
    let url = cloud.url("/common/v2.0/.well-known/openid-configuration");
    let elsewhere = cloud.http.get(url).header("host", "login.example:8443");
    let document = answer(elsewhere).await.body;
    assert_eq!(
        document["issuer"],
        "http://login.example:8443/{tenantid}/v2.0"
    );
}

#[tokio::test]
async fn the_published_key_verifies_what_the_sandbox_signs() {
    let cloud = Cloud::start().await;
    let tokens = cloud.tokens_for(&cloud.member).await;
    let keys = answer(cloud.http.get(cloud.tenant_url("/discovery/v2.0/keys"))).await;
    let key = &keys.body["keys"][0];
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let certificate = STANDARD.decode(key["x5c"][0].as_str().unwrap()).unwrap();
    let modulus = decode(key["n"].as_str().unwrap());
    assert!(certificate.windows(256).any(|window| window == modulus));
    let public = RsaPublicKeyComponents {
        n: decode(key["n"].as_str().unwrap()),
        e: decode(key["e"].as_str().unwrap()),
    };
    for name in ["id_token", "access_token"] {
        let token = tokens[name].as_str().unwrap();
        let (message, signature) = token.rsplit_once('.').unwrap();
        let header = message.split('.').next().unwrap();
        let header: Value = serde_json::from_slice(&decode(header)).unwrap();
        assert_eq!(header["kid"], key["kid"]);
        public
            .verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message.as_bytes(),
                &decode(signature),
            )
            .unwrap();
    }
}

#[tokio::test]
async fn instance_discovery_knows_microsofts_hosts_and_its_own_and_no_other() {
    let cloud = Cloud::start().await;
    let ask = async |host: &str| {
        let endpoint = format!("{host}/common/oauth2/v2.0/authorize");
        let url = cloud.url("/common/discovery/instance");
        let query = [
            ("api-version", "1.1"),
            ("authorization_endpoint", &endpoint),
        ];
        answer(cloud.http.get(url).query(&query)).await
    };
    let known = ask("https://login.microsoftonline.com").await;
    assert_eq!(known.status, 200);
    assert_eq!(
        known.body["tenant_discovery_endpoint"],
        cloud.url("/common/v2.0/.well-known/openid-configuration")
    );
    assert_eq!(ask(cloud.sandbox.url()).await.status, 200);
    let unknown = ask("https://login.example").await;
    unknown.assert_refused(400, "invalid_instance", 50049);
}

#[tokio::test]
async fn metadata_of_a_tenant_that_does_not_exist_is_refused_by_its_form() {
    let cloud = Cloud::start().await;
    for (segment, code) in [
        ("11111111-1111-4111-8111-111111111111", 90002),
        ("fabrikam.example", 90002),
        ("00000000-0000-0000-0000-000000000000", 900_021),
        ("nonsense", 900_023),
    ] {
        let url = cloud.url(&format!("/{segment}/v2.0/.well-known/openid-configuration"));
        let answer = answer(cloud.http.get(url)).await;
        answer.assert_refused(400, "invalid_request", code);
    }
}

#[tokio::test]
async fn a_correlation_id_is_echoed_when_asked_for() {
    let cloud = Cloud::start().await;
    let id = "0f7aa6c8-8f4a-4e3a-9b68-1c2f7f6f1b11";
    let url = cloud.url("/nonsense/v2.0/.well-known/openid-configuration");
    let request = cloud
        .http
        .get(url)
        .header("client-request-id", id)
        .header("return-client-request-id", "true");
    let answer = answer(request).await;
    assert_eq!(answer.body["correlation_id"], id);
    assert_eq!(answer.headers["client-request-id"], id);
}

#[tokio::test]
async fn user_info_is_about_the_user_of_the_token() {
    let cloud = Cloud::start().await;
    let tokens = cloud.tokens_for(&cloud.member).await;
    let url = cloud.url("/oidc/userinfo");
    let ask = |token: &str| answer(cloud.http.get(&url).bearer_auth(token));
    let token = tokens["access_token"].as_str().unwrap();
    let about = ask(token).await;
    assert_eq!(about.status, 200);
    let users = cloud.control.users();
    let user = users
        .iter()
        .find(|user| user.user_principal_name == cloud.member);
    assert_eq!(about.body["name"], user.unwrap().display_name.as_str());
    let mut forged = token.to_owned();
    forged.replace_range(forged.len() - 8.., "AAAAAAAA");
    assert_eq!(ask(&forged).await.status, 401);
    cloud.control.advance(Duration::from_mins(90));
    assert_eq!(ask(token).await.status, 401);
}

#[tokio::test]
async fn the_root_and_the_address_of_an_error_are_pages_for_people() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let index = browser.open(&cloud.url("/")).await;
    assert!(index.html.contains(cloud.sandbox.tenant_id()));
    assert!(index.html.contains(&cloud.client_id));
    let refused = cloud.app_only(&[("client_secret", "wrong")]).await;
    let page = browser
        .open(refused.body["error_uri"].as_str().unwrap())
        .await;
    assert_eq!(page.text("h1"), "AADSTS7000215");
}

#[tokio::test]
async fn dates_and_schemes_are_those_that_the_caller_lives_in() {
    let cloud = Cloud::start().await;
    let url = cloud.url("/common/v2.0/.well-known/openid-configuration");
    let request = cloud.http.get(url).header("x-forwarded-proto", "https");
    let document = answer(request).await;
    assert_eq!(document.headers["date"], "Sun, 01 Mar 2026 09:00:00 GMT");
    let endpoint = document.body["token_endpoint"].as_str().unwrap();
    assert!(endpoint.starts_with("https://127.0.0.1"));
}
