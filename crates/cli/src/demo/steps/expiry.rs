//! Access tokens expire. Nobody is asked, and nobody notices but Microsoft's request log.

use anyhow::ensure;
use jiff::SignedDuration;
use serde_json::json;

use crate::demo::portal::Seen;
use crate::demo::scene::{BEN, Scene};

/// Longer than any access token lives.
pub(super) const TWO_HOURS: SignedDuration = SignedDuration::from_hours(2);

/// Consentry knows that the tokens are over: it renews them before it calls.
pub(in crate::demo) async fn both_clocks(scene: &mut Scene) -> anyhow::Result<String> {
    scene.portal()?.forget_requests().await?;
    scene.wait(TWO_HOURS).await?;
    read_as_user(scene).await?;
    read_as_application(scene).await?;
    let seen = Counts::of(&scene.portal()?.requests().await?);
    ensure!(seen.refused == 0, "{} calls were refused", seen.refused);
    ensure!(
        seen.minted == 2,
        "{} tokens were minted for two connections",
        seen.minted
    );
    Ok(format!(
        "two hours on: {} renewed ahead, {} calls answered 401",
        seen.minted, seen.refused
    ))
}

/// Only Microsoft knows: the call is refused once, and then a new token is got and the call repeated.
pub(in crate::demo) async fn only_theirs(scene: &mut Scene) -> anyhow::Result<String> {
    let portal = scene.portal()?;
    portal.wait(TWO_HOURS).await?;
    portal.forget_requests().await?;
    read_as_user(scene).await?;
    let seen = Counts::of(&scene.portal()?.requests().await?);
    ensure!(
        seen.refused == 1,
        "{} calls were refused instead of one",
        seen.refused
    );
    ensure!(
        seen.minted == 1,
        "{} tokens were minted instead of one",
        seen.minted
    );
    ensure!(
        seen.answered == 1,
        "{} calls were answered instead of one",
        seen.answered
    );
    Ok("one 401, one token, one repeat; the caller saw nothing of it".to_owned())
}

/// A small read through the user connection.
pub(super) async fn read_as_user(scene: &Scene) -> anyhow::Result<()> {
    let input = json!({ "top": 1, "select": ["subject"] });
    scene
        .run(&scene.as_user(), "outlook.messages.list", input)
        .await?;
    Ok(())
}

/// A small read through the application connection.
pub(super) async fn read_as_application(scene: &Scene) -> anyhow::Result<()> {
    let input = json!({ "mailbox": BEN, "top": 1, "select": ["subject"] });
    scene
        .run(&scene.as_application(), "outlook.messages.list", input)
        .await?;
    Ok(())
}

/// What reached Microsoft's stand-in.
struct Counts {
    minted: usize,
    refused: usize,
    answered: usize,
}

impl Counts {
    fn of(requests: &[Seen]) -> Self {
        let count =
            |fits: &dyn Fn(&Seen) -> bool| requests.iter().filter(|seen| fits(seen)).count();
        Self {
            minted: count(&Seen::is_token_request),
            refused: count(&|seen| seen.was_answered(401)),
            answered: count(&|seen| seen.is_read() && seen.was_answered(200)),
        }
    }
}
