use serde_json::Value;

use crate::client::Client;
use crate::exit::Exit;
use crate::output::Output;

/// Fails when a line was changed or is missing.
pub(super) async fn run(client: &Client, output: Output) -> anyhow::Result<Exit> {
    let found = client.get(client.url(["activity", "verification"])).await?;
    output.show(&found, || told(&found))?;
    Ok(if found["ok"] == true {
        Exit::Success
    } else {
        Exit::Failure
    })
}

fn told(found: &Value) -> String {
    let number = |field: &str| found[field].as_i64().unwrap_or_default();
    let mut lines = vec![format!(
        "{} lines in {} chains; {} checkpoints; {} lines came after the last one",
        number("lines"),
        number("chains"),
        number("checkpoints"),
        number("not_yet_vouched"),
    )];
    let last = &found["last_checkpoint"];
    if let (Some(number), Some(hash)) = (last["number"].as_i64(), last["hash"].as_str()) {
        lines.push(format!(
            "checkpoint {number} is {hash}: note it elsewhere, and later it shows whether checkpoints were removed"
        ));
    }
    let faults = found["faults"].as_array().into_iter().flatten();
    let faults: Vec<_> = faults.filter_map(Value::as_str).collect();
    if faults.is_empty() {
        lines.push("nothing was changed, and nothing is missing".to_owned());
    }
    lines.extend(faults.into_iter().map(|fault| format!("! {fault}")));
    lines.join("\n")
}
