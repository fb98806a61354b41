//! What a document comes to. Taxes are rounded for each rate as a whole, and invoice discounts are shared out, so that lines
//! always add up to their document.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::documents;
use super::family::{Family, Kind};
use super::taxes;
use crate::books::{Record, Work};
use crate::money;

/// The amounts of one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Amounts {
    pub(crate) excluding: Decimal,
    pub(crate) tax: Decimal,
    pub(crate) allocation: Decimal,
    pub(crate) net: Decimal,
    pub(crate) net_tax: Decimal,
}

/// What a line brings into the computation.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Price times quantity less the line's own discount.
    pub(crate) amount: Decimal,
    pub(crate) percent: Decimal,
}

/// Amounts of all lines. `includes_tax` says what prices and the document's discount mean.
pub(crate) fn compute(parts: &[Part], discount: Decimal, includes_tax: bool) -> Vec<Amounts> {
    let amounts: Vec<Decimal> = parts.iter().map(|part| part.amount).collect();
    let shares = money::allocate(discount, &amounts);
    let mut before = Rates::new(includes_tax);
    let mut after = Rates::new(includes_tax);
    parts
        .iter()
        .zip(shares)
        .map(|(part, allocation)| {
            let (excluding, tax) = before.split(part.amount, part.percent);
            let (net, net_tax) = after.split(part.amount - allocation, part.percent);
            Amounts {
                excluding,
                tax,
                allocation,
                net,
                net_tax,
            }
        })
        .collect()
}

/// Running sums by rate: a line gets what the sum with it comes to, less what the lines before got.
struct Rates {
    includes_tax: bool,
    sums: BTreeMap<Decimal, (Decimal, Decimal)>,
}

impl Rates {
    fn new(includes_tax: bool) -> Self {
        Self {
            includes_tax,
            sums: BTreeMap::new(),
        }
    }

    /// An amount as what is taxed and what the tax is.
    fn split(&mut self, amount: Decimal, percent: Decimal) -> (Decimal, Decimal) {
        let (sum, given) = self.sums.entry(percent).or_default();
        *sum += amount;
        let due = if self.includes_tax {
            let whole = Decimal::ONE_HUNDRED + percent;
            *sum - money::cents(*sum * Decimal::ONE_HUNDRED / whole)
        } else {
            money::percent(*sum, percent)
        };
        let tax = due - *given;
        *given = due;
        if self.includes_tax {
            (amount - tax, tax)
        } else {
            (amount, tax)
        }
    }
}

/// Computes a document anew, unless it is posted.
pub(crate) fn settle(work: &mut Work<'_>, set: &str, id: &str) {
    let (Some(family), Some(header)) = (Family::of(set), work.get(set, id).cloned()) else {
        return;
    };
    if documents::is_posted(family, &header) {
        return;
    }
    let lines = lines_of(work, family, id);
    let parts = parts_of(work, family, &header, &lines);
    let amounts = compute(
        &parts,
        header.amount("discountAmount"),
        header.is("pricesIncludeTax"),
    );
    for ((line, part), amounts) in lines.iter().zip(&parts).zip(&amounts) {
        work.update(family.lines, &line.id, |line| write(line, part, amounts));
    }
    work.update(family.set, id, |header| total(family, header, &amounts));
}

/// Lines in their order.
pub(crate) fn lines_of(work: &Work<'_>, family: &Family, id: &str) -> Vec<Record> {
    let mut lines: Vec<Record> = work.books.children(family.lines, id).cloned().collect();
    lines.sort_by_key(|line| line.amount("sequence"));
    lines
}

fn parts_of(work: &Work<'_>, family: &Family, header: &Record, lines: &[Record]) -> Vec<Part> {
    let party = work.get(family.parties(), header.text(family.party_id()));
    lines
        .iter()
        .map(|line| {
            let gross = money::cents(line.amount("quantity") * line.amount(family.price));
            let percent =
                party.map(|party| taxes::percent(work.books, family, party, line.text("taxCode")));
            Part {
                amount: gross - line.amount("discountAmount"),
                percent: percent.unwrap_or_default(),
            }
        })
        .collect()
}

fn write(line: &mut Record, part: &Part, amounts: &Amounts) {
    line.set_amount("taxPercent", part.percent);
    line.set_amount("amountExcludingTax", amounts.excluding);
    line.set_amount("totalTaxAmount", amounts.tax);
    line.set_amount("amountIncludingTax", amounts.excluding + amounts.tax);
    line.set_amount("invoiceDiscountAllocation", amounts.allocation);
    line.set_amount("netAmount", amounts.net);
    line.set_amount("netTaxAmount", amounts.net_tax);
    line.set_amount("netAmountIncludingTax", amounts.net + amounts.net_tax);
}

fn total(family: &Family, header: &mut Record, amounts: &[Amounts]) {
    let net: Decimal = amounts.iter().map(|line| line.net).sum();
    let tax: Decimal = amounts.iter().map(|line| line.net_tax).sum();
    header.set_amount("totalAmountExcludingTax", net);
    header.set_amount("totalTaxAmount", tax);
    header.set_amount("totalAmountIncludingTax", net + tax);
    if family.kind == Kind::Invoice && family.set == "salesInvoices" {
        header.set_amount("remainingAmount", net + tax);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(cents: i64, percent: i64) -> Part {
        Part {
            amount: Decimal::new(cents, 2),
            percent: Decimal::from(percent),
        }
    }

    #[test]
    fn tax_is_rounded_once_for_each_rate() {
        let parts = [part(33, 19), part(33, 19), part(34, 19), part(100, 7)];
        let tax = |includes| -> Decimal {
            let amounts = compute(&parts, Decimal::ZERO, includes);
            amounts.iter().map(|line| line.net_tax).sum()
        };
        assert_eq!(tax(false), Decimal::new(26, 2));
        assert_eq!(tax(true), Decimal::new(23, 2));
    }

    #[test]
    fn a_discount_is_shared_to_the_cent() {
        let parts = [part(1_000, 19), part(1_000, 19), part(1_000, 7)];
        let amounts = compute(&parts, Decimal::new(1_000, 2), false);
        let shared: Decimal = amounts.iter().map(|line| line.allocation).sum();
        assert_eq!(shared, Decimal::new(1_000, 2));
        let net: Decimal = amounts.iter().map(|line| line.net).sum();
        assert_eq!(net, Decimal::new(2_000, 2));
    }
}
