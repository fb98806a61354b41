//! The closed list of requests by which a site or drive is resolved. Each reads, and asks for ids and as little else as can be:
//!
//! | request | when |
//! |---|---|
//! | `GET /sites/{host}:/{path}?$select=id`, `GET /sites/{host}?$select=id` | for each address on the list |
//! | `GET /sites/{listed site}/drives?$select=id,webUrl`, and its further pages | for each site on the list |
//! | `GET /sites/root?$select=id` | `root` is named, and a root site is on the list |
//! | `GET /me/drive?$select=id`, `GET /users/{id}/drive?$select=id` | a person's drive is named, and a personal site is on the list |
//! | `GET /shares/{token}/driveItem?$select=id,parentReference` | the link says that it is of a site on the list |
//! | `GET /teams/{id}/channels/{id}/filesFolder?$select=id,parentReference` | a channel's folder is asked for |
//! | `GET /subscriptions/{id}` | a subscription is looked at, renewed or ended |
//!
//! Sources: <https://learn.microsoft.com/graph/api/site-getbypath>, <https://learn.microsoft.com/graph/api/drive-list>,
//! <https://learn.microsoft.com/graph/api/shares-get>, <https://learn.microsoft.com/graph/api/channel-get-filesfolder>.

use connections::{diagnose_graph, diagnose_site_grant};
use http::StatusCode;
use microsoft::{GraphFault, Incoming, Target};
use serde::Deserialize;
use url::Url;

use super::super::lookup::{self, ANSWER_LIMIT, named};
use super::super::path;
use super::Limits;
use super::known::{self, Answer, Drive, Question};
use crate::Result;

/// Of libraries of one site: twenty of two hundred each.
const MOST_PAGES: usize = 20;

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Page {
    value: Vec<Library>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

#[derive(Deserialize)]
struct Library {
    id: String,
    #[serde(rename = "webUrl")]
    web_url: Option<String>,
}

#[derive(Deserialize)]
struct Placed {
    #[serde(rename = "parentReference")]
    parent: Parent,
}

#[derive(Deserialize)]
struct Parent {
    #[serde(rename = "driveId")]
    drive_id: String,
}

/// Asks what can be kept.
pub(super) async fn answer(limits: &Limits<'_>, question: Question) -> Result<Answer> {
    let (path, site) = match &question {
        Question::Site(url) => (format!("/sites/{}", url.graph_key()), Some(url.to_string())),
        Question::RootSite => ("/sites/root".to_owned(), None),
        Question::Drives(site) => return drives(limits, site).await,
        Question::OwnDrive(owner) => (format!("/{owner}/drive"), None),
        Question::FilesFolder(path) => {
            let incoming = ask(limits, &format!("{path}?$select=id,parentReference")).await?;
            let read = |placed: Placed| Answer::Id(placed.parent.drive_id);
            return understood(limits, incoming, None, read).await;
        }
    };
    let incoming = ask(limits, &format!("{path}?$select=id")).await?;
    let read = |named: Named| Answer::Id(named.id);
    understood(limits, incoming, site.as_deref(), read).await
}

async fn drives(limits: &Limits<'_>, site: &str) -> Result<Answer> {
    let path = format!("/sites/{site}/drives");
    let mut incoming = ask(limits, &format!("{path}?$select=id,webUrl")).await?;
    let mut all = Vec::new();
    for _ in 0..MOST_PAGES {
        let mut next = None;
        let read = |page: Page| {
            next = page.next;
            Answer::Drives(page.value.into_iter().map(drive).collect())
        };
        match understood(limits, incoming, Some(site), read).await? {
            Answer::Drives(some) => all.extend(some),
            other => return Ok(other),
        }
        let Some(url) = next.and_then(|next| same_list(limits, &path, &next)) else {
            break;
        };
        incoming = lookup::send(limits.parts, limits.snapshot, Target::Url(url)).await?;
    }
    Ok(Answer::Drives(all))
}

fn drive(library: Library) -> Drive {
    let url = library.web_url.and_then(|url| url.parse().ok());
    Drive {
        id: library.id,
        url,
    }
}

/// A further page, if it is one of the same list.
fn same_list(limits: &Limits<'_>, path: &str, next: &str) -> Option<Url> {
    let root = limits.snapshot.api_root().ok()?;
    let url = Url::parse(next).ok()?;
    let inside = url.path().strip_prefix(root.path())?;
    let is_same = path::segments(inside)? == path::segments(path)?;
    (is_same && url.origin() == root.origin()).then_some(url)
}

/// The id of somebody's own drive.
pub(super) async fn own_drive(limits: &Limits<'_>, owner: &str) -> Result<String> {
    let id = known::id(limits, Question::OwnDrive(owner.to_owned())).await?;
    id.ok_or_else(|| limits.refusal().unlisted("a person's own drive"))
}

/// The drive that a channel's folder lies in.
pub(super) async fn files_folder(limits: &Limits<'_>, path: &str) -> Result<String> {
    let id = known::id(limits, Question::FilesFolder(path.to_owned())).await?;
    id.ok_or_else(|| limits.refusal().unlisted("the folder of this channel"))
}

/// The drive that a link leads into.
pub(super) async fn share(limits: &Limits<'_>, token: &str) -> Result<String> {
    let path = format!("/shares/{token}/driveItem?$select=id,parentReference");
    let incoming = ask(limits, &path).await?;
    let placed: Placed =
        lookup::whole(limits.snapshot, "onedrive.shares.resolve", incoming).await?;
    Ok(placed.parent.drive_id)
}

async fn ask(limits: &Limits<'_>, path_and_query: &str) -> Result<Incoming> {
    lookup::ask(limits.parts, limits.snapshot, path_and_query).await
}

/// An answer that may be kept: also that there is nothing, or that it is not shown.
async fn understood<T: for<'de> Deserialize<'de>>(
    limits: &Limits<'_>,
    incoming: Incoming,
    site: Option<&str>,
    read: impl FnOnce(T) -> Answer,
) -> Result<Answer> {
    match incoming.status {
        StatusCode::NOT_FOUND => Ok(Answer::Missing),
        StatusCode::FORBIDDEN => refused(limits, incoming, site).await,
        _ => lookup::whole(limits.snapshot, "sharepoint.sites.getByUrl", incoming)
            .await
            .map(read),
    }
}

async fn refused(limits: &Limits<'_>, incoming: Incoming, site: Option<&str>) -> Result<Answer> {
    let (status, headers) = (incoming.status, incoming.headers);
    let body = incoming.body.bytes(ANSWER_LIMIT).await?;
    let fault = GraphFault::parse(status, &headers, &body);
    let snapshot = limits.snapshot;
    let diagnosis = match site.filter(|_| snapshot.connection.policy.sites_selected) {
        Some(site) => diagnose_site_grant(snapshot, None, site, &fault),
        None => diagnose_graph(snapshot, named("sharepoint.sites.getByUrl"), site, &fault),
    };
    Ok(Answer::Refused(Box::new(diagnosis), body))
}
