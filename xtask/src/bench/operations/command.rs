//! The commands, as somebody types them, to a running server.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::bench::installation::Installation;
use crate::bench::process::memory_mib;

/// Between two looks at how much memory a command takes.
const LOOK: Duration = Duration::from_millis(5);

pub(super) struct Commands<'a> {
    pub(super) program: &'a Path,
    pub(super) installation: &'a Installation,
}

/// How long it took, and what it took at most.
pub(super) struct Run {
    pub(super) seconds: f64,
    pub(super) peak_mib: f64,
}

impl Commands<'_> {
    pub(super) fn upload(&self, file: &Path) -> Result<Run> {
        let mut command = self.run(
            "onedrive.files.createUploadSession",
            &self.installation.drive,
        );
        command
            .args([
                "driveId=b!1",
                "parentId=root",
                "fileName=bench.bin",
                "--file",
            ])
            .arg(file);
        finish(&mut command)
    }

    pub(super) fn download(&self) -> Result<Run> {
        let mut command = self.run("onedrive.files.download", &self.installation.drive);
        finish(command.args(["driveId=b!1", "itemId=large", "--output", "/dev/null"]))
    }

    pub(super) fn list(&self) -> Result<Run> {
        let mut command = self.run("outlook.messages.list", &self.installation.connection);
        let top = format!("top={}", super::PAGE);
        finish(command.args(["mailbox=ben.okafor@contoso.com", &top, "--all"]))
    }

    /// Until the first byte of an answer, in milliseconds.
    pub(super) fn first_byte(&self) -> Result<f64> {
        let mut command = self.run("outlook.messages.get", &self.installation.connection);
        first_byte(command.args(["mailbox=ben.okafor@contoso.com", "messageId=AAMkAGI2"]))
    }

    pub(super) fn version(&self) -> Result<f64> {
        first_byte(Command::new(self.program).env_clear().arg("--version"))
    }

    fn run(&self, operation: &str, connection: &str) -> Command {
        let mut command = Command::new(self.program);
        command
            .env_clear()
            .env("HOME", self.installation.folder.path())
            .env(
                "CONSENTRY_URL",
                format!("http://{}", self.installation.address),
            )
            .env("CONSENTRY_API_KEY", &self.installation.key)
            .args(["run", operation, "--connection", connection]);
        command
    }
}

fn finish(command: &mut Command) -> Result<Run> {
    let begun = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut peak_mib = 0.0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        // It may end between the two.
        peak_mib = memory_mib(child.id(), "VmHWM").unwrap_or(peak_mib);
        sleep(LOOK);
    };
    let seconds = begun.elapsed().as_secs_f64();
    ensure!(status.success(), "the command failed: {}", said(&mut child));
    Ok(Run { seconds, peak_mib })
}

fn first_byte(command: &mut Command) -> Result<f64> {
    let begun = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut byte = [0];
    let count = child
        .stdout
        .as_mut()
        .context("no output")?
        .read(&mut byte)?;
    let took = begun.elapsed().as_secs_f64() * 1000.0;
    let mut rest = Vec::new();
    child
        .stdout
        .take()
        .context("no output")?
        .read_to_end(&mut rest)?;
    let status = child.wait()?;
    ensure!(
        count == 1 && status.success(),
        "the command failed: {}",
        said(&mut child)
    );
    Ok(took)
}

fn said(child: &mut Child) -> String {
    let mut text = String::new();
    if let Some(stderr) = &mut child.stderr {
        // What it did not say is not shown.
        let _ = stderr.read_to_string(&mut text);
    }
    text
}
