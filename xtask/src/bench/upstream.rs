//! A cloud that costs next to nothing: every request for a token gets the same one, everything else the same message.

use std::thread;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::task::JoinSet;

const MESSAGE: &str = r#"{"@odata.context":"https://graph.invalid/v1.0/$metadata#users('ben')/messages/$entity","id":"AAMkAGI2","subject":"Minutes of Monday","receivedDateTime":"2026-11-23T08:00:00Z","isRead":true,"from":{"emailAddress":{"name":"Ana Reis","address":"ana.reis@contoso.com"}},"bodyPreview":"Three decisions."}"#;
const READ_AT_ONCE: usize = 16 * 1024;

/// Its address. It runs on a thread of its own as long as this program does.
pub(super) fn start() -> Result<String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}", listener.local_addr()?);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    // A runtime of its own, whoever asks for it may be in one.
    thread::spawn(move || {
        runtime.block_on(async {
            if let Ok(listener) = TcpListener::from_std(listener) {
                serve(listener).await;
            }
        });
    });
    Ok(url)
}

async fn serve(listener: TcpListener) {
    let (message, token) = (answer(MESSAGE), answer(&token()));
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (message, token) = (message.clone(), token.clone());
        open.spawn(async move {
            // The other end is done, or gone.
            let _ = converse(stream, &message, &token).await;
        });
        while open.try_join_next().is_some() {}
    }
}

async fn converse(mut stream: TcpStream, message: &[u8], token: &[u8]) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(READ_AT_ONCE);
    loop {
        while let Some(length) = whole_request(&buffer) {
            let is_for_token = buffer.starts_with(b"POST");
            buffer.drain(..length);
            stream
                .write_all(if is_for_token { token } else { message })
                .await?;
        }
        if stream.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
    }
}

/// Length of the first request, once all of it is there.
pub(super) fn whole_request(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&buffer[..head]).ok()?;
    let body = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    let length = head + body.unwrap_or(0);
    (buffer.len() >= length).then_some(length)
}

pub(super) fn answer(body: &str) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nrequest-id: 7f1f1f6e-0000-4000-8000-000000000000\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    (head + body).into_bytes()
}

/// In the form of one of Entra's, signed by nobody.
pub(super) fn token() -> String {
    let claims = json!({
        "aud": "https://graph.invalid", "tid": "f0e1d2c3-0000-4000-8000-000000000000", "idtyp": "app",
        "oid": "a0b1c2d3-0000-4000-8000-000000000000", "roles": ["Mail.Read", "Mail.ReadWrite", "Mail.Send", "Files.ReadWrite.All", "Sites.ReadWrite.All"],
    });
    let parts = [
        r#"{"typ":"JWT","alg":"RS256"}"#,
        &claims.to_string(),
        "signature",
    ];
    let token = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    json!({ "token_type": "Bearer", "expires_in": 86_399, "access_token": token }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_when_its_body_is() {
        let request = b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET";
        assert_eq!(whole_request(request), Some(request.len() - 3));
        assert_eq!(whole_request(&request[..request.len() - 4]), None);
        assert_eq!(whole_request(b"GET / HTTP/1.1\r\n\r\n"), Some(18));
    }
}
