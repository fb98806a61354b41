//! Changes since last time: a delta query whose place is kept under a name.
//!
//! A round is a stream of items that ends with a line of ours, which holds the next place, sealed. It is kept when whoever read
//! the round brings it back, and not before: who dies in between reads the same changes again, and none is lost. A place that
//! Microsoft no longer knows begins anew with everything, after a line that says so.
//!
//! Source: <https://learn.microsoft.com/graph/delta-query-overview>

mod cursor;
mod expiry;

use bytes::Bytes;
use catalog::Operation;
use connections::Caller;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use model::ConnectionId;
use serde_json::{Map, Value, json};

pub use self::cursor::Cursor;
use self::cursor::{Place, Start};
use self::expiry::Expired;
use crate::{Call, Error, Result, Runner, pages};

/// What a stream of changes has to keep between two pages.
struct Round {
    runner: Runner,
    caller: Caller,
    connection: ConnectionId,
    operation: &'static Operation,
    input: Map<String, Value>,
    name: String,
    start: Start,
    /// Where the next page is; none for the first of everything.
    cursor: Option<String>,
    /// Once a round, or a place that is never known would never end it.
    has_begun_anew: bool,
    ends: Ends,
}

enum Ends {
    NotYet,
    /// All items are on their way; this is what comes next time.
    With(Option<String>),
    Done,
}

impl Runner {
    /// What changed since the place kept under `name`, one item a line; everything, the first time. The last line is
    /// `{"@consentry.delta":{"name","keep"}}`: [`keep_cursor`](Self::keep_cursor) takes what is in `keep`. A line
    /// `{"@consentry.resync":{"code","message"}}` says that what follows is everything.
    pub async fn changes(
        &self,
        call: &Call<'_>,
        name: &str,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        let operation = delta_operation(call.operation)?;
        let start = self.start(call, name).await?;
        let round = Round {
            runner: self.clone(),
            caller: call.caller.clone(),
            connection: call.connection,
            operation,
            input: call.input.clone(),
            name: name.to_owned(),
            cursor: start.link.as_deref().map(pages::encode),
            start,
            has_begun_anew: false,
            ends: Ends::NotYet,
        };
        let lines = stream::try_unfold(round, |mut round| async move {
            let lines = round.next().await?;
            Ok(lines.map(|lines| (lines, round)))
        });
        Ok(lines.boxed())
    }
}

fn delta_operation(id: &str) -> Result<&'static Operation> {
    let operation = catalog::operation(id).ok_or_else(|| Error::OperationNotFound {
        id: id.to_owned(),
        nearest: catalog::nearest(id, 3),
    })?;
    if operation.delta {
        return Ok(operation);
    }
    Err(Error::Input {
        code: "invalid_input",
        field: Some("delta".to_owned()),
        message: format!("`{id}` does not tell of changes"),
    })
}

impl Round {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        match std::mem::replace(&mut self.ends, Ends::Done) {
            Ends::Done => Ok(None),
            Ends::With(Some(link)) => self.last_line(link).await.map(Some),
            Ends::With(None) => Err(Error::Unexpected(
                "the changes ended without saying where they go on".to_owned(),
            )),
            Ends::NotYet => self.page().await.map(Some),
        }
    }

    async fn page(&mut self) -> Result<Bytes> {
        let call = Call {
            caller: &self.caller,
            connection: self.connection,
            operation: self.operation.id,
            input: self.input.clone(),
            cursor: self.cursor.as_deref(),
            idempotency_key: None,
        };
        let answer = match self.runner.page(&call).await {
            Ok(answer) => answer,
            Err(error) => return self.begin_anew(error).await,
        };
        let page = pages::lines(answer.body)?;
        self.ends = match page.next {
            Some(_) => Ends::NotYet,
            None => Ends::With(page.delta),
        };
        self.cursor = page.next.as_deref().map(pages::encode);
        Ok(page.items)
    }

    /// Everything from the beginning, where the error says that the place is no longer known.
    async fn begin_anew(&mut self, error: Error) -> Result<Bytes> {
        let expired = Expired::read(&error);
        let Some(expired) = expired.filter(|_| self.cursor.is_some() && !self.has_begun_anew)
        else {
            return Err(error);
        };
        self.has_begun_anew = true;
        self.cursor = None;
        self.ends = Ends::NotYet;
        tracing::info!(
            operation.id = self.operation.id,
            code = expired.code,
            "a delta query begins anew"
        );
        let snapshot = self.runner.seen(&self.caller, self.connection).await?;
        let (caller, name) = (&self.caller, &self.name);
        self.runner
            .told(caller, &snapshot, "cursor.reset", name, None)
            .await?;
        Ok(line(&json!({ "@consentry.resync": expired.told() })))
    }

    async fn last_line(&self, link: String) -> Result<Bytes> {
        let place = Place {
            operation: self.operation.id.to_owned(),
            input: self.start.input,
            round: self.start.round + 1,
            began: self.start.began,
            link,
        };
        let keep = self
            .runner
            .sealed(&self.caller, self.connection, &self.name, &place)
            .await?;
        Ok(line(
            &json!({ "@consentry.delta": { "name": self.name, "keep": keep } }),
        ))
    }
}

fn line(value: &Value) -> Bytes {
    let mut line = value.to_string();
    line.push('\n');
    line.into()
}
