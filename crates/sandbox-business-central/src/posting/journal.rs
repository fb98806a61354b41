//! Posting of journals: each document of a journal must balance, and payments settle the invoices that they name.

use rust_decimal::Decimal;

use super::ledger::Voucher;
use super::parties::{CUSTOMERS, Entry, Ledger, VENDORS};
use crate::books::{Record, Work, setup_accounts as accounts};
use crate::fault::Fault;
use crate::rules::journals::{self, JOURNALS};

/// One side of a line.
struct Part {
    /// `Customer`, `Vendor`, `Bank_x0020_Account`, or nothing for the general ledger.
    type_: String,
    account: Record,
    amount: Decimal,
}

/// Posts every line of a journal, whatever its kind; the lines are gone afterwards.
pub(super) fn post(work: &mut Work<'_>, journal: &str) -> Result<(), Fault> {
    let mut lines: Vec<(&'static str, Record)> = Vec::new();
    for (_, set, _) in JOURNALS {
        let below = work.books.children(set, journal).cloned();
        lines.extend(below.map(|line| (set, line)));
    }
    if lines.is_empty() {
        return Err(Fault::dialog("There is nothing to post."));
    }
    lines.sort_by_key(|(_, line)| line.amount("lineNumber"));
    while let Some((_, first)) = lines.first() {
        let number = first.text("documentNumber").to_owned();
        let date = first.text("postingDate").to_owned();
        let (document, rest): (Vec<_>, Vec<_>) = lines.into_iter().partition(|(_, line)| {
            line.text("documentNumber") == number && line.text("postingDate") == date
        });
        post_document(work, &number, &document)?;
        lines = rest;
    }
    Ok(())
}

fn post_document(
    work: &mut Work<'_>,
    number: &str,
    lines: &[(&'static str, Record)],
) -> Result<(), Fault> {
    let first = lines.first().map(|(_, line)| line);
    let date = first.and_then(|line| line.date("postingDate"));
    let date = date.unwrap_or_else(|| work.today());
    let description = first.map(|line| line.text("description").to_owned());
    let description = description.unwrap_or_default();
    let is_payment = lines.iter().any(|(set, _)| *set != "journalLines");
    let document_type = if is_payment { "Payment" } else { "" };
    let mut voucher = Voucher::new(date, document_type, number, &description);
    let mut entered = Vec::new();
    for (set, line) in lines {
        for part in parts(work, set, line)? {
            let account = control_account(&part);
            voucher.add(&account, part.amount);
            if let Some(ledger) = ledger(&part.type_) {
                entered.push((ledger, part, line));
            }
        }
    }
    voucher.post(work)?;
    for (ledger, part, line) in entered {
        let entry = ledger.enter(
            work,
            &Entry {
                party: &part.account.id,
                document_type,
                document_number: number,
                document_id: "",
                date,
                due: date,
                amount: part.amount,
                rate: Decimal::ONE,
            },
        );
        let invoice = line.text("appliesToInvoiceId");
        if invoice.is_empty() {
            continue;
        }
        let open = ledger.entry_of(work, invoice);
        let open = open.ok_or_else(|| Fault::record_not_found("invoice", invoice))?;
        ledger.apply(work, &entry, &open.id)?;
    }
    for (set, line) in lines {
        work.remove(set, &line.id);
    }
    Ok(())
}

fn ledger(type_: &str) -> Option<Ledger> {
    match type_ {
        "Customer" => Some(CUSTOMERS),
        "Vendor" => Some(VENDORS),
        _ => None,
    }
}

/// The account of the general ledger that stands for what a side names.
fn control_account(part: &Part) -> String {
    match part.type_.as_str() {
        "Customer" => accounts::RECEIVABLES.to_owned(),
        "Vendor" | "Employee" => accounts::PAYABLES.to_owned(),
        "Bank_x0020_Account" => accounts::BANK.to_owned(),
        _ => part.account.text("number").to_owned(),
    }
}

/// The line's account, and its balancing account if it has one.
fn parts(work: &Work<'_>, set: &str, line: &Record) -> Result<Vec<Part>, Fault> {
    let number = line.text("lineNumber");
    let missing = |field: &str| {
        Fault::field(format!(
            "{field} must have a value in Gen. Journal Line: Line No.={number}. It cannot be zero or empty."
        ))
    };
    let amount = line.amount("amount");
    if amount.is_zero() {
        return Err(missing("Amount"));
    }
    let (type_, id) = match set {
        "customerPayments" => ("Customer", line.text("customerId")),
        "vendorPayments" => ("Vendor", line.text("vendorId")),
        _ => (line.text("accountType"), line.text("accountId")),
    };
    if id.is_empty() {
        return Err(missing("Account No."));
    }
    let account = journals::account(work, type_, id, "")?.ok_or_else(|| missing("Account No."))?;
    if !["", "G_x002F_L_x0020_Account"].contains(&type_) && account.text("blocked") == "All" {
        return Err(Fault::dialog(format!(
            "You cannot post this type of document when {type_} {} is blocked with type All",
            account.text("number")
        )));
    }
    let mut parts = vec![Part {
        type_: type_.to_owned(),
        account,
        amount,
    }];
    let other_type = match set {
        "journalLines" => line.text("balanceAccountType"),
        _ => "",
    };
    let other = line.text("balancingAccountId");
    if !other.is_empty()
        && let Some(account) = journals::account(work, other_type, other, "")?
    {
        parts.push(Part {
            type_: other_type.to_owned(),
            account,
            amount: -amount,
        });
    }
    Ok(parts)
}
