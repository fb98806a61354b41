//! All that a raw request acts on: what its path says, what its query brings along, and what its body names. Each part is
//! judged as a request of its own.

use catalog::{Matched, Operation, TargetKind};
use http::Method;
use model::{Api, OperationKind, Policy, Service};
use serde_json::Value;
use url::Url;

use super::named::{self, Places};
use super::query::Query;
use super::{fetch_xml, unfit_path};
use crate::Result;

/// What stands in a list's `$expand` for one of its items.
const AN_ITEM: &str = "item";
/// Names in a row after which an `$expand` is taken for none that the catalogue has.
const DEEPEST: usize = 4;
/// What Graph keeps within a resource, so that expanding it shows nothing but the resource itself.
const WITHIN: [&str; 28] = [
    "activities",
    "analytics",
    "attachments",
    "children",
    "columns",
    "contenttypes",
    "driveitem",
    "extensions",
    "fields",
    "hostedcontents",
    "instances",
    "items",
    "lastmessagepreview",
    "list",
    "listitem",
    "lists",
    "members",
    "multivalueextendedproperties",
    "permissions",
    "replies",
    "root",
    "singlevalueextendedproperties",
    "subscriptions",
    "tabs",
    "teamsapp",
    "thumbnails",
    "versions",
    "workbook",
];

/// A request as it was sent, below the API's version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) service: Service,
    /// The API's address, with the version and without a slash at its end.
    pub(super) root: &'a Url,
    pub(super) method: &'a Method,
    /// From its first `/`.
    pub(super) path: &'a str,
    pub(super) query: &'a str,
}

/// One thing that is wanted, as if it were a request of its own.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) url: Url,
    /// `None` where the catalogue has none such.
    pub(super) operation: Option<&'static Operation>,
    pub(super) kind: OperationKind,
    pub(super) method: Method,
    pub(super) target: Option<String>,
    pub(super) targets: Vec<(TargetKind, String)>,
    /// Where it was read.
    pub(super) body: Option<Value>,
}

/// What has to be known of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// There is none.
    Nothing,
    /// It decides nothing, and need not be read.
    Stream,
    /// It names what the request acts on.
    Whole,
}

