//! A sandbox with one registered application, and what a client does with it.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Client, RequestBuilder, redirect};
use sandbox::{Clock, Control, NewApplication, Options, Sandbox, Seed};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use crate::browser::Browser;

pub(crate) const REDIRECT: &str = "http://localhost:4711/callback";
pub(crate) const VERIFIER: &str = "a-verifier-of-sufficient-length-0123456789-abcdef";
pub(crate) const YEAR: Duration = Duration::from_hours(365 * 24);

/// A sandbox of its own for one test.
pub(crate) struct Cloud {
    pub(crate) sandbox: Sandbox,
    pub(crate) control: Control,
    pub(crate) client_id: String,
    pub(crate) secret: String,
    /// Somebody who is no administrator.
    pub(crate) member: String,
    pub(crate) admin: String,
    pub(crate) http: Client,
}

/// What the token endpoint answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

pub(crate) fn http() -> Client {
    Client::builder()
        .redirect(redirect::Policy::none())
        .build()
        .unwrap()
}

impl Cloud {
    /// Contoso, with an application that has delegated permissions and roles of which none is granted yet.
    pub(crate) async fn start() -> Self {
        let options = Options {
            clock: Clock::fixed("2026-03-01T09:00:00Z".parse().unwrap()),
            seed: Seed::Contoso,
            ..Options::default()
        };
        let sandbox = Sandbox::start(options).await.unwrap();
        let control = sandbox.control();
        let application = NewApplication {
            display_name: "Tailwind".to_owned(),
            redirect_uris: vec![REDIRECT.to_owned()],
            delegated: vec!["User.Read".to_owned(), "Mail.Read".to_owned()],
            application: vec!["Mail.Read".to_owned()],
            ..NewApplication::default()
        };
        let client_id = control.register_application(application).unwrap().client_id;
        let secret = control.add_secret(&client_id, "test", YEAR).unwrap();
        let named = |is_admin| {
            let mut users = control.users().into_iter();
            users
                .find(|user| user.is_admin == is_admin)
                .unwrap()
                .user_principal_name
        };
        Self {
            member: named(false),
            admin: named(true),
            client_id,
            secret: secret.secret_text,
            http: http(),
            control,
            sandbox,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.url())
    }

    /// A path below the tenant.
    pub(crate) fn tenant_url(&self, path: &str) -> String {
        self.url(&format!("/{}{path}", self.sandbox.tenant_id()))
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.sandbox.url())
    }

    /// The authorize endpoint with the usual parameters, each replaced by one of the same name, and left out when empty.
    pub(crate) fn authorize_url(&self, changes: &[(&str, &str)]) -> String {
        let mut url = Url::parse(&self.tenant_url("/oauth2/v2.0/authorize")).unwrap();
        let challenge = challenge();
        let usual = [
            ("client_id", self.client_id.as_str()),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("scope", "openid profile offline_access Mail.Read"),
            ("state", "a state & more"),
            ("nonce", "a-nonce"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        url.query_pairs_mut().extend_pairs(merged(&usual, changes));
        url.into()
    }

    /// Signs a person in through the pages, consenting where asked, and returns the code.
    pub(crate) async fn code_for(&self, person: &str) -> String {
        let url = self.authorize_url(&[]);
        let mut browser = self.browser();
        let page = browser.sign_in(&url, person).await;
        let page = if page.location.is_none() {
            browser.decide(&page, "accept").await
        } else {
            page
        };
        page.answer("code")
    }

    /// Tokens of a person, after the whole flow.
    pub(crate) async fn tokens_for(&self, person: &str) -> Value {
        let code = self.code_for(person).await;
        let answer = self.redeem(&code, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    pub(crate) async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> Answer {
        let usual = [
            ("grant_type", "authorization_code"),
            ("client_id", &self.client_id),
            ("client_secret", &self.secret),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        self.token(&merged(&usual, changes)).await
    }

    pub(crate) async fn refresh(&self, token: &Value, changes: &[(&str, &str)]) -> Answer {
        let usual = [
            ("grant_type", "refresh_token"),
            ("client_id", &self.client_id),
            ("client_secret", &self.secret),
            ("refresh_token", token.as_str().unwrap()),
        ];
        self.token(&merged(&usual, changes)).await
    }

    pub(crate) async fn app_only(&self, changes: &[(&str, &str)]) -> Answer {
        let usual = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", &self.secret),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        self.token(&merged(&usual, changes)).await
    }

    /// The token endpoint of the tenant with exactly this form.
    pub(crate) async fn ask(&self, form: &[(&str, &str)]) -> Answer {
        self.token(&merged(form, &[])).await
    }

    /// Registers an application more, with a secret of its own.
    pub(crate) fn register(&self, new: NewApplication) -> (String, String) {
        let client_id = self.control.register_application(new).unwrap().client_id;
        let secret = self.control.add_secret(&client_id, "test", YEAR).unwrap();
        (client_id, secret.secret_text)
    }

    async fn token(&self, form: &[(String, String)]) -> Answer {
        let url = self.tenant_url("/oauth2/v2.0/token");
        answer(self.http.post(url).form(form)).await
    }
}

pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let body = response.json().await.unwrap();
    Answer {
        status,
        headers,
        body,
    }
}

impl Answer {
    /// Asserts a refusal with everything that Entra's error body has.
    pub(crate) fn assert_refused(&self, status: u16, error: &str, code: u32) {
        let body = &self.body;
        assert_eq!(body["error_codes"], serde_json::json!([code]), "{body}");
        assert_eq!(body["error"], error, "{body}");
        assert_eq!(self.status, status, "{body}");
        let description = body["error_description"].as_str().unwrap();
        assert!(description.starts_with(&format!("AADSTS{code}: ")));
        for (label, field) in [
            ("Trace ID", "trace_id"),
            ("Correlation ID", "correlation_id"),
            ("Timestamp", "timestamp"),
        ] {
            let value = body[field].as_str().unwrap();
            assert!(description.contains(&format!("{label}: {value}")), "{body}");
        }
        assert_eq!(
            self.headers["x-ms-request-id"],
            body["trace_id"].as_str().unwrap()
        );
        assert_eq!(self.headers["cache-control"], "no-store, no-cache");
    }
}

/// S256 of [`VERIFIER`].
pub(crate) fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// Claims of a token, unverified.
pub(crate) fn claims(token: &Value) -> Value {
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn merged(usual: &[(&str, &str)], changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let kept = usual
        .iter()
        .filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    kept.chain(changes)
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Header of a token.
pub(crate) fn header(token: &Value) -> Value {
    let part = token.as_str().unwrap().split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
