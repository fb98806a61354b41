use async_trait::async_trait;
use jiff::Timestamp;
use model::{Event, EventId, Webhook, WebhookId, WorkspaceId};

use crate::row::Row;
use crate::statement::statement;
use crate::transaction::{Dialect, Tx};
use crate::{Delivery, DeliveryState, Events, Page, Result, SealedWebhook};

const EVENT: &str = "workspace_id, id, kind, at, connection_id, data";
const WEBHOOK: &str = "workspace_id, id, url, kinds, disabled_at, data_key_id, sealed, created_at";

fn event(row: &impl Row) -> Result<Event> {
    Ok(Event {
        id: row.parsed("id")?,
        workspace_id: row.parsed("workspace_id")?,
        kind: row.named("kind")?,
        at: row.instant("at")?,
        connection_id: row.parsed("connection_id")?,
        data: row.json("data")?,
    })
}

fn webhook(row: &impl Row) -> Result<SealedWebhook> {
    let webhook = Webhook {
        id: row.parsed("id")?,
        workspace_id: row.parsed("workspace_id")?,
        url: row.text("url")?,
        kinds: row.maybe_json("kinds")?,
        disabled_at: row.maybe_instant("disabled_at")?,
        data_key_id: row.maybe_parsed("data_key_id")?,
        created_at: row.instant("created_at")?,
    };
    Ok(SealedWebhook {
        webhook,
        sealed: row.sealed("sealed")?,
    })
}

#[async_trait]
impl<D: Dialect> Events for Tx<D> {
    async fn add_event(&mut self, event: &Event) -> Result<()> {
        // The row stays locked until this is committed, so that positions are in the order of commits and a reader who has
        // seen one has seen all before it.
        let next = statement(
            "INSERT INTO event_positions (workspace_id, last) VALUES ($1, 1)
            ON CONFLICT (workspace_id) DO UPDATE SET last = event_positions.last + 1
            RETURNING last",
        )
        .id(event.workspace_id);
        let position = self.first(next, |row| row.integer("last")).await?;
        let insert =
            format!("INSERT INTO events ({EVENT}, position) VALUES ($1, $2, $3, $4, $5, $6, $7)");
        let insert = statement(insert)
            .id(event.workspace_id)
            .id(event.id)
            .bind(event.kind.id())
            .bind(event.at)
            .id(event.connection_id)
            .json(&event.data)
            .bind(position.unwrap_or(1));
        self.execute(insert).await?;
        // Those that are being removed get nothing; the others stay until this is committed.
        let select = format!(
            "SELECT {WEBHOOK} FROM webhooks WHERE workspace_id = $1 ORDER BY id {}",
            D::HOLD.to_refer
        );
        let wanted = self
            .all(statement(select).id(event.workspace_id), webhook)
            .await?;
        let wanted = wanted
            .into_iter()
            .map(|known| known.webhook)
            .filter(|webhook| {
                webhook.disabled_at.is_none()
                    && webhook
                        .kinds
                        .as_ref()
                        .is_none_or(|kinds| kinds.contains(&event.kind))
            });
        for webhook in wanted {
            let insert = statement(
                "INSERT INTO deliveries (workspace_id, webhook_id, event_id, attempts, next_at) VALUES ($1, $2, $3, 0, $4)",
            )
            .id(event.workspace_id)
            .id(webhook.id)
            .id(event.id)
            .bind(event.at);
            self.execute(insert).await?;
        }
        Ok(())
    }

