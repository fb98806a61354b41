//! What is computed from the ledgers at the moment of asking.

mod aged;
mod parties;
mod statements;
mod trial_balance;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::books::{Books, Record};
use crate::engine::source::Period;
use crate::rules::journals;

/// The lines of a set that has no table of its own; none for a set that has.
pub(crate) fn rows(
    books: &Books,
    set: &str,
    period: Period,
    now: Timestamp,
) -> Option<Vec<Record>> {
    Some(match set {
        "journals" => journals::all(books),
        "agedAccountsReceivables" => aged::receivables(books, period, now),
        "agedAccountsPayables" => aged::payables(books, period, now),
        "trialBalances" => trial_balance::rows(books, period, now),
        "balanceSheets" => statements::balance_sheet(books, period, now),
        "incomeStatements" => statements::income(books, period, now),
        "cashFlowStatements" => statements::cash_flow(books, period, now),
        "retainedEarningsStatements" => statements::retained_earnings(books, period, now),
        "customerFinancialDetails" => parties::financial_details(books, period, now),
        "customerSales" => parties::sales(books, period, now),
        "vendorPurchases" => parties::purchases(books, period, now),
        "contactsInformation" => parties::contacts(books, now),
        "customerContacts" => parties::customer_contacts(books, now),
        _ => return None,
    })
}

/// Debits and credits of one account up to and on a day, from another day on.
fn turnover(books: &Books, account: &str, from: Option<Date>, to: Date) -> (Decimal, Decimal) {
    let mut sums = (Decimal::ZERO, Decimal::ZERO);
    for entry in books.rows("generalLedgerEntries") {
        let date = entry.date("postingDate");
        let is_in = date.is_some_and(|date| date <= to && from.is_none_or(|from| date >= from));
        if is_in && entry.text("accountNumber") == account {
            sums.0 += entry.amount("debitAmount");
            sums.1 += entry.amount("creditAmount");
        }
    }
    sums
}
