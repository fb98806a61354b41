//! Values as people read them, in the organisation's format: English (United States).

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::Dataverse;
use crate::cell::Cell;
use crate::schema::{Column, Kind, TableId};
use crate::store::Row;

impl Dataverse {
    /// The formatted value; none for what shows as it is.
    pub(crate) fn formatted(
        &self,
        table: TableId,
        row: &Row,
        column: &Column,
        cell: &Cell,
    ) -> Option<String> {
        Some(match (&column.kind, cell) {
            (Kind::Flag { labels }, Cell::Flag(flag)) => labels[usize::from(*flag)].clone(),
            (Kind::Choice(_) | Kind::State(_) | Kind::Status(_), Cell::Whole(value)) => {
                column.label(*value)?.to_owned()
            }
            (Kind::Choices(_), Cell::Choices(values)) => {
                let labels = values
                    .iter()
                    .filter_map(|value| column.label(i64::from(*value)));
                labels.collect::<Vec<_>>().join("; ")
            }
            (Kind::Money { precision }, Cell::Number(value)) => {
                format!("{}{}", self.symbol(table, row), grouped(*value, *precision))
            }
            (Kind::MoneyBase, Cell::Number(value)) => {
                format!("{}{}", self.base_symbol(), grouped(*value, 2))
            }
            (Kind::Decimal { precision } | Kind::Double { precision }, Cell::Number(value)) => {
                grouped(*value, *precision)
            }
            (Kind::Whole { .. } | Kind::Big, Cell::Whole(value)) => {
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "columns hold 32 bits, versions stay small"
                )]
                let number = *value as f64;
                grouped(number, 0)
            }
            (Kind::Time, Cell::Time(time)) => moment(*time),
            (Kind::Date, Cell::Date(date)) => {
                format!("{}/{}/{}", date.month(), date.day(), date.year())
            }
            (_, Cell::Link(link)) => self.name_of(link.table, link.id)?,
            _ => return None,
        })
    }

    fn symbol(&self, table: TableId, row: &Row) -> String {
        let currency = self
            .cell(table, row, "transactioncurrencyid")
            .and_then(Cell::as_link);
        let currency = currency.and_then(|link| self.store.follow(link));
        currency.map_or_else(|| self.base_symbol(), |row| self.symbol_of(row))
    }

    fn base_symbol(&self) -> String {
        self.base_currency()
            .map_or_else(String::new, |row| self.symbol_of(row))
    }

    fn symbol_of(&self, currency: &Row) -> String {
        let symbol = self.cell(self.tables.currency, currency, "currencysymbol");
        symbol
            .and_then(Cell::as_text)
            .unwrap_or_default()
            .to_owned()
    }
}

/// `1,234.50`
fn grouped(value: f64, precision: u8) -> String {
    let text = format!("{:.*}", usize::from(precision), value.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
    }
    if value < 0.0 { format!("-{out}") } else { out }
}

/// `10/1/2026 12:30 PM`
fn moment(time: Timestamp) -> String {
    let at = Offset::UTC.to_datetime(time);
    let (hour, half) = match at.hour() {
        0 => (12, "AM"),
        hour @ 1..=11 => (hour, "AM"),
        12 => (12, "PM"),
        hour => (hour - 12, "PM"),
    };
    format!(
        "{}/{}/{} {hour}:{:02} {half}",
        at.month(),
        at.day(),
        at.year(),
        at.minute()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_read_as_americans_write_them() {
        assert_eq!(grouped(1_234_567.5, 2), "1,234,567.50");
        assert_eq!(grouped(-12.0, 0), "-12");
        let time = "2026-10-01T00:05:00Z".parse().unwrap_or_default();
        assert_eq!(moment(time), "10/1/2026 12:05 AM");
    }
}
