pub(super) mod issuer;
mod proof;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use self::proof::AddProof;
pub(crate) use self::proof::ProofSource;
use crate::client::Client;
use crate::command::connections::confirmed;
use crate::exit::{Exit, Failure};
use crate::explain;
use crate::output::{self, Output};

#[derive(Debug, Subcommand)]
pub(crate) enum Apps {
    /// Those of the workspace.
    List,
    /// One of them with its proofs, and what Entra has to know of it.
    Show(Named),
    /// Register an application that exists in Entra; proofs are added afterwards.
    Register(Register),
    /// Add a client secret, a certificate, a federated credential or a managed identity.
    AddProof(AddProof),
    /// Try a proof at Entra; one that works is in use from then on.
    VerifyProof(ProofOf),
    /// Seal its proofs by a new data key; they go on working meanwhile.
    RotateDataKey(Named),
    /// Forget a proof here. What Entra knows of it stays there.
    RemoveProof(ProofOf),
    /// Let Consentry replace client secret and certificate by itself, ahead of their end, or no more.
    AutoRotate(AutoRotate),
    /// Replace the client secret or certificate in use through Microsoft Graph now.
    Rotate(Rotate),
    /// Forget an application that no connection uses, with its proofs. What Entra knows of it stays there.
    Delete(Delete),
    /// Make the next key of Consentry as an issuer of federated credentials.
    RollIssuerKey(Roll),
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// An app registration's name or id.
    app: String,
}

#[derive(Debug, Args)]
pub(crate) struct Register {
    /// Unique in the workspace.
    name: String,
    /// The Directory (tenant) ID.
    #[arg(long)]
    tenant_id: String,
    /// The Application (client) ID.
    #[arg(long)]
    client_id: String,
    /// Microsoft's cloud that it lives in; `global` when left out.
    #[arg(long)]
    cloud: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ProofOf {
    #[command(flatten)]
    named: Named,
    /// The proof's id.
    proof: String,
}

#[derive(Debug, Args)]
pub(crate) struct Delete {
    #[command(flatten)]
    named: Named,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Roll {
    /// Let it sign at once: for a key that others know. Otherwise it signs after a day, so that nobody misses it.
    #[arg(long)]
    now: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AutoRotate {
    #[command(flatten)]
    named: Named,
    /// Needs the application permission `Application.ReadWrite.OwnedBy`, and the application as its own owner. Where a
    /// certificate follows a certificate, `Application.Read.All` is enough.
    switch: Switch,
}

#[derive(Debug, Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    named: Named,
    /// What takes its place, where that is to be another kind than before.
    #[arg(long, value_name = "KIND")]
    to: Option<Successor>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Successor {
    Secret,
    Certificate,
}

impl Rotate {
    async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        let app = find(client, &self.named.app).await?;
        let url = client.url(["app-registrations", &text(&app, "id"), "rotate"]);
        let kind = self.to.map(|to| match to {
            Successor::Secret => "client_secret",
            Successor::Certificate => "certificate",
        });
        let proof = client.post(url, &json!({ "kind": kind })).await?;
        output.show(&proof, || {
            let (id, hint) = (text(&proof, "id"), text(&proof, "hint"));
            // Of a secret only the beginning is known.
            let more = if proof["kind"] == "client_secret" {
                "…"
            } else {
                ""
            };
            format!("{id}  {hint}{more}  works and is in use")
        })?;
        Ok(Exit::Success)
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl AutoRotate {
    async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        let app = find(client, &self.named.app).await?;
        let url = client.url(["app-registrations", &text(&app, "id")]);
        let body = json!({ "auto_rotate": matches!(self.switch, Switch::On) });
        let changed = client.patch(url, &body).await?;
        output.show(&changed, || match self.switch {
            Switch::On => {
                format!(
                    "client secret and certificate are replaced thirty days ahead of their end, if the application may; \
                     `consentry apps rotate {}` replaces now, and shows whether it may",
                    self.named.app
                )
            }
            Switch::Off => {
                "client secret and certificate are replaced by hand from now on".to_owned()
            }
        })?;
        Ok(Exit::Success)
    }
}

impl Apps {
    pub(crate) async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        match self {
            Self::List => list(client, output).await,
            Self::Show(named) => show(client, &named.app, output).await,
            Self::Register(register) => register.run(client, output).await,
            Self::AddProof(add) => add.run(client, output).await,
            Self::RotateDataKey(named) => {
                let app = find(client, &named.app).await?;
                let id = text(&app, "id");
                let url = client.url(["app-registrations", &id, "data-key", "rotate"]);
                let done = client.post(url, &json!({})).await?;
                output.show(&done, || explain::resealed(&done))?;
                Ok(Exit::Success)
            }
            Self::VerifyProof(of) => {
                let app = find(client, &of.named.app).await?;
                let url = client.url([
                    "app-registrations",
                    &text(&app, "id"),
                    "proofs",
                    &of.proof,
                    "verify",
                ]);
                let proof = client.post(url, &json!({})).await?;
                output.show(&proof, || format!("{} works and is in use", of.proof))?;
                Ok(Exit::Success)
            }
            Self::RemoveProof(of) => {
                let app = find(client, &of.named.app).await?;
                let url = client.url(["app-registrations", &text(&app, "id"), "proofs", &of.proof]);
                client.delete(url).await?;
                output.show(&json!({ "removed": of.proof }), || {
                    format!("{} is removed", of.proof)
                })?;
                Ok(Exit::Success)
            }
            Self::AutoRotate(switch) => switch.run(client, output).await,
            Self::Rotate(rotate) => rotate.run(client, output).await,
            Self::Delete(delete) => delete.run(client, output).await,
            Self::RollIssuerKey(roll) => {
                let url = client.url(["issuer", "roll"]);
                client.post(url, &json!({ "now": roll.now })).await?;
                output.show(&json!({ "rolled": true }), || {
                    let when = if roll.now {
                        "signs from now on"
                    } else {
                        "signs in a day"
                    };
                    format!("the next key is made and published, and {when}")
                })?;
                roll.remind(client).await?;
                Ok(Exit::Success)
            }
        }
    }
}

impl Delete {
    async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        let app = find(client, &self.named.app).await?;
        if !self.yes && !confirmed(&app)? {
            return Ok(Exit::Failure);
        }
        let id = text(&app, "id");
        client
            .delete(client.url(["app-registrations", &id]))
            .await?;
        output.show(&json!({ "deleted": id }), || {
            format!("{} is deleted", text(&app, "name"))
        })?;
        Ok(Exit::Success)
    }
}

impl Roll {
    /// Where the documents are published by hand, Microsoft does not know of the new key by itself.
    async fn remind(&self, client: &Client) -> anyhow::Result<()> {
        let installation = client.get(client.url(["installation"])).await?;
        let place = |name: &str| {
            let url = installation[name].as_str().unwrap_or_default();
            url.trim_end_matches('/').to_owned()
        };
        let (issuer, here) = (place("issuer_url"), place("public_url"));
        if issuer != here {
            let when = if self.now { "now" } else { "within a day" };
            output::note(format_args!(
                "publish `{here}/.well-known/jwks.json` at `{issuer}/.well-known/jwks.json` {when}: the new key signs from then on; \
                 `consentry doctor` says whether it is there"
            ));
        }
        Ok(())
    }
}

impl Register {
    async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        let mut body = json!({
            "name": self.name, "tenant_id": self.tenant_id, "client_id": self.client_id,
        });
        if let Some(cloud) = &self.cloud {
            body["cloud"] = json!(cloud);
        }
        let made = client
            .post(client.url(["app-registrations"]), &body)
            .await?;
        output.show(&made, || described(&made))?;
        Ok(Exit::Success)
    }
}

