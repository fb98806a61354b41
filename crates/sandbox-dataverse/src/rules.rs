//! What the applications on top of the platform do when rows change.

mod activities;
mod duplicates;
mod fields;
mod fieldservice;
mod sales;
mod totals;
mod users;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Dataverse;
use crate::cell::Cell;
use crate::fault::Fault;
use crate::schema::TableId;
use crate::store::Row;
use crate::write::Actor;

pub(crate) use duplicates::refuse as refuse_duplicates;
use fields::Fields;

/// Where automatic numbers are.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(crate) struct Numbers {
    work_order: u32,
    case: u32,
    quote: u32,
    order: u32,
    invoice: u32,
    agreement: u32,
}

impl Numbers {
    fn next(number: &mut u32) -> u32 {
        *number += 1;
        *number
    }
}

/// Values that follow from others of the row, and refusals, before it is stored.
pub(crate) fn before(
    dataverse: &mut Dataverse,
    actor: Actor,
    table: TableId,
    old: Option<&Row>,
    row: &mut Row,
) -> Result<(), Fault> {
    let schema = dataverse.schema.clone();
    let known = schema.table(table);
    let mut fields = Fields {
        schema: &schema,
        table: known,
        row,
    };
    match known.name.as_str() {
        "contact" | "lead" => sales::full_name(&mut fields),
        "systemuser" => {
            users::application_user(dataverse, old, &mut fields)?;
            sales::full_name(&mut fields);
        }
        "annotation" => activities::note(&mut fields),
        "opportunity" => sales::opportunity(&mut fields),
        "incident" => sales::case(dataverse, old, &mut fields)?,
        "quote" | "salesorder" | "invoice" => sales::document(dataverse, old, &mut fields),
        "opportunityproduct" | "quotedetail" | "salesorderdetail" | "invoicedetail" => {
            totals::line(dataverse, &mut fields);
        }
        "bookableresource" => fields.default("timezone", Cell::Whole(92)),
        "bookableresourcebooking" => fieldservice::booking(dataverse, old, &mut fields)?,
        "msdyn_workorder" => fieldservice::work_order(dataverse, actor, old, &mut fields)?,
        "msdyn_workorderproduct" => fieldservice::product_line(dataverse, &mut fields),
        "msdyn_workorderservice" => fieldservice::service_line(dataverse, &mut fields),
        "msdyn_workorderincident" => fieldservice::incident_line(dataverse, &mut fields),
        "msdyn_agreement" => fieldservice::agreement(dataverse, &mut fields),
        "msdyn_timeoffrequest" => fieldservice::time_off(dataverse, &mut fields)?,
        _ => {}
    }
    if known.is_activity {
        activities::activity(actor, old, &mut fields);
    }
    Ok(())
}

/// What other rows learn of it; `old` alone means that it was deleted.
pub(crate) fn after(
    dataverse: &mut Dataverse,
    actor: Actor,
    table: TableId,
    old: Option<&Row>,
    id: Uuid,
) {
    let schema = dataverse.schema.clone();
    let name = schema.table(table).name.as_str();
    match name {
        "opportunity" | "quote" | "salesorder" | "invoice" => {
            totals::of_document(dataverse, table, id);
        }
        "opportunityproduct" => totals::of_parent(dataverse, table, old, id, "opportunityid"),
        "quotedetail" => totals::of_parent(dataverse, table, old, id, "quoteid"),
        "salesorderdetail" => totals::of_parent(dataverse, table, old, id, "salesorderid"),
        "invoicedetail" => totals::of_parent(dataverse, table, old, id, "invoiceid"),
        "bookableresourcebooking" => {
            fieldservice::after_booking(dataverse, actor, table, old, id);
        }
        "msdyn_workorder" => fieldservice::after_work_order(dataverse, actor, table, old, id),
        "msdyn_workorderproduct" | "msdyn_workorderservice" => {
            fieldservice::after_line(dataverse, table, old, id);
        }
        _ => {}
    }
}

/// Refuses to delete what may not go.
pub(crate) fn before_delete(dataverse: &Dataverse, table: TableId, row: &Row) -> Result<(), Fault> {
    match dataverse.schema.table(table).name.as_str() {
        "systemuser" => Err(Fault::conflict(
            "0x80040800",
            "The 'Delete' method does not support entities of type 'systemuser'. MessageProcessorCache returned MessageProcessor.Empty.",
        )),
        "transactioncurrency"
            if dataverse
                .base_currency()
                .is_some_and(|base| base.id == row.id) =>
        {
            Err(Fault::conflict(
                "0x80048cf0",
                "The base currency of an organization cannot be deleted.",
            ))
        }
        _ => Ok(()),
    }
}
