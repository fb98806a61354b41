//! The built program, run.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// A debug build on a busy machine takes its time.
const START_LIMIT: Duration = Duration::from_mins(1);

#[derive(Debug, Clone, Copy)]
pub(crate) enum Signal {
    Stop,
    Continue,
}

/// A running `consentry`, killed when dropped.
pub(crate) struct Process {
    child: Child,
    /// Open, so that a further line would not end it.
    _stdout: BufReader<ChildStdout>,
    /// The document that it printed once it was ready.
    pub(crate) ready: Value,
    /// Everything that it said on stderr.
    pub(crate) log: PathBuf,
}

impl Process {
    /// Runs `consentry --json` with these arguments until it has printed its document. It gets nothing of our environment
    /// but what is given.
    pub(crate) async fn start(arguments: &[&str], variables: &[(&str, &str)], log: &Path) -> Self {
        let stderr = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_consentry"))
            .arg("--json")
            .args(arguments)
            .env_clear()
            .env("HOME", log.parent().unwrap())
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let read = timeout(START_LIMIT, stdout.read_line(&mut line)).await;
        assert!(
            matches!(read, Ok(Ok(1..))),
            "`consentry {}` did not start:\n{}",
            arguments.join(" "),
            std::fs::read_to_string(log).unwrap_or_default()
        );
        Self {
            child,
            _stdout: stdout,
            ready: serde_json::from_str(&line).unwrap(),
            log: log.to_owned(),
        }
    }

    /// Stops it where it is, or lets it go on.
    pub(crate) async fn signal(&self, signal: Signal) {
        let name = match signal {
            Signal::Stop => "-STOP",
            Signal::Continue => "-CONT",
        };
        let id = self.child.id().unwrap().to_string();
        let sent = Command::new("kill").args([name, &id]).status().await;
        assert!(sent.unwrap().success());
    }

    /// `kill -9`, and waits until it is gone.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}
