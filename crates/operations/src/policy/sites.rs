//! Which sites and drives a connection may touch: the addresses that its policy lists, and nothing else.
//!
//! The request is read as Microsoft will read it: path, query and body, whatever its operation is ([`reach`]). A site is compared
//! by the id that Microsoft gives for a listed address, a drive by the ids of the libraries of listed sites ([`known`]); for that
//! only the lookups of a closed list are sent ([`lookup`]). What cannot be told to be inside is refused.

mod body;
mod expand;
mod known;
mod lookup;
mod path;
mod reach;
mod refusal;
mod share;

use std::collections::BTreeSet;
use std::sync::Arc;

use connections::Snapshot;
use model::{Api, SiteUrl};

pub(super) use known::{Answer, Question};
use reach::{Reach, SiteName};

use super::Wanted;
use super::lookup::graph_subscription;
use crate::Result;
use crate::runner::Parts;

/// One decision under way.
struct Limits<'a> {
    parts: &'a Parts,
    snapshot: &'a Arc<Snapshot>,
    listed: &'a BTreeSet<SiteUrl>,
}

/// Whether all that the request reaches is on the connection's list, where it has one.
pub(super) async fn decide(
    parts: &Parts,
    snapshot: &Arc<Snapshot>,
    wanted: &Wanted<'_>,
) -> Result<()> {
    let Some(listed) = &snapshot.connection.policy.sites else {
        return Ok(());
    };
    if snapshot.connection.service.api() != Api::Graph {
        return Ok(());
    }
    let limits = Limits {
        parts,
        snapshot,
        listed,
    };
    for reach in reach::of(snapshot, wanted) {
        limits.check(&reach).await?;
    }
    Ok(())
}

impl Limits<'_> {
    async fn check(&self, reach: &Reach) -> Result<()> {
        match reach {
            Reach::Beyond(what) => Err(self.refusal().beyond(what)),
            Reach::Site(name) => self.site(name).await,
            Reach::Drive(id) => self.drive(id).await,
            Reach::OwnDrive(owner) => self.own_drive(owner).await,
            Reach::Share(token) => self.share(token).await,
            Reach::FilesFolder { path } => self.files_folder(path).await,
            Reach::Subscription(id) => self.subscription(id).await,
            Reach::Monitor(url) => self.monitor(url).await,
        }
    }

    async fn site(&self, name: &SiteName) -> Result<()> {
        match name {
            SiteName::At(url) if self.listed.contains(url) => Ok(()),
            SiteName::At(url) => Err(self.refusal().unlisted(&format!("the site `{url}`"))),
            SiteName::Id(id) => self.site_by_id(id).await,
            SiteName::Root => self.root_site().await,
            SiteName::Unclear(text) => Err(self.unclear(text)),
        }
    }

    async fn site_by_id(&self, id: &str) -> Result<()> {
        let host = id.split(',').next().unwrap_or_default();
        let of_host = |url: &&SiteUrl| url.host().eq_ignore_ascii_case(host);
        let candidates = self.listed.iter().filter(of_host);
        let found = known::any_site(self, candidates, |site| site.eq_ignore_ascii_case(id)).await?;
        if found.is_found {
            return Ok(());
        }
        Err(self.not_found(&format!("the site `{id}`"), found.failed))
    }

    /// `root` is the organisation's first site. It is asked for only where some root site is listed.
    async fn root_site(&self) -> Result<()> {
        let roots = || self.listed.iter().filter(|url| url.is_root());
        if roots().next().is_none() {
            return Err(self.refusal().unlisted("the root site"));
        }
        let root = known::id(self, known::Question::RootSite).await?;
        let root = root.unwrap_or_default();
        let found = known::any_site(self, roots(), |site| site.eq_ignore_ascii_case(&root)).await?;
        if found.is_found {
            return Ok(());
        }
        Err(self.not_found("the root site", found.failed))
    }

    async fn drive(&self, id: &str) -> Result<()> {
        let found = known::any_drive(self, |drive| drive.id == id).await?;
        if found.is_found {
            return Ok(());
        }
        Err(self.not_found(&format!("the drive `{id}`"), found.failed))
    }

    /// Somebody's own drive lies in their personal site. Unless such a site is listed, Microsoft is not even asked.
    async fn own_drive(&self, owner: &str) -> Result<()> {
        if !self.listed.iter().any(SiteUrl::is_personal) {
            return Err(self.refusal().unlisted("a person's own drive"));
        }
        let id = lookup::own_drive(self, owner).await?;
        self.drive(&id).await
    }

    async fn share(&self, token: &str) -> Result<()> {
        match share::read(token) {
            Some(share::Link::File {
                host,
                path,
                is_plain,
            }) => {
                let is_below = |drive: &known::Drive| drive.holds(&host, &path);
                let found = known::any_drive(self, is_below).await?;
                match (found.is_found, is_plain) {
                    (true, true) => Ok(()),
                    (true, false) => self.shared_drive(token).await,
                    (false, _) => Err(self.not_found("what this link leads to", found.failed)),
                }
            }
            Some(share::Link::Sharing { site }) if self.listed.contains(&site) => {
                self.shared_drive(token).await
            }
            _ => Err(self.refusal().unlisted("what this link leads to")),
        }
    }

    /// The link says which site it is of; only Microsoft knows whether that is true.
    async fn shared_drive(&self, token: &str) -> Result<()> {
        let drive = lookup::share(self, token).await?;
        self.drive(&drive).await
    }

    async fn files_folder(&self, path: &str) -> Result<()> {
        let drive = lookup::files_folder(self, path).await?;
        self.drive(&drive).await
    }

    /// The address of a copy's progress carries its own proof, and says at most which drive it is of. Otherwise it is followed
    /// only if it was given out here.
    async fn monitor(&self, url: &url::Url) -> Result<()> {
        let connection = self.snapshot.connection.id;
        if self.parts.known.is_monitor(connection, url.as_str()).await {
            return Ok(());
        }
        match path::drive_of_monitor(url) {
            Some(drive) => self.drive(&drive).await,
            None => Err(self
                .refusal()
                .beyond("does not tell in which site the copy is")),
        }
    }

    /// A subscription is renewed or ended by its id, which does not tell what it watches.
    async fn subscription(&self, id: &str) -> Result<()> {
        let resource = graph_subscription(self.parts, self.snapshot, id).await?;
        for reach in body::of_resource(&resource) {
            if matches!(reach, Reach::Subscription(_)) {
                return Err(self.unclear(&resource));
            }
            Box::pin(self.check(&reach)).await?;
        }
        Ok(())
    }
}
