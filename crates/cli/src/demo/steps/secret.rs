//! A client secret ends, as they all do.

use anyhow::{Context, ensure};
use model::{Act, Diagnosis};
use serde_json::json;

use crate::demo::scene::Scene;
use crate::demo::steps::expiry::{TWO_HOURS, read_as_application, read_as_user};
use crate::exit::Failure;
use crate::explain;

/// Entra's code for an expired client secret.
const EXPIRED: &str = "AADSTS7000222";

pub(in crate::demo) async fn expire(scene: &mut Scene) -> anyhow::Result<String> {
    scene
        .portal()?
        .expire_secrets(&scene.application.client_id)
        .await?;
    // The server's clock catches up with Microsoft's, and the tokens at hand are over.
    scene.clock.advance(TWO_HOURS);
    let Err(refusal) = read_as_application(scene).await else {
        anyhow::bail!("the call went through");
    };
    let problem = Failure::problem_in(&refusal).context("the server said nothing of it")?;
    let told: Diagnosis = serde_json::from_value(problem["diagnosis"].clone())
        .context("the refusal has no diagnosis")?;
    check(&told)?;
    let api = scene.api()?;
    let url = api.url(["connections", &scene.as_application(), "diagnosis"]);
    let kept = api.get(url).await?;
    let kept: Diagnosis = serde_json::from_value(kept["diagnosis"].clone())
        .context("the connection has no diagnosis")?;
    check(&kept)?;
    let remedy: Vec<_> = told.remedy.iter().map(explain::remedy).collect();
    Ok(format!(
        "{}; who must act: {}; what to do: {}",
        told.cause,
        explain::who(told.act),
        remedy.join(", then ")
    ))
}

pub(in crate::demo) async fn rotate(scene: &mut Scene) -> anyhow::Result<String> {
    let client_id = &scene.application.client_id;
    let (secret, ends_at) = scene.portal()?.add_secret(client_id).await?;
    let api = scene.api()?;
    let url = api.url(["connections", &scene.as_application(), "rotate"]);
    let body = json!({ "client_secret": secret, "expires_at": ends_at });
    api.post(url, &body).await?;
    read_as_application(scene).await?;
    read_as_user(scene).await?;
    Ok("both connections go on with the new one".to_owned())
}

fn check(diagnosis: &Diagnosis) -> anyhow::Result<()> {
    let code = &diagnosis.evidence.code;
    ensure!(code == EXPIRED, "the diagnosis is about `{code}`");
    ensure!(
        diagnosis.act == Act::Administrator,
        "{:?} is to act",
        diagnosis.act
    );
    ensure!(!diagnosis.cause.is_empty(), "it names no cause");
    ensure!(!diagnosis.remedy.is_empty(), "it names no remedy");
    Ok(())
}
