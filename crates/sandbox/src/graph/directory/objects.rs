//! Directory objects of any kind: who stands behind an id, and how Graph shows them in a relation.
//! Source: <https://learn.microsoft.com/graph/api/resources/directoryobject>

use axum::http::Method;
use serde_json::{Value, json};

use super::groups::{self, render};
use super::{Row, fields, membership, principals, rows};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::graph::{paths, users};
use crate::odata::envelope;
use crate::odata::schema::{EntityType, boolean, text, texts, time};
use crate::state::State;

const SET: &str = "directoryObjects";

/// What a relation of mixed objects can be asked for.
pub(super) static OBJECT: EntityType = EntityType {
    name: "microsoft.graph.directoryObject",
    properties: &[
        text("id"),
        text("displayName"),
        text("mail"),
        text("userPrincipalName"),
        text("givenName"),
        text("surname"),
        text("jobTitle"),
        text("department"),
        text("officeLocation"),
        text("mobilePhone"),
        text("preferredLanguage"),
        text("userType"),
        text("mailNickname"),
        text("description"),
        text("visibility"),
        text("appId"),
        text("servicePrincipalType"),
        texts("businessPhones"),
        texts("groupTypes"),
        texts("resourceProvisioningOptions"),
        boolean("accountEnabled"),
        boolean("securityEnabled"),
        boolean("mailEnabled"),
        time("createdDateTime"),
    ],
};

/// What kind of object an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ObjectKind {
    User,
    Group,
    ServicePrincipal,
}

impl ObjectKind {
    /// Its type without the namespace.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::ServicePrincipal => "servicePrincipal",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        [Self::User, Self::Group, Self::ServicePrincipal]
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

/// What an id, or a user's name, stands for in a tenant: its kind and object id.
pub(super) fn resolve(state: &State, tenant: &str, key: &str) -> Option<(ObjectKind, String)> {
    let directory = &state.directory;
    let user = directory.user(key).filter(|it| it.tenant_id == tenant);
    if let Some(user) = user {
        return Some((ObjectKind::User, user.id.clone()));
    }
    if let Some(group) = directory.group(tenant, key) {
        return Some((ObjectKind::Group, group.id.clone()));
    }
    let known = principals::known(state, tenant, key).filter(|it| it.id.eq_ignore_ascii_case(key));
    known.map(|it| (ObjectKind::ServicePrincipal, it.id))
}

/// How much of the objects in a relation a caller sees: who may not read a kind gets its id and nulls.
/// Source: <https://learn.microsoft.com/graph/permissions-overview#limited-information-returned-for-inaccessible-member-objects>
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a kind or a width of its own"
)]
pub(super) struct Sight {
    users: bool,
    groups: bool,
    principals: bool,
    /// Properties beyond those that come unasked.
    whole: bool,
}

impl Sight {
    pub(super) fn of(call: &Call) -> Self {
        let caller = &call.caller;
        let directory = caller.has_any(&["Directory.Read.All", "Directory.ReadWrite.All"]);
        Self {
            users: crate::graph::permission::may_read_users(caller),
            groups: directory
                || caller.has_any(&[
                    "GroupMember.Read.All",
                    "GroupMember.ReadWrite.All",
                    "Group.Read.All",
                    "Group.ReadWrite.All",
                ]),
            principals: directory
                || caller.has_any(&["Application.Read.All", "Application.ReadWrite.All"]),
            whole: !call.options.select.is_empty() || call.options.filter.is_some(),
        }
    }

    fn sees(self, kind: ObjectKind) -> bool {
        match kind {
            ObjectKind::User => self.users,
            ObjectKind::Group => self.groups,
            ObjectKind::ServicePrincipal => self.principals,
        }
    }
}

