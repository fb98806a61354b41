//! A sandbox and everything that a server needs to speak to it.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::api::Api;
use crate::browser::Browser;
use crate::portal::{Application, Portal};
use crate::process::Process;
use crate::server::{Server, Setup};

pub(crate) const ANA: &str = "ana.reis@contoso.com";
pub(crate) const BEN: &str = "ben.okafor@contoso.com";
/// Everybody's at the sandbox.
pub(crate) const PASSWORD: &str = "Sandbox-1";
/// Microsoft serves four requests at once in a mailbox, and the replicas keep to that together.
pub(crate) const MAILBOXES: [&str; 10] = [
    "ana.reis",
    "ben.okafor",
    "karin.berg",
    "luis.ferreira",
    "maria.costa",
    "nils.hansen",
    "olivia.brandt",
    "pedro.almeida",
    "rita.sousa",
    "samuel.koch",
];
pub(crate) const PERMISSIONS: [&str; 3] = ["Mail.Read", "Mail.ReadWrite", "Mail.Send"];

/// Names of the connections.
pub(crate) const AS_USER: &str = "outlook-ana";
pub(crate) const AS_APPLICATION: &str = "outlook-organisation";

/// A folder that is gone in the end, and a sandbox that ends with it.
pub(crate) struct World {
    pub(crate) portal: Portal,
    pub(crate) sandbox: Process,
    folder: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("consentry-system-")
            .tempdir()
            .unwrap();
        let log = folder.path().join("sandbox.log");
        let sandbox = Process::start(&["sandbox", "--listen", "127.0.0.1:0"], &[], &log).await;
        let portal = Portal::new(sandbox.ready["url"].as_str().unwrap());
        Self {
            portal,
            sandbox,
            folder,
        }
    }

    /// A new installation that knows the sandbox.
    pub(crate) fn setup(&self, name: &str, database_url: Option<String>, level: &str) -> Setup {
        let url = self.sandbox.ready["url"].as_str().unwrap();
        Setup::new(self.folder.path(), name, url, database_url, level)
    }

    /// Registers an application on both sides; the id of its registration here.
    pub(crate) async fn application(&self, server: &Server, api: &Api) -> (Application, String) {
        let redirect_uri = format!("{}/oauth/callback", server.url);
        let application = self.portal.register(&redirect_uri, &PERMISSIONS).await;
        let registration = json!({
            "name": "contoso",
            "cloud": "sandbox",
            "tenant_id": application.tenant_id,
            "client_id": application.client_id,
            "client_secret": application.secret,
        });
        let made = api.post("/app-registrations", &registration).await;
        (application, made["id"].as_str().unwrap().to_owned())
    }
}

/// An API key of the owner's: its id and its secret.
pub(crate) async fn key(server: &Server, name: &str) -> (String, String) {
    let made = server.owner().post("/keys", &json!({ "name": name })).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["key"]["id"]), text(&made["secret"]))
}

/// Connects Outlook as the application; the connection.
pub(crate) async fn connect_application(api: &Api, registration: &str) -> Value {
    let made = api
        .post(
            "/connections",
            &new(AS_APPLICATION, "service_principal", registration),
        )
        .await;
    assert_eq!(made["test"]["ok"], true, "{made}");
    made["connection"].clone()
}

/// Connects Outlook as Ana, who signs in and consents in `browser`; the connection's state is `active` then.
pub(crate) async fn connect_user(api: &Api, registration: &str, browser: &mut Browser) {
    let made = api
        .post("/connections", &new(AS_USER, "oauth", registration))
        .await;
    let page = browser.open(made["connect_url"].as_str().unwrap()).await;
    let page = browser.submit(page.form("/start")).await;
    let form = page
        .form("/login")
        .fill("login", ANA)
        .fill("passwd", PASSWORD);
    let mut page = browser.submit(form).await;
    if page.url.path() != "/connect/confirm" {
        page = browser
            .submit(page.form("/consent").fill("decision", "accept"))
            .await;
    }
    let page = browser.submit(page.form("/connect/confirm")).await;
    assert_eq!(page.status, 200, "{}", page.html);
    let connection = api.get(&format!("/connections/{AS_USER}")).await;
    assert_eq!(connection["state"], "active", "{connection}");
}

fn new(name: &str, method: &str, registration: &str) -> Value {
    json!({
        "service": "outlook", "method": method, "name": name, "app_registration_id": registration,
    })
}

/// A message to Ben with this subject.
pub(crate) fn message(subject: &str) -> Value {
    json!({
        "subject": subject,
        "body": { "contentType": "text", "content": "Sent by a test." },
        "toRecipients": [{ "emailAddress": { "address": BEN } }],
    })
}
