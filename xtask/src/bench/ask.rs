//! JSON over HTTP, one request at a time: how a server or a sandbox is set up.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use super::client::{self, Connection};

/// As whoever owns the server's data directory.
pub(super) async fn over_socket(socket: &Path, request: &[u8]) -> Result<Value> {
    let stream = UnixStream::connect(socket).await;
    on(
        stream.context("the server's socket does not answer")?,
        request,
    )
    .await
}

pub(super) async fn at(address: &str, request: &[u8]) -> Result<Value> {
    on(TcpStream::connect(address).await?, request).await
}

/// What posts `new`, or nothing where it is null.
pub(super) fn create(path: &str, host: &str, new: &Value) -> Vec<u8> {
    let body = if new.is_null() {
        String::new()
    } else {
        new.to_string()
    };
    client::post(path, host, None, &body)
}

pub(super) fn text(value: &Value, field: &str) -> Result<String> {
    let text = value[field].as_str().map(str::to_owned);
    text.with_context(|| format!("the answer has no `{field}`: {value}"))
}

async fn on(stream: impl AsyncRead + AsyncWrite + Unpin, request: &[u8]) -> Result<Value> {
    let mut connection = Connection::new(stream);
    let answer = connection.send(request).await?;
    let is_good = (200..300).contains(&answer.status);
    let said = || String::from_utf8_lossy(answer.body);
    ensure!(is_good, "the answer was {}: {}", answer.status, said());
    // What was done may have nothing to say.
    Ok(serde_json::from_slice(answer.body).unwrap_or_default())
}
