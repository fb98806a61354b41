//! The application that Consentry is at Microsoft.

use serde_json::json;

use crate::demo::scene::{Scene, text};

/// What Outlook's operations need, in either form.
const PERMISSIONS: [&str; 3] = ["Mail.Read", "Mail.ReadWrite", "Mail.Send"];

pub(in crate::demo) async fn at_microsoft(scene: &mut Scene) -> anyhow::Result<String> {
    let redirect_uri = scene.server()?.url().join("oauth/callback")?;
    let portal = scene.portal()?;
    let new = json!({
        "display_name": "Consentry",
        "redirect_uris": [redirect_uri.as_str()],
        "delegated": PERMISSIONS,
        "application": PERMISSIONS,
    });
    let (client_id, tenant_id) = portal.register(new).await?;
    let (secret, _) = portal.add_secret(&client_id).await?;
    let seen = format!("client id {client_id}, with a client secret");
    scene.application.client_id = client_id;
    scene.application.tenant_id = tenant_id;
    scene.application.secret = secret;
    Ok(seen)
}

pub(in crate::demo) async fn in_consentry(scene: &mut Scene) -> anyhow::Result<String> {
    let api = scene.api()?;
    let application = &scene.application;
    let registration = json!({
        "name": format!("contoso{}", scene.suffix),
        "cloud": "sandbox",
        "tenant_id": application.tenant_id,
        "client_id": application.client_id,
        "client_secret": application.secret,
    });
    let url = api.url(["app-registrations"]);
    let made = api.post(url, &registration).await?;
    let hint = made["proofs"][0]["hint"].as_str().unwrap_or_default();
    let seen = format!("its secret is sealed; `{hint}…` is all that is shown of it");
    scene.application.registration = text(&made, "id")?;
    Ok(seen)
}
