//! What a request to Dataverse reaches, by all that is in it. What is not known to stay within its table is taken to leave it.
//!
//! Sources: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/web-api-navigation-properties>,
//! <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/associate-disassociate-entities-using-web-api>.

use connections::Snapshot;
use http::Method;
use serde_json::Value;
use url::Url;

use super::super::address::{self, Segment};
use super::{NAMESPACE, action, body, definition, expand, expression};
use crate::policy::Wanted;
use crate::proxy::tables_of_fetch_xml;

/// One thing that a request reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    Rows(Place),
    /// A file or image of a row.
    Column(Place, String),
    /// More than any list of tables could say; the words complete "this …".
    Beyond(&'static str),
}

impl Reach {
    /// Roughly what it takes to find out whether it is listed.
    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Beyond(_) => 0,
            Self::Column(place, _) => place.cost() + 1,
            Self::Rows(place) => place.cost(),
        }
    }

    pub(super) fn table(name: &str) -> Self {
        Self::Rows(Place::table(name))
    }
}

/// Rows: those of a table, or those that its navigation properties lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) start: Start,
    pub(super) steps: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Start {
    /// `accounts`
    Set(String),
    /// `account`
    Table(String),
}

impl Place {
    pub(super) fn table(name: &str) -> Self {
        Self {
            start: Start::Table(name.to_owned()),
            steps: Vec::new(),
        }
    }

    pub(super) fn set(name: &str) -> Self {
        Self {
            start: Start::Set(name.to_owned()),
            steps: Vec::new(),
        }
    }

    pub(super) fn then(&self, step: &str) -> Self {
        let mut place = self.clone();
        place.steps.push(step.to_owned());
        place
    }

    fn cost(&self) -> usize {
        match self.start {
            Start::Table(_) => 1 + 4 * self.steps.len(),
            Start::Set(_) => 2 + 4 * self.steps.len(),
        }
    }
}

/// Steps from one row to another that are followed, in a path, an `$expand` or a condition.
pub(super) const FARTHEST: usize = 16;

pub(super) const UNCLEAR: Reach = Reach::Beyond("could be read in more than one way");
pub(super) const UNKNOWN_OPTION: Reach = Reach::Beyond("has a query option that is not known");

/// A request below the API's version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The API's address, with the version and without a slash at its end.
    pub(super) root: &'a str,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) body: Option<&'a Value>,
}

/// All that `wanted` reaches.
pub(super) fn of(snapshot: &Snapshot, wanted: &Wanted<'_>) -> Vec<Reach> {
    let Ok(root) = snapshot.api_root() else {
        return vec![UNCLEAR];
    };
    let Some(path) = below(&root, wanted.url) else {
        return vec![Reach::Beyond("goes to another address than the API's")];
    };
    Asked {
        root: root.as_str().trim_end_matches('/'),
        method: wanted.operation.method,
        path,
        query: wanted.url.query().unwrap_or_default(),
        body: wanted.body,
    }
    .reaches()
}

/// The path behind the API's version, still encoded.
fn below<'a>(root: &Url, url: &'a Url) -> Option<&'a str> {
    let base = root.path().trim_end_matches('/');
    let path = url.path().strip_prefix(base)?.strip_prefix('/')?;
    (url.origin() == root.origin()).then_some(path)
}

