//! Which action of which entity does what.

use super::{cancel, convert, invoice, journal, order};
use crate::books::{Record, Work};
use crate::fault::Fault;
use crate::model::{Api, EntitySet};
use crate::rules;
use crate::rules::family::{Family, Kind};

/// What an action left behind: the set and id of what it made, if anything.
pub(crate) type Made = Option<(&'static str, String)>;

/// Runs a bound action.
pub(crate) fn run(
    work: &mut Work<'_>,
    set: &'static EntitySet,
    record: &Record,
    name: &str,
) -> Result<Made, Fault> {
    if !set.actions.contains(&name) {
        return Err(Fault::segment_not_found(&format!("Microsoft.NAV.{name}")));
    }
    if set.api == Api::Automation {
        return rules::platform::act(work, set, record, name);
    }
    let Some(family) = Family::of(set.name) else {
        return journal::post(work, &record.id).map(|()| None);
    };
    let id = record.id.as_str();
    match name {
        "post" => invoice::post(work, family, id).map(|()| None),
        "postAndSend" => {
            must_have_address(work, family, record)?;
            invoice::post(work, family, id).map(|()| None)
        }
        "send" => send(work, family, record).map(|()| None),
        "cancel" => cancel::cancel(work, family, id).map(Some),
        "cancelAndSend" => {
            must_have_address(work, family, record)?;
            cancel::cancel(work, family, id).map(Some)
        }
        "makeCorrectiveCreditMemo" => cancel::corrective_draft(work, family, id).map(Some),
        "makeOrder" => convert::quote(work, id, "salesOrders").map(Some),
        "makeInvoice" => convert::quote(work, id, "salesInvoices").map(Some),
        "shipAndInvoice" | "receiveAndInvoice" => order::deliver(work, family, id).map(Some),
        other => Err(Fault::segment_not_found(&format!("Microsoft.NAV.{other}"))),
    }
}

/// A quote that was sent says so; an invoice that is sent before it is posted is a draft for the customer to look at.
fn send(work: &mut Work<'_>, family: &Family, record: &Record) -> Result<(), Fault> {
    must_have_address(work, family, record)?;
    if matches!(family.kind, Kind::Invoice | Kind::CreditMemo)
        && record.text("status") == "Canceled"
    {
        return Err(Fault::dialog(format!(
            "The {} cannot be sent because it has been canceled.",
            family.title
        )));
    }
    if family.kind == Kind::Quote {
        let today = work.today();
        work.update(family.set, &record.id, |quote| {
            quote.set("status", "Sent");
            quote.set_date("sentDate", today);
        });
        return Ok(());
    }
    Ok(())
}

fn must_have_address(work: &Work<'_>, family: &Family, record: &Record) -> Result<(), Fault> {
    let party = work.get(family.parties(), record.text(family.party_id()));
    let own = record.text("email");
    if own.is_empty() && party.is_none_or(|party| party.text("email").is_empty()) {
        return Err(Fault::dialog(format!(
            "The send-to email is empty. Specify email either for the {} or for the {} in email preview.",
            family.party(),
            family.title
        )));
    }
    Ok(())
}
