//! A running server, from outside.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use super::client::{self, Connection};

const START_LIMIT: Duration = Duration::from_secs(20);
/// Between two looks whether it answers; far less than what is measured.
const POLL: Duration = Duration::from_micros(500);

/// `USER_HZ`, which is the same on every Linux that we meet.
const TICKS_PER_SECOND: f64 = 100.0;

/// `consentry up` or `consentry sandbox`, killed when dropped.
pub(super) struct Server {
    child: Child,
    /// From before it was run until its first answer.
    pub(super) start: Duration,
}

impl Server {
    /// Runs `arguments` on this address until `path` is answered there.
    pub(super) fn start(
        runtime: &Runtime,
        program: &Path,
        arguments: &[&str],
        data: &Path,
        (address, path): (&str, &str),
    ) -> Result<Self> {
        let begun = Instant::now();
        let child = Command::new(program)
            .args(arguments)
            .args(["--listen", address, "--data"])
            .arg(data)
            .env_clear()
            .env("HOME", data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(data.join("log"))?)
            .spawn()
            .with_context(|| format!("`{}` could not be run", program.display()))?;
        let mut server = Self {
            child,
            start: Duration::ZERO,
        };
        while !runtime.block_on(answers(address, path)) {
            if begun.elapsed() > START_LIMIT || server.child.try_wait()?.is_some() {
                bail!(
                    "the server did not start: {}",
                    fs::read_to_string(data.join("log"))?
                );
            }
            sleep(POLL);
        }
        server.start = begun.elapsed();
        Ok(server)
    }

    /// Time on all processors so far, the system's for it included.
    pub(super) fn cpu_us(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))
            .context("this system does not tell how much time a process takes")?;
        // The name, in parentheses, may hold spaces; the times are the 14th and 15th field. proc_pid_stat(5).
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let times = fields.split_whitespace().skip(11).take(2);
        let ticks: f64 = times.filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
        Ok(ticks / TICKS_PER_SECOND * 1e6)
    }

    /// A line of `/proc/PID/status`, `VmRSS` or `VmHWM`, in MiB.
    pub(super) fn memory_mib(&self, name: &str) -> Result<f64> {
        memory_mib(self.child.id(), name)
    }
}

pub(super) fn memory_mib(process: u32, name: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))
        .context("this system does not tell how much memory a process takes")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kib: f64 = kib
        .with_context(|| format!("there is no `{name}`"))?
        .parse()?;
    Ok(kib / 1024.0)
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn answers(address: &str, path: &str) -> bool {
    let Ok(stream) = TcpStream::connect(address).await else {
        return false;
    };
    let request = client::get(path, address, None);
    matches!(Connection::new(stream).send(&request).await, Ok(answer) if answer.status == 200)
}