impl Asked<'_> {
    pub(super) fn reaches(&self) -> Vec<Reach> {
        let segments = address::segments(self.path);
        let options = address::options(self.query);
        let (Some(segments), Some(options)) = (segments, options) else {
            return vec![UNCLEAR];
        };
        let Some((first, rest)) = segments.split_first() else {
            return vec![UNCLEAR];
        };
        if rest.len() > FARTHEST {
            return vec![UNCLEAR];
        }
        match first.name.as_str() {
            "EntityDefinitions" => return definition::of(self.method, first, rest, &options),
            "WhoAmI" | "RetrieveVersion" if rest.is_empty() && options.is_empty() => {
                let has_none = first.key.as_deref().is_none_or(str::is_empty);
                return if has_none { Vec::new() } else { vec![UNCLEAR] };
            }
            "RetrieveTotalRecordCount" if rest.is_empty() => return counted(first, &options),
            "searchquery" if segments.len() == 1 && options.is_empty() => {
                return action::search(self.body);
            }
            _ => {}
        }
        if let Some(name) = first.plain().filter(|_| rest.is_empty())
            && let Some(reaches) = action::unbound(name, self)
        {
            return reaches;
        }
        let mut all = Vec::new();
        let place = self.rows(first, rest, &mut all);
        if let Some(place) = place {
            self.options(&place, &options, &mut all);
        }
        all
    }

    /// The rows that the path leads to; `None` where what follows needs no more.
    fn rows(&self, first: &Segment, rest: &[Segment], all: &mut Vec<Reach>) -> Option<Place> {
        let mut place = Place::set(&first.name);
        all.push(Reach::Rows(place.clone()));
        for (at, segment) in rest.iter().enumerate() {
            let is_last = at + 1 == rest.len();
            let following = rest.get(at + 1).map(|next| next.name.as_str());
            let is_change = matches!(self.method, "PATCH" | "PUT" | "DELETE");
            match segment.name.as_str() {
                "$ref" | "$count" if is_last && segment.key.is_none() => {}
                name if name.starts_with('$') => {
                    all.push(UNCLEAR);
                    return None;
                }
                name if name.starts_with(NAMESPACE) => {
                    all.extend(action::bound(&place, name, is_last, self));
                    return None;
                }
                name if name.contains('.') => {
                    all.push(UNCLEAR);
                    return None;
                }
                name if segment.key.is_none()
                    && ((is_last && is_change)
                        || (following == Some("$value") && at + 2 == rest.len())) =>
                {
                    all.push(Reach::Column(place.clone(), name.to_owned()));
                    return Some(place);
                }
                name => {
                    place = place.then(name);
                    all.push(Reach::Rows(place.clone()));
                }
            }
        }
        if let Some(value) = self.body {
            body::of(self.root, value, &place, all);
        }
        Some(place)
    }

    fn options(&self, place: &Place, options: &[(String, String)], all: &mut Vec<Reach>) {
        for (name, value) in options {
            match name.as_str() {
                "select" | "filter" | "orderby" => {
                    expression::of(value, place, expression::Kind::Condition, options, all);
                }
                "apply" => {
                    expression::of(value, place, expression::Kind::Pipeline, options, all);
                }
                "expand" => expand::of(value, place, options, all),
                "top" | "skip" | "count" | "skiptoken" | "deltatoken" | "format"
                | "partitionid" => {}
                "fetchxml" => match tables_of_fetch_xml(value) {
                    Ok(names) => all.extend(names.iter().map(|name| Reach::table(name))),
                    Err(_) => all.push(UNCLEAR),
                },
                "savedquery" | "userquery" => {
                    all.push(Reach::Beyond(
                        "runs a stored view, which may read any table",
                    ));
                }
                "id" | "@odata.id" => body::address(self.root, value, all),
                alias if alias.starts_with('@') && !alias.contains('.') => {
                    expression::alias(value, place, options, all);
                }
                _ => all.push(UNKNOWN_OPTION),
            }
        }
    }

    pub(super) fn is(&self, method: &Method) -> bool {
        self.method == method.as_str()
    }
}

/// `RetrieveTotalRecordCount(EntityNames=['account'])`, or with an alias in the query.
///
/// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/retrievetotalrecordcount>.
fn counted(first: &Segment, options: &[(String, String)]) -> Vec<Reach> {
    let Some(key) = &first.key else {
        return vec![UNCLEAR];
    };
    let Some(list) = key.trim().strip_prefix("EntityNames=").map(str::trim) else {
        return vec![UNCLEAR];
    };
    if !options.is_empty() {
        return vec![UNKNOWN_OPTION];
    }
    let inner = list
        .strip_prefix('[')
        .and_then(|list| list.strip_suffix(']'));
    let Some(names) = inner.and_then(|inner| address::split(inner, ',')) else {
        return vec![UNCLEAR];
    };
    let table = |name: &str| {
        let name = name.strip_prefix('\'')?.strip_suffix('\'')?;
        Some(Reach::table(name))
    };
    names
        .into_iter()
        .map(|name| table(name).unwrap_or(UNCLEAR))
        .collect()
}
