use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, sleep, timeout};

use super::error::Attempted;
use super::response::Waits;
use super::retry::Ending;
use super::retry_after::retry_after;
use super::{Body, Incoming, IncomingBody, Outgoing, Repeat, Transport, TransportError};
use crate::budget::{Charge, Pass, Signals};
use crate::cloud::{is_link_local, is_safe_scheme};

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const RETURN_CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("return-client-request-id");
const LARGE: usize = 1024 * 1024;

impl Transport {
    /// The answer to one request, whatever its status; repeated inside its deadline as the retry policy says.
    pub async fn send(&self, request: Outgoing) -> Result<Incoming, TransportError> {
        let mut sending = self.prepare(request)?;
        loop {
            let pass = self.turn(&sending).await?;
            let result = self.once(&mut sending, pass).await;
            let ending = match &result {
                Ok(answer) => Ending::Answered(answer.status, answer.retry_after),
                Err(failure) if failure.sent => Ending::Lost,
                Err(_) => Ending::NotSent,
            };
            sending.log(ending);
            let pause = if sending.body.is_spent() {
                None
            } else {
                self.0.options.retry.pause(
                    sending.repeat,
                    ending,
                    sending.request.attempts,
                    sending.remaining(),
                    &*self.0.random,
                )
            };
            match pause {
                Some(pause) => {
                    // What it was answered counts from now, and not from the end of the pause.
                    drop(result);
                    sleep(pause).await;
                }
                None => return result.map_err(|failure| failure.into_error(sending.attempted())),
            }
        }
    }

    fn prepare(&self, mut request: Outgoing) -> Result<Sending<'_>, TransportError> {
        let beside = request.beside_this_machine && is_link_local(&request.url);
        if !is_safe_scheme(&request.url) && !beside {
            return Err(request.invalid("only https is spoken beyond this machine"));
        }
        if !request.url.username().is_empty() || request.url.password().is_some() {
            return Err(request.invalid("the URL holds user info"));
        }
        if request.headers.contains_key(AUTHORIZATION) || request.headers.contains_key(HOST) {
            return Err(request.invalid("the headers name a host or a credential"));
        }
        let mut attempted = request.attempted();
        let client = match self.0.clients.for_url(&request.url, beside) {
            Ok(client) => client,
            Err(reason) => {
                return Err(TransportError::Unreachable {
                    request: Box::new(attempted),
                    source: reason.into(),
                });
            }
        };
        let mut headers = mem::take(&mut request.headers);
        attempted.client_request_id = Some(self.name(&mut headers));
        authorize(&mut headers, &request)?;
        let started = Instant::now();
        let (body, content_type) = prepare_body(request.body);
        if let Some(content_type) = content_type {
            headers.entry(CONTENT_TYPE).or_insert(content_type);
        }
        let charges = mem::take(&mut request.charges);
        let template = (request.method, request.url, headers);
        Ok(Sending {
            client,
            template,
            body,
            repeat: request.repeat,
            request: attempted,
            charges,
            started,
            ends: started + request.deadline,
        })
    }

    /// Gives the request an id of its own, unless it has one; the same for every attempt, so that Microsoft's logs show
    /// them as one.
    fn name(&self, headers: &mut HeaderMap) -> String {
        headers
            .entry(RETURN_CLIENT_REQUEST_ID)
            .or_insert(HeaderValue::from_static("true"));
        let value = headers.entry(CLIENT_REQUEST_ID).or_insert_with(|| {
            let mut bytes = [0; 16];
            self.0.random.fill(&mut bytes);
            let id = uuid::Builder::from_random_bytes(bytes).into_uuid();
            HeaderValue::try_from(id.to_string()).expect("a UUID is plain ASCII")
        });
        value.to_str().unwrap_or_default().to_owned()
    }

    /// Waits until what the request draws on allows it.
    async fn turn(&self, sending: &Sending<'_>) -> Result<Option<Pass>, TransportError> {
        let budgets = &self.0.options.budgets;
        let turn = budgets.pass(&sending.charges, sending.ends).await;
        turn.map_err(|held| TransportError::Held {
            request: Box::new(sending.attempted()),
            budget: held.key.to_string(),
        })
    }

    async fn once(
        &self,
        sending: &mut Sending<'_>,
        mut pass: Option<Pass>,
    ) -> Result<Incoming, Failure> {
        sending.request.attempts += 1;
        let patience = self.0.options.request_timeout;
        let limit = if sending.body.is_large() {
            sending.remaining()
        } else {
            patience.min(sending.remaining())
        };
        let moved = sending.body.moved();
        let execution = sending.client.execute(sending.next_request());
        let execution = async {
            match moved {
                Some(moved) => while_it_moves(execution, &moved, patience).await,
                None => Some(execution.await),
            }
        };
        let mut response = match timeout(limit, execution).await {
            Ok(Some(Ok(response))) => response,
            Ok(Some(Err(error))) => return Err(Failure::of(error)),
            Ok(None) | Err(_) => return Err(Failure::timed_out()),
        };
        let headers = mem::take(response.headers_mut());
        let request = sending.attempted();
        let retry_after = retry_after(&headers, self.0.clock.now());
        if let Some(pass) = &mut pass {
            pass.heard(Signals::read(response.status(), retry_after, &headers));
        }
        Ok(Incoming {
            status: response.status(),
            retry_after,
            headers,
            attempts: request.attempts,
            elapsed: request.elapsed,
            client_request_id: request.client_request_id.clone(),
            token_id: None,
            body: IncomingBody::new(
                response,
                request,
                sending.started,
                Waits {
                    piece: patience,
                    ends: sending.ends,
                },
                pass,
            ),
        })
    }
}

