//! A sandbox with what the clients need registered in it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sandbox::{NewApplication, Options, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;

const REDIRECT: &str = "http://localhost:4711/callback";
const YEAR: Duration = Duration::from_hours(365 * 24);
const API: &str = "api://judged";

pub(crate) struct Scene {
    pub(crate) sandbox: Sandbox,
    /// An outside issuer: another sandbox.
    outside: Sandbox,
    outside_token: String,
    /// Holds the certificate.
    _directory: TempDir,
    ca: PathBuf,
    description: Value,
}

impl Scene {
    pub(crate) async fn start() -> Self {
        let sandbox = Sandbox::start(Options {
            tls: true,
            ..Options::default()
        });
        let sandbox = sandbox.await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let ca = directory.path().join("ca.pem");
        std::fs::write(&ca, sandbox.ca_certificate().unwrap()).unwrap();
        let description = register(&sandbox);
        let outside = Sandbox::start(Options::default()).await.unwrap();
        let outside_token = id_token(&outside).await;
        Self {
            sandbox,
            outside,
            outside_token,
            _directory: directory,
            ca,
            description,
        }
    }

    /// A file with the certificate to trust.
    pub(crate) fn ca(&self) -> &Path {
        &self.ca
    }

    /// What the scripts read.
    pub(crate) fn description(&self) -> String {
        let claims = claims(&self.outside_token);
        let mut description = self.description.clone();
        description["outside_token"] = json!(self.outside_token);
        description["outside"] = json!({
            "name": "outside",
            "issuer": claims["iss"],
            "subject": claims["sub"],
            "audiences": [claims["aud"]],
        });
        assert!(
            claims["iss"]
                .as_str()
                .unwrap()
                .starts_with(self.outside.url())
        );
        description.to_string()
    }
}

fn register(sandbox: &Sandbox) -> Value {
    let control = sandbox.control();
    let register = |new: NewApplication| {
        let client_id = control.register_application(new).unwrap().client_id;
        let secret = control.add_secret(&client_id, "test", YEAR).unwrap();
        (client_id, secret.secret_text)
    };
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let (client_id, secret) = register(NewApplication {
        display_name: "Judge".to_owned(),
        redirect_uris: names(&[REDIRECT]),
        delegated: names(&["User.Read"]),
        application: names(&["Mail.Read"]),
        admin_consent: true,
        ..NewApplication::default()
    });
    let (api_client_id, api_secret) = register(NewApplication {
        display_name: "Judge's API".to_owned(),
        delegated: names(&["User.Read"]),
        identifier_uris: names(&[API]),
        exposed_scopes: names(&["access_as_user"]),
        admin_consent: true,
        ..NewApplication::default()
    });
    let for_sdk = [
        "Mail.ReadWrite",
        "Mail.Send",
        "Files.ReadWrite.All",
        "Sites.FullControl.All",
    ];
    let of_a_person = [
        "User.Read",
        "Team.ReadBasic.All",
        "TeamMember.Read.All",
        "Channel.ReadBasic.All",
        "ChannelMessage.Read.All",
        "ChannelMessage.ReadWrite",
        "ChannelMessage.Send",
        "Chat.Create",
        "Chat.ReadWrite",
        "Calendars.ReadWrite",
        "Contacts.ReadWrite",
    ];
    let of_itself = [
        "ChannelMessage.Read.All",
        "Teamwork.Migrate.All",
        "Group.ReadWrite.All",
        "User.Read.All",
    ];
    let (sdk_client_id, sdk_secret) = register(NewApplication {
        display_name: "Judge's SDK".to_owned(),
        delegated: names(&[&for_sdk[..], &of_a_person].concat()),
        application: names(&[&for_sdk[..], &of_itself].concat()),
        admin_consent: true,
        ..NewApplication::default()
    });
    let (selected_client_id, selected_secret) = register(NewApplication {
        display_name: "Judge's narrow SDK".to_owned(),
        application: names(&["Sites.Selected"]),
        admin_consent: true,
        ..NewApplication::default()
    });
    let public = control.register_application(NewApplication {
        display_name: "Judge's device".to_owned(),
        delegated: names(&["User.Read"]),
        admin_consent: true,
        is_public_client: true,
        ..NewApplication::default()
    });
    let managed = control
        .add_managed_identity("machine", &["Mail.Read"])
        .unwrap();
    let member = control
        .users()
        .into_iter()
        .find(|user| !user.is_admin)
        .unwrap();
    json!({
        "url": sandbox.url(),
        "tenant_id": sandbox.tenant_id(),
        "domain": "contoso.onmicrosoft.com",
        "client_id": client_id,
        "secret": secret,
        "redirect_uri": REDIRECT,
        "sdk_client_id": sdk_client_id,
        "sdk_secret": sdk_secret,
        "selected_client_id": selected_client_id,
        "selected_secret": selected_secret,
        "public_client_id": public.unwrap().client_id,
        "api_client_id": api_client_id,
        "api_secret": api_secret,
        "api_scope": format!("{API}/access_as_user"),
        "managed_client_id": managed.client_id,
        "managed_principal_id": managed.principal_id,
        "member": member.user_principal_name,
    })
}

/// A person's ID token from a sandbox, by name and password.
async fn id_token(sandbox: &Sandbox) -> String {
    let control = sandbox.control();
    let registered = control.register_application(NewApplication {
        display_name: "Elsewhere".to_owned(),
        delegated: vec!["User.Read".to_owned()],
        admin_consent: true,
        is_public_client: true,
        ..NewApplication::default()
    });
    let client_id = registered.unwrap().client_id;
    let member = control
        .users()
        .into_iter()
        .find(|user| !user.is_admin)
        .unwrap();
    let form = [
        ("grant_type", "password"),
        ("client_id", &client_id),
        ("username", &member.user_principal_name),
        ("password", &member.password),
        ("scope", "openid User.Read"),
    ];
    let url = format!(
        "{}/{}/oauth2/v2.0/token",
        sandbox.url(),
        sandbox.tenant_id()
    );
    let client = reqwest::Client::builder().build().unwrap();
    let answer = client.post(url).form(&form).send().await.unwrap();
    let body: Value = answer.json().await.unwrap();
    body["id_token"].as_str().unwrap().to_owned()
}

fn claims(token: &str) -> Value {
    use base64::Engine;
    let part = token.split('.').nth(1).unwrap();
    let decoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part);
    serde_json::from_slice(&decoded.unwrap()).unwrap()
}
