//! Looking at connections.

use std::fmt::Write;

use serde_json::Value;

use crate::client::Client;
use crate::exit::Exit;
use crate::explain;
use crate::output::{self, Output};

pub(super) async fn list(client: &Client, output: Output) -> anyhow::Result<Exit> {
    let items = client.list(client.url(["connections"]), usize::MAX).await?;
    output.show(&items, || {
        let rows = items.iter().map(|connection| {
            [
                text(connection, "name"),
                text(connection, "service"),
                text(connection, "method"),
                text(connection, "state"),
                identity(connection),
                text(connection, "id"),
            ]
        });
        output::table(
            ["name", "service", "method", "state", "identity", "id"],
            rows,
        )
    })?;
    if items.is_empty() && !output.is_json() {
        output::note("nothing is connected yet: see `consentry connect --help`");
    }
    Ok(Exit::Success)
}

pub(super) async fn one(client: &Client, name: &str, output: Output) -> anyhow::Result<Exit> {
    let connection = client.get(client.url(["connections", name])).await?;
    output.show(&connection, || whole(&connection))?;
    Ok(Exit::Success)
}

pub(super) async fn diagnosis(client: &Client, name: &str, output: Output) -> anyhow::Result<Exit> {
    let url = client.url(["connections", name, "diagnosis"]);
    let answer = client.get(url).await?;
    output.show(&answer, || {
        explain::diagnosis(&answer["diagnosis"])
            .unwrap_or_else(|| format!("{name} is {}; nothing is wrong", text(&answer, "state")))
    })?;
    Ok(if answer["diagnosis"].is_null() {
        Exit::Success
    } else {
        Exit::NeedsSomebody
    })
}

pub(super) async fn cursors(client: &Client, name: &str, output: Output) -> anyhow::Result<Exit> {
    let url = client.url(["connections", name, "cursors"]);
    let answer = client.get(url).await?;
    let items = answer["items"].as_array().cloned().unwrap_or_default();
    output.show(&items, || {
        let rows = items.iter().map(|cursor| {
            [
                text(cursor, "name"),
                text(cursor, "operation"),
                cursor["rounds"].to_string(),
                text(cursor, "updated_at"),
            ]
        });
        output::table(["name", "operation", "rounds", "last read"], rows)
    })?;
    Ok(Exit::Success)
}

pub(super) async fn permissions(
    client: &Client,
    name: &str,
    output: Output,
) -> anyhow::Result<Exit> {
    let url = client.url(["connections", name, "permissions"]);
    let answer = client.get(url).await?;
    output.show(&answer, || {
        let granted = if answer["granted"].is_null() {
            "not known yet".to_owned()
        } else {
            explain::names(&answer["granted"])
        };
        format!(
            "requested  {}\ngranted    {granted}\nmissing    {}",
            explain::names(&answer["requested"]),
            explain::names(&answer["missing"])
        )
    })?;
    Ok(Exit::Success)
}

/// One line on what it is now.
pub(super) fn state(connection: &Value) -> String {
    format!(
        "{} is {}",
        text(connection, "name"),
        text(connection, "state")
    )
}

fn whole(connection: &Value) -> String {
    let mut lines = String::new();
    let fields = [
        "name",
        "id",
        "service",
        "method",
        "state",
        "created_at",
        "updated_at",
    ];
    for field in fields {
        let _ = writeln!(lines, "{field:<12}{}", text(connection, field));
    }
    let _ = writeln!(lines, "{:<12}{}", "identity", identity(connection));
    let _ = writeln!(lines, "{:<12}{}", "shared", connection["shared"]);
    let _ = writeln!(
        lines,
        "{:<12}{}",
        "requested",
        explain::names(&connection["requested"])
    );
    let _ = write!(
        lines,
        "{:<12}{}",
        "granted",
        explain::names(&connection["granted"])
    );
    for place in ["environment_url", "environment", "company_id"] {
        if let Some(place_name) = connection[place].as_str() {
            let _ = write!(lines, "\n{place:<16}{place_name}");
        }
    }
    for limit in ["kinds", "sites", "mailboxes", "tables", "companies"] {
        if let Some(listed) = connection["policy"].get(limit) {
            let _ = write!(lines, "\n{limit:<12}{}", explain::names(listed));
        }
    }
    if let Some(diagnosis) = explain::diagnosis(&connection["diagnosis"]) {
        let _ = write!(lines, "\n\n{diagnosis}");
    }
    lines
}

/// Who Microsoft said it is.
fn identity(connection: &Value) -> String {
    let identity = &connection["identity"];
    identity["username"]
        .as_str()
        .or_else(|| identity["object_id"].as_str())
        .unwrap_or("–")
        .to_owned()
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
