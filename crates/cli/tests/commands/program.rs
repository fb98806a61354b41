//! Running the built program.

use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// What a run left behind.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// Stdout, which has to be one JSON document.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }
}

/// The program with nothing of our environment but what is given.
pub(crate) fn command(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_consentry"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", "/nonexistent")
        .envs(variables.iter().copied());
    command
}

/// Runs it to its end.
pub(crate) fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Outcome {
    run_with(arguments, variables, "")
}

/// The same with something on stdin.
pub(crate) fn run_with(arguments: &[&str], variables: &[(&str, &str)], stdin: &str) -> Outcome {
    let mut child = command(arguments, variables)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may have ended by now.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    Outcome {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A program that serves; killed when dropped.
pub(crate) struct Serving {
    child: Child,
    /// The document that it printed once it was ready.
    pub(crate) ready: Value,
}

impl Serving {
    pub(crate) fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut log = tempfile::tempfile().unwrap();
        let mut child = command(arguments, variables)
            .arg("--json")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.try_clone().unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|_| {
            let mut said = String::new();
            log.rewind().unwrap();
            log.read_to_string(&mut said).unwrap();
            panic!("`{}` did not start: {said}", arguments.join(" "))
        });
        Self { child, ready }
    }

    /// Asks it to end as a service manager does; its exit code.
    pub(crate) fn terminate(&mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        Command::new("kill").arg(id).status().unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
