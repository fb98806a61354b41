//! Which tables of Dataverse, and which companies of Business Central, a connection may touch: those that its policy lists, and
//! nothing else.
//!
//! The request is read as Microsoft will read it: path, query and body, whatever its operation is. What it names is compared with
//! what the list means, which only Microsoft knows whole: the entity set and the relations of a listed table, the id of a company
//! that is listed by name. That is asked by the lookups of a closed list ([`lookup`]), about what is listed and nothing else. What
//! is not understood is refused.

mod address;
mod companies;
mod known;
mod lookup;
mod tables;

use std::sync::Arc;

use connections::Snapshot;
use model::Api;

pub(super) use known::{Answer, Question};

use super::Wanted;
use crate::Result;
use crate::runner::Parts;

/// One decision under way.
struct Limits<'a> {
    parts: &'a Parts,
    snapshot: &'a Arc<Snapshot>,
}

/// Whether all that the request reaches is on the connection's lists, where it has one that fits.
pub(super) async fn decide(
    parts: &Parts,
    snapshot: &Arc<Snapshot>,
    wanted: &Wanted<'_>,
) -> Result<()> {
    let limits = Limits { parts, snapshot };
    let policy = &snapshot.connection.policy;
    match snapshot.connection.service.api() {
        Api::Graph => Ok(()),
        Api::Dataverse => match &policy.tables {
            Some(listed) => tables::decide(&limits, listed, wanted).await,
            None => Ok(()),
        },
        Api::BusinessCentral => match &policy.companies {
            Some(listed) => companies::decide(&limits, listed, wanted).await,
            None => Ok(()),
        },
    }
}
