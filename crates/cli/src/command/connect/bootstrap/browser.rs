//! Where Microsoft sends the browser back to: this machine, for one answer.

use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use url::Url;

use crate::exit::{Exit, Failure};

/// As long as the server waits.
const PATIENCE: Duration = Duration::from_mins(10);
/// How long a browser may take to say what it wants.
const SILENCE: Duration = Duration::from_secs(10);
const LARGEST_REQUEST: usize = 16 * 1024;
const PAGE: &str = "<!doctype html><meta charset=utf-8><title>Consentry</title><p>You have signed in. Go on where you \
                    began; this page can be closed.";

pub(super) struct Listener {
    socket: TcpListener,
    port: u16,
}

/// What the browser brought back.
pub(super) struct Answer {
    pub(super) code: String,
    pub(super) state: String,
}

impl Listener {
    pub(super) async fn open() -> anyhow::Result<Self> {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await;
        let socket = socket.context("no port is free on this machine")?;
        let port = socket.local_addr()?.port();
        Ok(Self { socket, port })
    }

    pub(super) fn redirect_uri(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The first request that carries an answer; browsers ask for icons too.
    pub(super) async fn wait(self) -> anyhow::Result<Answer> {
        let answered = timeout(PATIENCE, async {
            loop {
                let (stream, _) = self.socket.accept().await?;
                if let Ok(Ok(Some(answer))) = timeout(SILENCE, serve(stream)).await {
                    return answer;
                }
            }
        });
        answered.await.map_err(|_| {
            Failure::new(Exit::NeedsSomebody, "nobody signed in within ten minutes")
                .hint("run it again")
        })?
    }
}

/// Answers one request; what it carried, if it is the answer.
async fn serve(mut stream: TcpStream) -> anyhow::Result<Option<anyhow::Result<Answer>>> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < LARGEST_REQUEST {
        let mut piece = [0; 1024];
        let read = stream.read(&mut piece).await?;
        if read == 0 {
            break;
        }
        request.extend_from_slice(&piece[..read]);
    }
    let answer = read(&String::from_utf8_lossy(&request));
    let (status, page) = match &answer {
        Some(_) => ("200 OK", PAGE),
        None => ("404 Not Found", ""),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        page.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(page.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(answer)
}

fn read(request: &str) -> Option<anyhow::Result<Answer>> {
    let target = request.strip_prefix("GET ")?.split(' ').next()?;
    let url = Url::parse("http://localhost").ok()?.join(target).ok()?;
    let find = |wanted: &str| {
        let mut pairs = url.query_pairs();
        pairs
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    if let Some(error) = find("error") {
        let told = find("error_description").unwrap_or_default();
        return Some(Err(Failure::new(
            Exit::NeedsSomebody,
            format!("Microsoft did not sign the administrator in: `{error}` {told}"),
        )
        .into()));
    }
    Some(Ok(Answer {
        code: find("code")?,
        state: find("state")?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_request_with_code_and_state_is_the_answer() {
        let answer = read("GET /?code=a%2Bb&state=s HTTP/1.1\r\n\r\n").and_then(Result::ok);
        assert_eq!(
            answer.map(|it| (it.code, it.state)),
            Some(("a+b".to_owned(), "s".to_owned()))
        );
        for other in [
            "GET /favicon.ico HTTP/1.1",
            "GET /?code=a HTTP/1.1",
            "POST / HTTP/1.1",
            "",
            "GET",
        ] {
            assert!(read(other).is_none(), "{other}");
        }
        assert!(read("GET /?error=access_denied HTTP/1.1").is_some_and(|it| it.is_err()));
    }
}
