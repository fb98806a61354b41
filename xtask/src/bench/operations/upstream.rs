//! A cloud of prepared bytes for lists and files: what it is sent it reads and forgets, what it is asked for is there already.

use std::io;
use std::sync::Arc;
use std::thread;

use anyhow::Result;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use super::{LARGE, MESSAGES, PAGE, SMALL};
use crate::bench::curl::noise;
use crate::bench::upstream::{answer, token};

const ROOM: usize = 256 * 1024;
const MIB: usize = 1024 * 1024;
/// What a message of a mailbox has on average, in bytes of JSON.
const MESSAGE: usize = 3_800;

struct Prepared {
    url: String,
    token: Vec<u8>,
    pages: Vec<Vec<u8>>,
    item: Vec<u8>,
    small: Vec<u8>,
    noise: Vec<u8>,
}

/// Its address. It runs on a thread of its own as long as this program does.
pub(super) fn start() -> Result<String> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let url = format!("http://{}", listener.local_addr()?);
    let prepared = Arc::new(Prepared::at(&url));
    thread::spawn(move || {
        runtime.block_on(async {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let prepared = Arc::clone(&prepared);
                // The other end is done, or gone.
                open.spawn(async move { prepared.converse(stream).await.ok() });
                while open.try_join_next().is_some() {}
            }
        });
    });
    Ok(url)
}

/// What the head of a request says.
struct Head {
    method: String,
    path: String,
    length: usize,
    /// Of an upload's chunk: whether it is the last one, and where the next begins.
    range: Option<(bool, u64)>,
}

impl Prepared {
    fn at(url: &str) -> Self {
        let mut small = b"HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\n".to_vec();
        small.extend(format!("content-length: {SMALL}\r\n\r\n").bytes());
        small.extend(noise(SMALL));
        Self {
            url: url.to_owned(),
            token: answer(&token()),
            pages: (0..MESSAGES / PAGE)
                .map(|number| page(url, number))
                .collect(),
            item: answer(
                r#"{"id":"01NKDM7HMOJTVYMDOSXFDK2QJDXCDI3WUK","name":"bench.bin","size":1073741824,"file":{}}"#,
            ),
            small,
            noise: noise(MIB),
        }
    }

    async fn converse(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut buffer = Vec::with_capacity(ROOM);
        loop {
            let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
                if stream.read_buf(&mut buffer).await? == 0 {
                    return Ok(());
                }
                continue;
            };
            let head = Head::read(&String::from_utf8_lossy(&buffer[..end]));
            buffer.drain(..end + 4);
            forget(&mut stream, &mut buffer, head.length).await?;
            self.answer(&mut stream, &head).await?;
        }
    }

    async fn answer(&self, stream: &mut TcpStream, head: &Head) -> io::Result<()> {
        let path = head.path.as_str();
        match head.method.as_str() {
            _ if path.contains("/oauth2/v2.0/token") => stream.write_all(&self.token).await,
            "PUT" => match head.range {
                Some((false, next)) => stream.write_all(&accepted(next)).await,
                _ => stream.write_all(&self.item).await,
            },
            "POST" if path.ends_with("/createUploadSession") => {
                let session = json!({ "uploadUrl": format!("{}/upload/1", self.url), "expirationDateTime": "2099-01-01T00:00:00Z" });
                stream.write_all(&answer(&session.to_string())).await
            }
            _ if path.contains("/content") => stream.write_all(&self.elsewhere(path)).await,
            _ if path.starts_with("/file/small") => stream.write_all(&self.small).await,
            _ if path.starts_with("/file/large") => self.large(stream).await,
            _ if path.contains("/messages") => stream.write_all(self.page(path)).await,
            _ => stream.write_all(&self.item).await,
        }
    }

    fn page(&self, path: &str) -> &[u8] {
        let number = path
            .split("skiptoken=")
            .nth(1)
            .and_then(|number| number.parse::<usize>().ok());
        &self.pages[number.unwrap_or(0).min(self.pages.len() - 1)]
    }

    fn elsewhere(&self, path: &str) -> Vec<u8> {
        let file = if path.contains("large") {
            "large"
        } else {
            "small"
        };
        format!(
            "HTTP/1.1 302 Found\r\nlocation: {}/file/{file}\r\ncontent-length: 0\r\n\r\n",
            self.url
        )
        .into_bytes()
    }

    async fn large(&self, stream: &mut TcpStream) -> io::Result<()> {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\netag: \"1\"\r\ncontent-length: {LARGE}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await?;
        for _ in 0..LARGE / self.noise.len() as u64 {
            stream.write_all(&self.noise).await?;
        }
        Ok(())
    }
}

