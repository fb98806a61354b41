//! The authorize endpoint and its sign-in page.

use sandbox::NewApplication;

use crate::browser::Page;
use crate::cloud::{Cloud, REDIRECT, claims};

/// A refusal that only the person sees.
fn assert_page(page: &Page, code: u32) {
    assert_eq!(page.status, 400, "{}", page.html);
    assert_eq!(page.location, None);
    let text = page.text("#error");
    assert!(text.starts_with(&format!("AADSTS{code}: ")), "{text}");
}

/// A refusal that the application is told of.
fn assert_told(page: &Page, error: &str, code: u32) {
    assert_eq!(page.answer("error"), error);
    let text = page.answer("error_description");
    assert!(text.starts_with(&format!("AADSTS{code}: ")), "{text}");
    assert_eq!(page.answer("state"), "a state & more");
}

#[tokio::test]
async fn a_person_who_signs_in_and_accepts_comes_back_with_a_code_for_tokens_in_their_name() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    assert_eq!(page.text("#application"), "Tailwind");
    let asked = page.texts("#permissions li");
    assert!(
        asked.iter().any(|line| line.contains("Read your mail")),
        "{asked:?}"
    );

    let page = browser.decide(&page, "accept").await;
    assert!(page.location.as_ref().unwrap().starts_with(REDIRECT));
    assert_eq!(page.answer("state"), "a state & more");

    let tokens = cloud.redeem(&page.answer("code"), &[]).await.body;
    let id = claims(&tokens["id_token"]);
    assert_eq!(id["nonce"], "a-nonce");
    assert_eq!(id["aud"], cloud.client_id.as_str());
    assert_eq!(id["iss"], cloud.tenant_url("/v2.0"));
    assert_eq!(id["preferred_username"], cloud.member.as_str());

    let access = claims(&tokens["access_token"]);
    assert_eq!(access["aud"], "https://graph.microsoft.com");
    assert_eq!(access["idtyp"], "user");
    assert_eq!(access["upn"], cloud.member.as_str());
    assert_eq!(access["appid"], cloud.client_id.as_str());
    assert_eq!(access["scp"], "openid profile Mail.Read");
    assert_eq!(tokens["scope"], "openid profile Mail.Read");
    let lives = access["exp"].as_i64().unwrap() - access["iat"].as_i64().unwrap();
    assert_eq!(tokens["expires_in"], lives);
    assert!((3600..=5399).contains(&lives));
    assert!(tokens["refresh_token"].as_str().unwrap().len() > 1000);
}

#[tokio::test]
async fn a_browser_that_is_signed_in_and_has_consented_is_asked_nothing() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let url = cloud.authorize_url(&[]);
    let page = browser.sign_in(&url, &cloud.member).await;
    browser.decide(&page, "accept").await;
    let page = browser.open(&url).await;
    assert!(!page.answer("code").is_empty());
    let silent = browser
        .open(&cloud.authorize_url(&[("prompt", "none")]))
        .await;
    assert!(!silent.answer("code").is_empty());
}

#[tokio::test]
async fn a_wrong_password_is_told_on_the_page_and_may_be_corrected() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let page = browser.open(&cloud.authorize_url(&[])).await;
    let page = browser.enter(&page, &cloud.member, "wrong").await;
    assert!(page.text("#error").starts_with("AADSTS50126: "));
    let page = browser
        .enter(&page, "nobody@contoso.example", "Sandbox-1")
        .await;
    assert!(page.text("#error").starts_with("AADSTS50126: "));
    let page = browser.enter(&page, &cloud.member, "Sandbox-1").await;
    assert_eq!(page.text("#application"), "Tailwind");
}

#[tokio::test]
async fn a_disabled_user_is_told_so_and_offered_to_nobody() {
    let cloud = Cloud::start().await;
    cloud.control.disable_user(&cloud.member).unwrap();
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    assert!(page.text("#error").starts_with("AADSTS50057: "));
    assert!(!page.text("#accounts").contains(&cloud.member));
}

#[tokio::test]
async fn picking_an_account_fills_in_its_name() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let page = browser.open(&cloud.authorize_url(&[])).await;
    let link = page.attribute("#accounts a", "href").unwrap();
    let page = browser.open(&cloud.url(&link)).await;
    let login = page.attribute("#login", "value").unwrap();
    assert!(page.text("#accounts li").contains(&login));
}

#[tokio::test]
async fn silence_is_refused_where_a_person_would_have_to_be_asked() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let silent = cloud.authorize_url(&[("prompt", "none")]);
    assert_told(&browser.open(&silent).await, "login_required", 50058);
    browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    assert_told(&browser.open(&silent).await, "consent_required", 65001);
}

#[tokio::test]
async fn prompts_ask_again_even_though_everything_is_known() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    browser.decide(&page, "accept").await;

    let login = browser
        .open(&cloud.authorize_url(&[("prompt", "login")]))
        .await;
    assert!(login.html.contains("passwd"));
    assert!(!login.html.contains("Continue as"));

    let select = browser
        .open(&cloud.authorize_url(&[("prompt", "select_account")]))
        .await;
    let page = browser
        .submit(&select, "current", &[("current", "yes")])
        .await;
    assert!(!page.answer("code").is_empty());

    let consent = browser
        .open(&cloud.authorize_url(&[("prompt", "consent")]))
        .await;
    assert_eq!(consent.text("#application"), "Tailwind");
}

