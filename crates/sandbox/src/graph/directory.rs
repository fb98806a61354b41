//! The directory as administrators set it up: applications, their proofs, service principals, and what was granted.
//! Source: <https://learn.microsoft.com/graph/api/resources/application>,
//! <https://learn.microsoft.com/graph/api/resources/serviceprincipal>

mod applications;
pub(super) mod assignments;
mod certificates;
mod change;
mod credentials;
pub(super) mod deleted;
pub(super) mod delta;
mod federated;
mod fields;
mod grants;
pub(super) mod groups;
pub(super) mod membership;
mod objects;
mod organization;
mod owners;
mod principals;
mod rows;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Builder;

use super::call::Call;
use super::fault::Fault;
use super::permission::DirectoryAccess;
use super::reply::Reply;

/// One object of the directory as Graph shows it.
type Row = Map<String, Value>;

/// Whether this first segment is one of the directory's, keyed by `appId` or not.
pub(super) fn is_mine(first: &str) -> bool {
    let name = first.split_once('(').map_or(first, |(name, _)| name);
    [
        "applications",
        "directory",
        "directoryobjects",
        "domains",
        "groups",
        "oauth2permissiongrants",
        "organization",
        "serviceprincipals",
    ]
    .iter()
    .any(|mine| name.eq_ignore_ascii_case(mine))
}

/// Hands the call to the collection that its path names.
pub(super) fn dispatch(call: &Call, first: &str, rest: &[&str]) -> Result<Reply, Fault> {
    let (set, key) = alternate_key(first);
    if let Some(("uniquename", name)) = key.as_ref().map(|(by, name)| (by.as_str(), name))
        && set.eq_ignore_ascii_case("applications")
    {
        return applications::by_unique_name(call, name, rest);
    }
    let key = key.map(|(_, value)| value);
    let rest: Vec<&str> = key
        .as_deref()
        .into_iter()
        .chain(rest.iter().copied())
        .collect();
    match set.to_ascii_lowercase().as_str() {
        "applications" => applications::dispatch(call, &rest),
        "directory" => deleted::dispatch(call, &rest),
        "directoryobjects" => objects::dispatch(call, &rest),
        "domains" => organization::domains(call, &rest),
        "groups" => groups::dispatch(call, &rest),
        "organization" => organization::dispatch(call, &rest),
        "serviceprincipals" => principals::dispatch(call, &rest),
        _ => grants::dispatch(call, &rest),
    }
}

/// `applications(appId='…')` as the collection and a key: its name in lower case, and its value.
fn alternate_key(segment: &str) -> (&str, Option<(String, String)>) {
    let Some((set, rest)) = segment.split_once('(') else {
        return (segment, None);
    };
    let key = rest.trim_end_matches(')').split_once('=');
    let key = key.map(|(name, value)| {
        let value = value.trim_matches('\'').to_owned();
        (name.trim().to_ascii_lowercase(), value)
    });
    (set, key)
}

/// Refuses callers without the right to change this; a signed-in person has to be an administrator besides.
fn require(call: &Call, access: DirectoryAccess) -> Result<(), Fault> {
    let is_entitled = call.caller.is_application() || !access.changes() || is_administrator(call);
    if is_entitled && access.is_granted(&call.caller) {
        Ok(())
    } else {
        Err(Fault::request_denied())
    }
}

/// Whether the caller is a person who administers the tenant.
pub(super) fn is_administrator(call: &Call) -> bool {
    call.shared.read(|state| {
        let user = state.directory.user(call.caller.object_id());
        user.is_some_and(|user| user.is_admin)
    })
}

/// Whether a segment is this name, with or without the namespace before it.
fn is_named(segment: &str, name: &str) -> bool {
    let segment = segment.strip_prefix("microsoft.graph.").unwrap_or(segment);
    segment.eq_ignore_ascii_case(name)
}

/// An id that is always the same for the same words.
fn derived_id(words: &[&str]) -> String {
    let mut hash = Sha256::new();
    for word in words {
        hash.update(word);
        hash.update([0]);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Builder::from_random_bytes(bytes).into_uuid().to_string()
}
