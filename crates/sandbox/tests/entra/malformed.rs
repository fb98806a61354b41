//! Requests that no client means, answered in Entra's envelope or by a page, never by a broken connection.

use reqwest::Method;

use crate::cloud::{Cloud, answer, http};

#[tokio::test]
async fn forms_that_are_none_get_the_envelope_of_entra() {
    let cloud = Cloud::start().await;
    let url = cloud.tenant_url("/oauth2/v2.0/token");
    let large = "scope=".to_owned() + &"x".repeat(1_000_000);
    let many = "a=1&".repeat(20_000);
    for body in [
        "",
        "&&&===",
        "%",
        "%zz=%ff&grant_type=%",
        "{\"grant_type\":\"client_credentials\"}",
        "grant_type=client_credentials&grant_type=password",
        "grant_type=\u{0}",
        "grant_type=refresh_token&refresh_token=&client_id=%20",
        "grant_type=authorization_code&client_id=x&code=../../x",
        "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=a.b.c",
        &large,
        &many,
    ] {
        for content_type in [
            "application/x-www-form-urlencoded",
            "application/json",
            "\"\"",
        ] {
            let request = http()
                .post(&url)
                .header("content-type", content_type)
                .body(body.to_owned());
            let refused = answer(request).await;
            let start: String = body.chars().take(40).collect();
            assert!(
                [400, 401, 413].contains(&refused.status),
                "{start}: {}",
                refused.body
            );
            assert!(
                refused.body["error_codes"][0].is_u64(),
                "{start}: {}",
                refused.body
            );
            assert!(
                refused.body["trace_id"].is_string() && refused.body["correlation_id"].is_string()
            );
        }
    }
}

#[tokio::test]
async fn pages_and_metadata_take_any_address() {
    let cloud = Cloud::start().await;
    let long = format!("/common/oauth2/v2.0/authorize?state={}", "x".repeat(30_000));
    for (method, path) in [
        (Method::GET, "/common/oauth2/v2.0/authorize"),
        (
            Method::GET,
            "/common/oauth2/v2.0/authorize?client_id=%00&redirect_uri=%ff",
        ),
        (
            Method::GET,
            "/nobody.example/oauth2/v2.0/authorize?client_id=x",
        ),
        (Method::GET, "/%2e%2e/v2.0/.well-known/openid-configuration"),
        (Method::POST, "/common/login"),
        (Method::POST, "/common/consent"),
        (Method::POST, "/common/oauth2/v2.0/devicecode"),
        (Method::GET, "/common/adminconsent?client_id='"),
        (Method::PUT, "/common/oauth2/v2.0/token"),
        (Method::GET, &long),
    ] {
        let answered = http()
            .request(method, cloud.url(path))
            .send()
            .await
            .unwrap();
        let status = answered.status().as_u16();
        assert!(status < 500 || status == 501, "{path}: {status}");
    }
}