/// A request on its way through its attempts.
struct Sending<'a> {
    client: &'a Client,
    template: (http::Method, url::Url, HeaderMap),
    body: Remaining,
    repeat: Repeat,
    request: Attempted,
    charges: Vec<Charge>,
    started: Instant,
    ends: Instant,
}

/// Waits for as long as the body's pieces keep being taken, and for `patience` once they are not.
async fn while_it_moves<T>(
    execution: impl Future<Output = T>,
    moved: &AtomicU64,
    patience: Duration,
) -> Option<T> {
    let mut execution = pin!(execution);
    loop {
        let before = moved.load(Ordering::Relaxed);
        if let Ok(done) = timeout(patience, &mut execution).await {
            return Some(done);
        }
        if moved.load(Ordering::Relaxed) == before {
            return None;
        }
    }
}

/// What is left to send.
enum Remaining {
    Bytes(Bytes),
    /// With the number of its pieces that were taken.
    Stream(reqwest::Body, Arc<AtomicU64>),
    /// The stream has been handed over.
    Spent,
}

impl Remaining {
    /// Whether sending it may take longer than waiting for an answer should.
    fn is_large(&self) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.len() >= LARGE,
            Self::Stream(..) | Self::Spent => true,
        }
    }

    fn moved(&self) -> Option<Arc<AtomicU64>> {
        match self {
            Self::Stream(_, moved) => Some(Arc::clone(moved)),
            _ => None,
        }
    }

    fn is_spent(&self) -> bool {
        matches!(self, Self::Spent)
    }
}

impl Sending<'_> {
    fn next_request(&mut self) -> reqwest::Request {
        let (method, url, headers) = self.template.clone();
        let mut request = reqwest::Request::new(method, url);
        *request.headers_mut() = headers;
        *request.body_mut() = match mem::replace(&mut self.body, Remaining::Spent) {
            Remaining::Bytes(bytes) => {
                self.body = Remaining::Bytes(bytes.clone());
                (!bytes.is_empty()).then(|| bytes.into())
            }
            Remaining::Stream(stream, _) => Some(stream),
            Remaining::Spent => None,
        };
        request
    }

    fn remaining(&self) -> Duration {
        self.ends.saturating_duration_since(Instant::now())
    }

    fn attempted(&self) -> Attempted {
        Attempted {
            elapsed: self.started.elapsed(),
            ..self.request.clone()
        }
    }

    fn log(&self, ending: Ending) {
        let status = match ending {
            Ending::Answered(status, _) => Some(status.as_u16()),
            _ => None,
        };
        tracing::debug!(
            http.method = %self.request.method,
            http.url = %self.request.url,
            http.status = status,
            attempt = self.request.attempts,
            client_request_id = self.request.client_request_id,
            duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "asked Microsoft"
        );
    }
}

/// Why an attempt got no answer.
struct Failure {
    /// False only where it is certain that nothing was sent.
    sent: bool,
    /// `None` when time ran out.
    source: Option<reqwest::Error>,
}

impl Failure {
    /// Only a connection that was never made proves that nothing was sent.
    fn of(error: reqwest::Error) -> Self {
        let sent = !error.is_connect() && !error.is_builder();
        let timed_out = error.is_timeout();
        Self {
            sent,
            source: (!timed_out).then(|| error.without_url()),
        }
    }

    fn timed_out() -> Self {
        Self {
            sent: true,
            source: None,
        }
    }

    fn into_error(self, request: Attempted) -> TransportError {
        let request = Box::new(request);
        match self {
            Self { sent, source: None } => TransportError::TimedOut { request, sent },
            Self {
                sent: true,
                source: Some(error),
            } => TransportError::Interrupted {
                request,
                source: error.into(),
            },
            Self {
                sent: false,
                source: Some(error),
            } => TransportError::Unreachable {
                request,
                source: error.into(),
            },
        }
    }
}

fn prepare_body(body: Body) -> (Remaining, Option<HeaderValue>) {
    match body {
        Body::Empty => (Remaining::Bytes(Bytes::new()), None),
        Body::Bytes(bytes) => (Remaining::Bytes(bytes), None),
        Body::Json(value) => (
            Remaining::Bytes(value.to_string().into()),
            Some(HeaderValue::from_static("application/json")),
        ),
        Body::Stream(stream) => {
            let moved = Arc::new(AtomicU64::new(0));
            let counted = Arc::clone(&moved);
            let stream = stream.inspect(move |_| {
                counted.fetch_add(1, Ordering::Relaxed);
            });
            let body = reqwest::Body::wrap_stream(stream);
            (Remaining::Stream(body, moved), None)
        }
    }
}

fn authorize(headers: &mut HeaderMap, request: &Outgoing) -> Result<(), TransportError> {
    let Some(token) = &request.bearer else {
        return Ok(());
    };
    let text = SecretString::from(format!("Bearer {}", token.expose()));
    let mut value = HeaderValue::from_str(text.expose_secret())
        .map_err(|_| request.invalid("the token holds characters that no header can"))?;
    value.set_sensitive(true);
    headers.insert(AUTHORIZATION, value);
    Ok(())
}
