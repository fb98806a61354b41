//! A sandbox of its own for one test, and requests to its Graph.

use std::path::Path;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use sandbox::{Clock, Control, NewApplication, Options, Sandbox, Scale};
use serde_json::{Value, json};

use crate::schema::{Asked, judge};

pub(crate) const ANA: &str = "ana.reis@contoso.com";
pub(crate) const BEN: &str = "ben.okafor@contoso.com";
pub(crate) const ALL_MAIL: [&str; 3] = ["Mail.ReadWrite", "Mail.Send", "User.Read"];

/// Contoso on the first of October 2026, 12:00 UTC.
pub(crate) struct Cloud {
    pub(crate) sandbox: Sandbox,
    pub(crate) control: Control,
    client_id: String,
    http: Client,
}

/// One caller with a token.
pub(crate) struct Caller<'a> {
    cloud: &'a Cloud,
    pub(crate) token: String,
    headers: Vec<(&'static str, String)>,
}

/// What Graph answered; the body is null when it is no JSON.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Cloud {
    pub(crate) async fn start() -> Self {
        Self::start_with(Scale::Small).await
    }

    pub(crate) async fn start_with(scale: Scale) -> Self {
        Self::of(Options {
            scale,
            ..Options::default()
        })
        .await
    }

    /// One that keeps its state there, and goes on with what it finds.
    pub(crate) async fn start_in(data: &Path) -> Self {
        Self::of(Options {
            data: Some(data.to_owned()),
            ..Options::default()
        })
        .await
    }

    async fn of(options: Options) -> Self {
        let options = Options {
            clock: Clock::fixed("2026-10-01T12:00:00Z".parse().unwrap()),
            ..options
        };
        let sandbox = Sandbox::start(options).await.unwrap();
        let control = sandbox.control();
        let application = NewApplication {
            display_name: "Tests".to_owned(),
            ..NewApplication::default()
        };
        let client_id = control.register_application(application).unwrap().client_id;
        let http = Client::builder().build().unwrap();
        Self {
            sandbox,
            control,
            client_id,
            http,
        }
    }

    /// The application that all callers use.
    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// A signed-in person with these scopes.
    pub(crate) fn user(&self, name: &str, scopes: &[&str]) -> Caller<'_> {
        self.caller(Some(name), scopes)
    }

    /// A person with everything that mail needs.
    pub(crate) fn mail_user(&self, name: &str) -> Caller<'_> {
        self.user(name, &ALL_MAIL)
    }

    /// The application on its own with these roles.
    pub(crate) fn application(&self, roles: &[&str]) -> Caller<'_> {
        self.caller(None, roles)
    }

    /// Whether there is such a delegated permission here.
    pub(crate) fn knows_scope(&self, scope: &str) -> bool {
        self.control
            .issue_access_token(&self.client_id, Some(ANA), &[scope])
            .is_ok()
    }

    fn caller(&self, user: Option<&str>, permissions: &[&str]) -> Caller<'_> {
        let token = self
            .control
            .issue_access_token(&self.client_id, user, permissions)
            .unwrap();
        Caller {
            cloud: self,
            token,
            headers: Vec::new(),
        }
    }

    /// A request without a token, to a path below the version.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}/v1.0{path}", self.sandbox.url())
        };
        self.http.request(method, url)
    }
}

impl Caller<'_> {
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.cloud.request(method, path).bearer_auth(&self.token);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }

    /// The messages of a folder with this subject, newest first.
    pub(crate) async fn find(&self, folder: &str, subject: &str) -> Vec<Value> {
        let path =
            format!("/me/mailFolders/{folder}/messages?$top=1000&$filter=subject eq '{subject}'");
        self.get(&path).await.values()
    }

    /// A draft to Ben.
    pub(crate) async fn draft(&self, subject: &str) -> Value {
        let answer = self.post("/me/messages", message(subject, &[BEN])).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.body
    }
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    pub(crate) fn values(&self) -> Vec<Value> {
        assert_eq!(self.status, 200, "{}", self.text);
        self.body["value"].as_array().cloned().unwrap()
    }

    pub(crate) fn id(&self) -> String {
        id(&self.body)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts a refusal with this status and code, in Graph's envelope.
    pub(crate) fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.text);
        assert!(!self.message().is_empty());
        let inner = &self.body["error"]["innerError"];
        assert_eq!(inner["date"], "2026-10-01T12:00:00");
        assert_eq!(inner["request-id"], self.header("request-id"));
        assert_eq!(inner["client-request-id"], self.header("client-request-id"));
        assert!(self.header("content-type").starts_with("application/json"));
    }
}

/// What comes back, after Microsoft's schema has judged it.
pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let (client, request) = request.build_split();
    let request = request.unwrap();
    let asked = Asked {
        method: request.method().to_string(),
        path: request.url().path().to_owned(),
        body: request
            .body()
            .and_then(|body| body.as_bytes())
            .unwrap_or_default()
            .to_vec(),
    };
    let response = client.execute(request).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    judge(&asked, status, &headers, &text);
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer {
        status,
        headers,
        text,
        body,
    }
}

pub(crate) fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

/// A message as a client writes it.
pub(crate) fn message(subject: &str, to: &[&str]) -> Value {
    let to: Vec<Value> = to
        .iter()
        .map(|address| json!({"emailAddress": {"address": address}}))
        .collect();
    json!({"subject": subject, "body": {"contentType": "text", "content": "Hello"}, "toRecipients": to})
}