/// The object as a member of a mixed collection; none when nothing has this id any more.
pub(super) fn row(state: &State, tenant: &str, id: &str, sight: Sight) -> Option<Row> {
    let (kind, id) = resolve(state, tenant, id)?;
    let mut row = match kind {
        ObjectKind::User => {
            let all = users::render(state.directory.user(&id)?);
            if sight.whole {
                all
            } else {
                users::project_all(all)
            }
        }
        ObjectKind::Group => render::group(state.directory.group(tenant, &id)?),
        ObjectKind::ServicePrincipal => principals::row_of(state, tenant, &id)?,
    };
    if !sight.sees(kind) {
        for (name, value) in &mut row {
            if name != "id" {
                *value = match value {
                    Value::Array(_) => json!([]),
                    _ => Value::Null,
                };
            }
        }
    }
    let type_name = format!("#microsoft.graph.{}", kind.name());
    row.insert("@odata.type".to_owned(), json!(type_name));
    Some(row)
}

/// The object id that an `@odata.id` or a `…@odata.bind` names.
pub(super) fn referenced(state: &State, tenant: &str, url: &str) -> Result<String, Fault> {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let segments = paths::segments(path).unwrap_or_default();
    let key = segments.last().map(String::as_str).unwrap_or_default();
    resolve(state, tenant, key)
        .map(|(_, id)| id)
        .ok_or_else(|| Fault::user_not_found(key))
}

/// `/directoryObjects/{id}` and its actions.
pub(super) fn dispatch(call: &Call, rest: &[&str]) -> Result<Reply, Fault> {
    let tenant = call.caller.tenant_id();
    match (&call.method, rest) {
        (&Method::POST, [action]) if super::is_named(action, "getByIds") => by_ids(call),
        (&Method::GET, [key]) => {
            require_sight(call)?;
            let found = call
                .shared
                .read(|state| row(state, tenant, key, Sight::of(call)));
            let row = found.ok_or_else(|| Fault::user_not_found(key))?;
            rows::one(call, SET, &OBJECT, row)
        }
        (_, [key, action]) if membership::is_mine(action) => {
            membership::dispatch(call, key, action)
        }
        (_, [_]) => Err(Fault::method_not_allowed()),
        (_, [_, other, ..]) => Err(Fault::unknown_segment(other)),
        (_, []) => Err(Fault::not_implemented("a list of all directory objects")),
    }
}

/// Nothing but ids would come of it.
fn require_sight(call: &Call) -> Result<(), Fault> {
    let sight = Sight::of(call);
    if sight.users || sight.groups || sight.principals {
        Ok(())
    } else {
        Err(Fault::request_denied())
    }
}

/// `POST /directoryObjects/getByIds`: those of up to a thousand ids that exist.
/// Source: <https://learn.microsoft.com/graph/api/directoryobject-getbyids>
fn by_ids(call: &Call) -> Result<Reply, Fault> {
    require_sight(call)?;
    let body = call.json()?;
    fields::known(&body, &["ids", "types"], OBJECT.name)?;
    let ids = fields::texts(body.get("ids").unwrap_or(&Value::Null), "ids")?;
    let types = body.get("types").map(|it| fields::texts(it, "types"));
    let types = types.transpose()?.unwrap_or_default();
    if ids.is_empty() || ids.len() > 1000 {
        return Err(Fault::directory(
            "The number of ids must be between 1 and 1000.",
        ));
    }
    let wanted: Vec<ObjectKind> = types
        .iter()
        .filter_map(|it| ObjectKind::parse(it))
        .collect();
    let is_wanted =
        |kind| types.is_empty() || types == ["directoryObject"] || wanted.contains(&kind);
    let tenant = call.caller.tenant_id();
    let sight = Sight::of(call);
    let value: Vec<Value> = call.shared.read(|state| {
        let found = ids.iter().filter_map(|id| resolve(state, tenant, id));
        let found = found.filter(|(kind, _)| is_wanted(*kind));
        found
            .filter_map(|(_, id)| Some(Value::Object(row(state, tenant, &id, sight)?)))
            .collect()
    });
    let page = envelope::Page {
        context: call.context(SET),
        count: None,
        next: None,
        value,
    };
    Ok(Reply::json(&page.into_value()))
}

/// Whether there is such a group, user or principal; for those who only want to know.
pub(super) fn exists(call: &Call, key: &str) -> Result<String, Fault> {
    let tenant = call.caller.tenant_id();
    let found = call.shared.read(|state| resolve(state, tenant, key));
    found
        .map(|(_, id)| id)
        .ok_or_else(|| groups::not_found(key))
}
