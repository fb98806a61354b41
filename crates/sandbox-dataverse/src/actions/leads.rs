//! `QualifyLead`
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/qualifylead>

use serde_json::{Value, json};
use uuid::Uuid;

use super::address;
use crate::Dataverse;
use crate::call::Call;
use crate::cell::{Cell, Link};
use crate::fault::Fault;
use crate::query::render::etag;
use crate::reply::Reply;
use crate::schema::TableId;
use crate::security::Access;
use crate::store::Row;
use crate::write::Actor;

/// Of each new row: its column, and the lead's.
const ACCOUNT: &[(&str, &str)] = &[
    ("name", "companyname"),
    ("telephone1", "telephone1"),
    ("websiteurl", "websiteurl"),
    ("industrycode", "industrycode"),
    ("revenue", "revenue"),
    ("numberofemployees", "numberofemployees"),
    ("address1_line1", "address1_line1"),
    ("address1_city", "address1_city"),
    ("address1_postalcode", "address1_postalcode"),
    ("address1_country", "address1_country"),
];
const CONTACT: &[(&str, &str)] = &[
    ("firstname", "firstname"),
    ("lastname", "lastname"),
    ("jobtitle", "jobtitle"),
    ("emailaddress1", "emailaddress1"),
    ("telephone1", "telephone1"),
    ("mobilephone", "mobilephone"),
    ("address1_city", "address1_city"),
    ("address1_country", "address1_country"),
];
const OPPORTUNITY: &[(&str, &str)] = &[
    ("name", "subject"),
    ("description", "description"),
    ("budgetamount", "budgetamount"),
    ("estimatedvalue", "estimatedamount"),
    ("estimatedclosedate", "estimatedclosedate"),
    ("purchasetimeframe", "purchasetimeframe"),
    ("purchaseprocess", "purchaseprocess"),
];

pub(super) fn qualify(dataverse: &mut Dataverse, call: &Call, id: Uuid) -> Result<Reply, Fault> {
    let body = Value::Object(call.json()?);
    let leads = dataverse.schema.find("lead").unwrap_or_default();
    let lead = dataverse
        .store
        .get(leads, id)
        .cloned()
        .ok_or_else(|| Fault::no_row("lead", id))?;
    dataverse.need_on(&call.who, Access::Write, leads, &lead)?;
    if dataverse
        .cell(leads, &lead, "statecode")
        .and_then(Cell::as_whole)
        != Some(0)
    {
        return Err(Fault::conflict("0x80048408", "The lead is already closed."));
    }
    let status = body["Status"].as_i64().unwrap_or(3);
    let actor = Actor::of(call);
    let wanted = |name: &str| body[name] == true;
    let mut made = Vec::new();
    let origin = ("originatingleadid", Some(Cell::link(leads, id)));
    let parent = |dataverse: &Dataverse, name: &str| {
        dataverse.cell(leads, &lead, name).and_then(Cell::as_link)
    };
    let mut account = parent(dataverse, "parentaccountid");
    let mut contact = parent(dataverse, "parentcontactid");
    if wanted("CreateAccount") {
        let link = make(
            dataverse,
            call,
            (leads, &lead),
            "account",
            ACCOUNT,
            vec![origin.clone()],
        )?;
        account = Some(link);
        made.push(link);
    }
    if wanted("CreateContact") {
        let customer = ("parentcustomerid", account.map(Cell::Link));
        let link = make(
            dataverse,
            call,
            (leads, &lead),
            "contact",
            CONTACT,
            vec![origin.clone(), customer],
        )?;
        contact = Some(link);
        made.push(link);
        if let Some(account) = account.filter(|_| wanted("CreateAccount")) {
            dataverse.change(
                account.table,
                account.id,
                vec![("primarycontactid", Some(Cell::Link(link)))],
            );
        }
    }
    let mut opportunity = None;
    if wanted("CreateOpportunity") {
        let parents = vec![
            origin,
            ("parentaccountid", account.map(Cell::Link)),
            ("parentcontactid", contact.map(Cell::Link)),
        ];
        let link = make(
            dataverse,
            call,
            (leads, &lead),
            "opportunity",
            OPPORTUNITY,
            parents,
        )?;
        opportunity = Some(link);
        made.push(link);
    }
    let mut row = lead;
    let schema = dataverse.schema.clone();
    let known = schema.table(leads);
    let mut set = |name: &str, cell: Option<Cell>| {
        if let Some(column) = known.find(name) {
            row.set(column, cell);
        }
    };
    set("statecode", Some(Cell::Whole(1)));
    set("statuscode", Some(Cell::Whole(status)));
    set("qualifyingopportunityid", opportunity.map(Cell::Link));
    set("parentaccountid", account.map(Cell::Link));
    set("parentcontactid", contact.map(Cell::Link));
    dataverse.update_row(actor, leads, row)?;
    let list: Vec<Value> = made
        .into_iter()
        .map(|link| created(dataverse, call, link))
        .collect();
    let context = call.context("Collection(Microsoft.Dynamics.CRM.crmbaseentity)");
    Ok(Reply::ok(
        &json!({ "@odata.context": context, "value": list }),
    ))
}

/// A new row with values of the lead.
fn make(
    dataverse: &mut Dataverse,
    call: &Call,
    (leads, lead): (TableId, &Row),
    table: &str,
    columns: &[(&str, &str)],
    more: Vec<(&str, Option<Cell>)>,
) -> Result<Link, Fault> {
    let schema = dataverse.schema.clone();
    let table = schema.find(table).unwrap_or_default();
    dataverse.need(&call.who, Access::Create, table)?;
    let known = schema.table(table);
    let id = dataverse.ids.uuid();
    let mut row = Row::new(id);
    let copied = columns
        .iter()
        .map(|(to, from)| (*to, dataverse.cell(leads, lead, from).cloned()));
    let owner = ("ownerid", dataverse.cell(leads, lead, "ownerid").cloned());
    for (name, cell) in copied.chain(more).chain([owner]) {
        if let Some(column) = known.find(name) {
            row.set(column, cell);
        }
    }
    dataverse.create_row(Actor::of(call), table, row)?;
    Ok(Link { table, id })
}

fn created(dataverse: &Dataverse, call: &Call, link: Link) -> Value {
    let known = dataverse.schema.table(link.table);
    let mut object = json!({
        "@odata.type": format!("#{}", known.type_name()),
        "@odata.id": address(dataverse, call, link),
        known.key_name(): link.id.to_string(),
    });
    if let Some(row) = dataverse.store.follow(link) {
        object["@odata.etag"] = json!(etag(row));
    }
    object
}
