//! Organisation, business units, currencies, roles and people.

use jiff::Timestamp;
use uuid::Uuid;

use super::{SYSTEM, text, whole};
use crate::cell::Cell;
use crate::schema::stable_id;
use crate::security::{Access, Depth, Grants, privilege_id, privilege_name};
use crate::store::Row;
use crate::write::Actor;
use crate::{Dataverse, Person};

/// Privileges that are no table's.
pub(crate) const SPECIAL_PRIVILEGES: [&str; 10] = [
    "prvActOnBehalfOfAnotherUser",
    "prvCreateEntity",
    "prvWriteEntity",
    "prvDeleteEntity",
    "prvCreateAttribute",
    "prvWriteAttribute",
    "prvDeleteAttribute",
    "prvCreateRelationship",
    "prvDeleteRelationship",
    "prvCreateOptionSet",
];

/// What sales people work with, and what they look things up in.
const SALES: [&str; 14] = [
    "Account",
    "Contact",
    "Lead",
    "Opportunity",
    "OpportunityClose",
    "Quote",
    "SalesOrder",
    "Order",
    "Invoice",
    "Activity",
    "Note",
    "Connection",
    "Incident",
    "UserQuery",
];
const SALES_READS: [&str; 16] = [
    "User",
    "BusinessUnit",
    "Team",
    "TransactionCurrency",
    "Product",
    "PriceLevel",
    "UoM",
    "Territory",
    "SavedQuery",
    "Competitor",
    "ConnectionRole",
    "Organization",
    "Position",
    "Queue",
    "Role",
    "Privilege",
];
const SCHEDULING: [&str; 30] = [
    "msdyn_workorder",
    "msdyn_workordertype",
    "msdyn_workordersubstatus",
    "msdyn_incidenttype",
    "msdyn_servicetasktype",
    "msdyn_warehouse",
    "msdyn_productinventory",
    "msdyn_customerasset",
    "msdyn_customerassetcategory",
    "msdyn_taxcode",
    "msdyn_workorderincident",
    "msdyn_workorderproduct",
    "msdyn_workorderservice",
    "msdyn_workorderservicetask",
    "msdyn_agreement",
    "msdyn_timeoffrequest",
    "msdyn_priority",
    "msdyn_requirementstatus",
    "msdyn_resourcerequirement",
    "msdyn_OrganizationalUnit",
    "BookableResource",
    "BookableResourceBooking",
    "BookableResourceBookingHeader",
    "BookableResourceCategory",
    "BookableResourceCategoryAssn",
    "BookableResourceCharacteristic",
    "Characteristic",
    "RatingModel",
    "RatingValue",
    "BookingStatus",
];

pub(crate) fn fill(dataverse: &mut Dataverse, people: &[Person], now: Timestamp) {
    let actor = Actor::system(now);
    let organisation = dataverse.organisation.clone();
    let unit = stable_id(&["businessunit", &organisation.url_name]);
    let (units, users) = (dataverse.tables.business_unit, dataverse.tables.user);
    let own_unit = Some(Cell::link(units, unit));
    dataverse.insert(
        actor,
        units,
        unit,
        vec![("name", text(&organisation.friendly_name))],
    );
    dataverse.insert(
        actor,
        users,
        SYSTEM,
        vec![
            ("lastname", text("SYSTEM")),
            ("accessmode", whole(3)),
            ("businessunitid", own_unit.clone()),
        ],
    );
    let euro = currencies(dataverse, actor);
    if let Some(table) = dataverse.schema.find("organization") {
        let values = vec![
            ("name", text(&organisation.friendly_name)),
            (
                "basecurrencyid",
                Some(Cell::link(dataverse.tables.currency, euro)),
            ),
            ("languagecode", whole(1033)),
            ("localeid", whole(1033)),
            ("maxuploadfilesize", whole(33_554_432)),
            ("schemanameprefix", text("new")),
        ];
        dataverse.insert(actor, table, organisation.id(), values);
    }
    let team = stable_id(&["team", &organisation.url_name]);
    let values = vec![
        ("name", text(&organisation.friendly_name)),
        ("isdefault", Some(Cell::Flag(true))),
        ("businessunitid", own_unit.clone()),
    ];
    dataverse.insert(actor, dataverse.tables.team, team, values);
    roles(dataverse, actor, own_unit.as_ref());
    privileges(dataverse);
    solutions(dataverse, actor);
    for person in people {
        user(dataverse, actor, person, own_unit.clone());
    }
}

