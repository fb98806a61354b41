//! A connection seen from Microsoft's side, and what goes with it when it is removed.

use std::fmt::Write;

use serde_json::Value;

use crate::client::Client;
use crate::exit::Exit;
use crate::output::{self, Output};

pub(super) async fn queries(client: &Client, name: &str, output: Output) -> anyhow::Result<Exit> {
    let answer = client
        .get(client.url(["connections", name, "queries"]))
        .await?;
    output.show(&answer, || {
        let mut text = String::new();
        for query in list(&answer, "queries") {
            let _ = writeln!(
                text,
                "// {}\n{}\n",
                field(query, "title"),
                field(query, "query")
            );
        }
        let _ = write!(text, "run them at {}", field(&answer, "portal"));
        if let Some(page) = answer["consent_page"].as_str() {
            let _ = write!(text, "\nthe user's consent is at {page}");
        }
        text
    })?;
    Ok(Exit::Success)
}

pub(super) async fn dependents(
    client: &Client,
    name: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    let answer = client
        .get(client.url(["connections", name, "dependents"]))
        .await?;
    output.show(&answer, || told(&answer))?;
    Ok(Exit::Success)
}

/// Says what goes with it before anybody is asked.
pub(super) async fn warn(client: &Client, id: &str) -> anyhow::Result<()> {
    let answer = client
        .get(client.url(["connections", id, "dependents"]))
        .await?;
    output::note(format_args!("{}", told(&answer)));
    Ok(())
}

fn told(answer: &Value) -> String {
    let mut lines = Vec::new();
    for key in list(answer, "keys") {
        let name = field(key, "name");
        lines.push(if key["only"].as_bool().unwrap_or(false) {
            format!("the API key `{name}` can call nothing any more")
        } else {
            format!("the API key `{name}` loses this connection")
        });
    }
    for webhook in list(answer, "webhooks") {
        let host = field(webhook, "host");
        lines.push(if webhook["hears_of_removal"].as_bool().unwrap_or(false) {
            format!("the webhook at `{host}` is told of the removal, and of nothing after it")
        } else {
            format!("the webhook at `{host}` hears nothing of it any more")
        });
    }
    for cursor in list(answer, "cursors") {
        lines.push(format!(
            "the place `{}` of `{}` is deleted with it: a round of a connection made anew begins with everything",
            field(cursor, "name"),
            field(cursor, "operation"),
        ));
    }
    let app = &answer["app_registration"];
    let name = field(app, "name");
    let others: Vec<_> = list(app, "other_connections")
        .map(|other| format!("`{}`", field(other, "name")))
        .collect();
    lines.push(if others.is_empty() {
        format!("the app registration `{name}` stays, and nothing uses it any more")
    } else {
        format!(
            "the app registration `{name}` stays, for {}",
            others.join(", ")
        )
    });
    if answer["consent"].is_object() {
        lines.push(consent(&answer["consent"]));
    }
    for left in list(answer, "at_microsoft") {
        let link = left["link"].as_str();
        let link = link.map_or_else(String::new, |link| format!(" <{link}>"));
        lines.push(format!(
            "at Microsoft stay {}: {}{link}",
            field(left, "what"),
            field(left, "how")
        ));
    }
    lines.join("\n")
}

/// Whether the consent can go with it.
fn consent(consent: &Value) -> String {
    let account = consent["account"].as_str().unwrap_or("the user");
    let held: Vec<_> = words(consent, "held_by");
    if held.is_empty() {
        let needs = words(consent, "needs").join(" and ");
        format!(
            "the consent of {account} is taken back with `--revoke-consent`, if the application has the permissions {needs}"
        )
    } else {
        format!(
            "the consent of {account} stays: it carries {} as well",
            held.join(", ")
        )
    }
}

fn words(value: &Value, name: &str) -> Vec<String> {
    list(value, name)
        .filter_map(Value::as_str)
        .map(|word| format!("`{word}`"))
        .collect()
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

fn field<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
