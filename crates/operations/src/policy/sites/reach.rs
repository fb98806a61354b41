//! What a request reaches, of sites and drives, by all that is in it.

use std::collections::HashSet;

use catalog::{Location, Operation, TargetKind};
use connections::Snapshot;
use model::SiteUrl;
use url::Url;

use super::super::Wanted;
use super::super::path::is_guid;
use super::{body, expand, path};

/// One thing that a request reaches.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Reach {
    Site(SiteName),
    /// By its id.
    Drive(String),
    /// The drive of a person, `me` or `users/{id}` as it stands in the path.
    OwnDrive(String),
    /// What a link leads to, as `/shares/` takes it.
    Share(String),
    /// A channel's folder, wherever it lies.
    FilesFolder {
        path: String,
    },
    /// What a subscription watches.
    Subscription(String),
    /// Where a copy tells how far it is: an address outside the API.
    Monitor(Url),
    /// More than any list of sites could say; the words complete "this …".
    Beyond(&'static str),
}

/// How a site is named.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum SiteName {
    At(SiteUrl),
    /// `contoso.sharepoint.com,{guid},{guid}`
    Id(String),
    /// `root`
    Root,
    /// Something else, such as the id of a collection without its site's.
    Unclear(String),
}

impl SiteName {
    /// What stands behind `/sites/`, without a path.
    pub(super) fn of(text: &str) -> Self {
        if text.eq_ignore_ascii_case("root") {
            return Self::Root;
        }
        let parts: Vec<&str> = text.split(',').collect();
        match parts.as_slice() {
            [host] if host.contains('.') => {
                SiteUrl::at(host, "").map_or_else(|_| Self::Unclear(text.to_owned()), Self::At)
            }
            [host, collection, web]
                if host.contains('.') && is_guid(collection) && is_guid(web) =>
            {
                Self::Id(text.to_owned())
            }
            _ => Self::Unclear(text.to_owned()),
        }
    }
}

/// All that `wanted` reaches. What the catalogue found counts as well as what stands in the request itself: neither alone is
/// trusted to be whole.
pub(super) fn of(snapshot: &Snapshot, wanted: &Wanted<'_>) -> Vec<Reach> {
    let mut all = path::of(snapshot, wanted.url);
    let leads = all
        .iter()
        .any(|reach| !matches!(reach, Reach::Subscription(_)));
    let kind = wanted.operation.target.kind;
    let is_at_a_site = matches!(kind, TargetKind::Site | TargetKind::Drive);
    if is_at_a_site && !leads {
        all.push(Reach::Beyond("does not say where it goes"));
    }
    let targets = wanted.targets.iter();
    let named: Vec<Reach> = targets
        .filter_map(|(kind, name)| of_target(*kind, name, &all))
        .collect();
    all.extend(named);
    all.extend(expand::of(wanted.url, leads));
    if let Some(body) = wanted.body.filter(|_| !is_content(wanted.operation)) {
        all.extend(body::of(wanted.url, body));
    }
    let mut known = HashSet::with_capacity(all.len());
    all.retain(|reach| known.insert(reach.clone()));
    all
}

/// Whether the body is a file, which may be JSON and means nothing to Microsoft.
fn is_content(operation: &Operation) -> bool {
    let mut parameters = operation.parameters.iter();
    parameters.any(|parameter| matches!(parameter.location, Location::Content { .. }))
}

/// A target that the catalogue names. A path without its host is told by the address alone.
fn of_target(kind: TargetKind, name: &str, known: &[Reach]) -> Option<Reach> {
    match kind {
        TargetKind::Drive if name.starts_with("https://") => None,
        TargetKind::Drive if name.starts_with("u!") || name.starts_with("s!") => {
            Some(Reach::Share(name.to_owned()))
        }
        TargetKind::Drive => Some(Reach::Drive(name.to_owned())),
        TargetKind::Site => {
            let path = name.trim_matches('/').to_ascii_lowercase();
            let is_it = |reach: &Reach| matches!(reach, Reach::Site(SiteName::At(url)) if url.path() == path);
            (!known.iter().any(is_it)).then(|| Reach::Site(SiteName::of(name)))
        }
        _ => None,
    }
}
