//! A server that answers by script and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::{ManualClock, SeededRandom};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::Url;

use crate::{Cloud, Clouds, RetryPolicy, Transport, TransportOptions};

const HALF: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"half\":";
pub(crate) const NOW: &str = "2026-11-23T12:00:00Z";

pub(crate) enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// Reads the request, then closes the connection.
    HangUp,
    /// Answers with half a body, and never with the rest.
    Stall,
    /// Answers with half a body, then closes the connection.
    Cut,
    /// The same with 4 of 12 bytes of a file in a version of its own.
    CutFile,
    /// Reads the request, and never answers.
    Silence,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self::text(status, "")
    }

    pub(crate) fn text(status: u16, body: &str) -> Self {
        Self::Answer {
            status,
            headers: Vec::new(),
            body: body.to_owned(),
        }
    }

    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::text(status, &body.to_string()).with("content-type", "application/json")
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// `GET /path?query`.
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.body.as_bytes())
            .into_owned()
            .collect()
    }
}

#[derive(Default)]
struct Script {
    replies: VecDeque<Reply>,
    seen: Vec<Seen>,
}

pub(crate) struct Responder {
    pub(crate) url: Url,
    script: Arc<Mutex<Script>>,
    _tasks: JoinSet<()>,
}

impl Responder {
    /// Answers in the order of `replies`, then with 599.
    pub(crate) async fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let script = Arc::new(Mutex::new(Script {
            replies: replies.into(),
            seen: Vec::new(),
        }));
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, Arc::clone(&script)));
        Self {
            url: format!("http://{address}").parse().expect("a URL"),
            script,
            _tasks: tasks,
        }
    }

    /// Appends to the script.
    pub(crate) fn then(&self, reply: Reply) {
        lock(&self.script).replies.push_back(reply);
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        lock(&self.script).seen.clone()
    }

    pub(crate) fn cloud(&self) -> Cloud {
        Clouds::sandbox(self.url.as_str())
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        self.url.join(path).expect("a path")
    }
}

/// Pauses of a millisecond, so that no test waits.
pub(crate) fn transport() -> Transport {
    let options = TransportOptions {
        request_timeout: Duration::from_millis(300),
        retry: RetryPolicy {
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(2),
            ..RetryPolicy::default()
        },
        ..TransportOptions::default()
    };
    let random = Arc::new(SeededRandom::new(1));
    Transport::new(options, clock(), random).expect("a transport")
}

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::fixed(NOW.parse().expect("a time")))
}

/// Everything that an error says, source by source, and its `Debug`.
pub(crate) fn shown(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = format!("{error:?} {error}");
    let mut source = error.source();
    while let Some(error) = source {
        text.extend([": ", &error.to_string()]);
        source = error.source();
    }
    text
}

fn lock(script: &Mutex<Script>) -> std::sync::MutexGuard<'_, Script> {
    script.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, script: Arc<Mutex<Script>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(answer(stream, Arc::clone(&script)));
    }
}

async fn answer(mut stream: TcpStream, script: Arc<Mutex<Script>>) {
    let Some(seen) = read(&mut stream).await else {
        return;
    };
    let reply = {
        let mut script = lock(&script);
        script.seen.push(seen);
        script.replies.pop_front().unwrap_or(Reply::status(599))
    };
    match reply {
        Reply::Answer {
            status,
            headers,
            body,
        } => {
            let mut text = format!(
                "HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\nconnection: close\r\n",
                body.len()
            );
            for (name, value) in headers {
                text.extend([name, ": ", &value, "\r\n"]);
            }
            text.push_str("\r\n");
            text.push_str(&body);
            stream.write_all(text.as_bytes()).await.ok();
        }
        Reply::HangUp => {}
        Reply::CutFile => {
            let head = "HTTP/1.1 200 OK\r\netag: \"1\"\r\ncontent-length: 12\r\n\r\n0123";
            stream.write_all(head.as_bytes()).await.ok();
        }
        Reply::Cut => {
            stream.write_all(HALF).await.ok();
        }
        Reply::Stall => {
            stream.write_all(HALF).await.ok();
            std::future::pending::<()>().await;
        }
        Reply::Silence => std::future::pending().await,
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut lines = text.lines();
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .and_then(|(_, value)| value.parse::<usize>().ok())
        .unwrap_or_default();
    while bytes.len() < head + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8_lossy(&bytes[head..]).into_owned();
    Some(Seen {
        line,
        headers,
        body,
    })
}