async fn list(client: &Client, output: Output) -> anyhow::Result<Exit> {
    let url = client.url(["app-registrations"]);
    let items = client.list(url, usize::MAX).await?;
    output.show(&items, || {
        let rows = items.iter().map(|app| {
            let proofs = app["proofs"].as_array().map_or(0, Vec::len);
            ["id", "name", "cloud", "tenant_id", "client_id"]
                .map(|field| text(app, field))
                .into_iter()
                .chain([proofs.to_string()])
                .collect::<Vec<_>>()
                .try_into()
                .unwrap_or_else(|_| Default::default())
        });
        output::table::<6>(["id", "name", "cloud", "tenant", "client", "proofs"], rows)
    })?;
    Ok(Exit::Success)
}

async fn show(client: &Client, named: &str, output: Output) -> anyhow::Result<Exit> {
    let app = find(client, named).await?;
    output.show(&app, || described(&app))?;
    Ok(Exit::Success)
}

/// One by name or id.
async fn find(client: &Client, named: &str) -> anyhow::Result<Value> {
    let url = client.url(["app-registrations"]);
    let apps = client.list(url, usize::MAX).await?;
    let found = apps
        .into_iter()
        .find(|app| app["name"] == named || app["id"] == named);
    Ok(found.ok_or_else(|| {
        Failure::new(
            Exit::NotFound,
            format!("there is no app registration `{named}`"),
        )
        .hint("see `consentry apps list`")
    })?)
}

/// What an administrator needs beside Entra's pages.
fn described(app: &Value) -> String {
    let federation = &app["federation"];
    let mut lines = vec![
        format!("{}  {}", text(app, "id"), text(app, "name")),
        format!("cloud               {}", text(app, "cloud")),
        format!("tenant id           {}", text(app, "tenant_id")),
        format!("client id           {}", text(app, "client_id")),
        format!("redirect URI        {}", text(app, "redirect_uri")),
        format!("federated issuer    {}", text(federation, "issuer")),
        format!("federated subject   {}", text(federation, "subject")),
        format!("federated audience  {}", text(federation, "audience")),
    ];
    let twins = explain::names(&app["also_registered_as"]);
    if twins != "–" {
        lines.push(format!(
            "also registered as  {twins}: a secret that was given to both has to be replaced in both"
        ));
    }
    for proof in app["proofs"].as_array().into_iter().flatten() {
        let ends = proof["expires_at"].as_str().unwrap_or("no end known");
        lines.push(format!(
            "{}  {}  {}  {}  {ends}",
            text(proof, "id"),
            text(proof, "kind"),
            text(proof, "hint"),
            text(proof, "state"),
        ));
    }
    lines.join("\n")
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
