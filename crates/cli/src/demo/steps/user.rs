//! Ana connects her mailbox: from our page to Microsoft's and back.

use anyhow::{Context, ensure};
use serde_json::json;
use url::Url;

use crate::demo::browser::Page;
use crate::demo::scene::{ANA, PASSWORD, Scene, text};

pub(in crate::demo) async fn leave(scene: &mut Scene) -> anyhow::Result<String> {
    let api = scene.api()?;
    let new = json!({
        "service": "outlook",
        "method": "oauth",
        "name": scene.as_user(),
        "app_registration_id": scene.application.registration,
    });
    let made = api.post(api.url(["connections"]), &new).await?;
    let link: Url = text(&made, "connect_url")?.parse()?;
    let page = scene.visitor.open(link).await?;
    let page = scene.visitor.submit(&page.form("/start")?).await?;
    let request = page
        .trail
        .iter()
        .find(|url| url.path().ends_with("/oauth2/v2.0/authorize"))
        .context("the button does not lead to Microsoft")?;
    scene.state = parameter(request, "state")?;
    parameter(request, "nonce")?;
    parameter(request, "code_challenge")?;
    ensure!(
        parameter(request, "code_challenge_method")? == "S256",
        "the challenge is not hashed"
    );
    scene.page = Some(page);
    Ok("the request carries state, nonce and a PKCE challenge (S256)".to_owned())
}

pub(in crate::demo) async fn consent(scene: &mut Scene) -> anyhow::Result<String> {
    let page = shown(scene)?;
    let form = page
        .form("/login")?
        .fill("login", ANA)
        .fill("passwd", PASSWORD);
    let page = scene.visitor.submit(&form).await?;
    let form = page.form("/consent")?.fill("decision", "accept");
    let page = scene.visitor.submit(&form).await?;
    let answer = page
        .trail
        .iter()
        .find(|url| url.path() == "/oauth/callback")
        .context("Microsoft does not send the browser back")?;
    parameter(answer, "code")?;
    ensure!(
        parameter(answer, "state")? == scene.state,
        "the answer carries another state"
    );
    scene.page = Some(page);
    Ok(format!("{ANA} accepted; code and the same state came back"))
}

pub(in crate::demo) async fn confirm(scene: &mut Scene) -> anyhow::Result<String> {
    let before = state(scene).await?;
    let form = shown(scene)?.form("/connect/confirm")?;
    let page = scene.visitor.submit(&form).await?;
    ensure!(
        page.status.is_success(),
        "the confirmation was answered {}",
        page.status
    );
    let api = scene.api()?;
    let connection = api.get(api.url(["connections", &scene.as_user()])).await?;
    let username = text(&connection["identity"], "username")?;
    ensure!(
        connection["state"] == "active",
        "it is {}",
        connection["state"]
    );
    ensure!(username == ANA, "`{username}` is connected");
    Ok(format!(
        "{before} until confirmed, now active as {username}"
    ))
}

async fn state(scene: &Scene) -> anyhow::Result<String> {
    let api = scene.api()?;
    let connection = api.get(api.url(["connections", &scene.as_user()])).await?;
    text(&connection, "state")
}

fn shown(scene: &mut Scene) -> anyhow::Result<Page> {
    scene.page.take().context("the browser shows no page")
}

fn parameter(url: &Url, name: &str) -> anyhow::Result<String> {
    url.query_pairs()
        .find(|(known, value)| known == name && !value.is_empty())
        .map(|(_, value)| value.into_owned())
        .with_context(|| format!("there is no `{name}`"))
}
