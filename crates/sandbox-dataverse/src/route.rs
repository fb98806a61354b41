//! From a path to what answers it.

use http::{Method, StatusCode};
use sandbox_odata::service::Request;
use serde_json::{Value, json};

use crate::call::{Address, Call, Segment};
use crate::fault::Fault;
use crate::protection::cost;
use crate::query::list::Source;
use crate::query::operator::Maker;
use crate::query::plan::Plan;
use crate::query::render::{Renderer, etag};
use crate::reply::Reply;
use crate::schema::{Navigation, TableId};
use crate::security::Access;
use crate::write::{self, Target, by_arguments};
use crate::{Dataverse, actions, batch, metadata};

/// Versions that are answered, all alike.
const VERSIONS: [&str; 3] = ["v9.0", "v9.1", "v9.2"];
/// The largest body but for files and batches.
const MAX_BODY: usize = 192 * 1024 * 1024;

/// Answers a request, refusals among the answers.
pub(crate) fn answer(dataverse: &mut Dataverse, request: &Request) -> Reply {
    let prefer = crate::prefer::Preferences::read(&request.headers);
    let all = prefer.annotations.is_all();
    let request_id = request.header("x-ms-client-request-id").map(str::to_owned);
    let reply = match enter(dataverse, request) {
        Ok((call, left)) => {
            let reply = serve(dataverse, &call).unwrap_or_else(|fault| Reply::refusal(&fault, all));
            let reply = reply
                .with(
                    "x-ms-ratelimit-burst-remaining-xrm-requests",
                    left.0.to_string(),
                )
                .with(
                    "x-ms-ratelimit-time-remaining-xrm-requests",
                    format!("{}.00", left.1),
                );
            match prefer.applied() {
                Some(applied) => reply.with("preference-applied", applied),
                None => reply,
            }
        }
        Err(fault) => Reply::refusal(&fault, all),
    };
    let service_id = dataverse.ids.uuid();
    let reply = reply
        .with("x-ms-service-request-id", service_id.to_string())
        .with("req_id", service_id.to_string())
        .with("x-ms-dop-hint", "4");
    match request_id {
        Some(id) => reply.with("x-ms-client-request-id", id),
        None => reply,
    }
}

/// The call of a request that may come in, and what is left of its user's limits.
fn enter(dataverse: &mut Dataverse, request: &Request) -> Result<(Call, (usize, i64)), Fault> {
    let path = request.uri.path();
    let rest = path
        .strip_prefix("/api/data/")
        .ok_or_else(|| Fault::unknown_segment(path))?;
    let (version, below) = rest.split_once('/').unwrap_or((rest, ""));
    if !VERSIONS.contains(&version) {
        return Err(Fault::unknown_segment(version));
    }
    let who = dataverse.identify(request)?;
    if request.body.len() > MAX_BODY {
        return Err(Fault::too_large("The request is too large."));
    }
    let units = cost::of(request, below);
    let left = dataverse.protection.admit(who.user, request.now, units)?;
    let address = match request.uri.query() {
        Some(query) => Address::parse(&format!("{below}?{query}"))?,
        None => Address::parse(below)?,
    };
    let root = format!("{}/api/data/{version}", request.origin);
    Ok((Call::read(request, root, address, who)?, left))
}

/// Answers a call; whatever it changed is undone when it is refused.
pub(crate) fn serve(dataverse: &mut Dataverse, call: &Call) -> Result<Reply, Fault> {
    if call
        .segments
        .first()
        .is_some_and(|first| first.name == "$batch")
    {
        return batch::answer(dataverse, call);
    }
    let mark = dataverse.store.begin();
    let reply = dispatch(dataverse, call);
    if reply.is_err() {
        dataverse.store.roll_back(mark);
    }
    dataverse.store.end(mark);
    reply
}

fn dispatch(dataverse: &mut Dataverse, call: &Call) -> Result<Reply, Fault> {
    let segments: Vec<&Segment> = call.segments.iter().collect();
    let Some((first, rest)) = segments.split_first() else {
        return Ok(service_document(dataverse, call));
    };
    if let Some(table) = dataverse.schema.find_set(&first.name) {
        return match &first.arguments {
            Some(arguments) if !arguments.is_empty() => {
                let target = by_arguments(dataverse, table, arguments)?;
                row(dataverse, call, &target, rest)
            }
            _ => set(dataverse, call, table, rest),
        };
    }
    if let Some(reply) = metadata::dispatch(dataverse, call, first, rest) {
        return reply;
    }
    if !rest.is_empty() {
        return Err(Fault::unknown_segment(&first.name));
    }
    actions::unbound(dataverse, call, first)
}

