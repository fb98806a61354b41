//! ID tokens from the authorize endpoint, alone and beside a code.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sandbox::NewApplication;
use sha2::{Digest, Sha256};

use crate::cloud::{Cloud, REDIRECT, claims};

async fn cloud_with_id_tokens() -> (Cloud, String) {
    let cloud = Cloud::start().await;
    let (client_id, _) = cloud.register(NewApplication {
        display_name: "Website".to_owned(),
        redirect_uris: vec![REDIRECT.to_owned()],
        delegated: vec!["User.Read".to_owned()],
        admin_consent: true,
        issues_id_tokens: true,
        ..NewApplication::default()
    });
    (cloud, client_id)
}

#[tokio::test]
async fn a_code_and_an_id_token_come_in_the_fragment_and_belong_together() {
    let (cloud, client_id) = cloud_with_id_tokens().await;
    let url = cloud.authorize_url(&[
        ("client_id", &client_id),
        ("response_type", "code id_token"),
        ("scope", "openid profile User.Read"),
    ]);
    let page = cloud.browser().sign_in(&url, &cloud.member).await;
    assert!(page.location.as_ref().unwrap().contains('#'));
    let (code, token) = (page.answer("code"), page.answer("id_token"));
    let token = claims(&token.into());
    assert_eq!(token["nonce"], "a-nonce");
    assert_eq!(token["aud"], client_id.as_str());
    let half = URL_SAFE_NO_PAD.encode(&Sha256::digest(code)[..16]);
    assert_eq!(token["c_hash"], half.as_str());
}

#[tokio::test]
async fn an_id_token_alone_brings_no_code() {
    let (cloud, client_id) = cloud_with_id_tokens().await;
    let url = cloud.authorize_url(&[
        ("client_id", &client_id),
        ("response_type", "id_token"),
        ("response_mode", "form_post"),
        ("scope", "openid User.Read"),
    ]);
    let page = cloud.browser().sign_in(&url, &cloud.member).await;
    assert!(page.html.contains("name=\"id_token\""));
    assert!(!page.html.contains("name=\"code\""));
}

#[tokio::test]
async fn id_tokens_need_the_applications_leave_a_nonce_and_a_safe_way() {
    let (cloud, client_id) = cloud_with_id_tokens().await;
    let own = cloud.client_id.clone();
    for (client_id, changes, code) in [
        (
            &own,
            [("response_mode", "fragment"), ("state", "s")],
            "700054",
        ),
        (&client_id, [("nonce", ""), ("state", "s")], "900144"),
        (
            &client_id,
            [("response_mode", "query"), ("state", "s")],
            "70007",
        ),
    ] {
        let mut all = vec![
            ("client_id", client_id.as_str()),
            ("response_type", "id_token"),
        ];
        all.extend(changes);
        let page = cloud.browser().open(&cloud.authorize_url(&all)).await;
        let text = page.answer("error_description");
        assert!(text.starts_with(&format!("AADSTS{code}: ")), "{text}");
    }
}
