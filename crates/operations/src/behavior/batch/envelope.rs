//! A part of the members on the wire.

use std::sync::Arc;
use std::time::Duration;

use connections::Token;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode};
use microsoft::odata::{
    Part, Reply, change_set_body, json_body, json_replies, multipart_body, multipart_replies,
};
use microsoft::{Incoming, Repeat};
use model::RemoteIds;
use url::Url;

use super::member::Batch;
use super::{Form, member::Member};
use crate::exchange::{ANSWER_LIMIT, content_type, explained};
use crate::ready::Ready;
use crate::runner::Parts;
use crate::wire::{self, Wire};
use crate::{Error, Result, record};

pub(super) enum Sent {
    /// What each place was answered, in the order in which they were asked for, and the token that went along.
    Answered(Vec<Option<Reply>>, RemoteIds, Arc<Token>),
    /// The envelope itself was throttled: nothing of it was done.
    Throttled(Option<Duration>, Error),
}

/// Sends the members at `places` in one request.
pub(super) async fn send(
    parts: &Parts,
    ready: &Ready,
    batch: &Batch,
    places: &[usize],
) -> Result<Sent> {
    let members: Vec<_> = places.iter().map(|place| &batch.members[*place]).collect();
    let inner: Vec<(Method, Url)> = members
        .iter()
        .map(|member| (member.part.method.clone(), member.url.clone()))
        .collect();
    let wire = written(parts, ready, batch, &members)?;
    let (snapshot, permit) = (&ready.snapshot, &ready.permit);
    let (incoming, token) = wire::send_members(parts, snapshot, permit, &wire, &inner).await?;
    read(ready, places, incoming, token).await
}

fn written(parts: &Parts, ready: &Ready, batch: &Batch, members: &[&Member]) -> Result<Wire> {
    let listed: Vec<Part> = members.iter().map(|member| member.part.clone()).collect();
    let (text, body) = match batch.form {
        Form::Graph | Form::BusinessCentral => {
            let listed = within(listed);
            let body = json_body(&listed).to_string().into();
            ("application/json".to_owned(), body)
        }
        Form::Dataverse => {
            let boundary = boundary(parts, "batch");
            let body = multipart_body(&boundary, &listed);
            (multipart(&boundary), body)
        }
        Form::ChangeSet => {
            let (boundary, inside) = (boundary(parts, "batch"), boundary(parts, "changeset"));
            let body = change_set_body(&boundary, &inside, &listed);
            (multipart(&boundary), body)
        }
    };
    let content_type = HeaderValue::try_from(text)
        .map_err(|_| Error::Unexpected("a boundary cannot be sent".to_owned()))?;
    let mut headers = ready.wire.headers.clone();
    headers.insert(CONTENT_TYPE, content_type);
    let repeat = if members.iter().all(|member| member.may_repeat()) {
        Repeat::Safe
    } else if batch.form.is_multipart() && !batch.is_whole {
        // Its status may be that of a member, and those before it were done.
        Repeat::Unsent
    } else {
        Repeat::Never
    };
    Ok(Wire {
        headers,
        body: Some(body),
        repeat,
        ..ready.wire.clone()
    })
}

/// What they depend on outside of this request has succeeded.
fn within(mut listed: Vec<Part>) -> Vec<Part> {
    let ids: Vec<_> = listed.iter().map(|part| part.id).collect();
    for part in &mut listed {
        part.after.retain(|id| ids.contains(id));
    }
    listed
}

fn multipart(boundary: &str) -> String {
    format!("multipart/mixed;boundary=\"{boundary}\"")
}

/// No body holds it, since nobody can know it before.
fn boundary(parts: &Parts, word: &str) -> String {
    let mut bytes = [0; 16];
    parts.context.random.fill(&mut bytes);
    let id = u128::from_be_bytes(bytes);
    format!("{word}_{id:032x}")
}

async fn read(
    ready: &Ready,
    places: &[usize],
    incoming: Incoming,
    token: Arc<Token>,
) -> Result<Sent> {
    let remote = record::remote_ids(&incoming);
    let (status, headers, retry_after) = (incoming.status, incoming.headers, incoming.retry_after);
    let body = incoming.body.bytes(ANSWER_LIMIT).await?;
    let text = content_type(&headers).unwrap_or_default();
    let replies = if text.to_ascii_lowercase().starts_with("multipart/") {
        multipart_replies(&text, &body)
    } else if status.is_success() {
        json_replies(&body)
    } else {
        None
    };
    match replies {
        Some(replies) => Ok(Sent::Answered(placed(places, replies), remote, token)),
        None if status.is_success() => Err(Error::Uncertain {
            activity: None,
            message: "the answer to the batch cannot be read".to_owned(),
        }),
        None => {
            let secs = retry_after.map(|wait| wait.as_secs());
            let target = ready.permit.deed().target.as_deref();
            let snapshot = &ready.snapshot;
            let error = explained(
                snapshot,
                ready.operation,
                target,
                (status, &headers),
                body,
                secs,
            );
            if status == StatusCode::TOO_MANY_REQUESTS {
                Ok(Sent::Throttled(retry_after, error))
            } else {
                Err(error)
            }
        }
    }
}

/// Those that name whom they answer, and the others in their order.
fn placed(places: &[usize], replies: Vec<Reply>) -> Vec<Option<Reply>> {
    let mut told: Vec<Option<Reply>> = places.iter().map(|_| None).collect();
    let mut nameless = 0;
    for reply in replies {
        let at = if let Some(id) = reply.id {
            places.iter().position(|place| place + 1 == id)
        } else {
            nameless += 1;
            Some(nameless - 1)
        };
        if let Some(free) = at.and_then(|at| told.get_mut(at)) {
            *free = Some(reply);
        }
    }
    told
}
