//! A tenant with a registered application, and requests to it.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use sandbox_business_central::{Answer, Application, BusinessCentral, Directory, Group, Person};
use sandbox_odata::service::{Caller, Request, Response};
use serde_json::{Value, json};

pub(crate) const TENANT: &str = "c0a7050f-0000-4000-8000-000000000001";
pub(crate) const CLIENT: &str = "aaaaaaaa-0000-4000-8000-00000000000a";
const NOW: i64 = 1_795_000_000;

pub(crate) struct Scene {
    pub(crate) cloud: BusinessCentral,
    pub(crate) caller: Caller,
    pub(crate) now: Timestamp,
    pub(crate) company: String,
}

/// Status and body, which is null when there is none.
pub(crate) struct Said {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
    pub(crate) json: Value,
}

impl Said {
    pub(crate) fn of(response: Response) -> Self {
        let (parts, bytes) = response.into_parts();
        Self {
            status: parts.status,
            headers: parts.headers,
            json: serde_json::from_slice(&bytes).unwrap_or_default(),
            bytes,
        }
    }

    /// `error.code`
    pub(crate) fn code(&self) -> &str {
        self.json["error"]["code"].as_str().unwrap_or_default()
    }

    /// `error.message`
    pub(crate) fn message(&self) -> &str {
        self.json["error"]["message"].as_str().unwrap_or_default()
    }

    /// The body of an answer that must be good.
    #[track_caller]
    pub(crate) fn good(self) -> Value {
        assert!(
            self.status.is_success(),
            "{} {}",
            self.status,
            String::from_utf8_lossy(&self.bytes)
        );
        self.json
    }

    /// Status and code of an answer that must be a refusal.
    #[track_caller]
    pub(crate) fn refusal(&self) -> (u16, &str) {
        assert!(!self.status.is_success(), "{}", self.json);
        (self.status.as_u16(), self.code())
    }
}

impl Scene {
    /// An application that may do everything.
    pub(crate) fn new() -> Self {
        let mut scene = Self::bare();
        scene.register(&["D365 BUS FULL ACCESS"]);
        let companies = scene.get("companies").good();
        scene.company = text(&companies["value"][0], "id");
        scene
    }

    /// An application that sets environments up besides, in a tenant of four people with a group of two.
    pub(crate) fn administered() -> Self {
        let mut scene = Self::new();
        scene.register(&[
            "D365 BUS FULL ACCESS",
            "D365 AUTOMATION",
            "EXTEN. MGT. - ADMIN",
        ]);
        scene
            .caller
            .roles
            .push("Automation.ReadWrite.All".to_owned());
        scene.cloud.know(Directory {
            people: (0..4).map(person).collect(),
            groups: vec![Group {
                id: "99999999-0000-4000-8000-000000000009".to_owned(),
                name: "Accounting".to_owned(),
                members: vec![person(1).object_id, person(2).object_id],
            }],
        });
        let group = "99999999-0000-4000-8000-000000000009";
        assert!(scene.cloud.add_security_group(None, "accounting", group));
        scene
    }

    /// Below the company of the automation API.
    #[track_caller]
    pub(crate) fn automate(&mut self, method: &Method, path: &str, body: &Value) -> Said {
        let root = "/v2.0/Production/api/microsoft/automation/v2.0";
        let path = format!("{root}/companies({})/{path}", self.company);
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let headers: &[_] = match *method {
            Method::PATCH | Method::DELETE => &[("if-match", "*")],
            _ => &[],
        };
        self.ask(method, &path, headers, body.as_bytes())
    }

    /// The row of a set of the automation API with this text in this field.
    #[track_caller]
    pub(crate) fn found(&mut self, set: &str, field: &str, wanted: &str) -> Value {
        let filter = format!("{set}?$filter={field} eq '{wanted}'");
        let rows = self.automate(&Method::GET, &filter, &Value::Null).good();
        rows["value"][0].clone()
    }

    #[track_caller]
    pub(crate) fn install(&mut self, extension: &str) -> Said {
        let id = text(
            &self.found("extensions", "displayName", extension),
            "packageId",
        );
        let path = format!("extensions({id})/Microsoft.NAV.install");
        self.automate(&Method::POST, &path, &Value::Null)
    }

    /// The second company, which charges value added tax in euro.
    pub(crate) fn german() -> Self {
        let mut scene = Self::new();
        let companies = scene.get("companies").good();
        scene.company = text(&companies["value"][1], "id");
        scene
    }

