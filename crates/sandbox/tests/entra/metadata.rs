//! Metadata and signatures.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
