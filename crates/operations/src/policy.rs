//! What a caller may do through a connection, decided before anything is sent and whatever Microsoft granted.
//!
//! A [`Permit`] is the only key to `wire`: no request on a user's behalf can be built without one, and nothing else makes
//! one. `permit` is asked in one way by all who send: for the request as it will leave, with all that it acts on. Limits by
//! kind, permission, key scope, site, mailbox, table and company live here.

mod answers;
mod dynamics;
mod expand;
mod grants;
mod known;
mod link;
mod lookup;
mod mailboxes;
mod path;
mod refusal;
mod sites;
mod tokens;
mod watched;
mod who;

use std::sync::Arc;

use catalog::{Operation, TargetKind};
use connections::{Caller, Snapshot};
use futures_util::FutureExt;
use model::{OperationKind, Policy};
use serde_json::Value;
use url::Url;

pub(crate) use known::Known;
pub(crate) use tokens::{TokenPermit, permit_token};
pub(crate) use who::fits;

use crate::runner::Parts;
use crate::{Error, Result};

/// What somebody wants done: for the decision, and for the log whichever way it goes.
#[derive(Debug, Clone)]
pub struct Deed {
    pub kind: OperationKind,
    /// The operation's id, or `raw.` and the method of a raw request.
    pub action: String,
    /// The mailbox, drive, site, table or company.
    pub target: Option<String>,
}

impl Deed {
    /// An operation on what the log may name of its target.
    pub(crate) fn of(operation: &'static Operation, target: Option<String>) -> Self {
        Self {
            kind: operation.kind,
            action: operation.id.to_owned(),
            target: target.map(|target| link::told(operation, target)),
        }
    }
}

/// A decision in favour: of one caller, through one connection, to do one thing.
#[derive(Debug)]
pub struct Permit(Deed);

impl Permit {
    pub fn deed(&self) -> &Deed {
        &self.0
    }

    /// What is decided as one may take several requests.
    pub(crate) fn to_part(&self) -> Self {
        Self(self.0.clone())
    }

    /// What is sent as one, each request of it permitted: a read if all are, and of their kind if all have the same.
    pub(crate) fn batch(action: String, of: &[Self]) -> Self {
        let deeds = || of.iter().map(Self::deed);
        let first = deeds()
            .next()
            .map_or(OperationKind::Action, |deed| deed.kind);
        let is_one_kind = deeds().all(|deed| deed.kind == first);
        let mut actions: Vec<_> = deeds().map(|deed| deed.action.as_str()).collect();
        actions.sort_unstable();
        actions.dedup();
        Self(Deed {
            kind: if is_one_kind {
                first
            } else {
                OperationKind::Action
            },
            action,
            target: Some(actions.join(" ")),
        })
    }

    /// Doing something includes looking in the same place whether it was done.
    pub(crate) fn to_look(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A request that is about to be sent.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) operation: &'static Operation,
    /// What the log names.
    pub(crate) target: Option<String>,
    /// All that it acts on, as the catalogue finds it in path and body.
    pub(crate) targets: Vec<(TargetKind, String)>,
    /// Its whole address, as it will leave.
    pub(crate) url: &'a Url,
    /// Its body, where that is JSON.
    pub(crate) body: Option<&'a Value>,
}

/// May `caller` send what is `wanted` through the connection? Where a limit is by target, Microsoft may be asked what a target
/// is, by a closed list of lookups, and never outside what the policy lists.
pub(crate) async fn permit(
    parts: &Parts,
    caller: &Caller,
    snapshot: &Arc<Snapshot>,
    wanted: Wanted<'_>,
) -> Result<Permit> {
    by_operation(caller, snapshot, wanted.operation)?;
    if snapshot.connection.policy.is_held_to_places() {
        // Whoever has no such limit carries nothing of it.
        by_place(parts, snapshot, &wanted).boxed().await?;
    }
    Ok(Permit(Deed::of(wanted.operation, wanted.target)))
}

/// Whether all that the request reaches is listed. Each kind of place reads the request for itself, as Microsoft will, and lets
/// all pass where the policy has no list of it.
async fn by_place(parts: &Parts, snapshot: &Arc<Snapshot>, wanted: &Wanted<'_>) -> Result<()> {
    sites::decide(parts, snapshot, wanted).await?;
    mailboxes::decide(parts, snapshot, wanted).await?;
    dynamics::decide(parts, snapshot, wanted).await
}

