//! Ana's mail, and whether it really arrived.

use anyhow::{Context, ensure};
use model::{SystemRandom, random_token};
use serde_json::{Value, json};

use crate::demo::scene::{BEN, Scene, items, text};

pub(in crate::demo) async fn list(scene: &mut Scene) -> anyhow::Result<String> {
    let input = json!({ "top": 5, "select": ["subject", "from", "receivedDateTime"] });
    let page = scene
        .run(&scene.as_user(), "outlook.messages.list", input)
        .await?;
    let found = items(&page)?;
    ensure!(found.len() == 5, "there are {} of 5", found.len());
    Ok(format!(
        "5, the newest is “{}”",
        text(&found[0], "subject")?
    ))
}

pub(in crate::demo) async fn search(scene: &mut Scene) -> anyhow::Result<String> {
    let input = json!({ "query": "subject:Northwind", "top": 10 });
    let page = scene
        .run(&scene.as_user(), "outlook.messages.search", input)
        .await?;
    let found = items(&page)?;
    let fits = |message: &Value| {
        message["subject"]
            .as_str()
            .is_some_and(|subject| subject.contains("Northwind"))
    };
    ensure!(!found.is_empty(), "nothing about Northwind was found");
    ensure!(found.iter().all(fits), "something else was found as well");
    Ok(format!("{} about Northwind", found.len()))
}

pub(in crate::demo) async fn send(scene: &mut Scene) -> anyhow::Result<String> {
    let subject = format!("Figures of the quarter {}", unique());
    let message = json!({
        "subject": subject,
        "body": { "contentType": "text", "content": "Ben, here are the figures." },
        "toRecipients": [{ "emailAddress": { "address": BEN } }],
    });
    scene
        .run(
            &scene.as_user(),
            "outlook.messages.send",
            json!({ "message": message }),
        )
        .await?;
    let arrived = newest_of_ben(scene).await?;
    let found = arrived
        .iter()
        .find(|message| message["subject"] == *subject);
    let found = found.with_context(|| format!("{BEN} did not get it"))?;
    let sender = text(&found["from"]["emailAddress"], "address")?;
    Ok(format!("arrived at {BEN}, from {sender}"))
}

pub(in crate::demo) async fn reply(scene: &mut Scene) -> anyhow::Result<String> {
    let message = from_ben(scene).await?;
    let comment = format!("Thank you, Ben. Reference {}.", unique());
    let input = json!({ "messageId": message["id"], "comment": comment });
    scene
        .run(&scene.as_user(), "outlook.messages.reply", input)
        .await?;
    let arrived = newest_of_ben(scene).await?;
    let is_answer = |message: &&Value| {
        let preview = message["bodyPreview"].as_str();
        preview.is_some_and(|preview| preview.contains(&comment))
    };
    let answer = arrived.iter().find(is_answer);
    let answer = answer.with_context(|| format!("{BEN} did not get the answer"))?;
    let seen = format!("{BEN} got “{}”", text(answer, "subject")?);
    scene.message = Some(message);
    Ok(seen)
}

pub(in crate::demo) async fn move_to_archive(scene: &mut Scene) -> anyhow::Result<String> {
    let message = scene
        .message
        .take()
        .context("there is no message to move")?;
    let input = json!({ "messageId": message["id"], "destinationId": "archive" });
    let moved = scene
        .run(&scene.as_user(), "outlook.messages.move", input)
        .await?;
    let input = json!({ "folderId": "archive", "select": ["id", "subject"], "top": 50 });
    let archive = scene
        .run(&scene.as_user(), "outlook.messages.listInFolder", input)
        .await?;
    let is_there = items(&archive)?
        .iter()
        .any(|archived| archived["id"] == moved["id"]);
    ensure!(is_there, "it is not in the archive");
    Ok(format!(
        "“{}” lies in the archive",
        text(&message, "subject")?
    ))
}

/// A message in Ana's inbox that Ben wrote.
async fn from_ben(scene: &Scene) -> anyhow::Result<Value> {
    let input = json!({
        "folderId": "inbox",
        "filter": format!("from/emailAddress/address eq '{BEN}'"),
        "top": 1,
    });
    let page = scene
        .run(&scene.as_user(), "outlook.messages.listInFolder", input)
        .await?;
    let first = items(&page)?.first().cloned();
    first.context("Ana's inbox has nothing from Ben")
}

/// The newest mail in Ben's inbox, read as the application.
async fn newest_of_ben(scene: &Scene) -> anyhow::Result<Vec<Value>> {
    let input = json!({
        "mailbox": BEN,
        "folderId": "inbox",
        "orderby": "receivedDateTime desc",
        "top": 5,
    });
    let page = scene
        .run(
            &scene.as_application(),
            "outlook.messages.listInFolder",
            input,
        )
        .await?;
    Ok(items(&page)?.clone())
}

/// Enough to recognise something by in a used data directory.
fn unique() -> String {
    random_token(&SystemRandom)[..8].to_owned()
}
