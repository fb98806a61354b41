//! Debits and credits of every account.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::turnover;
use crate::books::{Books, Record};
use crate::engine::source::Period;

pub(super) fn rows(books: &Books, period: Period, now: Timestamp) -> Vec<Record> {
    let of = |account: &Record| {
        let number = account.text("number");
        let (debit, credit) = turnover(books, number, period.from, period.to);
        let (all_debit, all_credit) = turnover(books, number, None, period.to);
        let balance = all_debit - all_credit;
        let mut row = Record::computed(account.id.as_str(), now);
        row.set("number", number);
        row.set("accountId", account.id.as_str());
        row.copy(account, &["accountType"]);
        row.copy_as(account, "displayName", "display");
        row.set_amount("totalDebit", debit);
        row.set_amount("totalCredit", credit);
        row.set_amount("balanceAtDateDebit", balance.max(Decimal::ZERO));
        row.set_amount("balanceAtDateCredit", (-balance).max(Decimal::ZERO));
        row.set_date("dateFilter", period.to);
        row
    };
    books.rows("accounts").map(of).collect()
}