/// All that follows from the operation, whatever it acts on.
fn by_operation(caller: &Caller, snapshot: &Snapshot, operation: &'static Operation) -> Result<()> {
    let connection = &snapshot.connection;
    who::use_of(caller, connection)?;
    who::fits(connection, operation)?;
    who::kind_allowed(caller, connection, operation.kind)?;
    grants::permissions_allowed(connection, operation)?;
    grants::granted(connection, operation)
}

/// Whether the operation answers with the sites that the policy lists instead of asking Microsoft for all: under `Sites.Selected`
/// nothing there tells which they are.
pub(crate) fn lists_given_sites(policy: &Policy, operation: &Operation) -> bool {
    policy.sites_selected && policy.sites.is_some() && lists_sites(operation)
}

/// Whether it lists sites of the organisation.
fn lists_sites(operation: &Operation) -> bool {
    operation.paging
        && !operation.delta
        && operation.result.type_name == Some("site")
        && operation.target.kind == TargetKind::None
        && operation.path.starts_with("sites")
}

/// May `caller` be told of the sites that the policy lists? What is then sent goes to those alone.
pub(crate) fn permit_given_sites(
    caller: &Caller,
    snapshot: &Snapshot,
    operation: &'static Operation,
) -> Result<Permit> {
    by_operation(caller, snapshot, operation)?;
    Ok(Permit(Deed {
        kind: operation.kind,
        action: operation.id.to_owned(),
        target: None,
    }))
}

/// May `caller` send `operation`, a batch of what was decided one by one? It does what its members do, and no more.
pub(crate) fn permit_batch<'a>(
    caller: &Caller,
    snapshot: &Snapshot,
    operation: &'static Operation,
    members: impl Iterator<Item = &'a Permit>,
) -> Result<Permit> {
    let connection = &snapshot.connection;
    who::use_of(caller, connection)?;
    who::fits(connection, operation)?;
    let mut kinds = members.map(|permit| permit.deed().kind);
    let first = kinds.next().unwrap_or(operation.kind);
    let kind = if kinds.all(|kind| kind == first) {
        first
    } else {
        operation.kind
    };
    Ok(Permit(Deed {
        kind,
        action: operation.id.to_owned(),
        target: None,
    }))
}

/// Whether the connection exists for `caller` at all.
pub(crate) fn may_see(caller: &Caller, snapshot: &Snapshot) -> Result<()> {
    who::seen_by(caller, &snapshot.connection)
}

/// Whether `caller` may use the connection, whatever for.
pub(crate) fn may_use(caller: &Caller, snapshot: &Snapshot) -> Result<()> {
    who::use_of(caller, &snapshot.connection)
}

/// May `caller` send a raw request that matches no operation? Only where the policy says so in as many words.
pub(crate) fn permit_raw(
    caller: &Caller,
    snapshot: &Snapshot,
    method: &str,
    kind: OperationKind,
) -> Result<Permit> {
    let connection = &snapshot.connection;
    who::use_of(caller, connection)?;
    who::kind_allowed(caller, connection, kind)?;
    // Only of a GET is it known what it does: any other may do what the method does not tell, or carry a whole batch.
    let kinds_limited = connection.policy.kinds.is_some() || caller.scope.kinds.is_some();
    let unknowable = kind != OperationKind::Read && kinds_limited;
    let policy = &connection.policy;
    // Nor is it known what it acts on.
    let is_limited = policy.permissions.is_some() || policy.is_held_to_places();
    if !policy.raw || is_limited || unknowable {
        return Err(Error::Denied {
            reason: "the request matches no operation of the catalogue".to_owned(),
            instead: format!(
                "use an operation (`consentry operations search`), or let an administrator allow `raw` in a policy without \
                 other limits: `consentry connections policy {} --raw`",
                connection.name
            ),
        });
    }
    Ok(Permit(Deed {
        kind,
        action: format!("raw.{}", method.to_ascii_lowercase()),
        target: None,
    }))
}
