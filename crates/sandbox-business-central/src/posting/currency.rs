//! From a document's currency to the local one.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::books::Work;
use crate::fault::Fault;

/// Local units for one of the currency on a day; one for the local currency itself.
pub(super) fn rate(work: &Work<'_>, code: &str, date: Date) -> Result<Decimal, Fault> {
    if code.is_empty() || code == work.books.setup.currency {
        return Ok(Decimal::ONE);
    }
    let known = work
        .books
        .rows("currencyExchangeRates")
        .filter(|row| row.text("currencyCode") == code)
        .filter(|row| row.date("startingDate").is_some_and(|start| start <= date))
        .max_by_key(|row| row.date("startingDate"));
    let rate = known.and_then(|row| {
        let amount = row.amount("exchangeRateAmount");
        row.amount("relationalExchangeRateAmount")
            .checked_div(amount)
    });
    rate.ok_or_else(|| {
        Fault::dialog(format!(
            "There is no exchange rate for the currency {code} on {date}."
        ))
    })
}
