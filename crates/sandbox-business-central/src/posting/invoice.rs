//! Posting of invoices and credit memos, of both sides.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::currency;
use super::inventory::{self, Movement};
use super::ledger::Voucher;
use super::parties::{Entry, Ledger};
use crate::books::{Record, Work, setup_accounts as accounts};
use crate::fault::Fault;
use crate::money;
use crate::rules::documents;
use crate::rules::family::{Family, Kind, Side};
use crate::rules::totals;

/// Posts a draft; it keeps its id and gets a number of what is posted.
pub(super) fn post(work: &mut Work<'_>, family: &Family, id: &str) -> Result<(), Fault> {
    let header = work.need(family.set, id)?.clone();
    if documents::is_posted(family, &header) {
        return Err(Fault::dialog(format!(
            "The action can be applied to a draft {} only.",
            family.title
        )));
    }
    let lines = totals::lines_of(work, family, id);
    check(work, family, &header, &lines)?;
    let (prefix, start) = family.posted;
    let number = work.next_number(prefix, start);
    let date = header.date("postingDate").unwrap_or_else(|| work.today());
    let posting = Posting {
        family,
        header: &header,
        number: &number,
        date,
        rate: currency::rate(work, header.text("currencyCode"), date)?,
    };
    let total = posting.book(work, &lines)?;
    let entry = posting.enter(work, total);
    work.update(family.set, id, |header| {
        header.set("number", number.as_str());
        header.set("status", if total.is_zero() { "Paid" } else { "Open" });
    });
    let applied = header.text("invoiceId").to_owned();
    if family.kind == Kind::CreditMemo && !applied.is_empty() {
        let ledger = Ledger::of(family.side);
        let open = ledger.entry_of(work, &applied);
        if let Some(open) = open.filter(|row| !row.amount("remaining").is_zero()) {
            ledger.apply(work, &entry, &open.id)?;
        }
    }
    Ok(())
}

fn check(work: &Work<'_>, family: &Family, header: &Record, lines: &[Record]) -> Result<(), Fault> {
    if lines.iter().all(|line| line.amount("quantity").is_zero()) {
        return Err(Fault::dialog("There is nothing to post."));
    }
    if header.amount("totalAmountIncludingTax").is_sign_negative() {
        return Err(Fault::dialog(format!(
            "The total amount for the {} must be 0 or greater.",
            family.title
        )));
    }
    let party = work.need(family.parties(), header.text(family.party_id()))?;
    documents::must_not_be_blocked(family, party, "post")?;
    let (field, title) = match family.kind {
        Kind::CreditMemo => ("vendorCreditMemoNumber", "Vendor Cr. Memo No."),
        _ => ("vendorInvoiceNumber", "Vendor Invoice No."),
    };
    if family.side == Side::Purchase && header.text(field).is_empty() {
        return Err(Fault::dialog(format!(
            "You need to enter the document number of the document from the vendor in the {title} field, so that this document stays linked to the original."
        )));
    }
    Ok(())
}

struct Posting<'a> {
    family: &'a Family,
    header: &'a Record,
    number: &'a str,
    date: Date,
    /// Local units for one of the document's.
    rate: Decimal,
}

impl Posting<'_> {
    /// One for what increases a customer's debt or decreases ours to a vendor.
    fn sign(&self) -> Decimal {
        let is_invoice = self.family.kind == Kind::Invoice;
        if is_invoice == (self.family.side == Side::Sales) {
            Decimal::ONE
        } else {
            Decimal::NEGATIVE_ONE
        }
    }

    fn document_type(&self) -> &'static str {
        match self.family.kind {
            Kind::CreditMemo => "Credit_x0020_Memo",
            _ => "Invoice",
        }
    }

    fn local(&self, amount: Decimal) -> Decimal {
        money::cents(amount * self.rate)
    }

    /// Writes general and item ledger; what the party owes is answered, in local currency.
    fn book(&self, work: &mut Work<'_>, lines: &[Record]) -> Result<Decimal, Fault> {
        let title = format!("{} {}", capital(self.family.title), self.number);
        let mut voucher = Voucher::new(self.date, self.document_type(), self.number, &title);
        let sign = self.sign();
        let mut tax = Decimal::ZERO;
        for line in lines {
            let net = self.local(line.amount("netAmount"));
            tax += line.amount("netTaxAmount");
            let item = work.get("items", line.text("itemId")).cloned();
            let account = self.account(item.as_ref(), line);
            voucher.add(&account, -sign * net);
            if let Some(item) = item.filter(inventory::is_stocked) {
                let cost = self.move_goods(work, &item, line, net);
                if self.family.side == Side::Sales {
                    voucher.add(accounts::INVENTORY, cost);
                    voucher.add(accounts::COST_OF_GOODS, -cost);
                }
            }
        }
        let tax_account = match self.family.side {
            Side::Sales => accounts::TAX_PAYABLE,
            Side::Purchase => accounts::INPUT_TAX,
        };
        voucher.add(tax_account, -sign * self.local(tax));
        let total = -voucher.balance();
        voucher.add(Ledger::of(self.family.side).account, total);
        voucher.post(work)?;
        Ok(total)
    }

    /// Where a line's net amount goes.
    fn account(&self, item: Option<&Record>, line: &Record) -> String {
        let Some(item) = item else {
            return line.text("lineObjectNumber").to_owned();
        };
        let account = match self.family.side {
            Side::Sales if item.text("generalProductPostingGroupCode") == "SERVICES" => {
                accounts::SERVICES
            }
            Side::Sales => accounts::SALES,
            Side::Purchase if inventory::is_stocked(item) => accounts::INVENTORY,
            Side::Purchase => accounts::PURCHASED_SERVICES,
        };
        account.to_owned()
    }

    /// Moves a line's goods; their worth is answered, into the warehouse positive.
    fn move_goods(
        &self,
        work: &mut Work<'_>,
        item: &Record,
        line: &Record,
        net: Decimal,
    ) -> Decimal {
        let is_purchase = self.family.side == Side::Purchase;
        let sign = -self.sign();
        let party = format!("{}Number", self.family.party());
        let (entry_type, title, source) = match self.family.side {
            Side::Sales => ("Sale", "Sales", "Customer"),
            Side::Purchase => ("Purchase", "Purchase", "Vendor"),
        };
        let movement = Movement {
            entry_type,
            document_type: &format!("{title}_x0020_{}", self.document_type()),
            document_number: self.number,
            source: (source, self.header.text(&party)),
            date: self.date,
            quantity: sign * line.amount("quantity"),
            cost: is_purchase.then_some(sign * net),
            sales_amount: if is_purchase {
                Decimal::ZERO
            } else {
                -sign * net
            },
        };
        inventory::post(work, item, &movement)
    }

    fn enter(&self, work: &mut Work<'_>, total: Decimal) -> String {
        let entry = Entry {
            party: self.header.text(self.family.party_id()),
            document_type: self.document_type(),
            document_number: self.number,
            document_id: &self.header.id,
            date: self.date,
            due: self.header.date("dueDate").unwrap_or(self.date),
            amount: total,
            rate: self.rate,
        };
        Ledger::of(self.family.side).enter(work, &entry)
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
