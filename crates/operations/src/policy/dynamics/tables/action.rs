//! Functions and actions: those that are known, with the tables that they act on. What any other does only its author knows, so that
//! it is refused.
//!
//! Sources: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/actions>,
//! <https://learn.microsoft.com/power-apps/developer/data-platform/bulk-operations>,
//! <https://learn.microsoft.com/dynamics365/field-service/search-resource-availability-api>.

use http::Method;
use serde_json::{Map, Value};

use super::NAMESPACE;
use super::body;
use super::reach::{Asked, Place, Reach, UNCLEAR};
use crate::proxy::parse_json;

const UNKNOWN: Reach =
    Reach::Beyond("calls a function or action of which it is not known what it acts on");

/// What a parameter holds.
#[derive(Clone, Copy)]
enum Holds {
    Plain,
    /// A row, or several, of the table.
    Rows(&'static str),
    /// A row, or several, of the table that the action is called on.
    Own,
    /// A row that says by `@odata.type` what it is.
    Typed,
    /// Properties by name, of no table.
    Properties,
    /// Whether a row of the table is made.
    Makes(&'static str),
}

use Holds::{Makes, Own, Plain, Properties, Rows, Typed};

struct Action {
    name: &'static str,
    /// Those that it acts on whatever its parameters say.
    tables: &'static [&'static str],
    parameters: &'static [(&'static str, Holds)],
}

/// Called by their names alone.
const UNBOUND: [Action; 5] = [
    Action {
        name: "CloseIncident",
        tables: &["incident"],
        parameters: &[
            ("IncidentResolution", Rows("incidentresolution")),
            ("Status", Plain),
        ],
    },
    Action {
        name: "LoseOpportunity",
        tables: &["opportunity"],
        parameters: &[
            ("OpportunityClose", Rows("opportunityclose")),
            ("Status", Plain),
        ],
    },
    Action {
        name: "Merge",
        tables: &[],
        parameters: &[
            ("PerformParentingChecks", Plain),
            ("Subordinate", Typed),
            ("Target", Typed),
            ("UpdateContent", Typed),
        ],
    },
    Action {
        name: "WinOpportunity",
        tables: &["opportunity"],
        parameters: &[
            ("OpportunityClose", Rows("opportunityclose")),
            ("Status", Plain),
        ],
    },
    Action {
        name: "msdyn_SearchResourceAvailability",
        tables: &["bookableresource", "bookableresourcebooking"],
        parameters: &[
            ("IsWebApi", Plain),
            ("Requirement", Rows("msdyn_resourcerequirement")),
            ("ResourceSpecification", Properties),
            ("Settings", Properties),
            ("Version", Plain),
        ],
    },
];

/// Called on a row, or on a table.
const BOUND: [Action; 5] = [
    Action {
        name: "CreateMultiple",
        tables: &[],
        parameters: &[("Targets", Own)],
    },
    Action {
        name: "QualifyLead",
        tables: &["lead"],
        parameters: &[
            ("CreateAccount", Makes("account")),
            ("CreateContact", Makes("contact")),
            ("CreateOpportunity", Makes("opportunity")),
            ("OpportunityCurrencyId", Typed),
            ("OpportunityCustomerId", Typed),
            ("SourceCampaignId", Typed),
            ("Status", Plain),
            ("SuppressDuplicateDetection", Plain),
        ],
    },
    Action {
        name: "SendEmail",
        tables: &["email"],
        parameters: &[("IssueSend", Plain), ("TrackingToken", Plain)],
    },
    Action {
        name: "UpdateMultiple",
        tables: &[],
        parameters: &[("Targets", Own)],
    },
    Action {
        name: "UpsertMultiple",
        tables: &[],
        parameters: &[("Targets", Own)],
    },
];

/// What the action of this name reaches; `None` where none is known by it, and it may be a table's.
pub(super) fn unbound(name: &str, asked: &Asked<'_>) -> Option<Vec<Reach>> {
    let action = UNBOUND.iter().find(|action| action.name == name)?;
    if !asked.is(&Method::POST) || !asked.query.is_empty() {
        return Some(vec![UNCLEAR]);
    }
    Some(action.reaches(None, asked))
}

