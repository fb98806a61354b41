//! Connecting as an application with each proof that is no client secret.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use microsoft::ClientCertificate;
use model::{Clock, ConnectionState, Role};
use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use sandbox::NewFederatedCredential;
use secrecy::ExposeSecret;

use super::Tab;
use crate::site::Site;
use crate::support::Registered;

/// At the form for Outlook, with everything filled in but the proof.
async fn at_the_form(site: &Site, app: &Registered) -> Tab {
    let tab = site.tab().await;
    site.enter(&tab, Role::Admin).await;
    tab.press("Outlook").await;
    tab.press("Connect as an application").await;
    tab.fill("Name of the connection", "everyone").await;
    tab.fill("Directory (tenant) ID", &app.tenant_id).await;
    tab.fill("Application (client) ID", &app.client_id).await;
    tab
}

async fn is_connected(site: &Site, tab: &Tab) {
    tab.sees("Connected, and tested").await;
    assert_eq!(
        site.connections().await,
        [("everyone".to_owned(), ConnectionState::Active)]
    );
    tab.is_clean().await;
}

/// A certificate with its key, which the sandbox's Entra knows.
fn known_certificate(site: &Site, app: &Registered) -> ClientCertificate {
    let now = site.clock.now();
    let day = jiff::SignedDuration::from_hours(24);
    let made = ClientCertificate::generate("Contoso", now - day, now + day * 90).unwrap();
    let control = site.sandbox.control();
    control
        .add_certificate(&app.client_id, "uploaded", &made.public_pem())
        .unwrap();
    made
}

#[tokio::test]
async fn a_certificate_is_pasted_as_pem() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    let pem = known_certificate(&site, &app).to_pem().unwrap();
    let tab = at_the_form(&site, &app).await;
    assert!(
        !tab.shows("#certificate").await,
        "only the proof that is chosen asks"
    );
    tab.choose("Certificate that you have").await;
    assert!(!tab.shows("#client_secret").await);
    tab.fill("Certificate and private key", "nothing").await;
    tab.press("Connect and test").await;
    tab.sees("Has to be PEM text, or a PFX file in base64")
        .await;
    assert!(tab.shows("#certificate").await, "what was chosen is kept");
    tab.fill("Certificate and private key", pem.expose_secret())
        .await;
    tab.press("Connect and test").await;
    is_connected(&site, &tab).await;
    assert!(!tab.text().await.contains("PRIVATE"));
}

#[tokio::test]
async fn a_certificate_is_chosen_as_a_pfx_file() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("contoso.pfx");
    let certificate = known_certificate(&site, &app);
    std::fs::write(&file, pfx(&certificate, "pa55 wörd")).unwrap();
    let tab = at_the_form(&site, &app).await;
    tab.choose("Certificate that you have").await;
    tab.choose_file("certificate_file", &file).await;
    tab.evaluate("new Promise((filled) => { const look = () => document.getElementById('certificate').value ? filled() : setTimeout(look, 10); look(); })").await;
    tab.fill("Password of the PFX file", "pa55 wörd").await;
    tab.press("Connect and test").await;
    is_connected(&site, &tab).await;
}

#[tokio::test]
async fn a_certificate_is_made_here_and_uploaded() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let tab = at_the_form(&site, &app).await;
    tab.choose("Certificate made here").await;
    tab.fill("Good for so many days", "30").await;
    tab.press("Connect and test").await;
    tab.reads("One step left, in Microsoft Entra").await;
    tab.press("Connect and test").await;
    tab.sees("AADSTS700027").await;
    tab.sees("Nothing was stored").await;
    upload(&site, &tab, &app, folder.path()).await;
    tab.press("Connect and test").await;
    is_connected(&site, &tab).await;
}

/// Downloads the certificate, and gives it to the sandbox as an administrator gives it to Entra.
async fn upload(site: &Site, tab: &Tab, app: &Registered, folder: &Path) {
    let der = tab
        .download("Download the certificate (.cer)", folder)
        .await;
    let control = site.sandbox.control();
    control
        .add_certificate(&app.client_id, "made by Consentry", &STANDARD.encode(der))
        .unwrap();
}

#[tokio::test]
async fn consentry_is_the_issuer_of_a_federated_credential() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    let tab = at_the_form(&site, &app).await;
    tab.choose("Federated credential").await;
    tab.sees("needs a public https address").await;
    tab.press("Connect and test").await;
    tab.reads("One step left, in Microsoft Entra").await;
    trust(&site, &tab, &app, "#left-to-do dd code", 0).await;
    tab.press("Connect and test").await;
    is_connected(&site, &tab).await;
}

#[tokio::test]
async fn a_connection_goes_over_from_its_secret_to_none_and_the_issuers_key_is_rolled_under_it() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    let tab = at_the_form(&site, &app).await;
    tab.fill("Client secret", &app.secret).await;
    tab.press("Connect and test").await;
    tab.sees("Connected, and tested").await;

    tab.press("Add, try or remove proofs").await;
    tab.choose("Federated credential").await;
    tab.sees("needs a public https address").await;
    tab.press("Add the proof").await;
    tab.sees("It is used once Entra knows it").await;
    tab.press("Try federated credential").await;
    tab.sees("AADSTS70021").await;
    trust(&site, &tab, &app, "[aria-labelledby=ids] dd code", 3).await;
    tab.press("Try federated credential").await;
    tab.sees("It works, and is in use").await;
    tab.press("Remove client secret").await;
    tab.sees("The proof is removed here").await;

    for _ in 0..2 {
        let rolled = site
            .owner
            .post("/issuer/roll", serde_json::json!({ "now": true }))
            .await;
        rolled.unwrap().expect(204).unwrap();
        tab.open("/connections/everyone").await;
        tab.press("Test").await;
        tab.sees("Passed").await;
        assert!(!tab.text().await.contains("Client secret"));
    }
    tab.is_clean().await;
}

