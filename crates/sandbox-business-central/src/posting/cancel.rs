//! Taking back what was posted: by a document of the other sign, never by removing entries.
//! <https://learn.microsoft.com/dynamics365/business-central/sales-how-correct-cancel-sales-invoice>

use super::parties::Ledger;
use super::{convert, invoice};
use crate::books::{Record, Work};
use crate::fault::Fault;
use crate::rules::documents;
use crate::rules::family::{Family, Kind};
use crate::rules::totals;

type Made = (&'static str, String);

/// Cancels a posted document by posting its opposite, which settles it.
pub(super) fn cancel(work: &mut Work<'_>, family: &Family, id: &str) -> Result<Made, Fault> {
    let header = posted(work, family, id)?;
    let ledger = Ledger::of(family.side);
    let entry = ledger.entry_of(work, id);
    let is_open = entry
        .as_ref()
        .is_none_or(|entry| entry.amount("remaining") == entry.amount("amount"));
    if !is_open {
        return Err(Fault::dialog(format!(
            "You cannot cancel this posted {} because it is fully or partially paid.\n\nTo reverse it, you must manually create an opposite document.",
            family.title
        )));
    }
    let opposite = opposite(family)?;
    let made = reverse(work, family, &header, opposite);
    // The link would settle the pair while posting; it is settled here for either direction.
    work.update(opposite.set, &made, |record| record.set("invoiceId", ""));
    invoice::post(work, opposite, &made)?;
    if let (Some(left), Some(right)) = (entry, ledger.entry_of(work, &made))
        && !left.amount("remaining").is_zero()
    {
        ledger.apply(work, &left.id, &right.id)?;
    }
    work.update(family.set, id, |record| record.set("status", "Canceled"));
    work.update(opposite.set, &made, |record| {
        record.set("status", "Corrective");
        if opposite.kind == Kind::CreditMemo {
            record.set("invoiceId", id);
        }
    });
    Ok((opposite.set, made))
}

/// A draft credit memo for a posted invoice.
pub(super) fn corrective_draft(
    work: &mut Work<'_>,
    family: &Family,
    id: &str,
) -> Result<Made, Fault> {
    let header = posted(work, family, id)?;
    let opposite = opposite(family)?;
    let made = reverse(work, family, &header, opposite);
    Ok((opposite.set, made))
}

fn posted(work: &Work<'_>, family: &Family, id: &str) -> Result<Record, Fault> {
    let header = work.need(family.set, id)?.clone();
    let title = family.title;
    if !documents::is_posted(family, &header) {
        return Err(Fault::dialog(format!(
            "The action can be applied to a posted {title} only."
        )));
    }
    match header.text("status") {
        "Canceled" => Err(Fault::dialog(format!(
            "The {title} cannot be canceled because it has already been canceled."
        ))),
        "Corrective" => Err(Fault::dialog(format!(
            "The {title} cannot be canceled because it corrects another document."
        ))),
        _ => Ok(header),
    }
}

fn opposite(family: &Family) -> Result<&'static Family, Fault> {
    let set = match family.set {
        "salesInvoices" => "salesCreditMemos",
        "salesCreditMemos" => "salesInvoices",
        "purchaseCreditMemos" => "purchaseInvoices",
        _ => "purchaseCreditMemos",
    };
    Family::of(set).ok_or_else(|| Fault::segment_not_found(set))
}

/// A draft of the opposite with the same lines.
fn reverse(
    work: &mut Work<'_>,
    family: &Family,
    header: &Record,
    opposite: &'static Family,
) -> String {
    let lines = totals::lines_of(work, family, &header.id);
    let made = convert::copy(work, family, header, opposite);
    for line in &lines {
        convert::copy_line(work, family, line, opposite, &made, line.amount("quantity"));
    }
    let number = header.text("number").to_owned();
    work.update(opposite.set, &made, |record| {
        if opposite.kind == Kind::CreditMemo {
            record.set("invoiceId", header.id.as_str());
            record.set("invoiceNumber", number.as_str());
            record.set("vendorCreditMemoNumber", number.as_str());
        } else {
            record.set("vendorInvoiceNumber", number.as_str());
        }
    });
    totals::settle(work, opposite.set, &made);
    made
}
