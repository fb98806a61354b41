//! An environment of its own for one test, and callers of it.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use sandbox_dataverse::{Dataverse, Organisation, Person};
use sandbox_odata::service::{Caller, Request};
use serde_json::{Value, json};

pub(crate) const NOW: &str = "2026-10-01T12:00:00Z";
pub(crate) const APPLICATION: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const ANA: &str = "c0a7050f-0000-4000-8000-000000000102";
pub(crate) const ROOT: &str = "https://contoso.crm4.dynamics.com/api/data/v9.2";

/// Contoso on the first of October 2026, with an application user who administrates.
pub(crate) struct Environment {
    pub(crate) dataverse: Dataverse,
    pub(crate) now: Timestamp,
}

/// What was answered; the body is null when it is no JSON.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

pub(crate) fn organisation() -> Organisation {
    Organisation {
        url_name: "contoso".to_owned(),
        friendly_name: "Contoso".to_owned(),
        tenant_id: "c0a7050f-0000-4000-8000-000000000001".to_owned(),
        url: "https://contoso.crm4.dynamics.com".to_owned(),
        api_url: "https://contoso.api.crm4.dynamics.com".to_owned(),
    }
}

pub(crate) fn people() -> Vec<Person> {
    [
        (ANA, "Ana", "Reis", "Salesperson"),
        (
            "c0a7050f-0000-4000-8000-000000000103",
            "Ben",
            "Okafor",
            "Salesperson",
        ),
    ]
    .into_iter()
    .map(|(id, given, surname, role)| Person {
        object_id: id.to_owned(),
        user_principal_name: format!("{}@contoso.com", given.to_lowercase()),
        given_name: given.to_owned(),
        surname: surname.to_owned(),
        job_title: "Sales".to_owned(),
        roles: vec![role.to_owned()],
    })
    .collect()
}

impl Environment {
    pub(crate) fn contoso() -> Self {
        let now = NOW.parse().unwrap();
        Self::with(Dataverse::contoso(organisation(), &people(), now), now)
    }

    /// Without any customers.
    pub(crate) fn empty() -> Self {
        let now = NOW.parse().unwrap();
        Self::with(Dataverse::empty(organisation(), &people(), now), now)
    }

    fn with(mut dataverse: Dataverse, now: Timestamp) -> Self {
        dataverse
            .add_application_user(APPLICATION, "", "Tests", &["System Administrator"], now)
            .unwrap();
        Self { dataverse, now }
    }

    pub(crate) fn application(id: &str) -> Caller {
        Caller {
            client_id: id.to_owned(),
            is_application: true,
            ..Caller::default()
        }
    }

    pub(crate) fn user(id: &str) -> Caller {
        Caller {
            object_id: id.to_owned(),
            ..Caller::default()
        }
    }

    /// A request by anyone, with any headers.
    pub(crate) fn ask(
        &mut self,
        caller: Caller,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let encoded = path
            .replace(' ', "%20")
            .replace('"', "%22")
            .replace('<', "%3C")
            .replace('>', "%3E");
        let uri = if path.starts_with("/api") {
            encoded
        } else {
            format!("/api/data/v9.2/{encoded}")
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.to_lowercase().as_bytes()).unwrap();
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        let request = Request {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            uri: uri.parse().unwrap(),
            headers: map,
            body: body.into(),
            origin: "https://contoso.crm4.dynamics.com".to_owned(),
            now: self.now,
            caller,
        };
        let response = self.dataverse.answer(&request);
        let text = String::from_utf8_lossy(response.body()).into_owned();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        }
    }

    /// By the application.
    pub(crate) fn call(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.ask(Self::application(APPLICATION), method, path, headers, body)
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.call("GET", path, &[], &Value::Null)
    }

    #[expect(clippy::needless_pass_by_value, reason = "bodies are written in place")]
    pub(crate) fn post(&mut self, path: &str, body: Value) -> Answer {
        self.call("POST", path, &[], &body)
    }

    #[expect(clippy::needless_pass_by_value, reason = "bodies are written in place")]
    pub(crate) fn patch(&mut self, path: &str, body: Value) -> Answer {
        self.call("PATCH", path, &[], &body)
    }

    pub(crate) fn delete(&mut self, path: &str) -> Answer {
        self.call("DELETE", path, &[], &Value::Null)
    }

    /// A new row's id.
    pub(crate) fn create(&mut self, set: &str, body: Value) -> String {
        let answer = self.post(set, body);
        assert_eq!(answer.status, 204, "{}", answer.text);
        answer.id()
    }

    pub(crate) fn rows(&mut self, path: &str) -> Vec<Value> {
        self.get(path).rows()
    }

    pub(crate) fn account(&mut self, name: &str) -> String {
        self.create("accounts", json!({ "name": name }))
    }
}

impl Answer {
    pub(crate) fn id(&self) -> String {
        let address = self.header("odata-entityid");
        address[address.rfind('(').unwrap() + 1..]
            .trim_end_matches(')')
            .to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn rows(&self) -> Vec<Value> {
        assert_eq!(self.status, 200, "{}", self.text);
        self.body["value"].as_array().cloned().unwrap()
    }

    pub(crate) fn ok(self) -> Self {
        assert!(
            (200..300).contains(&self.status),
            "{} {}",
            self.status,
            self.text
        );
        self
    }

    /// A refusal with this status and code.
    pub(crate) fn refused(&self, status: u16, code: &str) {
        let seen = (
            self.status,
            self.body["error"]["code"].as_str().unwrap_or_default(),
        );
        assert_eq!(seen, (status, code), "{}", self.text);
        assert!(!self.message().is_empty());
    }

    pub(crate) fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }
}