impl Asked<'_> {
    pub(super) fn matched(&self) -> Result<Option<Matched>> {
        catalog::matching(self.service, self.method.as_str(), self.path, self.query)
            .map_err(|error| unfit_path(&error))
    }

    /// The parts of the request. `body` is what it says, where [`reading`] wants that to be known.
    pub(super) fn parts(
        &self,
        matched: Option<&Matched>,
        body: Option<&Value>,
    ) -> Result<Vec<Part>> {
        let query = Query::parse(self.query)?;
        let mut first = self.part(matched, body);
        let mut rest = self.brought_along(&query, &mut first)?;
        if let Some(body) = body {
            let places = Places::of(self.service.api(), self.root.as_str(), first.operation);
            let found = named::in_body(&places, body);
            first.targets.extend(found.targets);
            for address in found.addresses {
                rest.push(self.watched(&address)?);
            }
        }
        // An action's name may as well be a table's.
        if self.service.api() == Api::Dataverse
            && first
                .operation
                .is_none_or(|of| of.target.kind == TargetKind::None)
        {
            let set = self
                .path
                .trim_start_matches('/')
                .split(['/', '('])
                .next()
                .unwrap_or_default();
            if self.method != Method::GET && self.method != Method::HEAD {
                first.targets.push((TargetKind::Table, set.to_owned()));
            }
        }
        rest.insert(0, first);
        Ok(rest)
    }

    fn brought_along(&self, query: &Query, first: &mut Part) -> Result<Vec<Part>> {
        let mut table = |name: String| first.targets.push((TargetKind::Table, name));
        match self.service.api() {
            Api::Graph => return self.graph_expand(query),
            Api::BusinessCentral => {
                if let Some(company) = query.get("company") {
                    first
                        .targets
                        .push((TargetKind::Company, company.to_owned()));
                }
            }
            Api::Dataverse => {
                query.expanded()?.into_iter().flatten().for_each(&mut table);
                if let Some(text) = query.get("fetchxml") {
                    fetch_xml::tables(text)?.into_iter().for_each(&mut table);
                }
                // Which tables a stored query links only Dataverse knows, and which a relation leads to.
                for name in ["savedquery", "userquery"] {
                    if query.get(name).is_some() {
                        table(format!("${name}"));
                    }
                }
                if let Some(name) = query.crosses() {
                    table(format!("${name}"));
                }
            }
        }
        Ok(Vec::new())
    }

    /// What `$expand` brings along is judged as if it had been asked for by its own path.
    fn graph_expand(&self, query: &Query) -> Result<Vec<Part>> {
        let mut parts = Vec::new();
        for names in query.expanded()? {
            let Some(last) = names.last().map(|name| name.to_ascii_lowercase()) else {
                continue;
            };
            let below = names.join("/");
            let base = self.path.trim_end_matches('/');
            let known = with_items(base, &names)
                .iter()
                .find_map(|path| self.list_at(path, &last));
            match known {
                Some((asked_path, matched)) => {
                    parts.push(self.get(&asked_path, "").part(Some(&matched), None));
                }
                None if WITHIN.contains(&last.as_str()) && names.len() <= DEEPEST => {}
                None => parts.push(self.get(&format!("{base}/{below}"), "").part(None, None)),
            }
        }
        Ok(parts)
    }

    /// The operation that reads `path`, if it ends in that very name and not in what might be any id.
    fn list_at(&self, path: &str, name: &str) -> Option<(String, Matched)> {
        let matched = catalog::matching(self.service, "GET", path, "").ok()??;
        let last = matched.operation.path.rsplit('/').next()?;
        last.eq_ignore_ascii_case(name)
            .then(|| (path.to_owned(), matched))
    }

    fn get<'p>(&'p self, path: &'p str, query: &'p str) -> Asked<'p> {
        Asked {
            method: &Method::GET,
            path,
            query,
            ..*self
        }
    }

    pub(super) fn url(&self) -> Url {
        let mut url = self.root.clone();
        url.set_path(&format!("{}{}", self.root.path(), self.path));
        url.set_query(Some(self.query).filter(|query| !query.is_empty()));
        url
    }

    fn part(&self, matched: Option<&Matched>, body: Option<&Value>) -> Part {
        Part {
            url: self.url(),
            operation: matched.map(|matched| matched.operation),
            kind: matched.map_or_else(|| kind_of(self.method), |matched| matched.operation.kind),
            method: self.method.clone(),
            target: matched.and_then(Matched::target),
            targets: matched
                .map(|matched| matched.targets(body))
                .unwrap_or_default()
                .into_iter()
                .filter(|(_, name)| !named::is_content_id(name))
                .collect(),
            body: body.cloned(),
        }
    }

    /// What a subscription tells of is read by way of it.
    fn watched(&self, address: &str) -> Result<Part> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let path = format!("/{}", path.trim_start_matches('/'));
        // All of a drive is watched by its root.
        let candidates = match path.strip_suffix("/root") {
            Some(drive) => vec![format!("{path}/delta"), drive.to_owned()],
            None => vec![path.clone()],
        };
        for path in &candidates {
            let asked = self.get(path, query);
            if let Some(matched) = asked.matched()? {
                return Ok(asked.part(Some(&matched), None));
            }
        }
        Ok(self.get(&path, query).part(None, None))
    }
}

/// The paths that lead to what is expanded: each name may be below one item of a list.
fn with_items(base: &str, names: &[String]) -> Vec<String> {
    if names.len() > DEEPEST {
        return Vec::new();
    }
    let mut paths = vec![base.to_owned()];
    for name in names {
        let below = |path: &String| [format!("{path}/{name}"), format!("{path}/{AN_ITEM}/{name}")];
        paths = paths.iter().flat_map(below).collect();
    }
    paths
}

/// What has to be known of the body before the request can be judged.
pub(super) fn reading(
    service: Service,
    policy: &Policy,
    method: &Method,
    operation: Option<&Operation>,
) -> Reading {
    if matches!(*method, Method::GET | Method::HEAD | Method::DELETE) {
        return Reading::Nothing;
    }
    // What matches nothing passes only where there are no limits that a body could matter to.
    let Some(operation) = operation else {
        return Reading::Stream;
    };
    let decides = match service.api() {
        _ if operation.body_is_content() => false,
        _ if operation.is_told_by_body() => true,
        Api::Dataverse => true,
        // What is bound may lie in another company.
        Api::BusinessCentral => {
            operation.target.kind == TargetKind::None || policy.companies.is_some()
        }
        // In whose name something is sent stands in what is sent, and so does what changes a site by way of its team.
        Api::Graph if policy.is_held_to_places() => true,
        Api::Graph => matches!(
            operation.target.kind,
            TargetKind::Drive | TargetKind::Site | TargetKind::None
        ),
    };
    if decides {
        Reading::Whole
    } else {
        Reading::Stream
    }
}

/// What a request that matches nothing would do, judged by its method alone.
pub(super) fn kind_of(method: &Method) -> OperationKind {
    match *method {
        Method::GET | Method::HEAD => OperationKind::Read,
        Method::PUT | Method::PATCH => OperationKind::Write,
        Method::DELETE => OperationKind::Delete,
        _ => OperationKind::Action,
    }
}
