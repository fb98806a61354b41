//! Exact decimal arithmetic between JSON numbers.
//!
//! A JSON number of up to 15 digits survives the way through a binary float and back; what is computed in between is
//! decimal, so sums are exact to the cent.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

/// Digits behind the point of amounts.
pub(crate) const CENTS: u32 = 2;
/// Digits behind the point of unit costs and quantities.
pub(crate) const UNIT: u32 = 5;

/// The number that a JSON value writes; nothing for what is no number, or too large to be exact.
pub(crate) fn parse(value: &Value) -> Option<Decimal> {
    let Value::Number(number) = value else {
        return None;
    };
    let text = number.to_string();
    text.parse()
        .ok()
        .or_else(|| Decimal::from_scientific(&text).ok())
}

/// As JSON writes it, without zeros at the end.
pub(crate) fn json(amount: Decimal) -> Value {
    let amount = amount.normalize();
    match amount.to_i64().filter(|_| amount.scale() == 0) {
        Some(whole) => Value::from(whole),
        None => Value::from(amount.to_f64().unwrap_or_default()),
    }
}

/// Commercial rounding: half away from zero, as Business Central's `ROUND` does by default.
pub(crate) fn round(amount: Decimal, digits: u32) -> Decimal {
    amount.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

/// Rounded to cents.
pub(crate) fn cents(amount: Decimal) -> Decimal {
    round(amount, CENTS)
}

/// The first amount that is refused: what is computed from several of the largest still fits a decimal.
pub(crate) fn too_large() -> Decimal {
    Decimal::from(10_000_000_000_u64)
}

/// Whether a product of two amounts is more than books can hold exactly.
pub(crate) fn is_beyond(product: Decimal) -> bool {
    product.abs() > Decimal::from(10_000_000_000_000_u64)
}

/// So much percent of an amount, rounded to cents.
pub(crate) fn percent(amount: Decimal, percent: Decimal) -> Decimal {
    cents(amount * percent / Decimal::ONE_HUNDRED)
}

/// Shares of `total` in the proportion of `parts`, each rounded to cents, that add up to `total` exactly: each share is what
/// the parts so far deserve, less what has been given.
pub(crate) fn allocate(total: Decimal, parts: &[Decimal]) -> Vec<Decimal> {
    let whole: Decimal = parts.iter().sum();
    let (mut seen, mut given) = (Decimal::ZERO, Decimal::ZERO);
    parts
        .iter()
        .map(|part| {
            seen += part;
            let due = if whole.is_zero() {
                Decimal::ZERO
            } else {
                cents(total * seen / whole)
            };
            let share = due - given;
            given = due;
            share
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_comes_back_as_it_was() {
        for text in ["0.1", "1234.56", "-99999999.99", "0.00001", "7"] {
            let amount: Decimal = text.parse().unwrap_or_default();
            assert_eq!(parse(&json(amount)), Some(amount), "{text}");
        }
        assert_eq!(json(Decimal::new(1_500, 2)), Value::from(15));
    }

    #[test]
    fn shares_add_up() {
        let parts = [1, 1, 1].map(Decimal::from);
        let shares = allocate(Decimal::new(1_000, 2), &parts);
        assert_eq!(
            shares,
            [333, 334, 333].map(|cents| Decimal::new(cents, 2)).to_vec()
        );
    }
}