fn currencies(dataverse: &mut Dataverse, actor: Actor) -> Uuid {
    let table = dataverse.tables.currency;
    let mut first = None;
    for (code, name, symbol, rate) in [
        ("EUR", "Euro", "€", 1.0),
        ("USD", "US Dollar", "$", 1.08),
        ("GBP", "Pound Sterling", "£", 0.86),
    ] {
        let id = stable_id(&["currency", code]);
        first.get_or_insert(id);
        let values = vec![
            ("currencyname", text(name)),
            ("isocurrencycode", text(code)),
            ("currencysymbol", text(symbol)),
            ("currencyprecision", whole(2)),
            ("exchangerate", Some(Cell::Number(rate))),
        ];
        dataverse.insert(actor, table, id, values);
    }
    first.unwrap_or_default()
}

fn roles(dataverse: &mut Dataverse, actor: Actor, unit: Option<&Cell>) {
    let mut sales = Grants::default();
    give(&mut sales, &SALES, &Access::ALL, Depth::Local);
    give(
        &mut sales,
        &["Account", "Contact", "Incident"],
        &[Access::Read, Access::Append, Access::AppendTo],
        Depth::Global,
    );
    give(
        &mut sales,
        &SALES_READS,
        &[Access::Read, Access::AppendTo],
        Depth::Global,
    );
    let mut manager = sales.clone();
    give(&mut manager, &SALES, &Access::ALL, Depth::Global);
    let mut dispatcher = Grants::default();
    give(&mut dispatcher, &SCHEDULING, &Access::ALL, Depth::Global);
    give(
        &mut dispatcher,
        &["Account", "Contact", "Incident", "Activity", "Note"],
        &Access::ALL,
        Depth::Global,
    );
    give(
        &mut dispatcher,
        &SALES_READS,
        &[Access::Read, Access::AppendTo],
        Depth::Global,
    );
    let mut resource = Grants::default();
    give(
        &mut resource,
        &SCHEDULING,
        &[Access::Read, Access::AppendTo],
        Depth::Global,
    );
    give(
        &mut resource,
        &[
            "msdyn_workorder",
            "BookableResourceBooking",
            "msdyn_workorderservicetask",
            "Note",
        ],
        &[Access::Write, Access::Append, Access::Create],
        Depth::Basic,
    );
    give(&mut resource, &SALES_READS, &[Access::Read], Depth::Global);
    give(
        &mut resource,
        &["Account", "Contact"],
        &[Access::Read],
        Depth::Global,
    );
    let mut basic = Grants::default();
    give(
        &mut basic,
        &["Account", "Contact", "Activity", "Note", "UserQuery"],
        &Access::ALL,
        Depth::Basic,
    );
    give(&mut basic, &SALES_READS, &[Access::Read], Depth::Global);
    let mut customizer = basic.clone();
    for name in &SPECIAL_PRIVILEGES[1..] {
        customizer.by_name.insert((*name).to_owned(), Depth::Global);
    }
    let everything = Grants {
        everything: true,
        ..Grants::default()
    };
    let mut reader = Grants::default();
    give(
        &mut reader,
        &["Account", "Contact", "Lead", "Opportunity", "Activity"],
        &[Access::Read],
        Depth::Global,
    );
    give(&mut reader, &SALES_READS, &[Access::Read], Depth::Global);
    for (name, grants) in [
        ("System Administrator", everything),
        ("System Customizer", customizer),
        ("Salesperson", sales),
        ("Sales Manager", manager),
        ("Sales Reader", reader),
        ("Basic User", basic),
        ("Field Service - Administrator", dispatcher.clone()),
        ("Field Service - Dispatcher", dispatcher),
        ("Field Service - Resource", resource),
    ] {
        let id = stable_id(&["role", name]);
        dataverse.insert(
            actor,
            dataverse.tables.role,
            id,
            vec![("name", text(name)), ("businessunitid", unit.cloned())],
        );
        dataverse.security.roles.insert(id, grants);
    }
}