fn service_document(dataverse: &Dataverse, call: &Call) -> Reply {
    let sets: Vec<Value> = dataverse
        .schema
        .tables()
        .map(|(_, table)| json!({ "name": table.set_name, "kind": "EntitySet", "url": table.set_name }))
        .collect();
    Reply::ok(&json!({ "@odata.context": format!("{}/$metadata", call.root), "value": sets }))
}

fn set(
    dataverse: &mut Dataverse,
    call: &Call,
    table: TableId,
    rest: &[&Segment],
) -> Result<Reply, Fault> {
    let all = Source { table, of: None };
    match (rest, &call.method) {
        ([], &Method::GET) => dataverse.list(call, all),
        ([], &Method::POST) => write::create(dataverse, call, table),
        ([], _) => Err(call.wrong_verb()),
        ([one], method) => match (one.name.as_str(), method) {
            ("$count", &Method::GET) => dataverse.count(call, all),
            (name, _) => match name.strip_prefix("Microsoft.Dynamics.CRM.") {
                Some(action) => actions::of_set(dataverse, call, table, action),
                None => Err(Fault::unknown_segment(name)),
            },
        },
        ([first, ..], _) => Err(Fault::unknown_segment(&first.name)),
    }
}

fn row(
    dataverse: &mut Dataverse,
    call: &Call,
    target: &Target,
    rest: &[&Segment],
) -> Result<Reply, Fault> {
    let Some((first, below)) = rest.split_first() else {
        return match call.method {
            Method::GET => get(dataverse, call, target),
            // PUT of a whole row is taken like PATCH; deprecated, and still answered by Microsoft.
            Method::PATCH | Method::PUT => write::patch(dataverse, call, target),
            Method::DELETE => write::delete(dataverse, call, target),
            _ => Err(call.wrong_verb()),
        };
    };
    let name = first.name.as_str();
    if let Some(action) = name.strip_prefix("Microsoft.Dynamics.CRM.") {
        return actions::bound(dataverse, call, target, first, action);
    }
    if let Some(column) = write::is_file_column(dataverse, target.table, name) {
        return file(dataverse, call, target, column, below);
    }
    let navigation = dataverse
        .schema
        .table(target.table)
        .navigations
        .get(name)
        .copied();
    let is_reference = below.last().is_some_and(|last| last.name == "$ref");
    match navigation {
        Some(navigation) if is_reference => {
            reference(dataverse, call, target, (first, navigation), below)
        }
        Some(navigation) => related(dataverse, call, target, (first, navigation), below),
        None => property(dataverse, call, target, name, below),
    }
}

fn get(dataverse: &Dataverse, call: &Call, target: &Target) -> Result<Reply, Fault> {
    let row = target.row(dataverse)?;
    dataverse.need_on(&call.who, Access::Read, target.table, row)?;
    if call
        .header("if-none-match")
        .is_some_and(|wanted| wanted.trim() == etag(row))
    {
        return Ok(Reply::empty(StatusCode::NOT_MODIFIED));
    }
    one(dataverse, call, target.table, row)
}

/// A single row, with a context.
fn one(
    dataverse: &Dataverse,
    call: &Call,
    table: TableId,
    row: &crate::store::Row,
) -> Result<Reply, Fault> {
    let maker = Maker::of(dataverse, call);
    let plan = Plan::read(maker, table, &call.options)?;
    let mut body = Renderer::of(dataverse, call).row(row, &plan);
    let set = &dataverse.schema.table(table).set_name;
    let context = call.context(&format!("{set}{}/$entity", plan.fragment(maker)));
    if let Value::Object(object) = &mut body {
        object.shift_insert(0, "@odata.context".to_owned(), json!(context));
    }
    Ok(Reply::ok(&body).with("etag", etag(row)))
}

fn file(
    dataverse: &mut Dataverse,
    call: &Call,
    target: &Target,
    column: crate::schema::ColumnId,
    below: &[&Segment],
) -> Result<Reply, Fault> {
    let is_raw = matches!(below, [one] if one.name == "$value");
    match call.method {
        Method::PATCH | Method::PUT => write::upload(dataverse, call, target, column),
        Method::GET if is_raw => write::download(dataverse, call, target, column),
        Method::GET => {
            let name = dataverse
                .schema
                .table(target.table)
                .column(column)
                .name
                .clone();
            write::get_property(dataverse, call, target, &name, false)
        }
        Method::DELETE => write::remove_file(dataverse, call, target, column),
        _ => Err(call.wrong_verb()),
    }
}

