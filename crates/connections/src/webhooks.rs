//! Events sent to whoever asked, signed as Standard Webhooks has it, tried again with growing pauses, and given up in the end.
//!
//! Source: <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use microsoft::Outside;
use model::{Event, EventId, EventKind, Role, Webhook, WebhookId};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::json;
use store::{Delivery, DeliveryState, Page, Removal, SealedWebhook, repeated};
use url::Url;

use crate::seal::place;
use crate::{Caller, Context, Error, Result};

/// Webhooks of one workspace at most: every event costs a row for each.
const MOST: usize = 20;
/// Pauses between the tries, in seconds; after the last one the event is given up.
const PAUSES: [i64; 8] = [5, 60, 300, 1_800, 7_200, 18_000, 36_000, 36_000];
/// How long a try may take before another replica may try as well.
const TAKEN_FOR: SignedDuration = SignedDuration::from_mins(2);
const AT_ONCE: usize = 10;
const TURN: i64 = 50;

/// Where events go, and what signs them; the secret is shown this once.
#[derive(Debug, Serialize)]
pub struct NewWebhook {
    pub webhook: Webhook,
    pub secret: String,
}

/// Webhooks and the feed, as members see them.
#[derive(Clone)]
pub struct Webhooks {
    context: Context,
}

impl Webhooks {
    pub fn new(context: Context) -> Self {
        Self { context }
    }

    pub async fn list(&self, caller: &Caller) -> Result<Vec<Webhook>> {
        let stored = self
            .context
            .store
            .read()
            .await?
            .webhooks(caller.workspace_id)
            .await?;
        Ok(stored.into_iter().map(|stored| stored.webhook).collect())
    }

    pub async fn create(
        &self,
        caller: &Caller,
        url: &str,
        kinds: Option<Vec<EventKind>>,
    ) -> Result<NewWebhook> {
        allowed(caller)?;
        let outcome = self.make(caller, url, kinds).await;
        self.context
            .record(caller, "webhook.create", None, outcome.as_ref().err())
            .await?;
        outcome
    }

    pub async fn delete(&self, caller: &Caller, id: WebhookId) -> Result<()> {
        allowed(caller)?;
        let mut tx = self.context.store.write().await?;
        if !tx.delete_webhook(caller.workspace_id, id).await? {
            return Err(Error::NotFound {
                what: "webhook",
                id: id.to_string(),
            });
        }
        let removal = Removal::new(caller.workspace_id, id, self.context.now());
        tx.note_removal(&removal).await?;
        tx.commit().await?;
        self.context
            .record(caller, "webhook.delete", None, None)
            .await
    }

    /// What is on its way to an address, the next first.
    pub async fn deliveries(
        &self,
        caller: &Caller,
        id: WebhookId,
        limit: i64,
    ) -> Result<Vec<DeliveryState>> {
        let mut tx = self.context.store.read().await?;
        let known = tx.webhooks(caller.workspace_id).await?;
        if !known.iter().any(|stored| stored.webhook.id == id) {
            return Err(Error::NotFound {
                what: "webhook",
                id: id.to_string(),
            });
        }
        Ok(tx.deliveries_to(caller.workspace_id, id, limit).await?)
    }

    /// The latest events of connections that the caller may see, newest first.
    pub async fn latest(&self, caller: &Caller, limit: i64) -> Result<Vec<Event>> {
        reads_the_feed(caller)?;
        let mut tx = self.context.store.read().await?;
        let events = tx.latest_events(caller.workspace_id, limit).await?;
        Ok(in_scope(caller, events))
    }

    /// Events of connections that the caller may see, oldest first. Empty only where none follow: a reader who keeps the last
    /// event would come no further than a page of what is not for them.
    pub async fn feed(&self, caller: &Caller, page: Page<EventId>) -> Result<Vec<Event>> {
        reads_the_feed(caller)?;
        let mut tx = self.context.store.read().await?;
        let mut after = page.after;
        loop {
            let limit = page.limit;
            let events = tx
                .events(caller.workspace_id, Page { after, limit })
                .await?;
            let is_last = i64::try_from(events.len()).is_ok_and(|read| read < limit);
            after = events.last().map(|event| event.id);
            let seen = in_scope(caller, events);
            if is_last || !seen.is_empty() {
                return Ok(seen);
            }
        }
    }

    async fn make(
        &self,
        caller: &Caller,
        url: &str,
        kinds: Option<Vec<EventKind>>,
    ) -> Result<NewWebhook> {
        let context = &self.context;
        let url = checked(context.outside, url)?;
        let mut bytes = [0; 32];
        context.random.fill(&mut bytes);
        let secret = format!("whsec_{}", STANDARD.encode(bytes));
        let id = WebhookId::generate(&*context.clock, &*context.random);
        let mut tx = context.store.write().await?;
        if tx.webhooks(caller.workspace_id).await?.len() >= MOST {
            return Err(Error::Invalid {
                field: "url",
                message: format!("there are {MOST} webhooks already; remove one first"),
            });
        }
        let row = id.to_string();
        let (data_key_id, key) = context
            .seals
            .create(&mut *tx, caller.workspace_id, &row)
            .await?;
        let webhook = Webhook {
            id,
            workspace_id: caller.workspace_id,
            url: url.into(),
            kinds,
            disabled_at: None,
            data_key_id: Some(data_key_id),
            created_at: context.now(),
        };
        let sealed = key.seal(place::webhook(&row), secret.as_bytes());
        let stored = SealedWebhook {
            webhook: webhook.clone(),
            sealed,
        };
        tx.create_webhook(&stored).await?;
        tx.commit().await?;
        Ok(NewWebhook { webhook, secret })
    }
}

