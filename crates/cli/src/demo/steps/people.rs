//! A workspace, who administers it, and the key of the programs to come.

use anyhow::{Context, ensure};
use model::{SystemRandom, random_token};
use serde_json::json;
use url::Url;

use crate::client::{Client, Endpoint};
use crate::demo::browser::Page;
use crate::demo::scene::{Scene, text};

/// What an API key begins with.
const KEY_PREFIX: &str = "csk_";

pub(in crate::demo) async fn administrator(scene: &mut Scene) -> anyhow::Result<String> {
    let installer = scene.installer()?;
    let me = installer.get(installer.url(["me"])).await?;
    let known = installer
        .list(installer.url(["app-registrations"]), usize::MAX)
        .await?;
    if !known.is_empty() {
        // Names are unique in a workspace, and an earlier demonstration has taken the plain ones.
        let now = scene.portal()?.now().await?;
        scene.suffix = now.strftime("-%Y%m%d-%H%M%S").to_string();
    }
    let email = format!("marta{}@contoso.com", scene.suffix);
    let member = json!({ "email": email, "name": "Marta Lindqvist", "role": "admin" });
    let made = installer.post(installer.url(["members"]), &member).await?;
    scene.administrator.id = text(&made, "id")?;
    scene.administrator.email = email;
    scene.administrator.link = scene.fresh_sign_in_link().await?;
    let workspace = &me["workspace"];
    let name = workspace["name"].as_str().unwrap_or("the workspace");
    Ok(format!("{} administers {name}", scene.administrator.email))
}

pub(in crate::demo) async fn one_time_link(scene: &mut Scene) -> anyhow::Result<String> {
    let link: Url = scene.administrator.link.parse()?;
    let secret = link.fragment().context("the link has no secret")?;
    let page = scene.browser.open(link.clone()).await?;
    // What the page's script does with what only the browser sees.
    let form = page.form("/sign-in/link")?.fill("secret", secret);
    let page = scene.browser.submit(&form).await?;
    signed_in(&page)?;
    let again = scene.browser.submit(&form).await?;
    ensure!(
        again.url.path() == "/sign-in/link" || again.url.path() == "/sign-in",
        "the link worked a second time"
    );
    Ok("signed in; the link does not work a second time".to_owned())
}

pub(in crate::demo) async fn password(scene: &mut Scene) -> anyhow::Result<String> {
    let password = random_token(&SystemRandom);
    let settings = open(scene, "/settings").await?;
    let form = settings
        .form("/settings/password")?
        .fill("password", password.clone());
    let changed = scene.browser.submit(&form).await?;
    ensure!(
        changed.status.is_success(),
        "the password was refused with {}",
        changed.status
    );
    let form = changed.form("/sign-out")?;
    scene.browser.submit(&form).await?;
    let page = open(scene, "/sign-in").await?;
    let form = page
        .form("/sign-in")?
        .fill("email", scene.administrator.email.clone())
        .fill("password", password);
    signed_in(&scene.browser.submit(&form).await?)?;
    Ok(format!("signed in as {}", scene.administrator.email))
}

pub(in crate::demo) async fn key(scene: &mut Scene) -> anyhow::Result<String> {
    let settings = open(scene, "/settings").await?;
    let name = format!("demonstration{}", scene.suffix);
    let form = settings
        .form("/settings/keys")?
        .fill("key_name", name)
        .fill("key_role", "admin");
    let shown = scene.browser.submit(&form).await?;
    let key = shown_key(&shown.html).context("the page shows no key")?;
    let endpoint = Endpoint::Address(scene.server()?.url().clone());
    let api = Client::at(endpoint, Some(key.into()))?;
    let me = api.get(api.url(["me"])).await?;
    scene.api = Some(api);
    Ok(format!(
        "it was shown once, and speaks with the role {}",
        text(&me, "role")?
    ))
}

async fn open(scene: &mut Scene, path: &str) -> anyhow::Result<Page> {
    let url = scene.server()?.url().join(path)?;
    scene.browser.open(url).await
}

fn signed_in(page: &Page) -> anyhow::Result<()> {
    ensure!(
        page.status.is_success() && !page.url.path().starts_with("/sign-in"),
        "signing in ended at `{}` with {}",
        page.url.path(),
        page.status
    );
    Ok(())
}

fn shown_key(html: &str) -> Option<String> {
    html.match_indices(KEY_PREFIX).find_map(|(at, _)| {
        let digits: String = html[at + KEY_PREFIX.len()..]
            .chars()
            .take_while(char::is_ascii_hexdigit)
            .collect();
        (digits.len() == 64).then(|| format!("{KEY_PREFIX}{digits}"))
    })
}