impl Head {
    fn read(text: &str) -> Self {
        let mut words = text.split(' ');
        let mut head = Self {
            method: words.next().unwrap_or_default().to_owned(),
            path: words.next().unwrap_or_default().to_owned(),
            length: 0,
            range: None,
        };
        for (name, value) in text.lines().filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                head.length = value.trim().parse().unwrap_or(0);
            } else if name.eq_ignore_ascii_case("content-range") {
                head.range = range(value);
            }
        }
        head
    }
}

/// `bytes 0-9/100`: not the last, the next begins at 10.
fn range(value: &str) -> Option<(bool, u64)> {
    let (range, length) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
    let next = range.split_once('-')?.1.parse::<u64>().ok()? + 1;
    let length: u64 = length.parse().ok()?;
    Some((next == length, next))
}

async fn forget(stream: &mut TcpStream, buffer: &mut Vec<u8>, length: usize) -> io::Result<()> {
    let here = length.min(buffer.len());
    buffer.drain(..here);
    let mut left = length - here;
    let mut sink = vec![0; left.min(ROOM)];
    while left > 0 {
        let most = left.min(ROOM);
        match stream.read(&mut sink[..most]).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => left -= count,
        }
    }
    Ok(())
}

fn accepted(next: u64) -> Vec<u8> {
    let body = json!({ "expirationDateTime": "2099-01-01T00:00:00Z", "nextExpectedRanges": [format!("{next}-")] }).to_string();
    let length = body.len();
    format!("HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

fn page(url: &str, number: usize) -> Vec<u8> {
    let messages: Vec<_> = (0..PAGE).map(|at| message(number * PAGE + at)).collect();
    let mut page = json!({ "@odata.context": "https://graph.invalid/v1.0/$metadata#users('ben')/messages", "value": messages });
    if number + 1 < MESSAGES / PAGE {
        page["@odata.nextLink"] = format!(
            "{url}/v1.0/users/ben/messages?$top={PAGE}&$skiptoken={}",
            number + 1
        )
        .into();
    }
    answer(&page.to_string())
}

fn message(number: usize) -> serde_json::Value {
    let mut message = json!({
        "@odata.etag": format!("W/\"{number}\""), "id": format!("AAMkAGI2{number:08}"), "subject": format!("Minutes {number}"),
        "receivedDateTime": "2026-11-23T08:00:00Z", "hasAttachments": false, "isRead": true, "importance": "normal",
        "from": { "emailAddress": { "name": "Ana Reis", "address": "ana.reis@contoso.com" } },
        "toRecipients": [{ "emailAddress": { "name": "Ben Okafor", "address": "ben.okafor@contoso.com" } }],
        "bodyPreview": "Three decisions.", "body": { "contentType": "html", "content": "" },
    });
    let rest = MESSAGE - message.to_string().len();
    let text = "<p class=\"x\">Three decisions were taken, and \u{e9}cole is a word.</p>\n";
    let mut body = String::new();
    // Quotes and line ends are escaped, as they are in mail.
    while serde_json::Value::from(body.as_str()).to_string().len() < rest {
        body.push_str(text);
    }
    message["body"]["content"] = body.into();
    message
}
