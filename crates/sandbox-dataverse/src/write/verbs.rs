//! What the verbs do to rows, with privileges and preconditions.

use http::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::body::{Draft, may_link};
use super::references::connect;
use super::{Actor, Target};
use crate::Dataverse;
use crate::call::Call;
use crate::cell::{Cell, Link};
use crate::fault::Fault;
use crate::query::operator::Maker;
use crate::query::plan::Plan;
use crate::query::render::{Renderer, etag};
use crate::reply::Reply;
use crate::rules;
use crate::schema::{Navigation, TableId};
use crate::security::{Access, Principal, privilege_name};
use crate::store::Row;

/// `POST /accounts`
pub(crate) fn create(
    dataverse: &mut Dataverse,
    call: &Call,
    table: TableId,
) -> Result<Reply, Fault> {
    let body = call.json()?;
    if duplicates_matter(call) {
        rules::refuse_duplicates(dataverse, table, &body, None)?;
    }
    let id = insert(dataverse, &call.who, Actor::of(call), table, &body, None)?;
    written(dataverse, call, table, id, true)
}

/// Makes a row, and with it those within it.
pub(super) fn insert(
    dataverse: &mut Dataverse,
    who: &Principal,
    actor: Actor,
    table: TableId,
    body: &Map<String, Value>,
    target: Option<&Target>,
) -> Result<Uuid, Fault> {
    dataverse.need(who, Access::Create, table)?;
    let draft = Draft::read(dataverse, who, table, body, true)?;
    let chosen = target.and_then(|target| target.id).or(draft.id);
    let id = chosen.unwrap_or_else(|| dataverse.ids.uuid());
    let mut row = Row::new(id);
    for (column, cell) in target.into_iter().flat_map(|target| &target.values) {
        row.set(*column, Some(cell.clone()));
    }
    for (column, cell) in draft.cells {
        row.set(column, cell);
    }
    // A lookup to a row within the body needs that row first.
    let (first, later): (Vec<_>, Vec<_>) = draft
        .nested
        .into_iter()
        .partition(|nested| matches!(nested.navigation, Navigation::Single { .. }));
    for nested in first {
        if let Navigation::Single { column, target } = nested.navigation {
            for inner in &nested.rows {
                may_link(dataverse, who, table, target)?;
                let inner = insert(dataverse, who, actor, target, inner, None)?;
                row.set(column, Some(Cell::link(target, inner)));
            }
        }
    }
    may_own(dataverse, who, table, &row)?;
    dataverse.create_row(actor, table, row)?;
    for nested in later {
        for inner in &nested.rows {
            insert_within(
                dataverse,
                who,
                actor,
                Link { table, id },
                nested.navigation,
                inner,
            )?;
        }
    }
    for (navigation, link) in draft.peers {
        connect(dataverse, actor, Link { table, id }, navigation, link)?;
    }
    Ok(id)
}

fn insert_within(
    dataverse: &mut Dataverse,
    who: &Principal,
    actor: Actor,
    outer: Link,
    navigation: Navigation,
    body: &Map<String, Value>,
) -> Result<(), Fault> {
    match navigation {
        Navigation::Children { table, column } => {
            may_link(dataverse, who, table, outer.table)?;
            let target = Target {
                table,
                id: None,
                values: vec![(column, Cell::Link(outer))],
            };
            insert(dataverse, who, actor, table, body, Some(&target)).map(|_| ())
        }
        Navigation::Peers { target, .. } => {
            let id = insert(dataverse, who, actor, target, body, None)?;
            connect(
                dataverse,
                actor,
                outer,
                navigation,
                Link { table: target, id },
            )
        }
        Navigation::Single { .. } => Ok(()),
    }
}

/// `PATCH /accounts(…)`: changes a row, or makes it where there is none.
pub(crate) fn patch(
    dataverse: &mut Dataverse,
    call: &Call,
    target: &Target,
) -> Result<Reply, Fault> {
    let body = call.json()?;
    let row = target
        .id
        .and_then(|id| dataverse.store.get(target.table, id))
        .cloned();
    let Some(row) = row else {
        if call.header("if-match").is_some() {
            target.row(dataverse)?;
        }
        let id = insert(
            dataverse,
            &call.who,
            Actor::of(call),
            target.table,
            &body,
            Some(target),
        )?;
        return written(dataverse, call, target.table, id, true);
    };
    if call
        .header("if-none-match")
        .is_some_and(|value| value.trim() == "*")
    {
        return Err(Fault::duplicate_id());
    }
    matches(call, &row)?;
    if duplicates_matter(call) {
        rules::refuse_duplicates(dataverse, target.table, &body, Some(row.id))?;
    }
    update(
        dataverse,
        &call.who,
        Actor::of(call),
        target.table,
        &row,
        &body,
    )?;
    written(dataverse, call, target.table, row.id, false)
}