fn reads_the_feed(caller: &Caller) -> Result<()> {
    if caller.role >= Role::Admin || caller.role == Role::Auditor {
        return Ok(());
    }
    Err(Error::Forbidden {
        reason: format!(
            "the feed is read by the role `{}` or above, and by auditors",
            Role::Admin
        ),
    })
}

fn in_scope(caller: &Caller, events: Vec<Event>) -> Vec<Event> {
    let connections = caller.scope.connections.as_ref();
    events
        .into_iter()
        .filter(|event| connections.is_none_or(|ids| ids.contains(&event.connection_id)))
        .collect()
}

fn allowed(caller: &Caller) -> Result<()> {
    caller.may_change()?;
    if caller.role >= Role::Admin {
        return Ok(());
    }
    Err(Error::Forbidden {
        reason: format!(
            "webhooks are kept by the role `{}` or above; yours is `{}`",
            Role::Admin,
            caller.role
        ),
    })
}

fn checked(outside: Outside, text: &str) -> Result<Url> {
    let invalid = |message| Error::Invalid {
        field: "url",
        message,
    };
    if text.len() > 2_048 {
        return Err(invalid("is longer than 2,048 characters".to_owned()));
    }
    let unreadable = |error| {
        invalid(format!(
            "must be a whole address such as `https://example.com/hook`: {error}"
        ))
    };
    let url = Url::parse(text).map_err(unreadable)?;
    outside
        .check(&url)
        .map_err(|error| invalid(error.to_string()))?;
    Ok(url)
}

/// Sends what is due, some at once, each once. What fails comes back later.
pub(crate) async fn deliver(context: &Context) -> Result<()> {
    loop {
        let now = context.now();
        let mut tx = context.store.write().await?;
        let due = tx.take_deliveries(now, now + TAKEN_FOR, TURN).await?;
        tx.commit().await?;
        let is_last = i64::try_from(due.len()).is_ok_and(|taken| taken < TURN);
        let results: Vec<_> = stream::iter(due)
            .map(|delivery| async move { one(context, &delivery).await })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        results.into_iter().collect::<Result<()>>()?;
        if is_last {
            return Ok(());
        }
    }
}

async fn one(context: &Context, delivery: &Delivery) -> Result<()> {
    let webhook = &delivery.webhook.webhook;
    let sent = match (
        secret_of(context, &delivery.webhook).await,
        Url::parse(&webhook.url),
    ) {
        (Ok(secret), Ok(url)) => {
            let body = body(&delivery.event);
            let headers = signed(&secret, &delivery.event, &body, context.now());
            context
                .outside
                .post(&url, headers, body)
                .await
                .map_err(|error| error.to_string())
        }
        (Err(error), _) => Err(error.to_string()),
        (_, Err(error)) => Err(error.to_string()),
    };
    repeated(|| settle(context, delivery, &sent)).await
}

/// Writes down what became of a try.
async fn settle(
    context: &Context,
    delivery: &Delivery,
    sent: &std::result::Result<StatusCode, String>,
) -> Result<()> {
    let webhook = &delivery.webhook.webhook;
    let mut tx = context.store.write().await?;
    match (
        sent,
        PAUSES.get(usize::try_from(delivery.attempts).unwrap_or(usize::MAX)),
    ) {
        (Ok(status), _) if status.is_success() => {
            tx.end_delivery(delivery).await?;
        }
        // Whoever answers so wants no more.
        (Ok(StatusCode::GONE), _) => {
            tx.disable_webhook(webhook.workspace_id, webhook.id, context.now())
                .await?;
            tracing::warn!(webhook.id = %webhook.id, "a webhook answered 410 and is disabled");
        }
        (failed, Some(pause)) => {
            tracing::debug!(webhook.id = %webhook.id, attempts = delivery.attempts + 1, ?failed, "a webhook did not take an event");
            let next = context.now() + SignedDuration::from_secs(*pause);
            tx.postpone_delivery(delivery, next).await?;
        }
        (failed, None) => {
            tracing::warn!(webhook.id = %webhook.id, event.id = %delivery.event.id, ?failed, "an event is given up: its webhook never took it");
            tx.end_delivery(delivery).await?;
        }
    }
    Ok(tx.commit().await?)
}

async fn secret_of(context: &Context, stored: &SealedWebhook) -> Result<SecretString> {
    let webhook = &stored.webhook;
    let row = webhook.id.to_string();
    let lies = place::webhook(&row);
    context
        .seals
        .open_text(webhook.workspace_id, lies, &stored.sealed)
        .await
}

fn body(event: &Event) -> Bytes {
    let body = json!({ "type": event.kind, "timestamp": event.at, "data": event.data });
    body.to_string().into()
}

/// The headers of Standard Webhooks: the event's id, the second of this try, and the signature over both and the body.
fn signed(secret: &SecretString, event: &Event, body: &[u8], now: Timestamp) -> HeaderMap {
    let id = event.id.to_string();
    let at = now.as_second().to_string();
    let key = secret.expose_secret().trim_start_matches("whsec_");
    let key = zeroize::Zeroizing::new(STANDARD.decode(key).unwrap_or_default());
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &key));
    for part in [id.as_bytes(), b".", at.as_bytes(), b".", body] {
        context.update(part);
    }
    let signature = format!("v1,{}", STANDARD.encode(context.sign()));
    let named = [
        ("webhook-id", id),
        ("webhook-timestamp", at),
        ("webhook-signature", signature),
    ];
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    for (name, value) in named {
        let value = HeaderValue::try_from(value).expect("ids, digits and base64 are plain ASCII");
        headers.insert(HeaderName::from_static(name), value);
    }
    headers
}
