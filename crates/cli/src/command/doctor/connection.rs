//! One connection: what it is, why it does not work, and whether it does when tried.

use serde_json::json;

use crate::client::Client;
use crate::exit::Exit;
use crate::explain;
use crate::output::Output;

pub(super) async fn examine(client: &Client, name: &str, output: Output) -> anyhow::Result<Exit> {
    let connection = client.get(client.url(["connections", name])).await?;
    let id = connection["id"].as_str().unwrap_or(name);
    let before = client
        .get(client.url(["connections", id, "diagnosis"]))
        .await?;
    let report = client
        .post(client.url(["connections", id, "test"]), &json!({}))
        .await?;
    let is_well = report["ok"].as_bool().unwrap_or(false);
    let document = json!({
        "ok": is_well,
        "connection": connection,
        "diagnosis": before["diagnosis"],
        "test": report,
    });
    output.show(&document, || {
        let state = before["state"].as_str().unwrap_or_default();
        let mut parts = vec![format!("{name} was {state}")];
        // What the test finds out itself is not said twice.
        if report["diagnosis"].is_null() {
            parts.extend(explain::diagnosis(&before["diagnosis"]));
        }
        parts.push(explain::report(&report));
        parts.join("\n\n")
    })?;
    Ok(if is_well {
        Exit::Success
    } else {
        Exit::NeedsSomebody
    })
}
