use std::path::Path;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::support::{Outcome, TestServer};

async fn get(socket: &Path, path: &str) -> Result<(String, Value), Box<dyn std::error::Error>> {
    let mut stream = UnixStream::connect(socket).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: consentry\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("a body")?;
    Ok((
        head.lines().next().unwrap_or_default().to_owned(),
        serde_json::from_str(body)?,
    ))
}

#[tokio::test]
async fn whoever_can_open_the_socket_is_the_owner() -> Outcome {
    let test = TestServer::start().await?;
    let socket = test.server.socket_path().ok_or("a socket")?;
    let (status, me) = get(socket, "/api/v1/me").await?;
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert_eq!(
        (&me["role"], &me["actor"]["type"]),
        (&"owner".into(), &"local".into())
    );
    Ok(())
}

#[tokio::test]
async fn a_socket_that_a_crash_left_behind_is_replaced() -> Outcome {
    let test = TestServer::start().await?;
    let socket = test.server.socket_path().ok_or("a socket")?.to_owned();
    let TestServer {
        server,
        directory,
        sandbox,
        clock,
        ..
    } = test;
    server.shutdown().await;
    assert!(!socket.exists());
    drop(std::os::unix::net::UnixListener::bind(&socket)?);
    let config = crate::support::config(&directory, &sandbox)?;
    let again = server::Server::start(config, crate::support::dependencies(&clock)).await?;
    assert_eq!(get(&socket, "/api/v1/me").await?.0, "HTTP/1.1 200 OK");
    again.shutdown().await;
    Ok(())
}
