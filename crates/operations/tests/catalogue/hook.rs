//! An address that agrees to be told of changes: it answers the handshake of Graph and of Business Central.
//! Source: <https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation>

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::Url;

/// Answers until it is dropped.
pub(crate) struct Hook {
    pub(crate) url: String,
    _tasks: JoinSet<()>,
}

impl Hook {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/told", listener.local_addr().unwrap());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                answer(stream).await;
            }
        });
        Self { url, _tasks: tasks }
    }
}

/// The token that was sent, as text.
async fn answer(mut stream: TcpStream) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut piece = [0; 1024];
        match stream.read(&mut piece).await {
            Ok(length) if length > 0 => head.extend_from_slice(&piece[..length]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head);
    let target = head.split(' ').nth(1).unwrap_or_default();
    let url = Url::parse("http://told.test/").and_then(|base| base.join(target));
    let token = url.ok().and_then(|url| {
        let mut pairs = url.query_pairs();
        pairs.find_map(|(name, value)| (name == "validationToken").then(|| value.into_owned()))
    });
    let token = token.unwrap_or_default();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{token}",
        token.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}
