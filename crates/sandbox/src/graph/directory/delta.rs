//! Rounds of delta over people and groups: <https://learn.microsoft.com/graph/delta-query-overview>
//!
//! Every request looks at the directory as it is (`state/directory/watched.rs`). A token is the number of the change that was told
//! last, with the options of the first call; so no round has to be remembered.

mod query;
mod round;
mod show;

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::groups::render::{self, GROUP};
use super::objects;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::graph::users;
use crate::odata::schema::EntityType;
use crate::state::State;
use crate::state::directory::deleted::Object;
use crate::state::directory::watched::{Change, Seen, Set};
use query::Query;
use round::{Place, Round};

/// Objects in a page; one with many relations counts for as many as it takes.
const PAGE: usize = 100;

/// A collection whose changes are told.
#[derive(Debug)]
pub(in crate::graph) struct Kind {
    /// Its name, which is also the start of contexts.
    set: &'static str,
    entity: &'static EntityType,
    /// What comes without `$select`; everything where it is empty.
    properties: &'static [&'static str],
    /// Relations that come without `$select`.
    relations: &'static [&'static str],
    /// Relations that `$select` may name.
    selectable: &'static [&'static str],
    delegated: &'static [&'static str],
    application: &'static [&'static str],
    look: fn(&State, &Call) -> Vec<Seen>,
}

const GROUP_READERS: &[&str] = &[
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

/// Source: <https://learn.microsoft.com/graph/api/group-delta>
pub(super) static GROUPS: Kind = Kind {
    set: "groups",
    entity: &GROUP,
    properties: &[],
    relations: &["members"],
    selectable: &["members", "owners"],
    delegated: GROUP_READERS,
    application: GROUP_READERS,
    look: look_at_groups,
};

/// Source: <https://learn.microsoft.com/graph/api/user-delta>
pub(in crate::graph) static USERS: Kind = Kind {
    set: "users",
    entity: &users::USER,
    properties: &users::DEFAULT,
    relations: &[],
    selectable: &["manager"],
    delegated: &[
        "User.Read",
        "User.ReadWrite",
        "User.ReadBasic.All",
        "User.Read.All",
        "User.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ],
    application: &[
        "User.Read.All",
        "User.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ],
    look: look_at_users,
};

/// Whether this segment below a collection is its delta function.
pub(in crate::graph) fn is_mine(segment: &str) -> bool {
    super::is_named(segment.strip_suffix("()").unwrap_or(segment), "delta")
}

/// `GET /groups/delta`, `GET /users/delta`
pub(in crate::graph) fn tell(call: &Call, kind: &'static Kind) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    let permissions = if call.caller.is_application() {
        kind.application
    } else {
        kind.delegated
    };
    if !call.caller.has_any(permissions) {
        return Err(Fault::request_denied());
    }
    let tenant = call.caller.tenant_id();
    let written = round::written(call, kind)?;
    let query = match &written {
        Some(written) => Query::again(kind, &written.query)?,
        None => Query::read(kind, &call.options)?,
    };
    let (value, round, next) = call.shared.write(|state| {
        let seen = (kind.look)(state, call);
        state
            .directory
            .watched
            .set_mut(tenant, kind.set)
            .look(call.now, seen);
        let set = state.directory.watched.set(tenant, kind.set);
        let set = set.ok_or_else(|| round::resync(call))?;
        let round = Round::open(call, written.as_ref(), set)?;
        let (value, next) = page(call, state, set, &query, &round);
        Ok::<_, Fault>((value, round, next))
    })?;
    let suffix = query.context_suffix();
    let context = call.context(&format!("{}{suffix}", kind.set));
    let mut body = Map::from_iter([("@odata.context".to_owned(), json!(context))]);
    let (name, link) = round.link(call, kind, &query, next);
    body.insert(name.to_owned(), json!(link));
    body.insert("value".to_owned(), Value::Array(value));
    Ok(Reply::json(&Value::Object(body)))
}

/// What this request tells, and where the next goes on when that is not all.
fn page(
    call: &Call,
    state: &State,
    set: &Set,
    query: &Query,
    round: &Round,
) -> (Vec<Value>, Option<Place>) {
    let mut value = Vec::new();
    if round.is_latest {
        return (value, None);
    }
    let whole = || set.live().map(|id| (id.to_owned(), None));
    let candidates: BTreeMap<String, Option<Change>> = if round.is_first {
        whole().collect()
    } else {
        let changes = set.changes(round.after, round.until).into_iter();
        changes.map(|(id, change)| (id, Some(change))).collect()
    };
    let view = show::View {
        state,
        tenant: call.caller.tenant_id(),
        query,
        is_minimal: call.prefer.is_minimal && !round.is_first,
    };
    for (id, change) in candidates.iter().filter(|(id, _)| query.is_about(id)) {
        let parts = view.parts(set, id, change.as_ref());
        for (part, shown) in parts.into_iter().enumerate() {
            let here = Place {
                id: id.clone(),
                part,
            };
            if round.from.as_ref().is_some_and(|from| here < *from) {
                continue;
            }
            if value.len() == PAGE {
                return (value, Some(here));
            }
            value.push(shown);
        }
    }
    (value, None)
}

fn look_at_groups(state: &State, call: &Call) -> Vec<Seen> {
    let tenant = call.caller.tenant_id();
    // Who is deleted has left every group, until they come back.
    let known = |ids: &[String]| {
        let ids = ids.iter();
        ids.filter_map(|id| objects::resolve(state, tenant, id))
            .map(|(_, id)| id)
            .collect()
    };
    let groups = state.directory.groups.iter();
    let live = groups.filter(|it| it.tenant_id == tenant).map(|it| Seen {
        id: it.id.clone(),
        is_deleted: false,
        properties: render::group(it),
        relations: [
            ("members".to_owned(), known(&it.members)),
            ("owners".to_owned(), known(&it.owners)),
        ]
        .into(),
    });
    live.chain(deleted(state, call, "groups")).collect()
}

fn look_at_users(state: &State, call: &Call) -> Vec<Seen> {
    let tenant = call.caller.tenant_id();
    let users = state.directory.users.iter();
    let live = users.filter(|it| it.tenant_id == tenant).map(|it| {
        let manager = it.manager.iter();
        let manager = manager.filter_map(|id| objects::resolve(state, tenant, id));
        let manager = manager.map(|(_, id)| id).collect();
        Seen {
            id: it.id.clone(),
            is_deleted: false,
            properties: users::render(it),
            relations: [("manager".to_owned(), manager)].into(),
        }
    });
    live.chain(deleted(state, call, "users")).collect()
}

fn deleted(state: &State, call: &Call, set: &str) -> Vec<Seen> {
    let deleted = state
        .directory
        .deleted_of(call.caller.tenant_id(), call.now);
    let of_kind = deleted.filter(|it| match it.object {
        Object::Group { .. } => set == "groups",
        Object::User { .. } => set == "users",
    });
    let seen = of_kind.map(|it| Seen {
        id: it.id().to_owned(),
        is_deleted: true,
        ..Seen::default()
    });
    seen.collect()
}
