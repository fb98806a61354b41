//! One Chromium for all tests of this program. It is spoken to over a pipe, in the protocol of its developer tools: no port that
//! anybody else could reach, and it ends when the pipe does, however this program ends.
//!
//! <https://chromedevtools.github.io/devtools-protocol/>

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;

/// Longest wait for an answer: a debug build on a busy machine takes its time.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// Takes the commands on descriptor 3 and answers on 4, and leaves nothing behind. The shell stays to remove the profile,
/// which nobody else could do once this program is gone.
const SCRIPT: &str = r#"chromium "$@" 3<&0 4>&1 </dev/null >/dev/null 2>"$0/said"; rm -rf "$0""#;

/// Nothing but this machine is reached, and nothing is asked of anybody.
const FLAGS: [&str; 11] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

static CHROMIUM: OnceLock<Chromium> = OnceLock::new();

pub(super) struct Chromium {
    input: Mutex<ChildStdin>,
    heard: Mutex<Heard>,
    next: AtomicU64,
    profile: PathBuf,
    /// Ends with the pipe.
    _shell: Child,
}

#[derive(Default)]
struct Heard {
    /// Who waits for which answer.
    waiting: HashMap<u64, oneshot::Sender<Value>>,
    /// What each session was told, in order.
    events: HashMap<String, Vec<Value>>,
    is_gone: bool,
}

impl Chromium {
    /// The one there is, started by whoever needs it first.
    pub(super) fn get() -> &'static Self {
        CHROMIUM.get_or_init(|| {
            let (chromium, output) = Self::start();
            std::thread::spawn(move || listen(output));
            chromium
        })
    }

    fn start() -> (Self, BufReader<ChildStdout>) {
        let is_there = Command::new("chromium").arg("--version").output();
        assert!(
            is_there.is_ok_and(|output| output.status.success()),
            "there is no `chromium` to run; install Debian's package `chromium`"
        );
        let profile = tempfile::Builder::new()
            .prefix("consentry-chromium-")
            .tempdir()
            .unwrap()
            .keep();
        let mut command = Command::new("sh");
        command.arg("-c").arg(SCRIPT).arg(&profile).args(FLAGS);
        command.arg(format!("--user-data-dir={}", profile.display()));
        if is_root(&profile) {
            // Chromium refuses to put itself into its sandbox as root, which is what containers run tests as.
            command.arg("--no-sandbox");
        }
        let mut child = command
            .arg("about:blank")
            .env("HOME", &profile)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // The shell lives on for a moment, and whoever listens to this program is not to wait for it.
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let chromium = Self {
            input: Mutex::new(child.stdin.take().unwrap()),
            heard: Mutex::default(),
            next: AtomicU64::new(1),
            profile,
            _shell: child,
        };
        (chromium, output)
    }

    /// The result of a command, to the browser or to one session of it.
    pub(super) async fn ask(
        &self,
        session: Option<&str>,
        method: &str,
        parameters: Value,
    ) -> Result<Value, String> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut command = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        let (sender, answer) = oneshot::channel();
        {
            let mut heard = self.heard.lock().unwrap();
            assert!(!heard.is_gone, "{}", self.last_words());
            heard.waiting.insert(id, sender);
        }
        self.send(&command);
        let mut answer = tokio::time::timeout(PATIENCE, answer)
            .await
            .map_err(|_| format!("no answer to {method} within {PATIENCE:?}"))?
            .unwrap_or_else(|_| panic!("{}", self.last_words()));
        match answer.get("error") {
            Some(error) => Err(error["message"].as_str().unwrap_or_default().to_owned()),
            None => Ok(answer["result"].take()),
        }
    }

    fn send(&self, command: &Value) {
        let mut line = command.to_string().into_bytes();
        line.push(0);
        let mut input = self.input.lock().unwrap();
        input.write_all(&line).unwrap();
        input.flush().unwrap();
    }

    /// What a session was told so far.
    pub(super) fn events(&self, session: &str) -> Vec<Value> {
        let heard = self.heard.lock().unwrap();
        heard.events.get(session).cloned().unwrap_or_default()
    }

    fn hear(&self, mut message: Value) {
        let mut heard = self.heard.lock().unwrap();
        if let Some(id) = message["id"].as_u64() {
            if let Some(waiting) = heard.waiting.remove(&id) {
                // Whoever gave up waiting is not told.
                waiting.send(message).ok();
            }
        } else if let Some(session) = message["sessionId"].take().as_str() {
            let events = heard.events.entry(session.to_owned()).or_default();
            events.push(message);
        }
    }

    fn last_words(&self) -> String {
        let said = fs::read_to_string(self.profile.join("said")).unwrap_or_default();
        format!("Chromium is gone; it said:\n{said}")
    }
}

/// Until the pipe ends: messages are parted by a zero byte.
fn listen(output: BufReader<ChildStdout>) {
    let chromium = CHROMIUM.wait();
    for message in output.split(0) {
        let Ok(message) = message else { break };
        chromium.hear(serde_json::from_slice(&message).unwrap());
    }
    let mut heard = chromium.heard.lock().unwrap();
    heard.is_gone = true;
    heard.waiting.clear();
}

fn is_root(own: &Path) -> bool {
    fs::metadata(own).unwrap().uid() == 0
}
