//! A sandbox and a server, and what is known of them by name.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::material::{self, Material};
use crate::program::{Outcome, Serving, run_with};

/// What the sample application is given besides what it has.
const SECRETS: [&str; 3] = ["second", "third", "fourth"];

pub(crate) struct Place {
    data: TempDir,
    /// What `{name}` stands for.
    known: BTreeMap<String, String>,
    /// Ended with it.
    serving: Vec<Serving>,
}

impl Place {
    /// No server: for commands that need none.
    pub(crate) fn empty() -> Self {
        let data = tempfile::tempdir().unwrap();
        let known = BTreeMap::from([("dir".to_owned(), text(data.path()).to_owned())]);
        Self {
            data,
            known,
            serving: Vec::new(),
        }
    }

    /// A sandbox, a server that knows it, and files with secrets of the sample application.
    pub(crate) fn new() -> Self {
        let sandbox = Serving::start(&["sandbox", "--listen", "127.0.0.1:0"], &[]);
        let variables: Vec<(&str, &str)> = sandbox.ready["environment"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let mut place = Self::empty();
        let path = place.data.path().to_owned();
        let up = ["up", "--listen", "127.0.0.1:0", "--data", text(&path)];
        let server = Serving::start(&up, &variables);
        let sample = &sandbox.ready;
        place.keep("url", &server.ready["url"]);
        let trimmed = sample["url"].as_str().unwrap().trim_end_matches('/');
        place.keep("sandbox", &json!(trimmed));
        place.keep("guid", &json!("6c8bb1b4-2fd4-4b8e-9a56-3c1f1d2a7b10"));
        place.keep(
            "site",
            &json!("https://contoso.sharepoint.com/sites/projects"),
        );
        place.keep("tenant", &sample["tenant_id"]);
        place.keep("client", &sample["client_id"]);
        place.write("first", sample["client_secret"].as_str().unwrap());
        place.write("wrong", "not-the-secret");
        let client = sample["client_id"].as_str().unwrap();
        let url = sample["url"].as_str().unwrap().trim_end_matches('/');
        for name in SECRETS {
            let made = post(
                &format!("{url}/_sandbox/applications/{client}/secrets"),
                &json!({}),
            );
            place.write(name, made["secret_text"].as_str().unwrap());
        }
        place.rotating(url);
        place.serving.extend([server, sandbox]);
        place
    }

    /// An application that may replace its own secret.
    fn rotating(&mut self, url: &str) {
        let new = json!({
            "display_name": "rotating",
            "application": ["Application.ReadWrite.All"],
            "admin_consent": true,
        });
        let made = post(&format!("{url}/_sandbox/applications"), &new);
        self.keep("rotating", &made["client_id"]);
        let client = made["client_id"].as_str().unwrap();
        let made = post(
            &format!("{url}/_sandbox/applications/{client}/secrets"),
            &json!({}),
        );
        self.write("own", made["secret_text"].as_str().unwrap());
    }

    /// Files with a certificate of the sample application, which Entra knows.
    pub(crate) fn certificates(&mut self) {
        let material = Material::new();
        let url = self.filled("{sandbox}/_sandbox/applications/{client}/certificates");
        let new = json!({ "name": "uploaded", "certificate": material.public });
        post(&url, &new);
        self.write("pem", &material.pem);
        self.write("pfx", &material.pfx);
        self.write("pfx_password", material::PASSWORD);
    }

    /// `{name}` is the path of a file with this in it.
    fn write(&mut self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.data.path().join(name);
        std::fs::write(&path, content).unwrap();
        self.keep(name, &json!(text(&path)));
    }

    pub(crate) fn keep(&mut self, name: &str, value: &Value) {
        let value = value.as_str().unwrap().to_owned();
        self.known.insert(name.to_owned(), value);
    }

    pub(crate) fn filled(&self, said: &str) -> String {
        let mut said = said.to_owned();
        for (name, value) in &self.known {
            said = said.replace(&format!("{{{name}}}"), value);
        }
        said
    }

    /// Runs a command with what is said after it. A server that is named is asked without a key.
    pub(crate) fn ask(&self, command: &str, said: &str, more: &[&str]) -> Outcome {
        self.ask_with(command, said, more, "")
    }

    /// The same with something on stdin.
    pub(crate) fn ask_with(
        &self,
        command: &str,
        said: &str,
        more: &[&str],
        stdin: &str,
    ) -> Outcome {
        let said = self.filled(&format!("{command} {said}"));
        let mut arguments: Vec<_> = said.split_whitespace().collect();
        let end = arguments.iter().position(|one| *one == "--");
        let rest = arguments.split_off(end.unwrap_or(arguments.len()));
        arguments.extend(more);
        if !arguments.contains(&"--data") {
            arguments.extend(["--data", text(self.data.path())]);
        }
        arguments.extend(rest);
        run_with(&arguments, &[], stdin)
    }
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn post(url: &str, body: &Value) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let http = reqwest::Client::builder()
            .tls_certs_only([])
            .no_proxy()
            .build()
            .unwrap();
        let answer = http.post(url).json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{url}: {}", answer.status());
        answer.json().await.unwrap()
    })
}
