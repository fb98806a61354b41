//! What a request reaches, of mailboxes, by all that is in it.

use std::collections::HashSet;

use catalog::TargetKind;
use connections::Snapshot;

use super::super::Wanted;
use super::super::path::below_root;
use super::{body, expand, path};

/// One thing that a request reaches.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Reach {
    /// The mailbox of whoever is signed in.
    Own,
    /// By an address or id, as it is named.
    Named(String),
    /// What a subscription watches.
    Subscription(String),
    /// More than any list of mailboxes could say; the words complete "this …".
    Beyond(&'static str),
}

impl Reach {
    /// Somebody's, `me` for one's own.
    pub(super) fn of(name: &str) -> Self {
        if name.eq_ignore_ascii_case("me") {
            return Self::Own;
        }
        Self::Named(name.to_owned())
    }
}

/// All that `wanted` reaches. What the catalogue found counts as well as what stands in the request itself: neither alone is
/// trusted to be whole.
pub(super) fn of(snapshot: &Snapshot, wanted: &Wanted<'_>) -> Vec<Reach> {
    // An address outside the API carries its own proof, and no token goes there.
    let below = below_root(snapshot, wanted.url);
    let mut all = below.map(path::of_path).unwrap_or_default();
    let is_inside = all
        .iter()
        .any(|reach| matches!(reach, Reach::Own | Reach::Named(_)));
    if wanted.operation.target.kind == TargetKind::Mailbox && !is_inside {
        all.push(Reach::Beyond("does not say whose mailbox it is about"));
    }
    for (kind, name) in &wanted.targets {
        if *kind == TargetKind::Mailbox {
            all.push(Reach::of(name));
        }
    }
    all.extend(expand::of(wanted.url, is_inside));
    if below.is_some_and(path::is_search) {
        all.extend(body::of_search(wanted.body));
    }
    if !wanted.operation.body_is_content() {
        let asked = below.and_then(path::last_word);
        let meant = path::last_word(wanted.operation.path);
        let names: Vec<String> = asked.into_iter().chain(meant).collect();
        all.extend(body::of(wanted.url, &names, is_inside, wanted.body));
    }
    let mut known = HashSet::with_capacity(all.len());
    all.retain(|reach| known.insert(reach.clone()));
    all
}
