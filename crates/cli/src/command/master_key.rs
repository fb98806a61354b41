use clap::Subcommand;
use serde_json::{Value, json};

use crate::client::Client;
use crate::exit::Exit;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum MasterKey {
    /// Which keys the server has.
    Show,
    /// Read the keyring anew and wrap every data key by its first key, while everything goes on; older ones may be taken away
    /// afterwards.
    Rewrap,
}

impl MasterKey {
    pub(crate) async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        match self {
            Self::Show => {
                let keys = client.get(client.url(["master-key"])).await?;
                output.show(&keys, || {
                    let mut lines = vec![format!("{}  current", text(&keys["current"]))];
                    lines.extend(each(&keys["older"]).map(|id| format!("{id}  older")));
                    lines.join("\n")
                })?;
            }
            Self::Rewrap => {
                let url = client.url(["master-key", "rewrap"]);
                let done = client.post(url, &json!({})).await?;
                output.show(&done, || {
                    let removable: Vec<_> = each(&done["removable"]).collect();
                    let rest = if removable.is_empty() {
                        String::new()
                    } else {
                        format!(
                            "; may be taken out of the configuration: {}",
                            removable.join(", ")
                        )
                    };
                    let current = text(&done["current"]);
                    format!(
                        "{} data keys are now under {current}{rest}",
                        done["rewrapped"]
                    )
                })?;
            }
        }
        Ok(Exit::Success)
    }
}

fn each(ids: &Value) -> impl Iterator<Item = String> {
    ids.as_array().into_iter().flatten().map(text)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
