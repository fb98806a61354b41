//! A network and a file system of a client's own, in which Microsoft's names lead to the sandbox.
//!
//! It takes Linux, `unshare` and `mount` (util-linux) and `ip` (iproute2), and no privileges where the kernel lets
//! everybody make user namespaces. The program starts itself again in the namespace, furnishes it, and then runs both
//! sandbox and client there.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::http::names;

const HOSTS: &str = "/etc/hosts";
/// Where systems keep the certificates that everybody trusts.
const BUNDLES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

/// Why there is no namespace.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NamespaceError {
    /// A program is missing or was refused; the message is its own.
    #[error("`{command}` failed: {reason}")]
    Command {
        /// The program with its arguments.
        command: String,
        /// What it said, or why it could not be started.
        reason: String,
    },
    /// A file of the namespace could not be written.
    #[error("`{}` cannot be written", path.display())]
    File {
        /// The file concerned.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// The inside of a namespace that [`Namespace::enter`] made.
#[derive(Debug)]
pub struct Namespace(());

impl Namespace {
    /// Whether this system has namespaces for everybody; the error says what is missing.
    pub fn probe() -> Result<(), NamespaceError> {
        run("unshare", &["-Urnm", "true"])?;
        run("ip", &["-V"])?;
        run("mount", &["--version"])
    }

    /// A command that starts a program in a namespace of its own.
    pub fn enter(program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("unshare");
        command.args(["-Urnm", "--"]).arg(program);
        command
    }

    /// Called inside: brings up the addresses, so that a sandbox can listen at [`Namespace::addresses`].
    pub fn open() -> Result<Self, NamespaceError> {
        run("ip", &["link", "set", "lo", "up"])?;
        let metadata = format!("{}/32", names::INSTANCE_METADATA);
        run("ip", &["address", "add", &metadata, "dev", "lo"])?;
        Ok(Self(()))
    }

    /// Leads Microsoft's names to the sandbox inside and lets everything trust its certificate. The files of it are made in
    /// `directory`; the one that comes back holds all certificates that are trusted here.
    pub fn furnish(
        &self,
        directory: &Path,
        ca_certificate: &str,
    ) -> Result<PathBuf, NamespaceError> {
        let hosts = directory.join("hosts");
        write(&hosts, &hosts_file())?;
        mount(&hosts, Path::new(HOSTS))?;
        let bundle = directory.join("ca-bundle.pem");
        let known = BUNDLES.map(Path::new).into_iter().find(|it| it.is_file());
        let trusted = known.and_then(|path| fs::read_to_string(path).ok());
        write(
            &bundle,
            &(trusted.unwrap_or_default() + "\n" + ca_certificate),
        )?;
        if let Some(known) = known {
            mount(&bundle, known)?;
        }
        Ok(bundle)
    }

    /// Where a sandbox listens so that every name and scheme leads to it.
    pub fn addresses() -> (SocketAddr, Vec<SocketAddr>) {
        let here = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let metadata = Ipv4Addr::new(169, 254, 169, 254);
        (here(443), vec![here(80), SocketAddr::from((metadata, 80))])
    }
}

fn hosts_file() -> String {
    let lines = names::all().map(|name| format!("127.0.0.1 {name}\n"));
    let own = "127.0.0.1 localhost\n::1 localhost\n".to_owned();
    [own].into_iter().chain(lines).collect()
}

fn mount(from: &Path, to: &Path) -> Result<(), NamespaceError> {
    let (from, to) = (from.display().to_string(), to.display().to_string());
    run("mount", &["--bind", &from, &to])
}

fn write(path: &Path, text: &str) -> Result<(), NamespaceError> {
    fs::write(path, text).map_err(|source| NamespaceError::File {
        path: path.to_owned(),
        source,
    })
}

fn run(program: &str, arguments: &[&str]) -> Result<(), NamespaceError> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    let reason = match output {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    Err(NamespaceError::Command {
        command: format!("{program} {}", arguments.join(" ")),
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_here() {
        let hosts = hosts_file();
        for name in [
            "localhost",
            "login.microsoftonline.com",
            "graph.microsoft.com",
        ] {
            assert!(hosts.contains(&format!("127.0.0.1 {name}\n")));
        }
    }
}
