//! Functions and actions.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/about>

mod cases;
mod functions;
mod leads;
mod maintenance;
mod opportunities;
mod scheduling;
mod search;
mod sharing;

pub(crate) use functions::VERSION;

use http::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::Dataverse;
use crate::call::{Call, Segment};
use crate::cell::Link;
use crate::fault::Fault;
use crate::metadata;
use crate::reply::Reply;
use crate::schema::TableId;
use crate::write::{self, Target, reference};

/// `GET /WhoAmI`, `POST /WinOpportunity`
pub(crate) fn unbound(
    dataverse: &mut Dataverse,
    call: &Call,
    segment: &Segment,
) -> Result<Reply, Fault> {
    let name = segment
        .name
        .strip_prefix("Microsoft.Dynamics.CRM.")
        .unwrap_or(&segment.name);
    if let Some(reply) = functions::unbound(dataverse, call, segment, name) {
        return only(call, &Method::GET, reply);
    }
    let action: Action = match name {
        "WinOpportunity" => opportunities::win,
        "LoseOpportunity" => opportunities::lose,
        "CloseIncident" => cases::close,
        "Merge" => maintenance::merge,
        "BulkDelete" => maintenance::bulk_delete,
        "CreateEntities" => metadata::create_entities,
        // Changes of metadata are published at once.
        "PublishXml" | "PublishAllXml" => |_, _| Ok(Reply::no_content()),
        "GrantAccess" | "ModifyAccess" => sharing::grant,
        "RevokeAccess" => sharing::revoke,
        "searchquery" => search::query,
        "msdyn_SearchResourceAvailability" => scheduling::search,
        _ => return Err(Fault::unknown_segment(&segment.name)),
    };
    if call.method != Method::POST {
        return Err(call.wrong_verb());
    }
    action(dataverse, call)
}

type Action = fn(&mut Dataverse, &Call) -> Result<Reply, Fault>;

fn only(call: &Call, method: &Method, reply: Result<Reply, Fault>) -> Result<Reply, Fault> {
    if call.method == *method {
        reply
    } else {
        Err(call.wrong_verb())
    }
}

/// `POST /accounts/Microsoft.Dynamics.CRM.CreateMultiple`
pub(crate) fn of_set(
    dataverse: &mut Dataverse,
    call: &Call,
    table: TableId,
    action: &str,
) -> Result<Reply, Fault> {
    if call.method != Method::POST {
        return Err(call.wrong_verb());
    }
    let reply = write::multiple(dataverse, call, table, action);
    reply.unwrap_or_else(|| {
        Err(Fault::unknown_segment(&format!(
            "Microsoft.Dynamics.CRM.{action}"
        )))
    })
}

/// `POST /leads(…)/Microsoft.Dynamics.CRM.QualifyLead`
pub(crate) fn bound(
    dataverse: &mut Dataverse,
    call: &Call,
    target: &Target,
    segment: &Segment,
    name: &str,
) -> Result<Reply, Fault> {
    let row = target.row(dataverse)?;
    let link = Link {
        table: target.table,
        id: row.id,
    };
    let table = dataverse.schema.table(target.table).name.clone();
    let get = |reply| only(call, &Method::GET, reply);
    match (table.as_str(), name) {
        ("systemuser", "RetrieveUserPrivileges") => {
            get(Ok(functions::user_privileges(dataverse, call, link.id)))
        }
        ("systemuser" | "team", "RetrievePrincipalAccess") => {
            let parameters = call.parameters(segment)?;
            get(sharing::principal_access(
                dataverse,
                call,
                link,
                &parameters,
            ))
        }
        ("systemuser", "RetrieveUserPrivilegeByPrivilegeName") => {
            let parameters = call.parameters(segment)?;
            get(functions::privilege_by_name(
                dataverse,
                call,
                link.id,
                &parameters,
            ))
        }
        ("role", "RetrieveRolePrivilegesRole") => {
            get(Ok(functions::role_privileges(dataverse, call, link.id)))
        }
        _ if call.method != Method::POST => match name {
            "QualifyLead"
            | "AddMembersTeam"
            | "RemoveMembersTeam"
            | "AddPrivilegesRole"
            | "ReplacePrivilegesRole" => Err(call.wrong_verb()),
            _ => Err(Fault::unknown_segment(&segment.name)),
        },
        ("lead", "QualifyLead") => leads::qualify(dataverse, call, link.id),
        ("team", "AddMembersTeam") => sharing::members(dataverse, call, link.id, true),
        ("team", "RemoveMembersTeam") => sharing::members(dataverse, call, link.id, false),
        ("role", "AddPrivilegesRole") => sharing::privileges(dataverse, call, link.id, false),
        ("role", "ReplacePrivilegesRole") => sharing::privileges(dataverse, call, link.id, true),
        _ => Err(Fault::unknown_segment(&segment.name)),
    }
}

/// A parameter that names a row: `{"opportunityid": …, "@odata.type": …}`, `{"x@odata.bind": …}` or `{"@odata.id": …}`.
fn row_of(dataverse: &Dataverse, value: &Value) -> Result<Link, Fault> {
    let missing = || Fault::invalid_argument("A row that the action needs is missing.");
    let object = value.as_object().ok_or_else(missing)?;
    for name in ["@odata.id", "@id"] {
        if let Some(address) = object.get(name).and_then(Value::as_str) {
            return reference(dataverse, address);
        }
    }
    let kind = object
        .get("@odata.type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let name = kind
        .trim_start_matches('#')
        .trim_start_matches("Microsoft.Dynamics.CRM.");
    let found = match dataverse.schema.find(name) {
        Some(table) => {
            let key = dataverse.schema.table(table).key_name();
            let id = object.get(key).and_then(Value::as_str);
            id.and_then(|id| id.parse().ok()).map(|id| (table, id))
        }
        // Without a type the key's own name has to say it.
        None => object.iter().find_map(|(name, value)| {
            let id: Uuid = value.as_str()?.parse().ok()?;
            let (table, _) = dataverse
                .schema
                .tables()
                .find(|(_, table)| table.key_name() == name)?;
            Some((table, id))
        }),
    };
    let (table, id) = found.ok_or_else(missing)?;
    match dataverse.store.get(table, id) {
        Some(_) => Ok(Link { table, id }),
        None => Err(Fault::no_row(&dataverse.schema.table(table).name, id)),
    }
}

/// The row that an activity within an action is about: `opportunityid@odata.bind`.
fn bound_row(
    dataverse: &Dataverse,
    activity: &Map<String, Value>,
    column: &str,
) -> Result<Link, Fault> {
    let bind = activity
        .get(&format!("{column}@odata.bind"))
        .and_then(Value::as_str);
    if let Some(address) = bind {
        return reference(dataverse, address);
    }
    row_of(dataverse, activity.get(column).unwrap_or(&Value::Null))
}

fn address(dataverse: &Dataverse, call: &Call, link: Link) -> String {
    format!(
        "{}/{}({})",
        call.root,
        dataverse.schema.table(link.table).set_name,
        link.id
    )
}

fn answer(call: &Call, name: &str, mut body: Value) -> Reply {
    if let Value::Object(object) = &mut body {
        let context = call.context(&format!("Microsoft.Dynamics.CRM.{name}"));
        object.shift_insert(0, "@odata.context".to_owned(), json!(context));
    }
    Reply::ok(&body)
}