/// Changes a row as a body says.
pub(super) fn update(
    dataverse: &mut Dataverse,
    who: &Principal,
    actor: Actor,
    table: TableId,
    row: &Row,
    body: &Map<String, Value>,
) -> Result<(), Fault> {
    dataverse.need_on(who, Access::Write, table, row)?;
    let draft = Draft::read(dataverse, who, table, body, false)?;
    if !draft.nested.is_empty() {
        return Err(Fault::bad_payload(
            &dataverse.schema.table(table).set_name,
            "Deep update is not supported: related rows cannot be changed along with a row.",
        ));
    }
    let mut changed = row.clone();
    for (column, cell) in draft.cells {
        changed.set(column, cell);
    }
    let owner = dataverse.schema.table(table).find("ownerid");
    if let Some(owner) = owner
        && changed.get(owner) != row.get(owner)
    {
        dataverse.need_on(who, Access::Assign, table, row)?;
        may_own(dataverse, who, table, &changed)?;
    }
    dataverse.update_row(actor, table, changed)?;
    for (navigation, link) in draft.peers {
        connect(
            dataverse,
            actor,
            Link { table, id: row.id },
            navigation,
            link,
        )?;
    }
    Ok(())
}

/// Whoever is to own a row has to be able to read it.
fn may_own(dataverse: &Dataverse, who: &Principal, table: TableId, row: &Row) -> Result<(), Fault> {
    let Some(owner) = dataverse.owner_of(table, row) else {
        return Ok(());
    };
    if owner.id == who.user || owner.table != dataverse.tables.user {
        return Ok(());
    }
    let privilege = privilege_name(Access::Read, &dataverse.schema.table(table).privilege);
    let other = dataverse.principal(owner.id);
    match dataverse.depth(&other, &privilege) {
        Some(_) => Ok(()),
        None => Err(Fault::owner_lacks(owner.id, &privilege)),
    }
}

/// `DELETE /accounts(…)`
pub(crate) fn delete(
    dataverse: &mut Dataverse,
    call: &Call,
    target: &Target,
) -> Result<Reply, Fault> {
    let row = target.row(dataverse)?.clone();
    matches(call, &row)?;
    dataverse.need_on(&call.who, Access::Delete, target.table, &row)?;
    dataverse.delete_row(Actor::of(call), target.table, row.id)?;
    Ok(Reply::no_content())
}

/// `If-Match`
fn matches(call: &Call, row: &Row) -> Result<(), Fault> {
    match call.header("if-match") {
        None => Ok(()),
        Some(wanted) if wanted.trim() == "*" || wanted.trim() == etag(row) => Ok(()),
        Some(_) => Err(Fault::version_mismatch()),
    }
}

fn duplicates_matter(call: &Call) -> bool {
    let header = call.header("mscrm.suppressduplicatedetection");
    header.is_some_and(|value| value.trim().eq_ignore_ascii_case("false"))
}

/// The answer to a write: the row's address, or the row itself where that is preferred.
fn written(
    dataverse: &Dataverse,
    call: &Call,
    table: TableId,
    id: Uuid,
    is_new: bool,
) -> Result<Reply, Fault> {
    let known = dataverse.schema.table(table);
    let address = format!("{}/{}({id})", call.root, known.set_name);
    let reply = if call.prefer.representation {
        let maker = Maker::of(dataverse, call);
        let plan = Plan::read(maker, table, &call.options)?;
        let row = dataverse
            .store
            .get(table, id)
            .ok_or_else(|| Fault::no_row(&known.name, id))?;
        let mut body = Renderer::of(dataverse, call).row(row, &plan);
        let context = call.context(&format!(
            "{}{}/$entity",
            known.set_name,
            plan.fragment(maker)
        ));
        if let Value::Object(object) = &mut body {
            object.shift_insert(0, "@odata.context".to_owned(), json!(context));
        }
        let status = if is_new {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        };
        Reply::json(status, &body)
    } else {
        Reply::no_content()
    };
    Ok(reply
        .with("location", address.clone())
        .with("odata-entityid", address))
}
