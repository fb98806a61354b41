//! What percentage of tax a line bears.
//! <https://learn.microsoft.com/dynamics365/business-central/finance-setup-vat>,
//! <https://learn.microsoft.com/dynamics365/business-central/localfunctionality/unitedstates/how-to-use-sales-tax>

use rust_decimal::Decimal;
use serde_json::Value;

use super::family::{Family, Side};
use crate::books::{Books, Record, TaxKind};
use crate::money;

/// Where a tax area keeps its percentages by tax group; the API does not show them.
pub(crate) const RATES: &str = "_rates";

/// The percentage for goods of a tax group, between us and this party.
pub(crate) fn percent(books: &Books, family: &Family, party: &Record, group: &str) -> Decimal {
    area(books, family, party)
        .and_then(|area| area.get(RATES))
        .and_then(|rates| rates.get(group))
        .and_then(|rate: &Value| money::parse(rate))
        .unwrap_or_default()
}

fn area<'a>(books: &'a Books, family: &Family, party: &Record) -> Option<&'a Record> {
    let own = books.get("taxAreas", party.text("taxAreaId"));
    match books.setup.tax {
        TaxKind::SalesTax if family.side == Side::Purchase || !party.is("taxLiable") => None,
        TaxKind::SalesTax => own,
        TaxKind::Vat => own.or_else(|| books.find("taxAreas", "code", vat_group(books, party))),
    }
}

/// Without a group of its own, a party's country tells.
fn vat_group(books: &Books, party: &Record) -> &'static str {
    let home = books.rows("companyInformation").next();
    let home = home.map(|us| us.text("country")).unwrap_or_default();
    let country = party.text("country");
    if country.is_empty() || country == home {
        "DOMESTIC"
    } else {
        "EXPORT"
    }
}
