//! Outlook for the whole organisation, as the application itself.

use anyhow::ensure;
use serde_json::json;

use crate::demo::scene::{BEN, Scene, items, text};

pub(in crate::demo) async fn connect(scene: &mut Scene) -> anyhow::Result<String> {
    scene
        .portal()?
        .grant_admin_consent(&scene.application.client_id)
        .await?;
    let api = scene.api()?;
    let new = json!({
        "service": "outlook",
        "method": "service_principal",
        "name": scene.as_application(),
        "app_registration_id": scene.application.registration,
    });
    let made = api.post(api.url(["connections"]), &new).await?;
    ensure!(made["test"]["ok"] == true, "its test says {}", made["test"]);
    let granted = crate::explain::names(&made["connection"]["granted"]);
    Ok(format!("an administrator consented; granted {granted}"))
}

pub(in crate::demo) async fn read(scene: &mut Scene) -> anyhow::Result<String> {
    let input = json!({ "mailbox": BEN, "folderId": "inbox", "top": 5 });
    let page = scene
        .run(
            &scene.as_application(),
            "outlook.messages.listInFolder",
            input,
        )
        .await?;
    let found = items(&page)?;
    ensure!(!found.is_empty(), "{BEN} has no mail");
    let newest = text(&found[0], "subject")?;
    Ok(format!("the newest of {BEN} is “{newest}”"))
}
