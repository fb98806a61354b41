//! What a JSON body names beside what it holds: where a copy goes, what a row is bound to, what a subscription watches.
//! Names are compared without regard to case, since some of Microsoft's services read them so.

use catalog::{Operation, TargetKind};
use model::Api;
use serde_json::{Map, Value};

/// How bodies of one API name things.
pub(super) struct Places<'a> {
    api: Api,
    root: &'a str,
    /// Whether its `resource` is a path that is watched.
    watches: bool,
}

#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) targets: Vec<(TargetKind, String)>,
    /// Paths below the API's version.
    pub(super) addresses: Vec<String>,
}

impl<'a> Places<'a> {
    pub(super) fn of(api: Api, root: &'a str, operation: Option<&Operation>) -> Self {
        Self {
            api,
            root,
            watches: operation.is_some_and(|of| of.id.ends_with(".subscriptions.create")),
        }
    }

    /// An address below the API's version, whether it came whole or not.
    fn below<'t>(&self, text: &'t str) -> &'t str {
        let inside = text.strip_prefix(self.root).unwrap_or(text);
        // Business Central names what is watched from the version on.
        match self.api {
            Api::BusinessCentral => inside.strip_prefix("/api/v2.0").unwrap_or(inside),
            _ => inside,
        }
    }
}

pub(super) fn in_body(places: &Places<'_>, body: &Value) -> Found {
    let mut found = Found::default();
    if places.watches
        && let Some(fields) = body.as_object()
    {
        let resource = fields
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("resource"));
        let text = resource
            .and_then(|(_, value)| value.as_str())
            .unwrap_or_default();
        found.addresses.push(places.below(text).to_owned());
    }
    walk(places, body, &mut found);
    found
}

fn walk(places: &Places<'_>, value: &Value, found: &mut Found) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(places, item, found)),
        Value::Object(fields) => object(places, fields, found),
        _ => {}
    }
}

fn object(places: &Places<'_>, fields: &Map<String, Value>, found: &mut Found) {
    for (name, value) in fields {
        let lower = name.to_lowercase();
        if lower.ends_with("@odata.bind") || lower.ends_with("odata.id") {
            texts(value).for_each(|text| bound(places, text, found));
        } else {
            match places.api {
                Api::Graph => graph(&lower, value, found),
                Api::Dataverse => dataverse(&lower, value, found),
                Api::BusinessCentral => {}
            }
        }
        walk(places, value, found);
    }
}

/// A drive or site by id or address. What is only named by the address of something in it counts as a drive of that address,
/// which no list has.
fn graph(name: &str, value: &Value, found: &mut Found) {
    let kind = match name {
        "driveid" | "shareid" | "@microsoft.graph.sourceurl" | "sourceurl" => TargetKind::Drive,
        "siteid" | "siteurl" => TargetKind::Site,
        "parentreference" => {
            let path = value.as_object().and_then(|fields| {
                let mut fields = fields.iter();
                fields.find(|(name, _)| name.eq_ignore_ascii_case("path"))
            });
            if let Some(path) = path.and_then(|(_, path)| path.as_str()) {
                found.targets.push((TargetKind::Drive, drive_of(path)));
            }
            return;
        }
        _ => return,
    };
    let named = texts(value).map(|text| (kind, text.to_owned()));
    found.targets.extend(named);
}

/// `/drives/{id}/root:/a` names its drive.
fn drive_of(path: &str) -> String {
    let mut segments = path.trim_start_matches('/').split('/');
    match (segments.next(), segments.next()) {
        (Some(first), Some(id)) if first.eq_ignore_ascii_case("drives") => id.to_owned(),
        _ => path.to_owned(),
    }
}

/// A row within a row is one of another table, which only Dataverse can tell by the name of the relation.
fn dataverse(name: &str, value: &Value, found: &mut Found) {
    let of_rows = match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().any(Value::is_object),
        _ => false,
    };
    if of_rows {
        found.targets.push((TargetKind::Table, name.to_owned()));
    } else if name == "@odata.type"
        && let Some(text) = value.as_str()
    {
        let last = text.rsplit('.').next().unwrap_or(text);
        found.targets.push((TargetKind::Table, last.to_owned()));
    }
}

/// What is bound by address: `/accounts(id)`, `https://graph.microsoft.com/v1.0/drives/{id}`.
fn bound(places: &Places<'_>, text: &str, found: &mut Found) {
    let inside = places.below(text);
    let mut segments = inside.trim_start_matches('/').split('/');
    let first = segments.next().unwrap_or_default();
    match places.api {
        // What the same change set made: it is a target by its own request.
        Api::Dataverse if is_content_id(first) => {}
        Api::Dataverse => {
            let set = first.split('(').next().unwrap_or(first);
            found.targets.push((TargetKind::Table, set.to_owned()));
        }
        Api::Graph => {
            let (set, key) = match first.split_once('(') {
                Some((set, key)) => (set, key.trim_end_matches(')').trim_matches('\'')),
                None => (first, segments.next().unwrap_or_default()),
            };
            let kind = match set.to_ascii_lowercase().as_str() {
                // People and what Microsoft made are no places.
                "users" | "teamstemplates" | "appcatalogs" | "directoryobjects" => return,
                "sites" => TargetKind::Site,
                "teams" | "groups" => TargetKind::Team,
                "chats" => TargetKind::Chat,
                _ => TargetKind::Drive,
            };
            found.targets.push((
                kind,
                if set.eq_ignore_ascii_case("drives") || kind != TargetKind::Drive {
                    key.to_owned()
                } else {
                    text.to_owned()
                },
            ));
        }
        Api::BusinessCentral => found.targets.push((TargetKind::Company, text.to_owned())),
    }
}

/// `$1` names what another request of the same change set makes.
pub(super) fn is_content_id(text: &str) -> bool {
    text.strip_prefix('$')
        .is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
}

fn texts(value: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter().flat_map(texts)),
        Value::String(text) => Box::new(std::iter::once(text.as_str())),
        _ => Box::new(std::iter::empty()),
    }
}
