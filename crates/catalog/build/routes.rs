//! One tree of path segments for each API, through which raw requests find their operation.

use std::collections::BTreeMap;

use super::compile::{Catalogue, Mistake, Operation, Piece, has_user, parse_path, services};

/// What may stand in a segment. Letters are lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Literal(String),
    /// Literals with a capture between each two.
    Segment(Vec<String>),
    /// One segment or more, the last of which ends so.
    Rest(String),
}

#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) next: BTreeMap<Step, Self>,
    pub(crate) leaves: Vec<Leaf>,
}

#[derive(Debug)]
pub(crate) struct Leaf {
    pub(crate) method: String,
    pub(crate) operation: usize,
    pub(crate) captures: Vec<String>,
    /// Query options without which it is another operation.
    pub(crate) requires: Vec<String>,
}

/// The tree of `api`; a mistake when two operations of unlike effect would match the same requests.
pub(crate) fn tree(api: &str, catalogue: &Catalogue) -> Result<Node, Mistake> {
    let mut root = Node::default();
    for (index, operation) in catalogue.operations.iter().enumerate() {
        // What lies below another root, or has a URL of its own, is asked for by its id only.
        if operation.api != api || operation.root != "version" || has_url(operation) {
            continue;
        }
        for (steps, captures) in paths(operation) {
            let leaf = Leaf {
                method: operation.method.clone(),
                operation: index,
                captures,
                requires: requires(operation),
            };
            insert(&mut root, &steps, leaf, catalogue)?;
        }
    }
    sort(&mut root);
    Ok(root)
}

fn has_url(operation: &Operation) -> bool {
    let mut encodings = operation
        .parameter
        .iter()
        .filter_map(|one| one.encoding.as_deref());
    encodings.any(|encoding| encoding == "url")
}

fn paths(operation: &Operation) -> Vec<(Vec<Step>, Vec<String>)> {
    let segments = parse_path(&operation.path).expect("the path was checked");
    if !has_user(&segments) {
        return vec![steps(operation, &segments)];
    }
    let (rest, captures) = steps(operation, &segments[1..]);
    let literal = |text: &str| Step::Literal(text.to_owned());
    let own = [vec![literal("me")], rest.clone()].concat();
    let any = Step::Segment(vec![String::new(), String::new()]);
    let of_user = [vec![literal("users"), any], rest].concat();
    let owner = operation
        .parameter
        .iter()
        .find(|one| one.absent.as_deref() == Some("me"));
    let owner = owner
        .map(|parameter| parameter.name.clone())
        .unwrap_or_default();
    let named = [vec![owner], captures.clone()].concat();
    vec![(own, captures), (of_user, named)]
}

fn steps(operation: &Operation, segments: &[Vec<Piece>]) -> (Vec<Step>, Vec<String>) {
    let mut captures = Vec::new();
    let steps = segments
        .iter()
        .map(|segment| {
            let mut literals = vec![String::new()];
            let mut is_rest = false;
            for piece in segment {
                match piece {
                    Piece::Literal(text) => literals
                        .last_mut()
                        .expect("it is never empty")
                        .push_str(&text.to_ascii_lowercase()),
                    Piece::Parameter(name) => {
                        captures.push(name.clone());
                        literals.push(String::new());
                        is_rest |= is_drive_path(operation, name);
                    }
                }
            }
            match literals.len() {
                1 => Step::Literal(plain(&literals[0])),
                _ if is_rest => Step::Rest(literals.pop().unwrap_or_default()),
                _ => Step::Segment(literals),
            }
        })
        .collect();
    (steps, captures)
}

/// Graph takes an action's name with and without its namespace.
fn plain(literal: &str) -> String {
    literal
        .strip_prefix("microsoft.graph.")
        .unwrap_or(literal)
        .to_owned()
}

fn is_drive_path(operation: &Operation, name: &str) -> bool {
    operation.parameter.iter().any(|parameter| {
        parameter.name == name && parameter.encoding.as_deref() == Some("drive_path")
    })
}

fn requires(operation: &Operation) -> Vec<String> {
    // The pages after the first carry a token instead of what began them.
    if operation.delta {
        return Vec::new();
    }
    let parameters = operation
        .parameter
        .iter()
        .filter(|parameter| parameter.required && parameter.location == "query")
        .filter_map(|parameter| parameter.wire.as_deref());
    let mut names: Vec<_> = parameters
        .chain(operation.query.keys().map(String::as_str))
        .map(|name| name.trim_start_matches('$').to_ascii_lowercase())
        .collect();
    names.sort();
    names
}

fn insert(
    root: &mut Node,
    steps: &[Step],
    leaf: Leaf,
    catalogue: &Catalogue,
) -> Result<(), Mistake> {
    let node = steps.iter().fold(root, |node, step| {
        node.next.entry(step.clone()).or_default()
    });
    let this = &catalogue.operations[leaf.operation];
    let same = node
        .leaves
        .iter()
        .filter(|other| other.method == leaf.method && other.requires == leaf.requires)
        .map(|other| &catalogue.operations[other.operation]);
    for other in same {
        let meet = services(&other.id)
            .iter()
            .any(|service| services(&this.id).contains(service));
        if meet
            && this.raw
            && other.raw
            && (&other.kind, &other.target) != (&this.kind, &this.target)
        {
            return Err(Mistake {
                file: "routes".to_owned(),
                subject: Some(this.id.clone()),
                message: format!(
                    "`{}` has the same path and another effect; the milder says `raw = false`",
                    other.id
                ),
            });
        }
    }
    node.leaves.push(leaf);
    Ok(())
}

/// The most particular first: the one that asks for most query options.
fn sort(node: &mut Node) {
    node.leaves
        .sort_by_key(|leaf| std::cmp::Reverse(leaf.requires.len()));
    for next in node.next.values_mut() {
        sort(next);
    }
}
