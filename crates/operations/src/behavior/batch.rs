//! Several operations in one request. Each is checked, decided and recorded like a call of its own; what they share is the
//! envelope.
//!
//! Members that Microsoft throttled are asked for again, and so are reads that met trouble, and once those that were refused for
//! their token. A write that may have happened is
//! not: its member says so. Order is kept, and a member whose predecessor failed is not sent.
//!
//! | | at once | a failure |
//! |---|---|---|
//! | Graph | 20, further ones in further batches | stops those that depend on it |
//! | Dataverse | 1,000 | stops those after it, unless told to go on |
//! | Dataverse, change set | 1,000 | undoes all |
//! | Business Central | 100 | stops those after it, unless told to go on; with `isolation` undoes all |

mod envelope;
mod fate;
mod lines;
mod member;
mod order;
mod reference;
mod run;
mod token;
mod whole;

use model::RemoteIds;
use serde_json::{Value, json};

pub(crate) use self::member::{Batch, prepare};
use super::answered;
use crate::ready::Ready;
use crate::runner::Parts;
use crate::{Answer, Error, Result};

/// How a service writes a batch, and what it does at a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Graph,
    Dataverse,
    ChangeSet,
    BusinessCentral,
}

impl Form {
    /// `None` for a behaviour that is no batch.
    pub(crate) fn of(behavior: Option<&str>) -> Option<Self> {
        match behavior? {
            "graph_batch" => Some(Self::Graph),
            "dataverse_batch" => Some(Self::Dataverse),
            "dataverse_changeset" => Some(Self::ChangeSet),
            "business_central_batch" => Some(Self::BusinessCentral),
            _ => None,
        }
    }

    /// Requests in one envelope.
    fn most(self) -> usize {
        match self {
            Self::Graph => 20,
            Self::Dataverse | Self::ChangeSet => 1_000,
            Self::BusinessCentral => 100,
        }
    }

    fn is_multipart(self) -> bool {
        matches!(self, Self::Dataverse | Self::ChangeSet)
    }
}

/// Sends what was decided. An error only where nothing was done, or where nothing at all is known.
pub(super) async fn send(parts: &Parts, ready: &Ready) -> Result<(Answer, RemoteIds)> {
    let batch = ready
        .batch
        .as_ref()
        .ok_or_else(|| Error::Unexpected("a batch without members".to_owned()))?;
    let begun = lines::announce(parts, ready, batch).await?;
    let mut run = run::Run::new(parts, ready, batch);
    let outcome = if batch.is_whole {
        whole::send(&mut run).await
    } else {
        run.all().await
    };
    let fates = run.into_fates(outcome.as_ref().err());
    lines::tell(parts, batch, &begun, &fates).await?;
    let remote = outcome?;
    Ok((answered(200, &told(ready, batch, &fates)), remote))
}

fn told(ready: &Ready, batch: &Batch, fates: &[fate::Fate]) -> Value {
    let members = batch.members.iter().zip(fates);
    let responses: Vec<_> = members
        .map(|(member, fate)| fate.to_json(&ready.snapshot, member))
        .collect();
    json!({ "responses": responses })
}