    /// Nobody is registered.
    pub(crate) fn bare() -> Self {
        let now = Timestamp::from_second(NOW).unwrap();
        Self {
            cloud: BusinessCentral::contoso(TENANT, now, 1),
            caller: Caller {
                tenant_id: TENANT.to_owned(),
                object_id: "bbbbbbbb-0000-4000-8000-00000000000b".to_owned(),
                client_id: CLIENT.to_owned(),
                is_application: true,
                roles: vec!["API.ReadWrite.All".to_owned()],
                ..Caller::default()
            },
            now,
            company: String::new(),
        }
    }

    pub(crate) fn register(&mut self, permission_sets: &[&str]) {
        let application = Application {
            client_id: CLIENT.to_owned(),
            description: "Tests".to_owned(),
            is_enabled: true,
            permission_sets: permission_sets.iter().map(|&it| it.to_owned()).collect(),
        };
        assert!(self.cloud.register_application(None, &application));
    }

    pub(crate) fn advance(&mut self, by: SignedDuration) {
        self.now += by;
    }

    /// A request as it is; the path is whole.
    pub(crate) fn send(
        &mut self,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        self.cloud.answer(&Request {
            method: method.clone(),
            uri: path.replace(' ', "%20").parse().unwrap(),
            headers: map,
            body: Bytes::copy_from_slice(body),
            origin: "https://api.businesscentral.dynamics.com".to_owned(),
            now: self.now,
            caller: self.caller.clone(),
        })
    }

    #[track_caller]
    pub(crate) fn ask(
        &mut self,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Said {
        match self.send(method, path, headers, body) {
            Answer::Done(response) => Said::of(response),
            Answer::Handshake(handshake) => panic!("asks for {}", handshake.url),
        }
    }

    /// Below the root of the API, or below the company when the path begins with a slash.
    pub(crate) fn path(&self, path: &str) -> String {
        let root = "/v2.0/Production/api/v2.0";
        match path.strip_prefix('/') {
            Some(below) => format!("{root}/companies({})/{below}", self.company),
            None => format!("{root}/{path}"),
        }
    }

    #[track_caller]
    pub(crate) fn get(&mut self, path: &str) -> Said {
        let path = self.path(path);
        self.ask(&Method::GET, &path, &[], b"")
    }

    #[track_caller]
    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Said {
        let path = self.path(path);
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.ask(&Method::POST, &path, &[], body.as_bytes())
    }

    #[track_caller]
    pub(crate) fn patch(&mut self, path: &str, body: &Value) -> Said {
        let path = self.path(path);
        let body = body.to_string();
        self.ask(&Method::PATCH, &path, &[("if-match", "*")], body.as_bytes())
    }

    #[track_caller]
    pub(crate) fn delete(&mut self, path: &str) -> Said {
        let path = self.path(path);
        self.ask(&Method::DELETE, &path, &[("if-match", "*")], b"")
    }

    /// Runs an action without arguments.
    #[track_caller]
    pub(crate) fn act(&mut self, path: &str, action: &str) -> Said {
        self.post(&format!("{path}/Microsoft.NAV.{action}"), &Value::Null)
    }

    /// The whole list.
    #[track_caller]
    pub(crate) fn list(&mut self, path: &str) -> Vec<Value> {
        let body = self.get(path).good();
        body["value"].as_array().unwrap().clone()
    }

    /// The first of a list.
    #[track_caller]
    pub(crate) fn first(&mut self, path: &str) -> Value {
        self.list(path).first().cloned().unwrap_or_default()
    }

    /// A draft with these lines; lines name an item by its number.
    #[track_caller]
    pub(crate) fn draft(&mut self, set: &str, customer: &str, lines: &[(&str, i64)]) -> Value {
        let below = format!("{}Lines", set.trim_end_matches('s'));
        let lines: Vec<Value> = lines
            .iter()
            .map(|(item, quantity)| {
                json!({ "lineType": "Item", "lineObjectNumber": item, "quantity": quantity })
            })
            .collect();
        let mut body = json!({ "customerNumber": customer });
        body[below] = json!(lines);
        self.post(&format!("/{set}"), &body).good()
    }
}

/// The first administers the tenant.
pub(crate) fn person(number: u32) -> Person {
    Person {
        object_id: format!("dddddddd-0000-4000-8000-{number:012}"),
        user_principal_name: format!("person{number}@contoso.com"),
        display_name: format!("Person {number}"),
        is_admin: number == 0,
    }
}

pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

/// An amount in cents, exactly.
#[expect(
    clippy::cast_possible_truncation,
    reason = "amounts of tests are small"
)]
pub(crate) fn cents(value: &Value, name: &str) -> i64 {
    (value[name].as_f64().unwrap() * 100.0).round() as i64
}
