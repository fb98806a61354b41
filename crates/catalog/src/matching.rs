//! From a raw request to the operation that it is. The segments of all paths lie in one tree for each API, made when the crate
//! is built; a request walks it once.

mod calls;
mod segments;
mod tree;

use model::{Api, Service};
use serde_json::{Map, Value};

use crate::compiled::{BUSINESS_CENTRAL, DATAVERSE, GRAPH, OPERATIONS};
use crate::{Location, Operation, TargetKind};
use segments::{Segment, segments};
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

/// The operation that `method` on `path` is, of those on `service` or, where it has none such, of its API's other services;
/// `None` when the catalogue has none at all.
///
/// `path` is what follows the API's version, still encoded; it is decoded once. `query` is what follows `?`, or empty; it
/// tells apart operations that share a path. [`PathError`] for dot segments, encoded slashes, double encodings and control
/// characters: no such request should be sent, matched or not.
pub fn matching(
    service: Service,
    method: &str,
    path: &str,
    query: &str,
) -> Result<Option<Matched>, PathError> {
    let api = service.api();
    let segments = segments(api, path)?;
    let root = root(api);
    // A HEAD is a GET without the answer's body.
    let method = if method == "HEAD" { "GET" } else { method };
    for of in [Some(service), None] {
        let is_wanted = |leaf: &Leaf| {
            let operation = &OPERATIONS[leaf.operation];
            operation.is_raw && of.is_none_or(|service| operation.runs_on(service))
        };
        let mut walk = Walk::new(method, Some(query), &is_wanted);
        walk.is_graph = api == Api::Graph;
        if let Some(matched) = found(walk, root, &segments) {
            return Ok(Some(matched));
        }
    }
    Ok(None)
}

fn found(mut walk: Walk<'_>, root: &'static Node, segments: &[Segment<'_>]) -> Option<Matched> {
    let leaf = walk.down(root, segments)?;
    Some(Matched {
        operation: &OPERATIONS[leaf.operation],
        parameters: leaf.captures.iter().copied().zip(walk.captured).collect(),
    })
}

impl Operation {
    /// What a path says if it is one of this operation's, whatever its query: a further page has a token instead of what
    /// began the list. `None` when it is no path of it.
    pub fn matched(&'static self, path: &str) -> Result<Option<Matched>, PathError> {
        let segments = segments(self.api, path)?;
        let is_wanted = |leaf: &Leaf| std::ptr::eq(&raw const OPERATIONS[leaf.operation], self);
        let mut walk = Walk::new(self.method, None, &is_wanted);
        walk.is_graph = self.api == Api::Graph;
        Ok(found(walk, root(self.api), &segments))
    }
}

fn root(api: Api) -> &'static Node {
    match api {
        Api::Graph => &GRAPH,
        Api::Dataverse => &DATAVERSE,
        Api::BusinessCentral => &BUSINESS_CENTRAL,
    }
}

impl Matched {
    /// What the request acts on: a mailbox, `me` for the user's own; a drive, site, table or company.
    pub fn target(&self) -> Option<String> {
        if self.operation.target.kind == TargetKind::None {
            return None;
        }
        let targets = self.targets(None);
        targets.into_iter().map(|(_, name)| name).next()
    }

    /// All that the request acts on, by its path and its JSON body.
    pub fn targets(&self, body: Option<&Value>) -> Vec<(TargetKind, String)> {
        self.operation.targets(&self.input(body))
    }

    /// The input by which the operation would have made the request, as far as path and body tell.
    pub fn input(&self, body: Option<&Value>) -> Map<String, Value> {
        let captured = self.parameters.iter();
        let mut input: Map<_, _> = captured
            .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
            .collect();
        for parameter in self.operation.parameters {
            let value = match parameter.location {
                Location::Body { place, .. } => place
                    .iter()
                    .try_fold(body, |value, name| Some(value?.get(*name)))
                    .flatten(),
                Location::WholeBody => body,
                _ => None,
            };
            if let Some(value) = value {
                input.insert(parameter.name.to_owned(), value.clone());
            }
        }
        input
    }
}