#[tokio::test]
async fn a_hint_at_somebody_else_asks_for_them() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    let page = browser
        .open(&cloud.authorize_url(&[("login_hint", &cloud.admin)]))
        .await;
    assert_eq!(page.attribute("#login", "value"), Some(cloud.admin.clone()));
}

#[tokio::test]
async fn an_application_for_many_tenants_is_reached_through_organizations_too() {
    let cloud = Cloud::start().await;
    let shared = cloud.control.register_application(NewApplication {
        display_name: "Shared".to_owned(),
        redirect_uris: vec![REDIRECT.to_owned()],
        is_multi_tenant: true,
        ..NewApplication::default()
    });
    let shared = shared.unwrap().client_id;
    let url = cloud.authorize_url(&[("client_id", &shared)]);
    let url = url.replace(cloud.sandbox.tenant_id(), "organizations");
    let mut browser = cloud.browser();
    let page = browser.sign_in(&url, &cloud.member).await;
    let page = browser.decide(&page, "accept").await;
    assert!(!page.answer("code").is_empty());
}

#[tokio::test]
async fn revoked_sessions_end_in_the_browser_too() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    cloud.control.revoke_sessions(&cloud.member).unwrap();
    let page = browser
        .open(&cloud.authorize_url(&[("prompt", "none")]))
        .await;
    assert_told(&page, "login_required", 50058);
}

#[tokio::test]
async fn answers_travel_in_the_way_that_was_asked_for() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    browser.decide(&page, "accept").await;

    let fragment = browser
        .open(&cloud.authorize_url(&[("response_mode", "fragment")]))
        .await;
    assert!(
        fragment
            .location
            .as_ref()
            .unwrap()
            .contains("/callback#code=")
    );

    let posted = browser
        .open(&cloud.authorize_url(&[("response_mode", "form_post")]))
        .await;
    let (action, values) = posted.form("hiddenform");
    assert_eq!(action, REDIRECT);
    assert!(values.contains(&("state".to_owned(), "a state & more".to_owned())));
    assert!(values.iter().any(|(name, _)| name == "code"));
}

#[tokio::test]
async fn a_request_may_come_as_a_form() {
    let cloud = Cloud::start().await;
    let url = cloud.authorize_url(&[]);
    let (url, query) = url.split_once('?').unwrap();
    let request = cloud
        .http
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(query.to_owned());
    let html = request.send().await.unwrap().text().await.unwrap();
    assert!(html.contains("sign-in"));
}

#[tokio::test]
async fn what_cannot_be_trusted_is_told_on_a_page_and_never_redirected() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let nobody = "11111111-1111-4111-8111-111111111111";
    for (changes, code) in [
        ([("client_id", nobody)], 700_016),
        (
            [("client_id", "00000000-0000-0000-0000-000000000000")],
            700_038,
        ),
        ([("client_id", "")], 900_144),
        ([("redirect_uri", "http://localhost:4711/elsewhere")], 50011),
        ([("redirect_uri", "https://evil.example/callback")], 50011),
    ] {
        let page = browser.open(&cloud.authorize_url(&changes)).await;
        assert_page(&page, code);
    }
    let good = cloud.authorize_url(&[]);
    for (segment, code) in [
        (nobody, 90002),
        ("00000000-0000-0000-0000-000000000000", 900_021),
        ("nonsense", 900_023),
        ("common", 50194),
    ] {
        let url = good.replace(cloud.sandbox.tenant_id(), segment);
        assert_page(&browser.open(&url).await, code);
    }
    cloud.control.disable_application(&cloud.client_id).unwrap();
    assert_page(&browser.open(&good).await, 7_000_112);
    cloud.control.delete_application(&cloud.client_id).unwrap();
    assert_page(&browser.open(&good).await, 700_016);
}

#[tokio::test]
async fn what_the_application_did_wrong_is_told_to_the_application() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    for (changes, error, code) in [
        (
            [("response_type", "id_token")],
            "unsupported_response_type",
            700_054,
        ),
        ([("response_type", "")], "invalid_request", 900_144),
        ([("response_mode", "pigeon")], "invalid_request", 70007),
        ([("scope", "")], "invalid_request", 900_144),
        (
            [("scope", "openid Nonsense.Read")],
            "invalid_client",
            650_053,
        ),
        (
            [("scope", "Mail.Read https://graph.microsoft.com/.default")],
            "invalid_scope",
            70011,
        ),
        (
            [("scope", "https://nobody.example/.default")],
            "invalid_resource",
            500_011,
        ),
        ([("prompt", "shout")], "invalid_request", 90023),
        ([("code_challenge", "short")], "invalid_request", 50147),
        (
            [("code_challenge_method", "S512")],
            "invalid_request",
            501_491,
        ),
    ] {
        let page = browser.open(&cloud.authorize_url(&changes)).await;
        assert_told(&page, error, code);
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_and_returns_to_registered_addresses_only() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    let logout = cloud.tenant_url("/oauth2/v2.0/logout");
    let back = format!("{logout}?post_logout_redirect_uri={REDIRECT}");
    assert_eq!(
        browser.open(&back).await.location.as_deref(),
        Some(REDIRECT)
    );
    let elsewhere = format!("{logout}?post_logout_redirect_uri=https://evil.example/");
    assert_eq!(browser.open(&elsewhere).await.location, None);
    let page = browser
        .open(&cloud.authorize_url(&[("prompt", "none")]))
        .await;
    assert_told(&page, "login_required", 50058);
}
