use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use microsoft::{ManagedIdentity, TOKEN_EXCHANGE_AUDIENCE, fetch_assertion, is_jwt};
use model::{AppRegistration, WorkspaceId};
use secrecy::{ExposeSecret, SecretString};
use tokio::process::Command;
use tokio::time::timeout;
use url::Url;

use super::material::Federated;
use super::{CONSENTRY, MANAGED_IDENTITY, SourceFailure};
use crate::program::{bounded, printed_by};
use crate::{Context, issuer};

/// Longest wait for a file or a command.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where assertions come from besides what is sealed: as the operator of the server configured it, and nobody else. A path, a
/// command or a URL that came over the API would let an administrator of a workspace read files and run programs of the machine.
#[derive(Debug, Default)]
pub struct Federation {
    /// Where the issuer's two documents are published, if not under the server's own address.
    pub issuer_url: Option<Url>,
    pub sources: BTreeMap<String, Source>,
    /// Where the machine's own identity gets its tokens.
    pub platform: Option<ManagedIdentity>,
}

/// A configured source of assertions.
#[derive(Debug, Clone)]
pub enum Source {
    /// A file that the platform keeps fresh, as Kubernetes does.
    TokenFile(PathBuf),
    /// A program with its arguments that prints the token; no shell sees it.
    Command(Vec<String>),
    Url {
        /// Https, or http on this machine.
        url: Url,
        /// What the address asks for, as a bearer.
        token: Option<RequestToken>,
    },
}

/// What is shown to an address that hands out assertions.
#[derive(Debug, Clone)]
pub enum RequestToken {
    Text(SecretString),
    /// Read anew each time.
    File(PathBuf),
}

impl Federation {
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.sources.contains_key(name)
    }

    /// Every name that a proof may give.
    pub fn names(&self) -> Vec<&str> {
        [CONSENTRY, MANAGED_IDENTITY]
            .into_iter()
            .chain(self.sources.keys().map(String::as_str))
            .collect()
    }
}

pub(super) const NOT_OURS: &str = "what the server's configuration proves is the first workspace's; use a proof of your own, or `consentry`";

/// Whether the sources of the configuration, and the machine's own identity, are this workspace's: the first one's, which whoever
/// installed the server owns. Another one would act as applications that trust the machine.
pub(super) async fn are_of(context: &Context, workspace: WorkspaceId) -> crate::Result<bool> {
    let workspaces = context.store.read().await?.workspaces().await?;
    Ok(workspaces
        .first()
        .is_some_and(|first| first.id == workspace))
}

/// A fresh assertion of the named source.
pub(super) async fn assertion(
    context: &Context,
    app: &AppRegistration,
    federated: &Federated,
) -> Result<SecretString, SourceFailure> {
    let is_machines = federated.source != CONSENTRY;
    if is_machines && !matches!(are_of(context, app.workspace_id).await, Ok(true)) {
        return Err(SourceFailure {
            message: NOT_OURS.to_owned(),
            hint: "add a proof that belongs to this workspace",
        });
    }
    match federated.source.as_str() {
        CONSENTRY => issuer::assert(context, app)
            .await
            .map_err(|error| SourceFailure {
                message: format!("Consentry could not sign an assertion: {error}"),
                hint: "look at the server's log",
            }),
        MANAGED_IDENTITY => of_platform(context, federated).await,
        name => {
            let source = context.federation.sources.get(name);
            let source = source.ok_or_else(|| SourceFailure {
                message: format!(
                    "`{name}` is no source of assertions in the server's configuration any more"
                ),
                hint: "configure it again under `federation.sources`, or add another proof",
            })?;
            of_source(context, name, source).await
        }
    }
}

async fn of_platform(
    context: &Context,
    federated: &Federated,
) -> Result<SecretString, SourceFailure> {
    let failure = |message| SourceFailure {
        message,
        hint: "check that this machine has a managed identity and reaches its metadata service",
    };
    let platform = context.federation.platform.as_ref();
    let platform =
        platform.ok_or_else(|| failure("no managed identity is configured".to_owned()))?;
    let client_id = federated.identity_client_id.as_deref();
    let token = platform
        .token(&context.transport, TOKEN_EXCHANGE_AUDIENCE, client_id)
        .await
        .map_err(|error| failure(format!("the managed identity got no token: {error}")))?;
    Ok(token.access_token.expose().into())
}

async fn of_source(
    context: &Context,
    name: &str,
    source: &Source,
) -> Result<SecretString, SourceFailure> {
    let failure = |reason: String| SourceFailure {
        message: format!("the source `{name}` gave no assertion: {reason}"),
        hint: "check `federation.sources` in the server's configuration, and what it names",
    };
    let text = match source {
        Source::Url { url, token } => {
            let token = request_token(token.as_ref()).await.map_err(failure)?;
            let fetched = fetch_assertion(&context.transport, url, token).await;
            return fetched.map_err(|error| failure(error.to_string()));
        }
        Source::TokenFile(path) => read_file(path).await,
        Source::Command(command) => run(command).await,
    };
    let text = text.map_err(failure)?;
    let trimmed = text.expose_secret().trim();
    if is_jwt(trimmed) {
        Ok(trimmed.into())
    } else {
        Err(failure("what it gave is no JWT".to_owned()))
    }
}

async fn request_token(token: Option<&RequestToken>) -> Result<Option<SecretString>, String> {
    Ok(match token {
        None => None,
        Some(RequestToken::Text(text)) => Some(text.clone()),
        Some(RequestToken::File(path)) => {
            let text = read_file(path).await?;
            Some(text.expose_secret().trim().into())
        }
    })
}

async fn read_file(path: &Path) -> Result<SecretString, String> {
    let read = async {
        let file = tokio::fs::File::open(path).await;
        bounded(file.map_err(|error| format!("could not be read: {error}"))?).await
    };
    let late = |_| {
        Err(format!(
            "gave nothing within {} seconds",
            PATIENCE.as_secs()
        ))
    };
    let text = timeout(PATIENCE, read).await.unwrap_or_else(late);
    text.map_err(|outcome| format!("`{}` {outcome}", path.display()))
}

async fn run(command: &[String]) -> Result<SecretString, String> {
    let (program, arguments) = command.split_first().ok_or("the command is empty")?;
    let mut command = Command::new(program);
    command.args(arguments);
    let printed = printed_by(command, PATIENCE).await;
    printed.map_err(|outcome| format!("`{program}` {outcome}"))
}
