//! What a request to Business Central reaches, by all that is in it.

use connections::Snapshot;
use model::CompanyName;
use serde_json::Value;
use url::Url;

use super::super::address::{self, Segment};
use crate::policy::Wanted;

/// One thing that a request reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    Company(CompanyName),
    /// What a subscription watches, by its id.
    Subscription(String),
    /// More than any list of companies could say; the words complete "this …".
    Beyond(&'static str),
}

const UNCLEAR: Reach = Reach::Beyond("could be read in more than one way");
const ALL: Reach = Reach::Beyond("lists the companies of the environment");
const NO_COMPANY: Reach = Reach::Beyond("does not say in which company");

/// The APIs below an environment whose paths are those of [`in_api`].
const APIS: [&str; 3] = [
    "api/v2.0",
    "api/microsoft/automation/v2.0",
    "api/microsoft/runtime/beta",
];
/// Options that stay in the company of the path.
const STAYING: [&str; 13] = [
    "apply",
    "count",
    "deltatoken",
    "expand",
    "filter",
    "format",
    "orderby",
    "schemaversion",
    "search",
    "select",
    "skip",
    "skiptoken",
    "top",
];

/// All that `wanted` reaches.
pub(super) fn of(snapshot: &Snapshot, wanted: &Wanted<'_>) -> Vec<Reach> {
    let Ok(root) = snapshot.api_root() else {
        return vec![UNCLEAR];
    };
    of_request(&root, wanted.operation.method, wanted.url, wanted.body)
}

/// The same; `root` is the API's address.
pub(super) fn of_request(root: &Url, method: &str, url: &Url, body: Option<&Value>) -> Vec<Reach> {
    let Some(path) = below(root, url) else {
        return vec![Reach::Beyond("goes to another address than an API's")];
    };
    let mut all = of_path(path, url.query().unwrap_or_default());
    let is_subscription = address::segments(path)
        .and_then(|segments| Some(segments.first()?.name.eq_ignore_ascii_case("subscriptions")))
        .unwrap_or_default();
    if is_subscription && method != "DELETE" {
        all.push(watched(root, body));
    }
    if let Some(body) = body {
        bound(root, body, &mut all);
    }
    all
}

/// The path behind an API's version, still encoded.
fn below<'a>(root: &Url, url: &'a Url) -> Option<&'a str> {
    let base = root.path().trim_end_matches('/').strip_suffix("api/v2.0")?;
    let path = url.path().strip_prefix(base)?;
    (url.origin() == root.origin()).then_some(())?;
    in_api(path)
}

fn in_api(path: &str) -> Option<&str> {
    let rest = APIS.iter().find_map(|api| path.strip_prefix(api))?;
    rest.strip_prefix('/')
}

pub(super) fn of_path(path: &str, query: &str) -> Vec<Reach> {
    let segments = address::segments(path);
    let options = address::options(query);
    let (Some(segments), Some(options)) = (segments, options) else {
        return vec![UNCLEAR];
    };
    let mut all = Vec::new();
    for (name, value) in &options {
        match name.as_str() {
            "company" => all.push(named(value)),
            name if STAYING.contains(&name) => {
                if leads_to_companies(name, value) {
                    all.push(Reach::Beyond("leads back to the companies"));
                }
            }
            _ => all.push(Reach::Beyond("has a query option that is not known")),
        }
    }
    let has_company = options.iter().any(|(name, _)| name == "company");
    match segments.split_first() {
        Some((first, rest)) => all.extend(of_segments(first, rest, has_company)),
        None => all.push(UNCLEAR),
    }
    all
}

/// By its id or name.
fn named(text: &str) -> Reach {
    text.parse().map_or(UNCLEAR, Reach::Company)
}

fn of_segments(first: &Segment, rest: &[Segment], has_company: bool) -> Option<Reach> {
    let mut behind = rest.iter().map(|segment| segment.name.as_str());
    if behind.any(|name| is_company(name) || name.starts_with("$batch")) {
        return Some(UNCLEAR);
    }
    let name = first.name.to_ascii_lowercase();
    match (name.as_str(), &first.key) {
        // Nothing but how records are made; and a subscription, which says in its body what it watches.
        ("$metadata" | "subscriptions", None) if rest.is_empty() => None,
        ("companies", Some(key)) => Some(by_key(key)),
        ("companies", None) => Some(ALL),
        ("subscriptions", Some(key)) if rest.is_empty() => Some(subscription(key)),
        (name, _) if has_company && !is_company(name) && !name.starts_with('$') => None,
        _ => Some(NO_COMPANY),
    }
}