/// Gives the sandbox's Entra the issuer, subject and audience that the page shows, from the `first` of what `selector` finds on.
async fn trust(site: &Site, tab: &Tab, app: &Registered, selector: &str, first: usize) {
    let shown =
        format!("[...document.querySelectorAll('{selector}')].map((one) => one.textContent)");
    let shown = tab.evaluate(&shown).await;
    let text = |index: usize| shown[first + index].as_str().unwrap().to_owned();
    let known = NewFederatedCredential {
        name: "Consentry".to_owned(),
        issuer: text(0),
        subject: text(1),
        audiences: vec![text(2)],
    };
    let control = site.sandbox.control();
    control
        .add_federated_credential(&app.client_id, known)
        .unwrap();
}

#[tokio::test]
async fn the_machine_is_the_application() {
    let site = Site::with(|config| {
        let sandbox = config.clouds.custom[0].sandbox_url.clone();
        config.federation.metadata_url = sandbox;
    })
    .await;
    let roles = ["Mail.Read", "Mail.ReadWrite", "Mail.Send"];
    let control = site.sandbox.control();
    let identity = control.add_managed_identity("machine", &roles).unwrap();
    let app = Registered {
        tenant_id: identity.tenant_id,
        client_id: identity.client_id.clone(),
        secret: String::new(),
    };
    let tab = at_the_form(&site, &app).await;
    tab.choose("Managed identity").await;
    tab.fill("Client id of the identity", &identity.client_id)
        .await;
    tab.press("Connect and test").await;
    is_connected(&site, &tab).await;
}

#[tokio::test]
async fn ids_are_checked_before_anything_else_is_given() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    let wrong = Registered {
        tenant_id: "11111111-2222-3333-4444-555555555555".to_owned(),
        client_id: app.client_id.clone(),
        secret: String::new(),
    };
    let tab = at_the_form(&site, &wrong).await;
    tab.press("Check these ids").await;
    tab.sees("This cloud knows no such tenant (AADSTS90002)")
        .await;
    tab.fill("Directory (tenant) ID", &app.tenant_id).await;
    tab.fill("Application (client) ID", "not-a-guid").await;
    tab.press("Check these ids").await;
    tab.sees("Must be the Application (client) ID").await;
    tab.fill("Application (client) ID", &app.client_id).await;
    tab.press("Check these ids").await;
    tab.sees("knows the tenant").await;
    let name = tab.evaluate("document.getElementById('name').value").await;
    assert_eq!(name, "everyone", "what was typed is kept");
    assert!(site.connections().await.is_empty());
    tab.is_clean().await;
}

#[tokio::test]
async fn proofs_live_side_by_side_and_rotate_by_themselves_once_told() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    let tab = at_the_form(&site, &app).await;
    tab.fill("Client secret", &app.secret).await;
    tab.press("Connect and test").await;
    tab.sees("Connected, and tested").await;
    tab.press("Add, try or remove proofs").await;
    tab.choose("Rotate client secret and certificate by themselves")
        .await;
    tab.press("Save").await;
    tab.sees("replaced by themselves from now on").await;

    let folder = tempfile::tempdir().unwrap();
    tab.choose("Certificate made here").await;
    tab.press("Add the proof").await;
    tab.sees("It is used once Entra knows it").await;
    tab.press("Try certificate").await;
    tab.sees("AADSTS700027").await;
    upload(&site, &tab, &app, folder.path()).await;
    tab.press("Try certificate").await;
    tab.sees("It works, and is in use").await;
    tab.press("Remove client secret").await;
    tab.sees("The proof is removed here").await;
    assert!(!tab.text().await.contains("Replaced"));
    tab.open("/connections/everyone").await;
    tab.press("Test").await;
    tab.sees("Passed").await;
    tab.is_clean().await;
}

/// As Windows exports it.
fn pfx(certificate: &ClientCertificate, password: &str) -> Vec<u8> {
    let pem = certificate.to_pem().unwrap();
    let part = |label: &str| {
        let (begin, end) = (
            format!("-----BEGIN {label}-----"),
            format!("-----END {label}-----"),
        );
        let text = pem.expose_secret();
        let inner = text
            .split_once(&begin)
            .unwrap()
            .1
            .split_once(&end)
            .unwrap()
            .0;
        let text: String = inner.split_whitespace().collect();
        STANDARD.decode(text).unwrap()
    };
    let key = PrivateKey::from_der(&part("PRIVATE KEY")).unwrap();
    let leaf = Certificate::from_der(&part("CERTIFICATE")).unwrap();
    let chain = PrivateKeyChain::new("contoso", key, [leaf]);
    let mut store = KeyStore::new();
    store.add_entry("contoso", KeyStoreEntry::PrivateKeyChain(chain));
    store.writer(password).write().unwrap()
}