/// The same for one that is called on a row or table at `place`.
pub(super) fn bound(place: &Place, name: &str, is_last: bool, asked: &Asked<'_>) -> Vec<Reach> {
    let name = name.strip_prefix(NAMESPACE).unwrap_or(name);
    let Some(action) = BOUND.iter().find(|action| action.name == name) else {
        return vec![UNKNOWN];
    };
    if !is_last || !asked.is(&Method::POST) || !asked.query.is_empty() {
        return vec![UNCLEAR];
    }
    action.reaches(Some(place), asked)
}

impl Action {
    fn reaches(&self, place: Option<&Place>, asked: &Asked<'_>) -> Vec<Reach> {
        let mut all: Vec<Reach> = self.tables.iter().map(|name| Reach::table(name)).collect();
        let none = Map::new();
        let fields = match asked.body {
            None => &none,
            Some(Value::Object(fields)) => fields,
            Some(_) => return vec![UNCLEAR],
        };
        for (name, value) in fields {
            self.parameter(name, value, place, asked.root, &mut all);
        }
        all
    }

    fn parameter(
        &self,
        name: &str,
        value: &Value,
        place: Option<&Place>,
        root: &str,
        all: &mut Vec<Reach>,
    ) {
        if let Some(what) = body::annotation(name) {
            return body::annotated(root, &what, value, all);
        }
        let known = self.parameters.iter().find(|(known, _)| *known == name);
        let is_plain = !value.is_object() && !value.is_array();
        match known.map(|(_, holds)| holds) {
            Some(Plain) if is_plain => {}
            Some(Makes(_)) if *value == Value::Bool(false) || value.is_null() => {}
            Some(Makes(table)) if is_plain => all.push(Reach::table(table)),
            Some(Rows(table)) => {
                let place = Place::table(table);
                all.push(Reach::Rows(place.clone()));
                body::of(root, value, &place, all);
            }
            Some(Own) => match place {
                Some(place) => body::of(root, value, place, all),
                None => all.push(UNCLEAR),
            },
            Some(Typed) if value.is_null() => {}
            Some(Typed) => typed(root, value, all),
            Some(Properties) => properties(root, value, all),
            _ => all.push(UNKNOWN),
        }
    }
}

fn typed(root: &str, value: &Value, all: &mut Vec<Reach>) {
    let name = value["@odata.type"].as_str().unwrap_or_default();
    let name = name.trim_start_matches('#').strip_prefix(NAMESPACE);
    match name {
        Some(table) => {
            let place = Place::table(table);
            all.push(Reach::Rows(place.clone()));
            body::of(root, value, &place, all);
        }
        None => all.push(UNCLEAR),
    }
}

/// What has no table: but what says that it is a row of one, or names one, is.
fn properties(root: &str, value: &Value, all: &mut Vec<Reach>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| properties(root, item, all)),
        Value::Object(fields) => {
            for (name, value) in fields {
                match body::annotation(name) {
                    Some(what) => body::annotated(root, &what, value, all),
                    None => properties(root, value, all),
                }
            }
        }
        _ => {}
    }
}

/// `searchquery` looks through the tables that it names, and without names through all.
///
/// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/search/query>.
pub(super) fn search(body: Option<&Value>) -> Vec<Reach> {
    const KNOWN: [&str; 9] = [
        "count", "entities", "facets", "filter", "options", "orderby", "search", "skip", "top",
    ];
    const EVERYWHERE: Reach = Reach::Beyond("searches all tables; name them in `entities`");
    let Some(fields) = body.and_then(Value::as_object) else {
        return vec![EVERYWHERE];
    };
    if !fields.keys().all(|name| KNOWN.contains(&name.as_str())) {
        return vec![UNCLEAR];
    }
    let Some(text) = fields.get("entities").filter(|value| !value.is_null()) else {
        return vec![EVERYWHERE];
    };
    let listed = match text.as_str().map(|text| parse_json(text.as_bytes())) {
        Some(Ok(Value::Array(listed))) if !listed.is_empty() => listed,
        // Something stands in it twice.
        Some(Err(_)) => return vec![UNCLEAR],
        _ => return vec![EVERYWHERE],
    };
    let table = |one: &Value| match one.get("name").and_then(Value::as_str) {
        Some(name) => Reach::table(name),
        None => UNCLEAR,
    };
    listed.iter().map(table).collect()
}
