//! A PostgreSQL server of our own for the tests: a fresh cluster in a temporary folder, on a free port of the loopback
//! address, without passwords and without waiting for the disk. Gone when dropped.

// Tests that stop a server include this file, too.
#[path = "postgres/system.rs"]
mod system;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::packages;
use system::{Binaries, User};

const START_TIMEOUT: Duration = Duration::from_secs(30);
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(20);
/// Somebody may take the port between our looking and the server's.
const PORT_TRIES: usize = 3;
/// What only protects data from a crash is off: nobody wants these data back.
const SETTINGS: [&str; 6] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "unix_socket_directories=",
    "listen_addresses=127.0.0.1",
    "max_connections=300",
];

/// A server that runs until it is dropped, but for when it is stopped.
pub struct Server {
    binaries: Binaries,
    user: Option<User>,
    child: Child,
    port: u16,
    folder: TempDir,
}

/// Starts a server, installing PostgreSQL first where it is absent and we may. The error says what to install where
/// we may not.
pub fn start() -> Result<Server> {
    match Binaries::find() {
        Some(binaries) => start_with(binaries),
        None => start_with(system::install()?),
    }
}

/// Starts a server where PostgreSQL is installed. `None` where it is not.
pub fn start_if_installed() -> Result<Option<Server>> {
    Binaries::find().map(start_with).transpose()
}

fn start_with(binaries: Binaries) -> Result<Server> {
    let folder = tempfile::Builder::new()
        .prefix("consentry-postgres-")
        .tempdir()?;
    // PostgreSQL refuses to run as root.
    let user = User::to_run_as(folder.path())?;
    if let Some(user) = &user {
        chown(folder.path(), Some(user.uid), Some(user.gid))?;
    }
    init(&binaries, user.as_ref(), folder.path())?;
    let (child, port) = launch(&binaries, user.as_ref(), folder.path())?;
    Ok(Server {
        binaries,
        user,
        child,
        port,
        folder,
    })
}

impl Server {
    /// Of a superuser and the database `postgres`, where each test makes what it needs.
    pub fn url(&self) -> String {
        format!("postgres://consentry@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends every session and the server with them, as whoever runs one does to restart it. The data stay.
    pub fn stop(&mut self) {
        stop(&mut self.child);
    }

    /// Starts it again where it was, on the same port.
    pub fn start_again(&mut self) -> Result<()> {
        let (user, folder) = (self.user.as_ref(), self.folder.path());
        let log = folder.join("log");
        for _ in 0..PORT_TRIES {
            self.child = spawn(&self.binaries, user, folder, &log, self.port)?;
            if is_answering(&mut self.child, self.port)? {
                return Ok(());
            }
        }
        let log = fs::read_to_string(&log).unwrap_or_default();
        bail!("the test server did not start again; it said:\n{log}")
    }

    /// Runs statements in the database of [`url`](Self::url), until one fails.
    pub fn run(&self, sql: &str) -> Result<()> {
        let mut psql = self
            .binaries
            .command("psql", None, self.folder.path())
            .args(["--quiet", "--no-psqlrc", "-v", "ON_ERROR_STOP=1"])
            .arg(self.url())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .context("`psql` could not be run")?;
        let mut input = psql.stdin.take().context("`psql` takes no input")?;
        input.write_all(sql.as_bytes())?;
        drop(input);
        let status = psql.wait()?;
        anyhow::ensure!(status.success(), "`psql` ended with {status}");
        Ok(())
    }

    /// Where the cluster's files are, for tests that look into them.
    pub fn data_folder(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        stop(&mut self.child);
    }
}

fn init(binaries: &Binaries, user: Option<&User>, folder: &Path) -> Result<()> {
    let mut initdb = binaries.command("initdb", user, folder);
    initdb
        .args([
            "--username=consentry",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        ])
        .arg("--pgdata")
        .arg(folder.join("data"));
    packages::run(&mut initdb).context("the test cluster could not be made")
}

/// Starts the server and waits until it lets somebody in.
fn launch(binaries: &Binaries, user: Option<&User>, folder: &Path) -> Result<(Child, u16)> {
    let log = folder.join("log");
    for _ in 0..PORT_TRIES {
        let port = free_port()?;
        let mut child = spawn(binaries, user, folder, &log, port)?;
        if is_answering(&mut child, port)? {
            return Ok((child, port));
        }
        stop(&mut child);
    }
    let log = fs::read_to_string(&log).unwrap_or_default();
    bail!("the test server did not start; it said:\n{log}")
}

fn spawn(
    binaries: &Binaries,
    user: Option<&User>,
    folder: &Path,
    log: &Path,
    port: u16,
) -> Result<Child> {
    let mut postgres: Command = binaries.command("postgres", user, folder);
    postgres
        .arg("-D")
        .arg(folder.join("data"))
        .arg("-p")
        .arg(port.to_string());
    for setting in SETTINGS {
        postgres.arg("-c").arg(setting);
    }
    postgres
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(log)?)
        .spawn()
        .context("`postgres` could not be run")
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

fn is_answering(child: &mut Child, port: u16) -> Result<bool> {
    let deadline = Instant::now() + START_TIMEOUT;
    while Instant::now() < deadline {
        if child.try_wait()?.is_some() {
            return Ok(false);
        }
        if lets_in(port).unwrap_or(false) {
            return Ok(true);
        }
        sleep(POLL);
    }
    Ok(false)
}

/// Says hello as a client does. A server that is still starting answers with an error, `E`; a ready one asks for, or
/// waives, a password: `R`. <https://www.postgresql.org/docs/current/protocol-flow.html>
fn lets_in(port: u16) -> std::io::Result<bool> {
    const VERSION_3: u32 = 196_608;
    let mut body = VERSION_3.to_be_bytes().to_vec();
    body.extend(b"user\0consentry\0database\0postgres\0\0");
    let length = u32::try_from(body.len() + 4).expect("a hello is short");

    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(START_TIMEOUT))?;
    stream.write_all(&length.to_be_bytes())?;
    stream.write_all(&body)?;
    let mut kind = [0];
    stream.read_exact(&mut kind)?;
    Ok(kind == *b"R")
}

/// Asks for a fast shutdown, which ends sessions; a server that does not listen is killed.
fn stop(child: &mut Child) {
    if matches!(child.try_wait(), Ok(Some(_))) {
        return;
    }
    let asked = Command::new("sh")
        .args(["-c", "kill -INT \"$0\"", &child.id().to_string()])
        .status();
    let deadline = Instant::now() + STOP_TIMEOUT;
    while asked.is_ok() && Instant::now() < deadline {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        sleep(POLL);
    }
    // It is gone, or it cannot be helped: this runs in a drop.
    let _ = child.kill();
    let _ = child.wait();
}
