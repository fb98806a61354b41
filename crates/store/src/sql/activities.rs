mod insert;
mod line;

pub(crate) use insert::Inserts;

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{Activity, ActivityId, Phase, WorkspaceId, WriterId};

use crate::row::Row;
use crate::statement::{Statement, json, statement};
use crate::transaction::{Dialect, Tx};
use crate::{Activities, ActivityFilter, ChainedActivity, Page, Result};
use line::{Intent, LINE, activity, chained};

/// The statement for one page of `workspace`'s log. It names only the conditions that are asked for, so that each
/// combination finds its index.
fn page_of(workspace: WorkspaceId, filter: &ActivityFilter, page: Page<ActivityId>) -> Statement {
    let mut select = statement(format!(
        "SELECT {LINE} FROM activities WHERE workspace_id = $1"
    ))
    .id(workspace);
    if let Some(after) = page.after {
        select = and(select, "id <").id(after);
    }
    if let Some(connection) = filter.connection {
        select = and(select, "connection_id =").id(connection);
    }
    if let Some(action) = filter.action.as_deref() {
        select = with_action(select, action);
    }
    if let Some(phase) = filter.phase {
        select = and(select, "phase =").bind(line::phase_id(phase));
    }
    if let Some(since) = filter.since {
        select = and(select, "at >=").bind(since);
    }
    let limit = format!(" ORDER BY id DESC LIMIT ${}", select.next_number());
    select.sql.to_mut().push_str(&limit);
    select.bind(page.limit)
}

/// One more condition, whose value is bound next.
fn and(mut select: Statement, condition: &str) -> Statement {
    let number = select.next_number();
    select.sql = format!("{} AND {condition} ${number}", select.sql).into();
    select
}

/// What begins with `mail.` lies between `mail.` and `mail/`, the character that follows the dot.
fn with_action(select: Statement, action: &str) -> Statement {
    match action.strip_suffix('.') {
        None => and(select, "action =").bind(action),
        Some(stem) => {
            and(and(select, "action >=").bind(action), "action <").bind(format!("{stem}/"))
        }
    }
}

/// The intents in `lines` that `pick` finds; `None` when there are none, which spares a statement.
fn intents(
    lines: &[ChainedActivity],
    pick: impl Fn(&Activity) -> Option<ActivityId>,
) -> Option<String> {
    let intents: Vec<_> = lines
        .iter()
        .filter_map(|chained| pick(&chained.line).map(|id| Intent::new(chained, id)))
        .collect();
    (!intents.is_empty()).then(|| json(&intents))
}

/// The last line of each chain among `lines`.
fn heads(lines: &[ChainedActivity]) -> impl Iterator<Item = &ChainedActivity> {
    let mut last = BTreeMap::new();
    for chained in lines {
        last.insert((chained.line.workspace_id, chained.link.writer), chained);
    }
    last.into_values()
}

fn opened(line: &Activity) -> Option<ActivityId> {
    (line.phase == Phase::Intent).then_some(line.id)
}

fn closed(line: &Activity) -> Option<ActivityId> {
    line.intent_id.filter(|_| line.phase == Phase::Result)
}

#[async_trait]
impl<D: Dialect> Activities for Tx<D> {
    async fn append_activities(&mut self, lines: &[ChainedActivity]) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        for insert in D::inserts().of(lines) {
            self.execute(insert).await?;
        }
        for head in heads(lines) {
            let upsert = statement(
                "INSERT INTO chain_heads (workspace_id, writer, seq, hash) VALUES ($1, $2, $3, $4)
                ON CONFLICT (workspace_id, writer) DO UPDATE SET seq = excluded.seq, hash = excluded.hash
                WHERE chain_heads.seq < excluded.seq",
            )
            .id(head.line.workspace_id)
            .id(head.link.writer)
            .bind(head.link.seq)
            .bind(head.link.hash);
            self.execute(upsert).await?;
        }
        if let Some(opened) = intents(lines, opened) {
            let open = format!(
                "INSERT INTO open_intents (workspace_id, activity_id, writer)
                SELECT workspace_id, id, writer FROM {} AS opened",
                D::INTENTS
            );
            self.execute(statement(open).bind(opened)).await?;
        }
        if let Some(closed) = intents(lines, closed) {
            // Two processes may close what a third one left open.
            if !D::HOLD.to_remove.is_empty() {
                let hold = format!(
                    "SELECT activity_id FROM open_intents
                    WHERE (workspace_id, activity_id) IN (SELECT workspace_id, id FROM {} AS closed)
                    ORDER BY workspace_id, activity_id {}",
                    D::INTENTS,
                    D::HOLD.to_remove
                );
                self.all(statement(hold).bind(closed.as_str()), |_| Ok(()))
                    .await?;
            }
            let close = format!(
                "DELETE FROM open_intents
                WHERE (workspace_id, activity_id) IN (SELECT workspace_id, id FROM {} AS closed)",
                D::INTENTS
            );
            self.execute(statement(close).bind(closed)).await?;
        }
        Ok(())
    }

    async fn activities(
        &mut self,
        workspace: WorkspaceId,
        filter: &ActivityFilter,
        page: Page<ActivityId>,
    ) -> Result<Vec<Activity>> {
        self.all(page_of(workspace, filter, page), activity).await
    }

    async fn activity(
        &mut self,
        workspace: WorkspaceId,
        id: ActivityId,
    ) -> Result<Option<Activity>> {
        let select = format!("SELECT {LINE} FROM activities WHERE workspace_id = $1 AND id = $2");
        self.first(statement(select).id(workspace).id(id), activity)
            .await
    }

    async fn result_of(
        &mut self,
        workspace: WorkspaceId,
        intent: ActivityId,
    ) -> Result<Option<Activity>> {
        let select = format!(
            "SELECT {LINE} FROM activities WHERE workspace_id = $1 AND intent_id = $2 AND phase = 'result'
            ORDER BY id LIMIT 1"
        );
        self.first(statement(select).id(workspace).id(intent), activity)
            .await
    }

    async fn chain(
        &mut self,
        workspace: WorkspaceId,
        writer: WriterId,
        from_seq: i64,
        limit: i64,
    ) -> Result<Vec<ChainedActivity>> {
        let select = format!(
            "SELECT {LINE}, writer, seq, prev_hash, hash FROM activities
            WHERE workspace_id = $1 AND writer = $2 AND seq >= $3 ORDER BY seq LIMIT $4"
        );
        let select = statement(select)
            .id(workspace)
            .id(writer)
            .bind(from_seq)
            .bind(limit);
        self.all(select, chained).await
    }

    async fn chain_writers(&mut self, workspace: WorkspaceId) -> Result<Vec<WriterId>> {
        let select =
            "SELECT DISTINCT writer FROM activities WHERE workspace_id = $1 ORDER BY writer";
        self.all(statement(select).id(workspace), |row| row.parsed("writer"))
            .await
    }

    async fn orphaned_intents(&mut self, alive: &[WriterId], limit: i64) -> Result<Vec<Activity>> {
        let select = format!(
            "SELECT {LINE} FROM activities WHERE (workspace_id, id) IN (
                SELECT workspace_id, activity_id FROM open_intents
                WHERE writer NOT IN (SELECT value FROM {} AS alive)
                ORDER BY activity_id LIMIT $2)
            ORDER BY id",
            D::TEXTS
        );
        self.all(statement(select).bind(json(&alive)).bind(limit), activity)
            .await
    }
}
