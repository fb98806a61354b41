//! People of whom more than a password is demanded: the page that asks, and what is refused without it.
//! Source: learn.microsoft.com/entra/identity/authentication/howto-mfa-userstates

use std::time::Duration;

use sandbox::SecondFactor;
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::cloud::{Answer, Cloud, REDIRECT, claims};

impl Cloud {
    fn demand(&self, second_factor: SecondFactor) {
        let demanded = self
            .control
            .demand_second_factor(&self.member, second_factor);
        demanded.unwrap();
    }

    fn digits(&self) -> String {
        self.control.second_factor(&self.member).unwrap().1
    }

    async fn tokens_of(&self, answered: &Page) -> Value {
        let code = answered.answer("code");
        let redeemed = self.redeem(&code, &[]).await;
        assert_eq!(redeemed.status, 200, "{}", redeemed.body);
        redeemed.body
    }
}

async fn give(browser: &mut Browser, page: &Page, digits: &str) -> Page {
    browser
        .submit(page, "second-factor", &[("otc", digits)])
        .await
}

/// The consent page, answered, where there is one.
async fn accepted(browser: &mut Browser, page: Page) -> Page {
    if page.location.is_some() {
        return page;
    }
    browser.decide(&page, "accept").await
}

#[tokio::test]
async fn a_right_password_leads_to_the_page_and_the_digits_lead_on() {
    let cloud = Cloud::start().await;
    cloud.demand(SecondFactor::Registered);
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    assert_eq!(page.text("h1"), "Enter code");
    assert_eq!(page.text("#digits"), cloud.digits());
    // Nobody is signed in yet.
    let silent = cloud.authorize_url(&[("prompt", "none")]);
    let nobody = browser.open(&silent).await;
    assert!(
        nobody
            .answer("error_description")
            .starts_with("AADSTS50058")
    );
    let digits = cloud.digits();
    let page = give(&mut browser, &page, &digits).await;
    let answered = accepted(&mut browser, page).await;
    let tokens = cloud.tokens_of(&answered).await;
    let access = claims(&tokens["access_token"]);
    assert_eq!(access["amr"], json!(["pwd", "mfa"]));
    assert_eq!(
        cloud.refresh(&tokens["refresh_token"], &[]).await.status,
        200
    );
    // The browser has shown it, and is not asked again.
    assert!(browser.open(&silent).await.find_answer("code").is_some());
}

#[tokio::test]
async fn wrong_digits_are_told_and_five_of_them_begin_anew() {
    let cloud = Cloud::start().await;
    cloud.demand(SecondFactor::Registered);
    let mut browser = cloud.browser();
    let url = cloud.authorize_url(&[]);
    let mut page = browser.sign_in(&url, &cloud.member).await;
    let right = cloud.digits();
    let wrong = if right == "000000" {
        "111111"
    } else {
        "000000"
    };
    for _ in 0..4 {
        page = give(&mut browser, &page, wrong).await;
        assert!(
            page.text("#error").starts_with("AADSTS500121"),
            "{}",
            page.html
        );
        assert_eq!(page.text("h1"), "Enter code");
    }
    let last = page;
    let page = give(&mut browser, &last, wrong).await;
    assert_eq!(page.text("h1"), "Sign in");
    // What the old page carried is worth nothing any more.
    let page = give(&mut browser, &last, &right).await;
    assert_eq!(page.text("h1"), "Sign in");
    // Digits of a minute ago are old, and so is a page of ten minutes ago.
    let page = browser.sign_in(&url, &cloud.member).await;
    cloud.control.advance(Duration::from_mins(1));
    let page = give(&mut browser, &page, &right).await;
    assert!(
        page.text("#error").starts_with("AADSTS500121"),
        "{}",
        page.html
    );
    cloud.control.advance(Duration::from_mins(10));
    let page = give(&mut browser, &page, &cloud.digits()).await;
    assert_eq!(page.text("h1"), "Sign in");
}

#[tokio::test]
async fn who_has_none_yet_registers_it_at_the_next_sign_in() {
    let cloud = Cloud::start().await;
    let before = cloud.tokens_for(&cloud.member).await;
    let at = cloud.url(&format!("/_sandbox/users/{}/second-factor", cloud.member));
    let demanded = cloud
        .http
        .post(&at)
        .json(&json!({ "state": "to_register" }));
    assert_eq!(demanded.send().await.unwrap().status(), 204);
    let refused = cloud.refresh(&before["refresh_token"], &[]).await;
    refused.assert_refused(400, "invalid_grant", 50079);
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    assert_eq!(page.text("h1"), "Let's keep your account secure");
    let told: Value = cloud
        .http
        .get(&at)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(told["state"], "to_register");
    let page = give(&mut browser, &page, told["code"].as_str().unwrap()).await;
    let answered = accepted(&mut browser, page).await;
    cloud.tokens_of(&answered).await;
    let (state, _) = cloud.control.second_factor(&cloud.member).unwrap();
    assert_eq!(state, SecondFactor::Registered);
    // From now on an old grant lacks it, and is no longer asked to register.
    let refused = cloud.refresh(&before["refresh_token"], &[]).await;
    refused.assert_refused(400, "invalid_grant", 50076);
}

#[tokio::test]
async fn where_nobody_can_answer_a_page_the_grant_is_refused_with_claims() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    let answered = accepted(&mut browser, page).await;
    let weak = cloud.tokens_of(&answered).await;
    cloud.demand(SecondFactor::Registered);
    let refused = cloud.refresh(&weak["refresh_token"], &[]).await;
    refused.assert_refused(400, "invalid_grant", 50076);
    assert_eq!(refused.body["suberror"], "basic_action");
    assert!(refused.body["claims"].is_string());
    let by_password = async || -> Answer {
        let form = [
            ("grant_type", "password"),
            ("client_id", cloud.client_id.as_str()),
            ("client_secret", cloud.secret.as_str()),
            ("username", cloud.member.as_str()),
            ("password", "Sandbox-1"),
            ("scope", "User.Read"),
        ];
        cloud.ask(&form).await
    };
    by_password()
        .await
        .assert_refused(400, "invalid_grant", 50076);
    cloud.demand(SecondFactor::ToRegister);
    by_password()
        .await
        .assert_refused(400, "invalid_grant", 50079);
    // A browser that was signed in before is asked for interaction.
    let silent = cloud.authorize_url(&[("prompt", "none")]);
    let page = browser.open(&silent).await;
    assert_eq!(page.answer("error"), "interaction_required");
    assert!(page.answer("error_description").starts_with("AADSTS50079"));
    // Others go on as they did.
    cloud.tokens_for(&cloud.admin).await;
    cloud.demand(SecondFactor::NotDemanded);
    assert_eq!(cloud.refresh(&weak["refresh_token"], &[]).await.status, 200);
}

#[tokio::test]
async fn an_administrator_shows_it_before_consenting_for_all() {
    let cloud = Cloud::start().await;
    let admin = cloud.admin.clone();
    let demanded = cloud
        .control
        .demand_second_factor(&admin, SecondFactor::Registered);
    demanded.unwrap();
    let query = format!(
        "/adminconsent?client_id={}&redirect_uri={REDIRECT}&state=s",
        cloud.client_id
    );
    let mut browser = cloud.browser();
    let page = browser.sign_in(&cloud.tenant_url(&query), &admin).await;
    assert_eq!(page.text("h1"), "Enter code");
    let digits = cloud.control.second_factor(&admin).unwrap().1;
    let page = give(&mut browser, &page, &digits).await;
    let answered = browser.decide(&page, "accept").await;
    assert_eq!(answered.answer("admin_consent"), "True");
}