    async fn events(&mut self, workspace: WorkspaceId, page: Page<EventId>) -> Result<Vec<Event>> {
        // After one that is not kept any more come all that are: better twice than never.
        let select = format!(
            "SELECT {EVENT} FROM events WHERE workspace_id = $1 AND position > coalesce(
                (SELECT position FROM events WHERE workspace_id = $1 AND id = $2), 0)
            ORDER BY position LIMIT $3"
        );
        let select = statement(select)
            .id(workspace)
            .bind(page.lower_bound())
            .bind(page.limit);
        self.all(select, event).await
    }

    async fn latest_events(&mut self, workspace: WorkspaceId, limit: i64) -> Result<Vec<Event>> {
        let select =
            format!("SELECT {EVENT} FROM events WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2");
        self.all(statement(select).id(workspace).bind(limit), event)
            .await
    }

    async fn purge_events(&mut self, before: Timestamp) -> Result<u64> {
        let free = D::HOLD.what_is_free;
        let deliveries = format!(
            "DELETE FROM deliveries WHERE (workspace_id, webhook_id, event_id) IN (
                SELECT workspace_id, webhook_id, event_id FROM deliveries
                WHERE (workspace_id, event_id) IN (SELECT workspace_id, id FROM events WHERE at < $1) {free})"
        );
        self.execute(statement(deliveries).bind(before)).await?;
        // One that is being delivered at this moment goes next time.
        let events = format!(
            "DELETE FROM events WHERE (workspace_id, id) IN (
                SELECT workspace_id, id FROM events WHERE at < $1 AND NOT EXISTS (
                    SELECT 1 FROM deliveries
                    WHERE deliveries.workspace_id = events.workspace_id AND deliveries.event_id = events.id) {free})"
        );
        self.execute(statement(events).bind(before)).await
    }

    async fn create_webhook(&mut self, new: &SealedWebhook) -> Result<()> {
        let insert =
            format!("INSERT INTO webhooks ({WEBHOOK}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
        let insert = statement(insert)
            .id(new.webhook.workspace_id)
            .id(new.webhook.id)
            .bind(new.webhook.url.as_str())
            .maybe_json(new.webhook.kinds.as_ref())
            .bind(new.webhook.disabled_at)
            .maybe_id(new.webhook.data_key_id)
            .bind(&new.sealed)
            .bind(new.webhook.created_at);
        self.execute(insert).await.map(drop)
    }

    async fn webhooks(&mut self, workspace: WorkspaceId) -> Result<Vec<SealedWebhook>> {
        let select = format!("SELECT {WEBHOOK} FROM webhooks WHERE workspace_id = $1 ORDER BY id");
        self.all(statement(select).id(workspace), webhook).await
    }

    async fn delete_webhook(&mut self, workspace: WorkspaceId, id: WebhookId) -> Result<bool> {
        self.delete_data_keys_of(workspace, &id.to_string()).await?;
        let delete = statement("DELETE FROM webhooks WHERE workspace_id = $1 AND id = $2")
            .id(workspace)
            .id(id);
        self.changes(delete).await
    }

    async fn disable_webhook(
        &mut self,
        workspace: WorkspaceId,
        id: WebhookId,
        at: Timestamp,
    ) -> Result<bool> {
        let update = "UPDATE webhooks SET disabled_at = $3 WHERE workspace_id = $1 AND id = $2";
        let is_there = self
            .changes(statement(update).id(workspace).id(id).bind(at))
            .await?;
        let pending = "DELETE FROM deliveries WHERE workspace_id = $1 AND webhook_id = $2";
        self.execute(statement(pending).id(workspace).id(id))
            .await?;
        Ok(is_there)
    }

    async fn take_deliveries(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<Delivery>> {
        // Whoever comes second passes over what the first one takes.
        let take = statement(format!(
            "UPDATE deliveries SET next_at = $2 WHERE next_at <= $1 AND (workspace_id, webhook_id, event_id) IN (
                SELECT workspace_id, webhook_id, event_id FROM deliveries WHERE next_at <= $1 ORDER BY next_at LIMIT $3 {})
            RETURNING workspace_id, webhook_id, event_id, attempts",
            D::HOLD.what_is_free
        ))
        .bind(now)
        .bind(until)
        .bind(limit);
        let taken = self
            .all(take, |row| {
                let workspace: WorkspaceId = row.parsed("workspace_id")?;
                let webhook: WebhookId = row.parsed("webhook_id")?;
                let event: EventId = row.parsed("event_id")?;
                Ok((workspace, webhook, event, row.integer("attempts")?))
            })
            .await?;
        let mut deliveries = Vec::with_capacity(taken.len());
        for (workspace, webhook_id, event_id, attempts) in taken {
            let select =
                format!("SELECT {WEBHOOK} FROM webhooks WHERE workspace_id = $1 AND id = $2");
            let select = statement(select).id(workspace).id(webhook_id);
            let known = self.first(select, webhook).await?;
            let select = format!("SELECT {EVENT} FROM events WHERE workspace_id = $1 AND id = $2");
            let select = statement(select).id(workspace).id(event_id);
            let told = self.first(select, event).await?;
            deliveries.extend(known.zip(told).map(|(webhook, event)| Delivery {
                webhook,
                event,
                attempts,
            }));
        }
        Ok(deliveries)
    }

    async fn postpone_delivery(&mut self, delivery: &Delivery, next_at: Timestamp) -> Result<bool> {
        let update = statement(
            "UPDATE deliveries SET attempts = $4, next_at = $5
            WHERE workspace_id = $1 AND webhook_id = $2 AND event_id = $3",
        )
        .id(delivery.event.workspace_id)
        .id(delivery.webhook.webhook.id)
        .id(delivery.event.id)
        .bind(delivery.attempts + 1)
        .bind(next_at);
        self.changes(update).await
    }

    async fn end_delivery(&mut self, delivery: &Delivery) -> Result<bool> {
        let delete = statement(
            "DELETE FROM deliveries WHERE workspace_id = $1 AND webhook_id = $2 AND event_id = $3",
        )
        .id(delivery.event.workspace_id)
        .id(delivery.webhook.webhook.id)
        .id(delivery.event.id);
        self.changes(delete).await
    }

    async fn deliveries_to(
        &mut self,
        workspace: WorkspaceId,
        webhook: WebhookId,
        limit: i64,
    ) -> Result<Vec<DeliveryState>> {
        let select = statement(
            "SELECT d.event_id, e.kind, e.at, d.attempts, d.next_at FROM deliveries d
            JOIN events e ON e.workspace_id = d.workspace_id AND e.id = d.event_id
            WHERE d.workspace_id = $1 AND d.webhook_id = $2 ORDER BY d.next_at, d.event_id LIMIT $3",
        )
        .id(workspace)
        .id(webhook)
        .bind(limit);
        self.all(select, |row| {
            Ok(DeliveryState {
                event_id: row.parsed("event_id")?,
                kind: row.named("kind")?,
                timestamp: row.instant("at")?,
                attempts: row.integer("attempts")?,
                next_at: row.instant("next_at")?,
            })
        })
        .await
    }

    async fn count_deliveries(&mut self) -> Result<i64> {
        let count = statement("SELECT count(*) AS number FROM deliveries");
        let number = self.first(count, |row| row.integer("number")).await?;
        Ok(number.unwrap_or(0))
    }
}
