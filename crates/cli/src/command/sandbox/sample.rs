//! What a person needs to begin with: people to sign in as, and an application with a secret.

use std::time::Duration;

use sandbox::{ControlError, NewApplication, RegisteredApplication, Sandbox};
use serde_json::{Value, json};

const NAME: &str = "Consentry";
const PASSWORD: &str = "Sandbox-1";
const PEOPLE: [&str; 3] = [
    "admin@contoso.com",
    "ana.reis@contoso.com",
    "ben.okafor@contoso.com",
];
/// Enough to try the mailbox, drives and sites, as a user and as an application.
const PERMISSIONS: [&str; 8] = [
    "Mail.Read",
    "Mail.ReadWrite",
    "Mail.Send",
    "Calendars.ReadWrite",
    "Contacts.ReadWrite",
    "Files.ReadWrite.All",
    "Sites.ReadWrite.All",
    "User.Read.All",
];
/// The redirect URIs of a server at its default address, by either of its names; at Microsoft, another port of this machine will
/// do as well.
const REDIRECT_URIS: [&str; 2] = [
    "http://localhost:8365/oauth/callback",
    "http://127.0.0.1:8365/oauth/callback",
];
const HALF_A_YEAR: Duration = Duration::from_hours(182 * 24);

/// Where the sandbox is and what to use of it. The application has a new secret at each start, since none is kept.
pub(super) fn prepare(sandbox: &Sandbox) -> Result<Value, ControlError> {
    let control = sandbox.control();
    let known = control
        .applications()
        .into_iter()
        .find(|application| application.display_name == NAME);
    let application = match known {
        Some(application) => application,
        None => register(sandbox)?,
    };
    let secret = control.add_secret(&application.client_id, "printed at start", HALF_A_YEAR)?;
    Ok(json!({
        "url": sandbox.url(),
        "tenant_id": sandbox.tenant_id(),
        "client_id": application.client_id,
        "client_secret": secret.secret_text,
        "users": PEOPLE,
        "password": PASSWORD,
        "environment": super::environment(sandbox.url()),
    }))
}

fn register(sandbox: &Sandbox) -> Result<RegisteredApplication, ControlError> {
    let permissions: Vec<_> = PERMISSIONS.map(str::to_owned).into();
    sandbox.control().register_application(NewApplication {
        display_name: NAME.to_owned(),
        redirect_uris: REDIRECT_URIS.map(str::to_owned).into(),
        delegated: permissions.clone(),
        application: permissions,
        admin_consent: true,
        ..NewApplication::default()
    })
}

pub(super) fn text(sample: &Value) -> String {
    let field = |name: &str| sample[name].as_str().unwrap_or_default();
    format!(
        "a local Microsoft cloud at {}\n\
         tenant id      {}\n\
         client id      {}\n\
         client secret  {}\n\
         users          {} (and more), password {}\n\n\
         a server knows it as the cloud `sandbox` when it is started with\n{}",
        field("url"),
        field("tenant_id"),
        field("client_id"),
        field("client_secret"),
        PEOPLE.join(", "),
        field("password"),
        super::exports(&sample["environment"]),
    )
}
