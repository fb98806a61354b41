//! Journals and their lines, of which payments are a kind.

use rust_decimal::Decimal;

use crate::books::setup_accounts as accounts;
use crate::books::{Record, Work};
use crate::engine::input::Input;
use crate::fault::Fault;
use crate::model::{self, EntitySet};

/// The three kinds of journals: their set, that of their lines, and the template they belong to.
pub(crate) const JOURNALS: [(&str, &str, &str); 3] = [
    ("journals", "journalLines", "GENERAL"),
    ("customerPaymentJournals", "customerPayments", "CASHRCPT"),
    ("vendorPaymentJournals", "vendorPayments", "PAYMENT"),
];

/// `journals` shows journals of every kind; this is where one lives.
pub(crate) fn home(work: &Work<'_>, set: &'static EntitySet, id: &str) -> &'static EntitySet {
    if set.name != "journals" {
        return set;
    }
    JOURNALS
        .iter()
        .find(|(journals, ..)| work.get(journals, id).is_some())
        .and_then(|(journals, ..)| model::set(journals))
        .unwrap_or(set)
}

/// Every journal, as `journals` shows it.
pub(crate) fn all(books: &crate::books::Books) -> Vec<Record> {
    let of = |(set, _, template): &(&'static str, &str, &'static str)| {
        let template = *template;
        books.rows(set).cloned().map(move |mut journal| {
            journal.set("templateDisplayName", template);
            journal
        })
    };
    JOURNALS.iter().flat_map(of).collect()
}

pub(super) fn insert(
    work: &Work<'_>,
    set: &'static str,
    journal: &mut Record,
) -> Result<(), Fault> {
    let code = journal.text("code").to_owned();
    if code.is_empty() {
        return Err(Fault::blank("code"));
    }
    if work.books.find(set, "code", &code).is_some() {
        return Err(Fault::exists("Gen. Journal Batch", &code));
    }
    if journal.text("displayName").is_empty() {
        journal.set("displayName", code);
    }
    let id = journal.text("balancingAccountId").to_owned();
    let account = if id.is_empty() && set != "journals" {
        work.books.find("accounts", "number", accounts::BANK)
    } else {
        work.get("accounts", &id)
    };
    match account {
        Some(account) => {
            journal.set("balancingAccountId", account.id.as_str());
            journal.set("balancingAccountNumber", account.text("number"));
            Ok(())
        }
        None if id.is_empty() => Ok(()),
        None => Err(Fault::dialog(
            "The \"balancingAccountId\" does not match to an \"Account\".",
        )),
    }
}

pub(super) fn insert_line(
    work: &mut Work<'_>,
    set: &'static str,
    line: &mut Record,
    input: &Input,
) -> Result<(), Fault> {
    let journal = journal_of(work, &line.parent)?;
    if input.has("journalDisplayName") && line.text("journalDisplayName") != journal.text("code") {
        return Err(Fault::dialog(
            "The Journal Display Name does not match to the Journal of the line.",
        ));
    }
    line.copy_as(&journal, "code", "journalDisplayName");
    let last = work
        .books
        .children(set, &line.parent)
        .map(|row| row.amount("lineNumber"))
        .max();
    if !input.has("lineNumber") {
        let next = last.unwrap_or_default() + Decimal::from(10_000);
        line.set_amount("lineNumber", next);
    }
    if line.text("postingDate").is_empty() {
        line.set_date("postingDate", work.today());
    }
    if line.text("documentNumber").is_empty() {
        let number = work.next_number("G", 1_000);
        line.set("documentNumber", number);
    }
    balance_by(work, set, line, &journal)?;
    complete(work, set, line, input)
}

pub(super) fn update_line(
    work: &mut Work<'_>,
    set: &'static str,
    old: &Record,
    line: &mut Record,
    input: &Input,
) -> Result<(), Fault> {
    for name in ["journalId", "journalDisplayName"] {
        if old.get(name) != line.get(name) {
            return Err(Fault::dialog(format!(
                "The value for \"{name}\" cannot be modified."
            )));
        }
    }
    if set == "journalLines"
        && (input.has("balancingAccountId") || input.has("balancingAccountNumber"))
    {
        other_side(work, line, input)?;
    }
    complete(work, set, line, input)
}

fn journal_of(work: &Work<'_>, id: &str) -> Result<Record, Fault> {
    JOURNALS
        .iter()
        .find_map(|(set, ..)| work.get(set, id))
        .cloned()
        .ok_or_else(|| Fault::record_not_found("journal", id))
}

/// The other side of the line, by itself or as its journal has it.
fn balance_by(
    work: &Work<'_>,
    set: &str,
    line: &mut Record,
    journal: &Record,
) -> Result<(), Fault> {
    let names = ["balancingAccountId", "balancingAccountNumber"];
    if set != "journalLines" || names.iter().all(|name| line.text(name).is_empty()) {
        line.copy(journal, &names);
        return Ok(());
    }
    other_side(work, line, &Input::default())
}

fn other_side(work: &Work<'_>, line: &mut Record, _input: &Input) -> Result<(), Fault> {
    let type_ = line.text("balanceAccountType").to_owned();
    let found = account(
        work,
        &type_,
        line.text("balancingAccountId"),
        line.text("balancingAccountNumber"),
    )?;
    write_account(
        line,
        found.as_ref(),
        ["balancingAccountId", "balancingAccountNumber"],
    );
    Ok(())
}

