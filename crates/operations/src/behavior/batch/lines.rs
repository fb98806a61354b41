//! The members' own lines in the activity log: for each the same as for a call of its own.

use futures_util::future::try_join_all;
use model::{Activity, RemoteIds};

use super::fate::Fate;
use super::member::Batch;
use crate::ready::Ready;
use crate::runner::Parts;
use crate::{Error, Result, record};

/// Commits the intent of each write before anything is sent. A line for each member comes back.
pub(super) async fn announce(parts: &Parts, ready: &Ready, batch: &Batch) -> Result<Vec<Activity>> {
    let context = &parts.context;
    let lines: Vec<_> = batch
        .members
        .iter()
        .map(|member| {
            let deed = member.ready.permit.deed();
            record::begun(context, &batch.caller, &ready.snapshot, deed)
        })
        .collect();
    let writes = lines.iter().zip(&batch.members);
    let writes = writes.filter(|(_, member)| !member.is_read());
    try_join_all(writes.map(|(line, _)| context.journal.record(line.clone()))).await?;
    Ok(lines)
}

/// Writes down how each has ended.
pub(super) async fn tell(
    parts: &Parts,
    batch: &Batch,
    begun: &[Activity],
    fates: &[Fate],
) -> Result<()> {
    let journal = &parts.context.journal;
    let mut results = Vec::new();
    for ((member, begun), fate) in batch.members.iter().zip(begun).zip(fates) {
        let error = fate.error(&member.ready.snapshot, member);
        let told = match (&error, fate.reply()) {
            (None, Some(reply)) => Ok((reply.status.as_u16(), remote_ids(fate))),
            (Some(error), _) => Err(error),
            (None, None) => continue,
        };
        let mut line = record::ended(&parts.context, begun, told);
        line.outcome = fate.outcome();
        if let Fate::NotSent(_) = fate {
            line.code = Some("not_sent".to_owned());
        }
        if member.is_read() {
            line.intent_id = None;
            journal.note(line).await;
        } else {
            results.push(journal.record(line));
        }
    }
    // Microsoft did it, and nobody would ever read so.
    try_join_all(results)
        .await
        .map_err(|error| Error::Uncertain {
            activity: None,
            message: error.to_string(),
        })?;
    Ok(())
}

fn remote_ids(fate: &Fate) -> RemoteIds {
    fate.reply()
        .map(|reply| record::ids_of(&reply.headers))
        .unwrap_or_default()
}