fn give(grants: &mut Grants, tables: &[&str], accesses: &[Access], depth: Depth) {
    for table in tables {
        for access in accesses {
            grants.by_name.insert(privilege_name(*access, table), depth);
        }
    }
}

/// A row for every privilege there is.
fn privileges(dataverse: &mut Dataverse) {
    let schema = dataverse.schema.clone();
    let Some(table) = schema.find("privilege") else {
        return;
    };
    let mut words: Vec<&str> = schema
        .tables()
        .map(|(_, table)| table.privilege.as_str())
        .collect();
    words.sort_unstable();
    words.dedup();
    let of_tables = words
        .into_iter()
        .flat_map(|word| Access::ALL.map(|access| (privilege_name(access, word), access.mask())));
    let special = SPECIAL_PRIVILEGES
        .iter()
        .map(|name| ((*name).to_owned(), 0));
    for (name, mask) in of_tables.chain(special).collect::<Vec<_>>() {
        let mut row = Row::new(privilege_id(&name));
        let known = schema.table(table);
        for (column, cell) in [
            ("name", Cell::text(&name)),
            ("accessright", Cell::Whole(i64::from(mask))),
        ] {
            if let Some(column) = known.find(column) {
                row.set(column, Some(cell));
            }
        }
        dataverse.store.put(table, row);
    }
}

fn solutions(dataverse: &mut Dataverse, actor: Actor) {
    let schema = dataverse.schema.clone();
    let (Some(publishers), Some(solutions)) = (schema.find("publisher"), schema.find("solution"))
    else {
        return;
    };
    let publisher = stable_id(&["publisher", "contoso"]);
    let values = vec![
        ("friendlyname", text("Contoso")),
        ("uniquename", text("contoso")),
        ("customizationprefix", text("contoso")),
        ("customizationoptionvalueprefix", whole(10_000)),
    ];
    dataverse.insert(actor, publishers, publisher, values);
    for (unique, friendly, version) in [
        ("Default", "Default Solution", "1.0"),
        ("Sales", "Sales", "9.0.2"),
        ("msdynce_FieldService", "Field Service", "8.8.130"),
    ] {
        let values = vec![
            ("uniquename", text(unique)),
            ("friendlyname", text(friendly)),
            ("version", text(version)),
            ("publisherid", Some(Cell::link(publishers, publisher))),
            ("ismanaged", Some(Cell::Flag(unique != "Default"))),
        ];
        dataverse.insert(actor, solutions, stable_id(&["solution", unique]), values);
    }
}

fn user(dataverse: &mut Dataverse, actor: Actor, person: &Person, unit: Option<Cell>) {
    let id = stable_id(&["systemuser", &person.object_id]);
    let values = vec![
        ("firstname", text(&person.given_name)),
        ("lastname", text(&person.surname)),
        ("domainname", text(&person.user_principal_name)),
        ("internalemailaddress", text(&person.user_principal_name)),
        ("title", text(&person.job_title)),
        (
            "azureactivedirectoryobjectid",
            person.object_id.parse().ok().map(Cell::Guid),
        ),
        ("islicensed", Some(Cell::Flag(true))),
        ("businessunitid", unit),
    ];
    dataverse.insert(actor, dataverse.tables.user, id, values);
    let Some(relationship) = dataverse
        .schema
        .find_many_to_many("systemuserroles_association")
    else {
        return;
    };
    for role in &person.roles {
        if let Some(role) = dataverse.role_named(role) {
            dataverse.store.pair(relationship, id, role);
        }
    }
}
