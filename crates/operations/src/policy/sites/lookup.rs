//! The closed list of requests by which a target is resolved. Each reads, asks for ids and as little else as can be, and is sent
//! through the same gate as any other request:
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

use std::sync::Arc;

use catalog::Operation;
use connections::{diagnose_graph, diagnose_site_grant};
use http::{HeaderMap, Method, StatusCode};
use microsoft::{GraphFault, Incoming, Repeat, Target};
use model::{Api, OperationKind};
use serde::Deserialize;
use url::Url;

use super::super::{Deed, Permit};
use super::Limits;
use super::known::{self, Answer, Drive, Question};
use crate::wire::{self, Wire};
use crate::{Error, Result, exchange};

/// Enough for a page of ids and addresses.
const ANSWER_LIMIT: usize = 4 * 1024 * 1024;
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

#[derive(Deserialize)]
struct Watching {
    resource: String,
}

/// Asks what can be kept.
pub(super) async fn answer(limits: &Limits<'_>, question: Question) -> Result<Arc<Answer>> {
    let (path, site) = match &question {
        Question::Site(url) => (format!("/sites/{}", url.graph_key()), Some(url.to_string())),
        Question::RootSite => ("/sites/root".to_owned(), None),
        Question::Drives(site) => return drives(limits, site).await.map(Arc::new),
        Question::OwnDrive(owner) => (format!("/{owner}/drive"), None),
        Question::FilesFolder(path) => {
            let incoming = ask(limits, &format!("{path}?$select=id,parentReference")).await?;
            let read = |placed: Placed| Answer::Id(placed.parent.drive_id);
            return understood(limits, incoming, None, read).await.map(Arc::new);
        }
    };
    let incoming = ask(limits, &format!("{path}?$select=id")).await?;
    let read = |named: Named| Answer::Id(named.id);
    understood(limits, incoming, site.as_deref(), read)
        .await
        .map(Arc::new)
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
        incoming = send(limits, Target::Url(url)).await?;
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
    let is_same = super::path::segments(inside)? == super::path::segments(path)?;
    (is_same && url.origin() == root.origin()).then_some(url)
}

/// The id of somebody's own drive.
pub(super) async fn own_drive(limits: &Limits<'_>, owner: &str) -> Result<String> {
    let id = known::id(limits, Question::OwnDrive(owner.to_owned())).await?;
    id.ok_or_else(|| limits.unlisted("a person's own drive"))
}

/// The drive that a channel's folder lies in.
pub(super) async fn files_folder(limits: &Limits<'_>, path: &str) -> Result<String> {
    let id = known::id(limits, Question::FilesFolder(path.to_owned())).await?;
    id.ok_or_else(|| limits.unlisted("the folder of this channel"))
}

/// The drive that a link leads into.
pub(super) async fn share(limits: &Limits<'_>, token: &str) -> Result<String> {
    let path = format!("/shares/{token}/driveItem?$select=id,parentReference");
    let incoming = ask(limits, &path).await?;
    let placed: Placed = whole(limits, "onedrive.shares.resolve", incoming).await?;
    Ok(placed.parent.drive_id)
}

/// What a subscription watches.
pub(super) async fn subscription(limits: &Limits<'_>, id: &str) -> Result<String> {
    let id = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
    let incoming = ask(limits, &format!("/subscriptions/{id}")).await?;
    let watching: Watching = whole(limits, "graph.subscriptions.get", incoming).await?;
    Ok(watching.resource)
}

async fn ask(limits: &Limits<'_>, path_and_query: &str) -> Result<Incoming> {
    let target = Target::Path {
        api: Api::Graph,
        environment: None,
        path_and_query: path_and_query.to_owned(),
    };
    send(limits, target).await
}

async fn send(limits: &Limits<'_>, target: Target) -> Result<Incoming> {
    let permit = Permit(Deed {
        kind: OperationKind::Read,
        action: "policy.lookup".to_owned(),
        target: None,
    });
    let wire = Wire {
        target,
        method: Method::GET,
        headers: HeaderMap::new(),
        body: None,
        repeat: Repeat::Safe,
    };
    let sent = wire::send(limits.parts, limits.snapshot, &permit, &wire).await;
    sent.map_err(exchange::settled)
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
        _ => whole(limits, "sharepoint.sites.getByUrl", incoming)
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
        None => diagnose_graph(snapshot, lookup("sharepoint.sites.getByUrl"), site, &fault),
    };
    Ok(Answer::Refused(Box::new(diagnosis), body))
}

async fn whole<T: for<'de> Deserialize<'de>>(
    limits: &Limits<'_>,
    operation: &str,
    incoming: Incoming,
) -> Result<T> {
    if !incoming.status.is_success() {
        return Err(exchange::refused(limits.snapshot, lookup(operation), None, incoming).await);
    }
    let body = incoming.body.bytes(ANSWER_LIMIT).await?;
    serde_json::from_slice(&body).map_err(|_| {
        Error::Unexpected(
            "a site or drive could not be looked up: the answer is not understood".to_owned(),
        )
    })
}

fn lookup(operation: &str) -> Option<&'static Operation> {
    catalog::operation(operation)
}
