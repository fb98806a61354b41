//! From a raw request to the operation that it is. The segments of all paths lie in one tree for each API, made when the crate
//! is built; a request walks it once.

mod segments;
mod tree;

use model::Api;

use crate::compiled::{BUSINESS_CENTRAL, DATAVERSE, GRAPH, OPERATIONS};
use crate::{Operation, TargetKind};
use segments::segments;
use tree::Walk;
pub(crate) use tree::{Leaf, Node, Pattern};

/// The operation that a raw request is.
#[derive(Debug, Clone)]
pub struct Matched {
    pub operation: &'static Operation,
    /// Path parameters by name, decoded.
    pub parameters: Vec<(&'static str, String)>,
}

/// A path that Microsoft might read otherwise than we do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("segment {position} of the path {reason}")]
pub struct PathError {
    /// From one.
    pub position: usize,
    pub reason: &'static str,
}

impl PathError {
    pub fn code(&self) -> &'static str {
        "path.refused"
    }
}

/// The operation that `method` on `path` is; `None` when the catalogue has none such.
///
/// `path` is what follows the API's version, still encoded; it is decoded once. `query` is what follows `?`, or empty; it
/// tells apart operations that share a path. [`PathError`] for dot segments, encoded slashes, double encodings and control
/// characters: no such request should be sent, matched or not.
pub fn matching(
    api: Api,
    method: &str,
    path: &str,
    query: &str,
) -> Result<Option<Matched>, PathError> {
    let segments = segments(api, path)?;
    let root = match api {
        Api::Graph => &GRAPH,
        Api::Dataverse => &DATAVERSE,
        Api::BusinessCentral => &BUSINESS_CENTRAL,
    };
    let mut walk = Walk {
        method,
        query,
        captured: Vec::new(),
    };
    let Some(leaf) = walk.down(root, &segments) else {
        return Ok(None);
    };
    Ok(Some(Matched {
        operation: &OPERATIONS[leaf.operation],
        parameters: leaf.captures.iter().copied().zip(walk.captured).collect(),
    }))
}

impl Matched {
    /// What the request acts on: a mailbox, `me` for the user's own; a drive, site, table or company.
    pub fn target(&self) -> Option<String> {
        if self.operation.target.kind == TargetKind::None {
            return None;
        }
        self.operation.target_of(|wanted| {
            let mut parameters = self.parameters.iter();
            parameters
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| value.clone())
        })
    }
}
