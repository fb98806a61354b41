//! Financial statements: lines of a report, by category of the chart of accounts.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::turnover;
use crate::books::{Books, Record, guid, setup_accounts as accounts};
use crate::engine::source::Period;

const INCOME: &str = "Income";
const COST: &str = "Cost_x0020_of_x0020_Goods_x0020_Sold";
const EXPENSE: &str = "Expense";

/// A report in the making.
struct Statement {
    /// `balance` or `netChange`
    amount: &'static str,
    period: Period,
    now: Timestamp,
    rows: Vec<Record>,
}

impl Statement {
    fn new(amount: &'static str, period: Period, now: Timestamp) -> Self {
        Self {
            amount,
            period,
            now,
            rows: Vec::new(),
        }
    }

    fn add(&mut self, line_type: &str, indentation: u32, display: &str, amount: Decimal) {
        let number = (self.rows.len() as u64 + 1) * 10_000;
        let mut row = Record::computed(guid(0x5747, number), self.now);
        row.set("lineNumber", number);
        row.set("display", display);
        row.set("lineType", line_type);
        row.set("indentation", indentation);
        row.set_amount(self.amount, amount);
        row.set_date("dateFilter", self.period.to);
        self.rows.push(row);
    }

    /// A heading, its accounts, and their total, which is answered. `sign` turns credits into positive figures.
    fn section(&mut self, books: &Books, category: &str, title: &str, sign: Decimal) -> Decimal {
        let from = if self.amount == "balance" {
            None
        } else {
            self.period.from
        };
        self.add("header", 0, title, Decimal::ZERO);
        let mut total = Decimal::ZERO;
        for account in books.rows("accounts") {
            if account.text("category") != category || account.get("accountType").is_some() {
                continue;
            }
            let (debit, credit) = turnover(books, account.text("number"), from, self.period.to);
            let amount = sign * (debit - credit);
            total += amount;
            if !amount.is_zero() {
                self.add("detail", 1, account.text("displayName"), amount);
            }
        }
        self.add("total", 0, &format!("Total {title}"), total);
        total
    }
}

fn category(books: &Books, name: &str, period: Period) -> Decimal {
    books
        .rows("accounts")
        .filter(|account| account.text("category") == name && account.get("accountType").is_none())
        .map(|account| {
            let (debit, credit) = turnover(books, account.text("number"), period.from, period.to);
            credit - debit
        })
        .sum()
}

/// Income less costs and expenses.
fn earnings(books: &Books, period: Period) -> Decimal {
    [INCOME, COST, EXPENSE]
        .into_iter()
        .map(|name| category(books, name, period))
        .sum()
}

pub(super) fn balance_sheet(books: &Books, period: Period, now: Timestamp) -> Vec<Record> {
    let mut sheet = Statement::new("balance", period, now);
    sheet.section(books, "Assets", "Assets", Decimal::ONE);
    let debts = sheet.section(books, "Liabilities", "Liabilities", Decimal::NEGATIVE_ONE);
    let own = sheet.section(books, "Equity", "Equity", Decimal::NEGATIVE_ONE);
    let all_time = Period {
        from: None,
        ..period
    };
    let earned = earnings(books, all_time);
    sheet.add("detail", 1, "Current earnings", earned);
    sheet.add(
        "total",
        0,
        "Total Liabilities and Equity",
        debts + own + earned,
    );
    sheet.rows
}

pub(super) fn income(books: &Books, period: Period, now: Timestamp) -> Vec<Record> {
    let mut statement = Statement::new("netChange", period, now);
    let income = statement.section(books, INCOME, "Income", Decimal::NEGATIVE_ONE);
    let cost = statement.section(books, COST, "Cost of Goods Sold", Decimal::ONE);
    statement.add("total", 0, "Gross Profit", income - cost);
    let expense = statement.section(books, EXPENSE, "Expense", Decimal::ONE);
    statement.add("total", 0, "Net Income", income - cost - expense);
    statement.rows
}

/// From earnings to cash, by what changed in receivables, stock, payables and equity.
pub(super) fn cash_flow(books: &Books, period: Period, now: Timestamp) -> Vec<Record> {
    let change = |number: &str| {
        let (debit, credit) = turnover(books, number, period.from, period.to);
        credit - debit
    };
    let mut statement = Statement::new("netChange", period, now);
    let mut total = earnings(books, period);
    statement.add(
        "header",
        0,
        "Cash Flow from Operating Activities",
        Decimal::ZERO,
    );
    statement.add("detail", 1, "Net Income", total);
    for account in books.rows("accounts") {
        let number = account.text("number");
        let is_balance = ["Assets", "Liabilities", "Equity"].contains(&account.text("category"));
        if number == accounts::BANK || !is_balance || account.get("accountType").is_some() {
            continue;
        }
        let amount = change(number);
        if !amount.is_zero() {
            statement.add("detail", 1, account.text("displayName"), amount);
            total += amount;
        }
    }
    statement.add("total", 0, "Net Cash Flow", total);
    statement.rows
}

pub(super) fn retained_earnings(books: &Books, period: Period, now: Timestamp) -> Vec<Record> {
    let before = period.from.and_then(|from| from.yesterday().ok());
    let opening = before.map(|to| earnings(books, Period { from: None, to }));
    let (debit, credit) = turnover(books, accounts::RETAINED_EARNINGS, None, period.to);
    let opening = opening.unwrap_or_default() + credit - debit;
    let earned = earnings(books, period);
    let mut statement = Statement::new("netChange", period, now);
    statement.add(
        "detail",
        0,
        "Retained Earnings, Beginning of Period",
        opening,
    );
    statement.add("detail", 0, "Net Income", earned);
    statement.add(
        "total",
        0,
        "Retained Earnings, End of Period",
        opening + earned,
    );
    statement.rows
}