fn is_company(name: &str) -> bool {
    name.eq_ignore_ascii_case("companies") || name.eq_ignore_ascii_case("company")
}

/// `companies(6c8b…)`, or `companies(id=6c8b…)`.
fn by_key(key: &str) -> Reach {
    let key = key.trim();
    let id = key.strip_prefix("id=").unwrap_or(key);
    match id.parse() {
        Ok(company @ CompanyName::Id(_)) => Reach::Company(company),
        _ => Reach::Beyond("names a company otherwise than by its id"),
    }
}

fn subscription(key: &str) -> Reach {
    let id = key
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    match id {
        Some(id) if !id.is_empty() && !id.contains('\'') => Reach::Subscription(id.to_owned()),
        _ => UNCLEAR,
    }
}

/// Whether an option names the companies among what it brings along; what stands in quotes names nothing, and a column by itself
/// leads nowhere.
fn leads_to_companies(option: &str, text: &str) -> bool {
    let brings = matches!(option, "expand" | "apply");
    let outside: Vec<&str> = text.split('\'').step_by(2).collect();
    outside.iter().any(|part| {
        let mut words = part.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '/');
        words.any(|word| {
            let mut names = word.split('/');
            names.any(is_company) && (brings || word.contains('/'))
        })
    })
}

/// What a new or renewed subscription watches; a list of them tells of all companies.
fn watched(root: &Url, body: Option<&Value>) -> Reach {
    let unsaid = Reach::Beyond("does not say what is watched");
    let fields = body.and_then(Value::as_object).into_iter().flatten();
    let mut resources = fields.filter(|(name, _)| name.eq_ignore_ascii_case("resource"));
    match (resources.next(), resources.next()) {
        (Some((_, Value::String(text))), None) => of_resource(root, text),
        _ => unsaid,
    }
}

/// What is bound by its address: in a company that the address names.
fn bound(root: &Url, value: &Value, all: &mut Vec<Reach>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| bound(root, item, all)),
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.to_ascii_lowercase();
                let is_address = name.ends_with("odata.bind")
                    || name.ends_with("odata.id")
                    || name.ends_with("@bind")
                    || name == "@id";
                if is_address {
                    let texts = match value {
                        Value::Array(items) => items.iter().collect(),
                        one => vec![one],
                    };
                    for text in texts {
                        match text.as_str() {
                            Some(text) => all.push(of_resource(root, text)),
                            None => all.push(UNCLEAR),
                        }
                    }
                }
                bound(root, value, all);
            }
        }
        _ => {}
    }
}

/// What is watched: `api/v2.0/companies(…)/customers`, `/api/v2.0/…`, or the whole address. Its company, or what is more.
pub(super) fn of_resource(root: &Url, text: &str) -> Reach {
    const UNKNOWN: Reach = Reach::Beyond("names an address that is not known");
    let base = root.as_str().trim_end_matches('/').strip_suffix("api/v2.0");
    let inside = match (text.contains("://"), base) {
        (true, Some(base)) => text.strip_prefix(base),
        (true, None) => None,
        (false, _) => Some(text.strip_prefix('/').unwrap_or(text)),
    };
    let Some(path) = inside.and_then(in_any_api) else {
        return UNKNOWN;
    };
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    match of_path(path, query).as_slice() {
        [Reach::Company(company)] => Reach::Company(company.clone()),
        [other @ Reach::Beyond(_)] => other.clone(),
        _ => NO_COMPANY,
    }
}

/// Watched may also be what another publisher's API offers, below `api/{publisher}/{group}/{version}`.
fn in_any_api(path: &str) -> Option<&str> {
    if let Some(inside) = in_api(path) {
        return Some(inside);
    }
    let rest = path.strip_prefix("api/")?;
    let mut parts = rest.splitn(4, '/');
    let named = [parts.next()?, parts.next()?, parts.next()?];
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    let is_name = |name: &&str| !name.is_empty() && *name != ".." && name.bytes().all(is_letter);
    named.iter().all(is_name).then(|| parts.next()).flatten()
}