fn reference(
    dataverse: &mut Dataverse,
    call: &Call,
    target: &Target,
    (first, navigation): (&Segment, Navigation),
    below: &[&Segment],
) -> Result<Reply, Fault> {
    if below.len() != 1 {
        return Err(Fault::unknown_segment("$ref"));
    }
    let is_single = matches!(navigation, Navigation::Single { .. });
    match call.method {
        Method::PUT | Method::DELETE if is_single => {
            write::set_reference(dataverse, call, target, &first.name)
        }
        Method::POST if !is_single => write::associate(dataverse, call, target, navigation),
        Method::DELETE => write::disassociate(
            dataverse,
            call,
            target,
            navigation,
            first.arguments.as_deref(),
        ),
        Method::GET => references(dataverse, call, target, navigation),
        _ => Err(call.wrong_verb()),
    }
}

/// The addresses of related rows.
fn references(
    dataverse: &Dataverse,
    call: &Call,
    target: &Target,
    navigation: Navigation,
) -> Result<Reply, Fault> {
    let row = target.row(dataverse)?;
    dataverse.need_on(&call.who, Access::Read, target.table, row)?;
    let far = match navigation {
        Navigation::Single { target, .. } | Navigation::Peers { target, .. } => target,
        Navigation::Children { table, .. } => table,
    };
    let depth = dataverse.need(&call.who, Access::Read, far)?;
    let set = &dataverse.schema.table(far).set_name;
    let mut addresses: Vec<Value> = crate::query::condition::related(dataverse, row, navigation)
        .filter(|row| dataverse.reaches(&call.who, Access::Read, depth, far, row))
        .map(|row| json!({ "@odata.id": format!("{}/{set}({})", call.root, row.id) }))
        .collect();
    if matches!(navigation, Navigation::Single { .. }) {
        let Some(mut address) = addresses.pop() else {
            return Ok(Reply::no_content());
        };
        address["@odata.context"] = json!(call.context("$ref"));
        return Ok(Reply::ok(&address));
    }
    Ok(Reply::ok(
        &json!({ "@odata.context": call.context("Collection($ref)"), "value": addresses }),
    ))
}

fn related(
    dataverse: &mut Dataverse,
    call: &Call,
    target: &Target,
    (first, navigation): (&Segment, Navigation),
    below: &[&Segment],
) -> Result<Reply, Fault> {
    let row = target.row(dataverse)?.clone();
    dataverse.need_on(&call.who, Access::Read, target.table, &row)?;
    let far = match navigation {
        Navigation::Single { column, target } => {
            let link = row.get(column).and_then(crate::cell::Cell::as_link);
            let link = link.filter(|link| link.table == target);
            let related = link.and_then(|link| dataverse.store.follow(link));
            return match (related, below, &call.method) {
                (None, ..) => Ok(Reply::no_content()),
                (Some(related), [], &Method::GET) => {
                    dataverse.need_on(&call.who, Access::Read, target, related)?;
                    one(dataverse, call, target, related)
                }
                (Some(related), [..], _) if !below.is_empty() => {
                    let next = Target {
                        table: target,
                        id: Some(related.id),
                        values: Vec::new(),
                    };
                    self::row(dataverse, call, &next, below)
                }
                _ => Err(call.wrong_verb()),
            };
        }
        Navigation::Peers { target, .. } => target,
        Navigation::Children { table, .. } => table,
    };
    if let Some(arguments) = first.arguments.as_deref().filter(|text| !text.is_empty()) {
        let next = by_arguments(dataverse, far, arguments)?;
        return self::row(dataverse, call, &next, below);
    }
    let source = Source {
        table: far,
        of: Some((&row, navigation)),
    };
    match (below, &call.method) {
        ([], &Method::GET) => dataverse.list(call, source),
        ([one], &Method::GET) if one.name == "$count" => dataverse.count(call, source),
        _ => Err(call.wrong_verb()),
    }
}

fn property(
    dataverse: &mut Dataverse,
    call: &Call,
    target: &Target,
    name: &str,
    below: &[&Segment],
) -> Result<Reply, Fault> {
    let is_raw = match below {
        [] => false,
        [one] if one.name == "$value" => true,
        [one, ..] => return Err(Fault::unknown_segment(&one.name)),
    };
    match call.method {
        Method::GET => write::get_property(dataverse, call, target, name, is_raw),
        Method::PUT | Method::DELETE if !is_raw => {
            write::put_property(dataverse, call, target, name)
        }
        _ => Err(call.wrong_verb()),
    }
}
