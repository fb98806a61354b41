//! What is owed, by how long it has been due.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::books::{Books, Record};
use crate::engine::source::Period;
use crate::money;
use crate::posting::parties::{CUSTOMERS, Ledger, VENDORS};

/// Days of each period, as the report has it when nothing else is asked for.
const PERIOD_DAYS: i32 = 30;
const PERIOD: &str = "30D";

pub(super) fn receivables(books: &Books, period: Period, now: Timestamp) -> Vec<Record> {
    rows(books, CUSTOMERS, "customer", Decimal::ONE, period.to, now)
}

pub(super) fn payables(books: &Books, period: Period, now: Timestamp) -> Vec<Record> {
    let sign = Decimal::NEGATIVE_ONE;
    rows(books, VENDORS, "vendor", sign, period.to, now)
}

fn rows(
    books: &Books,
    ledger: Ledger,
    party: &str,
    sign: Decimal,
    as_of: Date,
    now: Timestamp,
) -> Vec<Record> {
    let of = |who: &Record| {
        let mut buckets = [Decimal::ZERO; 4];
        for entry in books.children(ledger.table, &who.id) {
            let due = entry.date("dueDate").unwrap_or(as_of);
            let late = (as_of - due).get_days();
            let at = usize::try_from((late + PERIOD_DAYS - 1).max(0) / PERIOD_DAYS).unwrap_or(0);
            buckets[at.min(3)] += sign * entry.amount("remaining");
        }
        row(who, party, buckets, as_of, now)
    };
    books.rows(ledger.parties).map(of).collect()
}

fn row(who: &Record, party: &str, buckets: [Decimal; 4], as_of: Date, now: Timestamp) -> Record {
    let mut row = Record::computed(who.id.as_str(), now);
    row.set(&format!("{party}Id"), who.id.as_str());
    row.copy_as(who, "number", &format!("{party}Number"));
    row.copy_as(who, "displayName", "name");
    row.copy_as(who, "currencyCode", "currencyCode");
    let total: Decimal = buckets.iter().sum();
    row.set_amount("balanceDue", money::cents(total));
    let names = [
        "currentAmount",
        "period1Amount",
        "period2Amount",
        "period3Amount",
    ];
    for (name, amount) in names.into_iter().zip(buckets) {
        row.set_amount(name, amount);
    }
    let labels = ["1 - 30 Days", "31 - 60 Days", "Over 60 Days"];
    for (at, label) in labels.into_iter().enumerate() {
        row.set(&format!("period{}Label", at + 1), label);
    }
    row.set_date("agedAsOfDate", as_of);
    row.set("periodLengthFilter", PERIOD);
    row
}
