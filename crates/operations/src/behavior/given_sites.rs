//! The sites of a connection that has `Sites.Selected`: Microsoft lists and finds none of them, so that each address that the
//! policy lists is fetched by itself.
//!
//! Source: <https://learn.microsoft.com/graph/permissions-selected-overview>.

use connections::Snapshot;
use futures_util::{StreamExt, stream};
use http::{HeaderMap, Method};
use microsoft::{Repeat, Target};
use model::{Api, RemoteIds, SiteUrl};
use serde_json::{Map, Value, json};

use super::{answered, json as read};
use crate::exchange::exchange;
use crate::ready::Ready;
use crate::runner::Parts;
use crate::wire::Wire;
use crate::{Answer, Error, Result};

/// No operation of the catalogue names it: it takes the place of those that list sites.
pub(crate) const GIVEN_SITES: &str = "given_sites";
const AT_ONCE: usize = 6;

/// Those that can be reached, in the order of their addresses, and of them those that meet the input's `query`. An error only
/// where none can be reached: which one cannot is what a connection test tells.
pub(super) async fn list(parts: &Parts, ready: &Ready) -> Result<(Answer, RemoteIds)> {
    let listed = ready.snapshot.connection.policy.sites.iter().flatten();
    let mut asked = Vec::new();
    for url in listed {
        asked.push(fetch(parts, ready, url));
    }
    let answers: Vec<_> = stream::iter(asked).buffered(AT_ONCE).collect().await;
    let (mut sites, mut remote, mut failed) = (Vec::new(), RemoteIds::default(), None);
    for answer in answers {
        match answer {
            Ok((site, ids)) => {
                sites.push(site);
                remote = ids;
            }
            Err(error) => failed = Some(error),
        }
    }
    if let Some(error) = failed.filter(|_| sites.is_empty()) {
        return Err(error);
    }
    sites.retain(|site| is_meant(site, &ready.input));
    for site in &mut sites {
        select(site, &ready.input);
    }
    Ok((answered(200, &json!({ "value": sites })), remote))
}

async fn fetch(parts: &Parts, ready: &Ready, url: &SiteUrl) -> Result<(Value, RemoteIds)> {
    let (answer, remote) = exchange(parts, &ready.with(get(url))).await?;
    Ok((read(&answer)?, remote))
}

/// What is sent first, for whoever wants to see it before.
pub(crate) fn first(snapshot: &Snapshot) -> Result<Wire> {
    let mut listed = snapshot.connection.policy.sites.iter().flatten();
    listed
        .next()
        .map(get)
        .ok_or_else(|| Error::Unexpected("no site is listed".to_owned()))
}

fn get(url: &SiteUrl) -> Wire {
    Wire {
        target: Target::Path {
            api: Api::Graph,
            environment: None,
            path_and_query: format!("/sites/{}", url.graph_key()),
        },
        method: Method::GET,
        headers: HeaderMap::new(),
        body: None,
        repeat: Repeat::Safe,
    }
}

/// Whether all words of the query are in what names the site; `*` means every one.
fn is_meant(site: &Value, input: &Map<String, Value>) -> bool {
    let query = input.get("query").and_then(Value::as_str).unwrap_or("*");
    let names = ["displayName", "name", "description", "webUrl"];
    let texts = names.iter().filter_map(|name| site.get(*name)?.as_str());
    let text = texts.collect::<Vec<_>>().join(" ").to_lowercase();
    query.split_whitespace().all(|word| {
        let word = word.trim_matches(['*', '"']).to_lowercase();
        text.contains(&word)
    })
}

/// Only the properties that were asked for.
fn select(site: &mut Value, input: &Map<String, Value>) {
    let wanted = input.get("select").and_then(Value::as_array);
    if let (Some(wanted), Some(fields)) = (wanted, site.as_object_mut()) {
        fields.retain(|name, _| wanted.iter().any(|one| one == name));
    }
}
