//! Members of a raw batch that were refused for their token. Nothing of what passed is sent again: whoever sends it again finds a
//! new token, or a connection that waits for somebody.

use std::sync::Arc;

use bytes::Bytes;
use connections::{Snapshot, Token};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use http::StatusCode;
use microsoft::graph::claims_challenge;
use microsoft::odata::{Reply, json_replies};

use crate::exchange::explained;
use crate::runner::Parts;
use crate::{Result, wire};

/// Longest answer that is looked into, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;

struct Passing {
    bytes: BoxStream<'static, Result<Bytes>>,
    /// None once it is too long.
    seen: Option<Vec<u8>>,
    parts: Parts,
    snapshot: Arc<Snapshot>,
    token: Arc<Token>,
}

/// An answer as it comes, which is looked into when it has passed. The batch was sent with `token`.
pub(super) fn watched(
    parts: &Parts,
    snapshot: &Arc<Snapshot>,
    token: Arc<Token>,
    bytes: BoxStream<'static, Result<Bytes>>,
) -> BoxStream<'static, Result<Bytes>> {
    let passing = Passing {
        bytes,
        seen: Some(Vec::new()),
        parts: parts.clone(),
        snapshot: Arc::clone(snapshot),
        token,
    };
    let pass = |mut passing: Passing| async move {
        let Some(piece) = passing.bytes.next().await else {
            let seen = passing.seen.unwrap_or_default();
            look(&passing.parts, &passing.snapshot, &passing.token, &seen).await;
            return None;
        };
        passing.note(piece.as_ref().ok());
        Some((piece, passing))
    };
    stream::unfold(passing, pass).boxed()
}

impl Passing {
    fn note(&mut self, piece: Option<&Bytes>) {
        let fits = |seen: &Vec<u8>| piece.is_some_and(|it| seen.len() + it.len() <= LONGEST);
        self.seen = self.seen.take().filter(fits);
        if let (Some(seen), Some(piece)) = (&mut self.seen, piece) {
            seen.extend_from_slice(piece);
        }
    }
}

/// Replaces `token` where a member was refused it; where it was minted for that very challenge, the connection waits. What Entra
/// says of it is written on the connection.
pub(super) async fn look(parts: &Parts, snapshot: &Arc<Snapshot>, token: &Token, answer: &[u8]) {
    let replies = json_replies(answer).unwrap_or_default();
    let refused: Vec<&Reply> = replies
        .iter()
        .filter(|reply| reply.status == StatusCode::UNAUTHORIZED)
        .collect();
    if refused.is_empty() {
        return;
    }
    let challenge = refused
        .iter()
        .find_map(|reply| Some((*reply, claims_challenge(&reply.headers)?)));
    if let Some((reply, claims)) = &challenge
        && wire::is_met(token, claims, 0)
    {
        let told = (reply.status, &reply.headers);
        let error = explained(snapshot, None, None, told, reply.body.clone(), None);
        wire::waits_for_somebody(parts, snapshot, error).await;
        return;
    }
    let claims = challenge.map(|(_, claims)| claims);
    if let Err(error) = wire::another(parts, snapshot, token, claims.as_deref()).await {
        tracing::debug!(%error, "a batch had members that were refused their token, and there is no other");
    }
}
