//! HTTP/1.1 as far as measuring takes, on connections that are kept.

use std::io::{Error, ErrorKind, Result};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

const ROOM: usize = 16 * 1024;

/// A connection that is kept from request to request.
pub(super) struct Connection<S> {
    stream: S,
    buffer: Vec<u8>,
}

pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) body: &'a [u8],
}

/// Where the parts of an answer are.
struct Head {
    status: u16,
    length: usize,
    body: Body,
}

enum Body {
    Sized(usize),
    Chunked,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            buffer: Vec::with_capacity(ROOM),
        }
    }

    /// Sends these bytes and reads the whole answer. A chunked body is not put together.
    pub(super) async fn send(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.buffer.clear();
        self.stream.write_all(request).await?;
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(Error::from(ErrorKind::UnexpectedEof));
            }
            let Some(head) = Head::read(&self.buffer) else {
                continue;
            };
            if let Some(body) = head.body_in(&self.buffer) {
                return Ok(Answer {
                    status: head.status,
                    body: &self.buffer[body],
                });
            }
        }
    }
}

impl Head {
    fn read(buffer: &[u8]) -> Option<Self> {
        let length = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let text = std::str::from_utf8(&buffer[..length]).ok()?;
        let mut lines = text.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let mut body = Body::Sized(0);
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                body = Body::Sized(value.trim().parse().ok()?);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                body = Body::Chunked;
            }
        }
        Some(Self {
            status,
            length,
            body,
        })
    }

    /// Once all of it is there.
    fn body_in(&self, buffer: &[u8]) -> Option<std::ops::Range<usize>> {
        match self.body {
            Body::Sized(size) => {
                (buffer.len() >= self.length + size).then(|| self.length..self.length + size)
            }
            Body::Chunked => buffer
                .ends_with(b"0\r\n\r\n")
                .then_some(self.length..buffer.len()),
        }
    }
}

/// A request without a body.
pub(super) fn get(path: &str, host: &str, key: Option<&str>) -> Vec<u8> {
    let key = authorization(key);
    format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{key}\r\n").into_bytes()
}

pub(super) fn post(path: &str, host: &str, key: Option<&str>, json: &str) -> Vec<u8> {
    let (key, length) = (authorization(key), json.len());
    let kind = if json.is_empty() {
        ""
    } else {
        "content-type: application/json\r\n"
    };
    format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\n{key}{kind}content-length: {length}\r\n\r\n{json}"
    )
    .into_bytes()
}

fn authorization(key: Option<&str>) -> String {
    key.map(|key| format!("authorization: Bearer {key}\r\n"))
        .unwrap_or_default()
}
