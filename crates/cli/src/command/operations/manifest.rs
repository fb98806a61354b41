//! What to register in Entra ID, as text or as a script of somebody's choice.

use std::fmt::Write;

use catalog::manifest::{self, Naming, Wanted};
use catalog::{Operation, operation};
use clap::{Args, ValueEnum};
use model::{ConnectionMethod, Service};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Manifest {
    /// Services to connect. Those of the operations, when left out.
    #[arg(long = "service", value_name = "SERVICE", value_delimiter = ',')]
    services: Vec<Service>,
    /// `oauth` or `service_principal`.
    #[arg(long)]
    method: ConnectionMethod,
    /// What shall be possible, by operation ids. What a new connection asks for, when left out.
    #[arg(long = "operation", value_name = "ID", value_delimiter = ',')]
    operations: Vec<String>,
    /// What to call the application in Entra ID.
    #[arg(long, default_value = "Consentry")]
    name: String,
    /// Where users come back to after consenting: `<public URL>/oauth/callback`.
    #[arg(long, value_name = "URI")]
    redirect_uri: Option<String>,
    /// The form it is printed in.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// Permissions and steps, for people.
    Text,
    /// `requiredResourceAccess`, as an application's manifest in the portal has it.
    Json,
    /// Commands of the Azure CLI.
    Az,
    /// PowerShell with the modules of Microsoft Graph.
    Powershell,
    /// Terraform with the provider `azuread`.
    Terraform,
}

impl Manifest {
    pub(crate) fn run(&self, output: Output) -> anyhow::Result<Exit> {
        let operations = self.operations.iter().map(|id| known(id));
        let operations: Vec<_> = operations.collect::<anyhow::Result<_>>()?;
        let mut services = self.services.clone();
        if services.is_empty() {
            services = operations.iter().map(|one| one.services[0]).collect();
        }
        services.sort_unstable();
        services.dedup();
        let manifest = manifest::manifest(&Wanted {
            services: &services,
            method: self.method,
            operations: &operations,
        });
        let naming = Naming {
            name: &self.name,
            redirect_uri: self.redirect_uri.as_deref(),
        };
        let access = manifest.required_resource_access();
        let printed = match self.format {
            Format::Text => text(&manifest),
            Format::Json => serde_json::to_string_pretty(&access)?,
            Format::Az => manifest.az(&naming),
            Format::Powershell => manifest.powershell(&naming),
            Format::Terraform => manifest.terraform(&naming),
        };
        output.show(&document(&manifest, &access), || {
            printed.trim_end().to_owned()
        })?;
        Ok(Exit::Success)
    }
}

fn known(id: &str) -> anyhow::Result<&'static Operation> {
    operation(id).ok_or_else(|| super::missing(id).into())
}

fn document(manifest: &manifest::Manifest, access: &Value) -> Value {
    let names: Vec<_> = manifest.permissions.iter().map(|one| one.name).collect();
    let refused = manifest.refused.iter().map(
        |(id, reason, instead)| json!({ "operation": id, "reason": reason, "instead": instead }),
    );
    json!({
        "method": manifest.method,
        "permissions": names,
        "unlisted": manifest.unlisted,
        "required_resource_access": access,
        "refused": refused.collect::<Vec<_>>(),
        "by_hand": manifest.by_hand,
    })
}

fn text(manifest: &manifest::Manifest) -> String {
    let mut text = String::new();
    for entry in &manifest.permissions {
        let consent = match manifest.method {
            ConnectionMethod::OAuth if !entry.needs_admin_consent => "a user may consent",
            _ => "an administrator consents",
        };
        let _ = writeln!(text, "{} ({consent})", entry.name);
    }
    for name in &manifest.unlisted {
        let _ = writeln!(text, "{name} (pick it in the portal)");
    }
    for step in &manifest.by_hand {
        let _ = writeln!(text, "{step}");
    }
    for (id, reason, instead) in &manifest.refused {
        let _ = writeln!(text, "`{id}` is not to be had: {reason}; {instead}.");
    }
    text
}
