//! Figures of customers and vendors, and the people behind them.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::books::{Books, Record};
use crate::engine::source::Period;
use crate::money;

pub(super) fn financial_details(books: &Books, period: Period, now: Timestamp) -> Vec<Record> {
    let of = |customer: &Record| {
        let late = books
            .children("customerLedger", &customer.id)
            .filter(|entry| entry.date("dueDate").is_some_and(|due| due < period.to));
        let overdue: Decimal = late.map(|entry| entry.amount("remaining")).sum();
        let mut row = Record::computed(customer.id.as_str(), now);
        row.modified = customer.modified;
        row.copy(customer, &["number"]);
        row.set_amount("balance", customer.amount("balanceDue"));
        row.set_amount("overdueAmount", overdue);
        row.set_amount("totalSalesExcludingTax", sold(books, customer, None));
        row
    };
    books.rows("customers").map(of).collect()
}

/// Net sales of a customer: posted invoices less posted credit memos.
fn sold(books: &Books, customer: &Record, period: Option<Period>) -> Decimal {
    traded(
        books,
        customer,
        period,
        "customerId",
        ["salesInvoices", "salesCreditMemos"],
    )
}

fn traded(
    books: &Books,
    party: &Record,
    period: Option<Period>,
    field: &str,
    [invoices, memos]: [&str; 2],
) -> Decimal {
    let sum = |set: &str| -> Decimal {
        books
            .rows(set)
            .filter(|row| row.text(field) == party.id)
            .filter(|row| !["Draft", "In_x0020_Review", ""].contains(&row.text("status")))
            .filter(|row| {
                period.is_none_or(|period| {
                    let date = row.date("postingDate");
                    date.is_some_and(|date| {
                        date <= period.to && period.from.is_none_or(|from| date >= from)
                    })
                })
            })
            .map(|row| row.amount("totalAmountExcludingTax"))
            .sum()
    };
    money::cents(sum(invoices) - sum(memos))
}

pub(super) fn sales(books: &Books, period: Period, now: Timestamp) -> Vec<Record> {
    let of = |customer: &Record| {
        let total = sold(books, customer, Some(period));
        let mut row = total_of(customer, "customer", period, now);
        row.set_amount("totalSalesAmount", total);
        row
    };
    books.rows("customers").map(of).collect()
}

pub(super) fn purchases(books: &Books, period: Period, now: Timestamp) -> Vec<Record> {
    let sets = ["purchaseInvoices", "purchaseCreditMemos"];
    let of = |vendor: &Record| {
        let total = traded(books, vendor, Some(period), "vendorId", sets);
        let mut row = total_of(vendor, "vendor", period, now);
        row.set_amount("totalPurchaseAmount", total);
        row
    };
    books.rows("vendors").map(of).collect()
}

fn total_of(party: &Record, word: &str, period: Period, now: Timestamp) -> Record {
    let mut row = Record::computed(party.id.as_str(), now);
    row.set(&format!("{word}Id"), party.id.as_str());
    row.copy_as(party, "number", &format!("{word}Number"));
    row.copy_as(party, "displayName", "name");
    row.set_date("dateFilter_FilterOnly", period.to);
    row
}

/// Contacts that stand for a customer or a vendor.
pub(super) fn contacts(books: &Books, now: Timestamp) -> Vec<Record> {
    let of = |contact: &Record| {
        let number = contact.text("companyNumber");
        let related = ["customers", "vendors"].into_iter().find_map(|set| {
            let found = books.find(set, "number", number)?;
            Some((set, found))
        });
        let (set, party) = related?;
        let mut row = Record::computed(contact.id.as_str(), now);
        row.parent.clone_from(&party.id);
        row.set("contactId", contact.id.as_str());
        row.copy_as(contact, "number", "contactNumber");
        row.copy_as(contact, "displayName", "contactName");
        row.copy_as(contact, "type", "contactType");
        row.set("relatedId", party.id.as_str());
        let type_ = if set == "customers" {
            "Customer"
        } else {
            "Vendor"
        };
        row.set("relatedType", type_);
        Some(row)
    };
    books.rows("contacts").filter_map(of).collect()
}

/// People at customers.
pub(super) fn customer_contacts(books: &Books, now: Timestamp) -> Vec<Record> {
    let of = |contact: &Record| {
        let number = contact.text("companyNumber");
        let customer = books.find("customers", "number", number)?;
        let name = contact.text("displayName");
        let (first, last) = name.split_once(' ').unwrap_or((name, ""));
        let mut row = Record::computed(contact.id.as_str(), now);
        row.set("customerId", customer.id.as_str());
        row.copy_as(customer, "displayName", "customerName");
        row.copy(contact, &["email"]);
        row.copy_as(contact, "jobTitle", "professionalTitle");
        row.copy_as(contact, "phoneNumber", "primaryPhoneNumber");
        row.set("firstName", first);
        row.set("lastName", last);
        Some(row)
    };
    books.rows("contacts").filter_map(of).collect()
}
