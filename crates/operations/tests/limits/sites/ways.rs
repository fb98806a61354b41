//! The ways to a site or drive that is not listed, for any operation that has one as its target or touches one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use catalog::{Location, Operation, TargetKind};
use model::ConnectionMethod;
use serde_json::{Map, Value, json};

use super::stage::{HOST, Site, Sites, somebody};
use crate::tried::{Ask, Tried, Way, in_quotes, run};

/// The names of parameters that say which site or drive.
fn places(operation: &Operation) -> Vec<(TargetKind, &'static str)> {
    let all = std::iter::once(&operation.target).chain(operation.touches);
    let of_site = all.filter(|target| matches!(target.kind, TargetKind::Site | TargetKind::Drive));
    of_site
        .filter_map(|target| Some((target.kind, target.parameter?)))
        .collect()
}

/// Whether it belongs here at all: by its target and by what it touches.
pub(crate) fn has_a_place(operation: &Operation) -> bool {
    let all = std::iter::once(&operation.target).chain(operation.touches);
    let mut kinds = all.map(|target| target.kind);
    kinds.any(|kind| matches!(kind, TargetKind::Site | TargetKind::Drive))
}

/// Whether it lists sites: then even one in the listed site names others.
pub(crate) fn lists_sites(operation: &Operation) -> bool {
    operation.paging && operation.result.type_name == Some("site")
}

impl Tried<'_, Sites> {
    /// The operation in one site: the catalogue's own example, with each place there.
    pub(crate) fn input_at(&self, site: &Site) -> Map<String, Value> {
        let mut input = self
            .operation
            .example(self.method)
            .as_object()
            .cloned()
            .unwrap();
        for (kind, name) in places(self.operation) {
            input.insert(name.to_owned(), value_of(kind, name, site));
        }
        if input.contains_key("hostname") {
            input.insert("hostname".to_owned(), HOST.into());
        }
        if let Some(owner) = self.operation.owner()
            && self.method == ConnectionMethod::ServicePrincipal
        {
            input.insert(owner.name.to_owned(), somebody());
        }
        input
    }

    /// With one place elsewhere, and the others where they are allowed to be.
    fn input_with(&self, name: &str, value: &Value) -> Map<String, Value> {
        let mut input = self.inside();
        input.insert(name.to_owned(), value.clone());
        input
    }

    fn inside(&self) -> Map<String, Value> {
        self.input_at(&self.stage.scene.allowed)
    }

    /// Every way there is to `outside`.
    pub(crate) fn ways_to(&self, which: &str, outside: &Site) -> Vec<Way> {
        let mut ways = Vec::new();
        for (kind, name) in places(self.operation) {
            for (how, value) in names_of(kind, name, outside, &self.stage.scene.allowed) {
                let input = self.input_with(name, &value);
                ways.push((format!("{name} {how}, run"), run(input.clone())));
                ways.push((format!("{name} {how}, in a batch"), Ask::Batch(input)));
            }
        }
        let (inside, there) = (self.inside(), self.input_at(outside));
        ways.extend(self.raw_ways(&there));
        ways.extend(self.dotted(&inside, &there));
        ways.extend(self.links(&inside, &there, "token", "sites"));
        ways.extend(self.body_ways(outside));
        ways.push(self.redirect(inside, &there));
        ways.into_iter()
            .map(|(way, ask)| (format!("{which} {way}"), ask))
            .collect()
    }

    fn raw_ways(&self, input: &Map<String, Value>) -> Vec<Way> {
        let Some(path) = self.path(input) else {
            return Vec::new();
        };
        let body = self.body(input);
        let twice = path.replace(',', "%252C").replace('!', "%2521");
        let quoted = in_quotes(&path);
        let forms = [
            ("as it is", path.clone()),
            ("in upper case", path.to_uppercase()),
            ("encoded once", path.replace(',', "%2C").replace('!', "%21")),
            ("encoded twice", twice),
            ("with the key in quotes", quoted),
            ("with an empty segment", path.replacen('/', "//", 1)),
            ("with a slash at its end", format!("{path}/")),
            ("with a fragment", format!("{path}%23")),
        ];
        forms
            .into_iter()
            .map(|(how, path)| {
                let ask = Ask::Raw {
                    path,
                    body: body.clone(),
                };
                (format!("through the pass-through, {how}"), ask)
            })
            .collect()
    }

    /// Another place in the body of a request to the listed one.
    fn body_ways(&self, outside: &Site) -> Vec<Way> {
        let input = self.inside();
        let has_body = !matches!(self.operation.method, "GET" | "DELETE");
        if !has_body || takes_content(self.operation) {
            return Vec::new();
        }
        let Some(path) = self.path(&input) else {
            return Vec::new();
        };
        let (collection, web) = outside.guids();
        let references = [
            ("driveId", json!({ "driveId": outside.drive, "id": "root" })),
            ("DriveID", json!({ "DriveID": outside.drive })),
            ("siteId", json!({ "siteId": outside.id })),
            ("the GUID of a site", json!({ "siteId": web })),
            (
                "path",
                json!({ "path": format!("/drives/{}/root:/x", outside.drive) }),
            ),
            (
                "sharepointIds",
                json!({ "sharepointIds": { "siteId": collection, "webId": web } }),
            ),
            ("shareId", json!({ "shareId": share(&outside.library) })),
        ];
        let base = self.body(&input).unwrap_or_else(|| json!({}));
        let Some(base) = base.as_object() else {
            return Vec::new();
        };
        references
            .into_iter()
            .map(|(how, reference)| {
                let mut body = base.clone();
                body.insert("parentReference".to_owned(), reference);
                let ask = Ask::Raw {
                    path: path.clone(),
                    body: Some(body.into()),
                };
                (format!("as destination in a body, by {how}"), ask)
            })
            .collect()
    }

    /// `$expand` out of the listed place.
    pub(crate) fn expand_ways(&self) -> Vec<Way> {
        let values = [
            "sites",
            "Sites($select=id)",
            "lists($expand=sites)",
            "unknown",
        ];
        self.expansions(&self.inside(), &values)
    }

    /// Ways to the listed place, which have to get there.
    pub(crate) fn ways_inside(&self) -> Vec<Way> {
        let input = self.inside();
        let mut ways = vec![("the listed one, run".to_owned(), run(input.clone()))];
        let has_site = places(self.operation)
            .iter()
            .any(|(kind, name)| *kind == TargetKind::Site && *name == "siteId");
        if has_site {
            let id = Value::from(self.stage.scene.allowed.id.to_uppercase());
            let input = self.input_with("siteId", &id);
            ways.push(("the listed one in upper case, run".to_owned(), run(input)));
        }
        ways.extend(self.next_page(&input));
        ways
    }
}

