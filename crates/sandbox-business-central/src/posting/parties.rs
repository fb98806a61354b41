//! What customers owe and what is owed to vendors: a ledger of documents and payments, applied to each other.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::books::{Record, Work};
use crate::fault::Fault;
use crate::money;
use crate::rules::family::Side;

/// A ledger of parties; the API does not show it itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ledger {
    pub(crate) table: &'static str,
    pub(crate) parties: &'static str,
    /// The party's field with its balance.
    pub(crate) balance: &'static str,
    /// The account that stands for it in the general ledger.
    pub(crate) account: &'static str,
    /// Sets of documents that it holds.
    documents: [&'static str; 2],
}

pub(crate) const CUSTOMERS: Ledger = Ledger {
    table: "customerLedger",
    parties: "customers",
    balance: "balanceDue",
    account: crate::books::setup_accounts::RECEIVABLES,
    documents: ["salesInvoices", "salesCreditMemos"],
};
pub(crate) const VENDORS: Ledger = Ledger {
    table: "vendorLedger",
    parties: "vendors",
    balance: "balance",
    account: crate::books::setup_accounts::PAYABLES,
    documents: ["purchaseInvoices", "purchaseCreditMemos"],
};

/// A document or payment to be entered.
pub(crate) struct Entry<'a> {
    pub(crate) party: &'a str,
    pub(crate) document_type: &'a str,
    pub(crate) document_number: &'a str,
    /// Id of the document; empty for a payment.
    pub(crate) document_id: &'a str,
    pub(crate) date: Date,
    pub(crate) due: Date,
    /// In local currency; a debit is positive.
    pub(crate) amount: Decimal,
    /// Local units for one of the document's currency.
    pub(crate) rate: Decimal,
}

impl Ledger {
    pub(crate) fn of(side: Side) -> Self {
        match side {
            Side::Sales => CUSTOMERS,
            Side::Purchase => VENDORS,
        }
    }

    /// Enters it, open; the entry's id is answered.
    pub(crate) fn enter(self, work: &mut Work<'_>, entry: &Entry<'_>) -> String {
        let mut row = work.blank();
        entry.party.clone_into(&mut row.parent);
        row.set("documentType", entry.document_type);
        row.set("documentNumber", entry.document_number);
        row.set("documentId", entry.document_id);
        row.set_date("postingDate", entry.date);
        row.set_date("dueDate", entry.due);
        row.set_amount("amount", entry.amount);
        row.set_amount("remaining", entry.amount);
        row.set_amount("rate", entry.rate);
        let id = work.insert(self.table, row);
        self.change_balance(work, entry.party, entry.amount);
        id
    }

    fn change_balance(self, work: &mut Work<'_>, party: &str, amount: Decimal) {
        // A vendor's balance is told as what we owe.
        let amount = if self.parties == "vendors" {
            -amount
        } else {
            amount
        };
        work.update(self.parties, party, |party| {
            let sum = party.amount(self.balance) + amount;
            party.set_amount(self.balance, sum);
        });
    }

    /// The entry of a document.
    pub(crate) fn entry_of(self, work: &Work<'_>, document: &str) -> Option<Record> {
        let mut rows = work.books.rows(self.table);
        rows.find(|row| row.text("documentId") == document).cloned()
    }

    /// Settles two entries against each other as far as both go.
    pub(crate) fn apply(self, work: &mut Work<'_>, left: &str, right: &str) -> Result<(), Fault> {
        let open = |work: &Work<'_>, id: &str| {
            work.get(self.table, id)
                .map(|row| row.amount("remaining"))
                .unwrap_or_default()
        };
        let (a, b) = (open(work, left), open(work, right));
        if a.is_zero() || b.is_zero() || a.is_sign_negative() == b.is_sign_negative() {
            return Err(Fault::dialog(
                "The entry that you want to apply to is not open, or is on the same side.",
            ));
        }
        let amount = a.abs().min(b.abs());
        for (id, open) in [(left, a), (right, b)] {
            let rest = if open.is_sign_negative() {
                open + amount
            } else {
                open - amount
            };
            work.update(self.table, id, |row| row.set_amount("remaining", rest));
            self.show(work, id);
        }
        Ok(())
    }

    /// Lets a document show what is still open of it.
    fn show(self, work: &mut Work<'_>, entry: &str) {
        let Some(entry) = work.get(self.table, entry).cloned() else {
            return;
        };
        let rest = entry.amount("remaining").abs();
        let rate = entry.amount("rate");
        let document = entry.text("documentId");
        for set in self.documents {
            work.update(set, document, |document| {
                let is_settled = rest.is_zero();
                match document.text("status") {
                    "Open" if is_settled => document.set("status", "Paid"),
                    "Paid" if !is_settled => document.set("status", "Open"),
                    _ => {}
                }
                if set == "salesInvoices" {
                    let rest = money::cents(rest.checked_div(rate).unwrap_or(rest));
                    document.set_amount("remainingAmount", rest);
                }
            });
        }
    }
}
