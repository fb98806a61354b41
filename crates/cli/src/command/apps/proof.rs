use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Named, find, issuer, text};
use crate::client::Client;
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};
use crate::secret::SecretSource;

#[derive(Debug, Args)]
pub(crate) struct AddProof {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    proof: ProofSource,
}

/// One way to prove an application.
#[derive(Debug, Args)]
pub(crate) struct ProofSource {
    #[command(flatten)]
    secret: SecretSource,
    /// When Microsoft stops taking the client secret, as the portal shows: `2027-11-23T00:00:00Z`.
    #[arg(long, value_name = "INSTANT", requires = "SecretSource")]
    expires_at: Option<Timestamp>,
    /// Read certificate and private key in PEM from this file.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Read certificate and private key from this PFX file.
    #[arg(long, value_name = "FILE")]
    pfx: Option<PathBuf>,
    /// Read the PFX file's password from this file.
    #[arg(long, value_name = "FILE", requires = "pfx")]
    pfx_password_file: Option<PathBuf>,
    /// Make a key and a certificate on the server, good for so many days.
    #[arg(long, value_name = "DAYS")]
    generate_certificate: Option<u16>,
    /// Where assertions come from: `consentry`, `managed_identity`, or a source of the server's configuration.
    #[arg(long, value_name = "SOURCE", group = "source")]
    federated: Option<String>,
    /// The machine's managed identity is the application itself.
    #[arg(long, group = "source")]
    managed_identity: bool,
    /// Which of the machine's managed identities.
    #[arg(long, value_name = "CLIENT_ID", requires = "source")]
    identity_client_id: Option<String>,
}

impl AddProof {
    pub(super) async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        let body = self.proof.body()?;
        self.proof.warn(client).await?;
        let app = find(client, &self.named.app).await?;
        let url = client.url(["app-registrations", &text(&app, "id"), "proofs"]);
        let proof = client.post(url, &body).await?;
        output.show(&proof, || told(&proof))?;
        let issuer = proof["details"]["issuer"].as_str().unwrap_or_default();
        if issuer.starts_with("http://") {
            output::note(format_args!(
                "Microsoft reads the issuer's two documents at `{issuer}`, which has to be a public https address: serve with \
                 such a `--public-url`, or publish them elsewhere and say so with `--issuer-url`"
            ));
        }
        if !output.is_json() && proof["state"] == "pending" {
            output::note(format_args!(
                "once Entra knows of it: `consentry apps verify-proof {} {}`",
                self.named.app,
                text(&proof, "id")
            ));
        }
        Ok(Exit::Success)
    }
}

impl ProofSource {
    pub(crate) fn is_to_be_generated(&self) -> bool {
        self.generate_certificate.is_some()
    }

    /// Says before anything is set up what may be in the way.
    pub(crate) async fn warn(&self, client: &Client) -> anyhow::Result<()> {
        match self.federated.as_deref() {
            Some(issuer::CONSENTRY) => issuer::warn(client).await,
            _ => Ok(()),
        }
    }

    /// What the server is sent; exactly one way has to be given.
    pub(crate) fn body(&self) -> anyhow::Result<Value> {
        let mut ways = Vec::new();
        if let Some(secret) = self.secret.read()? {
            ways.push(
                json!({ "client_secret": secret.expose_secret(), "expires_at": self.expires_at }),
            );
        }
        if let Some(path) = &self.certificate {
            ways.push(json!({ "certificate_pem": read_text(path)?.as_str() }));
        }
        if let Some(path) = &self.pfx {
            let file = Zeroizing::new(std::fs::read(path).with_context(|| unreadable(path))?);
            let password = match &self.pfx_password_file {
                Some(path) => read_text(path)?,
                None => Zeroizing::new(String::new()),
            };
            let password = password.trim_end_matches(['\r', '\n']);
            ways.push(json!({ "pfx": STANDARD.encode(&*file), "pfx_password": password }));
        }
        if let Some(days) = self.generate_certificate {
            ways.push(json!({ "generate_certificate_days": days }));
        }
        if let Some(source) = &self.federated {
            ways.push(json!({ "federated_source": source, "identity_client_id": self.identity_client_id }));
        }
        if self.managed_identity {
            ways.push(
                json!({ "managed_identity": true, "identity_client_id": self.identity_client_id }),
            );
        }
        match <[Value; 1]>::try_from(ways) {
            Ok([way]) => Ok(way),
            Err(_) => Err(Failure::usage("exactly one proof has to be given").hint(
                "use one of `--client-secret-file`, `--client-secret-stdin`, `--certificate`, `--pfx`, \
                 `--generate-certificate`, `--federated` and `--managed-identity`",
            )
            .into()),
        }
    }
}

fn read_text(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let text = std::fs::read_to_string(path).with_context(|| unreadable(path))?;
    Ok(Zeroizing::new(text))
}

fn unreadable(path: &Path) -> String {
    format!("`{}` cannot be read", path.display())
}

/// What has to be entered in Entra.
fn told(proof: &Value) -> String {
    let details = &proof["details"];
    let mut lines = vec![format!(
        "{}  {}  {}",
        text(proof, "id"),
        text(proof, "kind"),
        text(proof, "state")
    )];
    for (label, field) in [
        ("thumbprint", "thumbprint"),
        ("issuer", "issuer"),
        ("subject", "subject"),
        ("audience", "audience"),
    ] {
        if let Some(value) = details[field].as_str() {
            lines.push(format!("{label:<11} {value}"));
        }
    }
    if let Some(certificate) = details["certificate"].as_str() {
        lines.push(certificate.trim_end().to_owned());
    }
    lines.join("\n")
}
