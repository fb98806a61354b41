//! What a client wants to be told of: the options of the first call, which stay.

use std::collections::BTreeSet;

use super::Kind;
use crate::graph::fault::Fault;
use crate::odata::filter::ast::{Comparison, Expr, Literal};
use crate::odata::options::Options;
use crate::odata::schema;

/// Objects that `$filter` may name.
const MOST_OBJECTS: usize = 50;
/// What delta queries of the directory do not take.
const REFUSED: [&str; 6] = ["expand", "top", "orderby", "search", "skip", "count"];

/// Properties, relations and objects.
#[derive(Debug)]
pub(super) struct Query {
    kind: &'static Kind,
    /// Whether `$select` said so; then only these are tracked.
    is_selected: bool,
    properties: Vec<String>,
    pub(super) relations: Vec<String>,
    /// Lower case; none for all objects.
    ids: Option<BTreeSet<String>>,
    /// The options as they stand in links.
    pub(super) text: String,
}

impl Query {
    /// From the token of a call after the first.
    pub(super) fn again(kind: &'static Kind, text: &str) -> Result<Self, Fault> {
        let options = Options::parse(text).map_err(|error| Fault::directory_query(&error))?;
        Self::read(kind, &options)
    }

    pub(super) fn read(kind: &'static Kind, options: &Options) -> Result<Self, Fault> {
        let name_of = |key: &str| key.trim_start_matches('$').to_ascii_lowercase();
        for (key, _) in &options.pairs {
            if REFUSED.contains(&name_of(key).as_str()) {
                return Err(unsupported(&format!(
                    "'{key}' is not supported by delta queries on this resource."
                )));
            }
        }
        let mut select = options.select.clone();
        kind.entity
            .resolve_select(&mut select)
            .map_err(|error| Fault::directory_query(&error))?;
        let is_relation = |name: &String| {
            let property = kind.entity.property(name);
            property.is_some_and(|it| matches!(it.kind, schema::Kind::Navigation))
        };
        let (relations, properties): (Vec<String>, Vec<String>) =
            select.into_iter().partition(is_relation);
        if let Some(other) = relations
            .iter()
            .find(|name| !kind.selectable.contains(&name.as_str()))
        {
            return Err(Fault::not_implemented(&format!("changes of {other}")));
        }
        let is_selected = !options.select.is_empty();
        let usual = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let mut text = form_urlencoded::Serializer::new(String::new());
        let tokens = ["deltatoken", "skiptoken"];
        let kept = options
            .pairs
            .iter()
            .filter(|(key, _)| !tokens.contains(&name_of(key).as_str()));
        text.extend_pairs(kept);
        Ok(Self {
            kind,
            is_selected,
            properties: if is_selected {
                properties
            } else {
                usual(kind.properties)
            },
            relations: if is_selected {
                relations
            } else {
                usual(kind.relations)
            },
            ids: options.filter.as_ref().map(named).transpose()?,
            text: text.finish(),
        })
    }

    /// Whether an object is among those that the client follows.
    pub(super) fn is_about(&self, id: &str) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(id))
    }

    /// Whether a property is shown.
    pub(super) fn shows(&self, property: &str) -> bool {
        let is_everything = !self.is_selected && self.properties.is_empty();
        is_everything || self.properties.iter().any(|name| name == property)
    }

    /// Whether a change of a property is told: without `$select` any is.
    pub(super) fn tracks(&self, property: &str) -> bool {
        !self.is_selected || self.shows(property)
    }

    pub(super) fn has_relation(&self, name: &str) -> bool {
        self.relations.iter().any(|relation| relation == name)
    }

    /// The selection as contexts have it.
    pub(super) fn context_suffix(&self) -> String {
        if !self.is_selected {
            return String::new();
        }
        let names: Vec<&str> = self
            .kind
            .entity
            .properties
            .iter()
            .map(|property| property.name)
            .filter(|name| self.shows(name) || self.has_relation(name))
            .collect();
        format!("({})", names.join(","))
    }
}

/// The only condition there is: `id eq '…' or id eq '…'`.
fn named(condition: &Expr) -> Result<BTreeSet<String>, Fault> {
    let mut ids = BTreeSet::new();
    let mut rest = vec![condition];
    while let Some(condition) = rest.pop() {
        match condition {
            Expr::Or(left, right) => rest.extend([&**left, &**right]),
            Expr::Compare(Comparison::Equal, left, right) => {
                let (Expr::Path(path), Expr::Literal(Literal::Text(id) | Literal::Guid(id))) =
                    (&**left, &**right)
                else {
                    return Err(not_by_id());
                };
                if !matches!(path.as_slice(), [name] if name.eq_ignore_ascii_case("id")) {
                    return Err(not_by_id());
                }
                ids.insert(id.to_ascii_lowercase());
            }
            _ => return Err(not_by_id()),
        }
    }
    if ids.len() > MOST_OBJECTS {
        return Err(unsupported(&format!(
            "A filter of a delta query names at most {MOST_OBJECTS} objects."
        )));
    }
    Ok(ids)
}

fn not_by_id() -> Fault {
    unsupported("Delta queries can be filtered by the ids of objects only.")
}

fn unsupported(message: &str) -> Fault {
    Fault::bad_request_as("Request_UnsupportedQuery", message)
}
