//! A file server that does nothing else: it writes what is put, and reads what is asked for.

use std::io;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::Result;
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;

const ROOM: usize = 256 * 1024;

/// Its address. It appends to and reads `file`, on a thread of its own.
pub(super) fn start(file: &Path) -> Result<String> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?.to_string();
    let file = file.to_owned();
    thread::spawn(move || runtime.block_on(serve(listener, file)));
    Ok(address)
}

async fn serve(listener: TcpListener, file: PathBuf) {
    while let Ok((stream, _)) = listener.accept().await {
        // curl brings one request after the other, and its end is no error of ours.
        let _ = converse(stream, &file).await;
    }
}

async fn converse(mut stream: TcpStream, path: &Path) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(ROOM);
    loop {
        let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let text = String::from_utf8_lossy(&buffer[..head]).into_owned();
        buffer.drain(..head + 4);
        if text.starts_with("PUT") {
            let length = number(&text, "content-length").unwrap_or(0);
            put(&mut stream, &mut buffer, path, length).await?;
        } else {
            get(&mut stream, path).await?;
        }
    }
}

fn number(head: &str, name: &str) -> Option<u64> {
    head.lines().find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().parse().ok())?
    })
}

async fn put(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    path: &Path,
    length: u64,
) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .await?;
    let here = usize::try_from(length)
        .unwrap_or(usize::MAX)
        .min(buffer.len());
    file.write_all(&buffer[..here]).await?;
    buffer.drain(..here);
    let mut rest = stream.take(length - here as u64);
    tokio::io::copy_buf(
        &mut tokio::io::BufReader::with_capacity(ROOM, &mut rest),
        &mut file,
    )
    .await?;
    file.flush().await?;
    stream
        .write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")
        .await
}

async fn get(stream: &mut TcpStream, path: &Path) -> io::Result<()> {
    let file = File::open(path).await?;
    let length = file.metadata().await?.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut file = tokio::io::BufReader::with_capacity(ROOM, file);
    tokio::io::copy_buf(&mut file, stream).await?;
    Ok(())
}
