//! `consentry up`, with the sandbox as its cloud.

use std::fs;
use std::path::{Path, PathBuf};

use crate::api::Api;
use crate::process::Process;

/// How a server is to run.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) data: PathBuf,
    pub(crate) log: PathBuf,
    /// With a port of its own the address stays the same over restarts.
    listen: String,
    database_url: Option<String>,
}

pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) url: String,
    setup: Setup,
}

impl Setup {
    /// A new installation in `folder`, on SQLite or on this PostgreSQL database. It logs everything at `level`.
    pub(crate) fn new(
        folder: &Path,
        name: &str,
        sandbox_url: &str,
        database_url: Option<String>,
        level: &str,
    ) -> Self {
        let data = folder.join(name);
        fs::create_dir(&data).unwrap();
        let mut config = format!(
            "[[clouds.custom]]\nid = \"sandbox\"\nsandbox_url = \"{sandbox_url}\"\n\n[log]\nlevel = \"{level}\"\n"
        );
        if database_url.is_some() {
            // Replicas share one keyring.
            let key = folder.join("shared.key");
            fs::write(&key, "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n").unwrap();
            let key = key.display();
            config = format!("{config}\n[master_key]\nfile = \"{key}\"\n");
        }
        fs::write(data.join("consentry.toml"), config).unwrap();
        let log = folder.join(format!("{name}.log"));
        Self {
            data,
            log,
            listen: "127.0.0.1:0".to_owned(),
            database_url,
        }
    }

    /// Gives it a keyring file of its own, with what the others share in it; where that is.
    pub(crate) fn own_keyring(&self) -> PathBuf {
        let config = self.data.join("consentry.toml");
        let text = fs::read_to_string(&config).unwrap();
        let shared = self.data.with_file_name("shared.key");
        let own = self.data.join("own.key");
        fs::copy(&shared, &own).unwrap();
        let [from, to] = [&shared, &own].map(|path| path.display().to_string());
        assert!(text.contains(&from), "{text}");
        fs::write(config, text.replace(&from, &to)).unwrap();
        own
    }

    pub(crate) async fn start(&self) -> Server {
        let data = self.data.display().to_string();
        let mut arguments = vec!["up", "--data", &data, "--listen", &self.listen];
        if let Some(url) = &self.database_url {
            arguments.extend(["--database-url", url]);
        }
        let process = Process::start(&arguments, &[], &self.log).await;
        let url = process.ready["url"]
            .as_str()
            .unwrap()
            .trim_end_matches('/')
            .to_owned();
        // Restarts keep the address.
        let listen = url.trim_start_matches("http://").to_owned();
        Server {
            process,
            url,
            setup: Self {
                listen,
                ..self.clone()
            },
        }
    }
}

impl Server {
    /// As whoever owns the installation.
    pub(crate) fn owner(&self) -> Api {
        Api::over_socket(&self.setup.data)
    }

    pub(crate) fn with_key(&self, key: &str) -> Api {
        Api::at(&self.url, key)
    }

    /// `kill -9`; what it takes to start it again.
    pub(crate) async fn kill(self) -> Setup {
        self.process.kill().await;
        self.setup
    }
}
