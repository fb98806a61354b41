//! A token endpoint that counts for each tenant, and an API that looks at the tokens that it gets.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use model::{Clock, SystemClock};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::bench::upstream::{answer, whole_request};

const READ_AT_ONCE: usize = 16 * 1024;
/// What tokens live, but the first one of each tenant.
const LIFETIME: i64 = 86_399;

pub(super) struct Entra {
    url: String,
    cloud: Arc<Mutex<Cloud>>,
}

/// What was seen so far.
pub(super) struct Seen {
    /// Requests for a token.
    pub(super) asked: usize,
    /// Tenants that asked at all, and those that did twice: once for the first token, and once to renew it.
    pub(super) tenants: usize,
    pub(super) renewed_once: usize,
    /// Seconds that the first token had left when the second was asked for, where that was least.
    pub(super) least_left: f64,
    pub(super) calls: usize,
    /// Calls with a token that was over, or of another tenant.
    pub(super) bad: usize,
}

#[derive(Default)]
struct Cloud {
    first_end: Option<Timestamp>,
    asked: HashMap<String, u32>,
    least_left: Option<f64>,
    calls: usize,
    bad: usize,
}

impl Entra {
    /// It runs on a thread of its own as long as this program does.
    pub(super) fn start() -> Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let cloud = Arc::default();
        let shared = Arc::clone(&cloud);
        thread::spawn(move || {
            runtime.block_on(async {
                if let Ok(listener) = TcpListener::from_std(listener) {
                    serve(listener, &shared).await;
                }
            });
        });
        Ok(Self { url, cloud })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The first token of each tenant ends at `end`, from now on. What was asked before is forgotten.
    pub(super) fn first_end_at(&self, end: Timestamp) {
        *self.lock() = Cloud {
            first_end: Some(end),
            ..Cloud::default()
        };
    }

    pub(super) fn seen(&self) -> Seen {
        let cloud = self.lock();
        let asked = cloud.asked.values();
        Seen {
            asked: asked.clone().map(|number| *number as usize).sum(),
            tenants: asked.len(),
            renewed_once: asked.filter(|number| **number == 2).count(),
            least_left: cloud.least_left.unwrap_or(f64::NAN),
            calls: cloud.calls,
            bad: cloud.bad,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Cloud> {
        lock(&self.cloud)
    }
}

fn lock(cloud: &Mutex<Cloud>) -> MutexGuard<'_, Cloud> {
    cloud.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cloud {
    fn answer(&mut self, request: &str) -> Vec<u8> {
        let path = request.split(' ').nth(1).unwrap_or_default();
        if request.starts_with("POST") {
            let tenant = path.split('/').nth(1).unwrap_or_default();
            return answer(&self.token(tenant));
        }
        self.calls += 1;
        if is_good(request, path) {
            return answer("{\"id\":\"1\"}");
        }
        self.bad += 1;
        b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n".to_vec()
    }

    fn token(&mut self, tenant: &str) -> String {
        let now = SystemClock.now();
        let asked = self.asked.entry(tenant.to_owned()).or_default();
        *asked += 1;
        let left = self
            .first_end
            .map_or(LIFETIME, |end| end.duration_since(now).as_secs());
        let lives = if *asked == 1 { left } else { LIFETIME };
        if *asked == 2 {
            #[expect(clippy::cast_precision_loss, reason = "minutes")]
            let left = left as f64;
            self.least_left = Some(self.least_left.map_or(left, |least| least.min(left)));
        }
        let claims = json!({
            "aud": "https://graph.invalid", "tid": tenant, "idtyp": "app", "exp": now.as_second() + lives,
            "oid": "a0b1c2d3-0000-4000-8000-000000000000", "roles": ["Mail.Read"],
        });
        let parts = ["{}", &claims.to_string(), "signature"];
        let token = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        json!({ "token_type": "Bearer", "expires_in": lives, "access_token": token }).to_string()
    }
}

/// Whether the token has time left and is of the tenant whose name the path ends with.
fn is_good(request: &str, path: &str) -> bool {
    let mut lines = request.lines().filter_map(|line| line.split_once(": "));
    let header = lines.find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let payload = header.and_then(|(_, value)| value.split('.').nth(1));
    let claims = payload.and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
    let claims = claims.and_then(|claims| serde_json::from_slice::<Value>(&claims).ok());
    claims.is_some_and(|claims| {
        let tenant = claims["tid"].as_str();
        let ends = claims["exp"].as_i64();
        tenant.is_some_and(|tenant| path.ends_with(tenant))
            && ends.is_some_and(|ends| ends > SystemClock.now().as_second())
    })
}

async fn serve(listener: TcpListener, cloud: &Arc<Mutex<Cloud>>) {
    let mut open = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let cloud = Arc::clone(cloud);
        // The other end is done, or gone.
        open.spawn(async move { converse(stream, &cloud).await.ok() });
        while open.try_join_next().is_some() {}
    }
}

async fn converse(mut stream: TcpStream, cloud: &Mutex<Cloud>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(READ_AT_ONCE);
    loop {
        while let Some(length) = whole_request(&buffer) {
            let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
            buffer.drain(..length);
            let answer = lock(cloud).answer(&request);
            stream.write_all(&answer).await?;
        }
        if stream.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_own_tenant_while_it_lasts() {
        let mut cloud = Cloud {
            first_end: Some(SystemClock.now() + jiff::SignedDuration::from_secs(60)),
            ..Cloud::default()
        };
        let given: Value = serde_json::from_str(&cloud.token("one")).unwrap_or_default();
        let call = |path: &str| {
            let token = given["access_token"].as_str().unwrap_or_default();
            format!("GET {path} HTTP/1.1\r\nauthorization: Bearer {token}\r\n\r\n")
        };
        assert!(is_good(&call("/v1.0/users/one"), "/v1.0/users/one"));
        assert!(!is_good(&call("/v1.0/users/two"), "/v1.0/users/two"));
        assert!(!is_good("GET / HTTP/1.1\r\n\r\n", "/"));
        assert_eq!(
            given["expires_in"].as_i64().map(|secs| secs <= 60),
            Some(true)
        );
    }
}