fn write_account(line: &mut Record, found: Option<&Record>, [id, number]: [&str; 2]) {
    line.set(id, found.map(|it| it.id.as_str()).unwrap_or_default());
    let text = found.map(|it| it.text("number")).unwrap_or_default();
    line.set(number, text);
}

fn complete(work: &Work<'_>, set: &str, line: &mut Record, input: &Input) -> Result<(), Fault> {
    if set == "journalLines" {
        let type_ = line.text("accountType").to_owned();
        let (id, number) = (line.text("accountId"), line.text("accountNumber"));
        // The part that the request names wins over the one that was there.
        let id = if input.has("accountNumber") && !input.has("accountId") {
            ""
        } else {
            id
        };
        let number = if input.has("accountId") && !input.has("accountNumber") {
            ""
        } else {
            number
        };
        let found = account(work, &type_, id, number)?;
        write_account(line, found.as_ref(), ["accountId", "accountNumber"]);
        if line.text("description").is_empty()
            && let Some(found) = found
        {
            line.copy_as(&found, "displayName", "description");
        }
        return Ok(());
    }
    let (party, parties, invoices) = match set {
        "customerPayments" => ("customerId", "customers", "salesInvoices"),
        _ => ("vendorId", "vendors", "purchaseInvoices"),
    };
    if line.text("description").is_empty()
        && let Some(found) = work.get(parties, line.text(party)).cloned()
    {
        line.copy_as(&found, "displayName", "description");
    }
    applies_to(work, line, input, invoices, party)
}

/// An account of a type by id, number, or both.
pub(crate) fn account(
    work: &Work<'_>,
    type_: &str,
    id: &str,
    number: &str,
) -> Result<Option<Record>, Fault> {
    let set = match type_ {
        "" | "G_x002F_L_x0020_Account" => "accounts",
        "Customer" => "customers",
        "Vendor" => "vendors",
        "Bank_x0020_Account" => "bankAccounts",
        "Employee" => "employees",
        other => {
            return Err(Fault::dialog(format!(
                "The account type {other} is not available in this company."
            )));
        }
    };
    let by_id =
        match id {
            "" => None,
            id => Some(work.get(set, id).ok_or_else(|| {
                Fault::dialog("The \"accountId\" does not match to an \"Account\".")
            })?),
        };
    let by_number = match number {
        "" => None,
        number => Some(work.books.find(set, "number", number).ok_or_else(|| {
            let related = if set == "accounts" {
                "G/L Account"
            } else {
                set
            };
            Fault::relation("Account No.", "Gen. Journal Line", number, related)
        })?),
    };
    match (by_id, by_number) {
        (Some(left), Some(right)) if left.id != right.id => Err(Fault::dialog(
            "The account values do not match to a specific Account.",
        )),
        (found, other) => Ok(found.or(other).cloned()),
    }
}

/// The invoice that a payment is for: posted, and of the same party.
fn applies_to(
    work: &Work<'_>,
    line: &mut Record,
    input: &Input,
    invoices: &'static str,
    party: &str,
) -> Result<(), Fault> {
    const ID: &str = "appliesToInvoiceId";
    const NUMBER: &str = "appliesToInvoiceNumber";
    if !input.has(ID) && !input.has(NUMBER) {
        return Ok(());
    }
    let wrong = |name: &str, what: &str| {
        Fault::dialog(format!(
            "The \"{name}\" should be the {what} of an open, paid, corrective, or canceled invoice."
        ))
    };
    let is_posted = |row: &&Record| !["Draft", "In_x0020_Review", ""].contains(&row.text("status"));
    let id = if input.has(ID) { line.text(ID) } else { "" };
    let number = if input.has(NUMBER) {
        line.text(NUMBER)
    } else {
        ""
    };
    let by_id = match id {
        "" => None,
        id => Some(
            work.get(invoices, id)
                .filter(is_posted)
                .ok_or_else(|| wrong(ID, "ID"))?,
        ),
    };
    let by_number = match number {
        "" => None,
        number => Some(
            work.books
                .find(invoices, "number", number)
                .filter(is_posted)
                .ok_or_else(|| wrong(NUMBER, "number"))?,
        ),
    };
    let found = match (by_id, by_number) {
        (Some(left), Some(right)) if left.id != right.id => {
            return Err(Fault::dialog(
                "The invoice values do not match to a specific Invoice.",
            ));
        }
        (found, other) => found.or(other).cloned(),
    };
    let Some(invoice) = found else {
        line.set(ID, "");
        line.set(NUMBER, "");
        return Ok(());
    };
    if !line.text(party).is_empty() && line.text(party) != invoice.text(party) {
        return Err(Fault::dialog(
            "The invoice does not belong to the party of the payment.",
        ));
    }
    if line.text(party).is_empty() {
        let number = party.replace("Id", "Number");
        line.copy(&invoice, &[party, &number]);
    }
    line.set(ID, invoice.id.as_str());
    line.copy_as(&invoice, "number", NUMBER);
    Ok(())
}