/// `u!` and the address, as `/shares/` takes it.
pub(crate) fn share(url: &str) -> String {
    format!("u!{}", URL_SAFE_NO_PAD.encode(url))
}

/// The usual value of a parameter that names the site or its library.
fn value_of(kind: TargetKind, name: &str, site: &Site) -> Value {
    match (kind, name) {
        (TargetKind::Site, "serverRelativePath") => site.path.into(),
        (TargetKind::Site, _) => site.id.clone().into(),
        (_, "sharingUrl") => format!("{}/a.txt", site.library).into(),
        _ => site.drive.clone().into(),
    }
}

/// All the names of a site or drive that somebody might try, each as the value of the parameter.
fn names_of(kind: TargetKind, name: &str, outside: &Site, allowed: &Site) -> Vec<(String, Value)> {
    let (collection, web) = outside.guids();
    let (own_collection, _) = allowed.guids();
    let text = |how: &str, value: String| (how.to_owned(), Value::from(value));
    match (kind, name) {
        (TargetKind::Site, "serverRelativePath") => vec![
            text("by path", outside.path.to_owned()),
            text("in upper case", outside.path.to_uppercase()),
            text("with slashes", format!("/{}/", outside.path)),
            text("encoded twice", outside.path.replace('s', "%2573")),
            text("encoded", outside.path.replace('s', "%73")),
            text("by `..`", format!("{}/../{}", allowed.path, outside.path)),
            text("with a colon", format!("{}:/drive", outside.path)),
            text("below the listed one", format!("{}/lists", allowed.path)),
        ],
        (TargetKind::Site, _) => vec![
            text("by composite id", outside.id.clone()),
            text("in upper case", outside.id.to_uppercase()),
            text("by collection", collection.to_owned()),
            text("by its web", web.to_owned()),
            text("by two GUIDs", format!("{collection},{web}")),
            text("by a mix of ids", format!("{HOST},{own_collection},{web}")),
            text("by path", format!("{HOST}:/{}", outside.path)),
            text("by path and colon", format!("{HOST}:/{}:", outside.path)),
            text("by address", outside.url()),
            text("by host", HOST.to_owned()),
            text("as `root`", "root".to_owned()),
            text("encoded", outside.id.replace(',', "%2C")),
            text("encoded twice", outside.id.replace(',', "%252C")),
            text("by `..`", format!("{}/../{}", allowed.id, outside.id)),
            text("as `..`", "..".to_owned()),
            text(
                "with another list behind it",
                format!("{}/lists/x", outside.id),
            ),
            text("with a blank", format!(" {}", outside.id)),
            text("as a function", "getAllSites".to_owned()),
            text("as `delta`", "delta".to_owned()),
        ],
        (_, "sharingUrl") => vec![
            text("by a file's address", format!("{}/a.txt", outside.library)),
            text("by token", share(&format!("{}/a.txt", outside.library))),
            text("by the library", outside.library.clone()),
            text("by the site", outside.url()),
            text(
                "in upper case",
                format!("{}/A.TXT", outside.library).replace("sites", "SITES"),
            ),
            text(
                "by a sharing link",
                format!("https://{HOST}/:w:/s/{}/Eabc", &outside.path[6..]),
            ),
            text(
                "by a link to the whole address",
                format!("https://{HOST}/:w:/r/{}/Docs/a.docx", outside.path),
            ),
            text(
                "by `..`",
                format!("{}/../../../{}/a.txt", allowed.library, outside.path),
            ),
            text(
                "by encoded `..`",
                format!("{}/%2e%2e/%2e%2e/x", allowed.library),
            ),
            text(
                "encoded twice",
                format!("https://{HOST}/{}/x", outside.path.replace('s', "%2573")),
            ),
            text("by a consumer's token", "s!Eabc".to_owned()),
            text(
                "with a user",
                format!("https://{HOST}@evil.example/{}", outside.path),
            ),
        ],
        _ => vec![
            text("by id", outside.drive.clone()),
            text("in upper case", outside.drive.to_uppercase()),
            text("encoded", outside.drive.replace('!', "%21")),
            text("encoded twice", outside.drive.replace('!', "%2521")),
            text("by `..`", format!("{}/../{}", allowed.drive, outside.drive)),
            text("as `..`", "..".to_owned()),
            text("with more behind it", format!("{}/root", outside.drive)),
            text("as a share", share(&outside.library)),
            text("as somebody's own", "me".to_owned()),
            text("by the site", outside.id.clone()),
        ],
    }
}

/// Whether its body is a file, which may say what it likes.
fn takes_content(operation: &Operation) -> bool {
    let mut parameters = operation.parameters.iter();
    parameters.any(|parameter| matches!(parameter.location, Location::Content { .. }))
}
