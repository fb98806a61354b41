//! The chart of accounts, and what the company is set up with.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

use super::Scene;

/// Number, name, category; a heading has no category of its own in postings.
const ACCOUNTS: [(&str, &str, &str); 30] = [
    ("10000", "ASSETS", "Assets"),
    ("10100", "Checking account", "Assets"),
    ("10200", "Savings account", "Assets"),
    ("10300", "Petty cash", "Assets"),
    ("10400", "Accounts receivable", "Assets"),
    ("10500", "Purchase tax recoverable", "Assets"),
    ("10700", "Inventory", "Assets"),
    ("12100", "Office equipment", "Assets"),
    ("20000", "LIABILITIES", "Liabilities"),
    ("20100", "Accounts payable", "Liabilities"),
    ("20200", "Sales tax payable", "Liabilities"),
    ("20300", "Accrued payroll", "Liabilities"),
    ("20700", "Bank loan", "Liabilities"),
    ("30000", "EQUITY", "Equity"),
    ("30100", "Capital", "Equity"),
    ("30200", "Retained earnings", "Equity"),
    ("40000", "INCOME", "Income"),
    ("40100", "Sales of goods", "Income"),
    ("40200", "Sales of services", "Income"),
    ("40300", "Other income", "Income"),
    (
        "50000",
        "COST OF GOODS SOLD",
        "Cost_x0020_of_x0020_Goods_x0020_Sold",
    ),
    (
        "50100",
        "Cost of goods",
        "Cost_x0020_of_x0020_Goods_x0020_Sold",
    ),
    (
        "50300",
        "Inventory adjustment",
        "Cost_x0020_of_x0020_Goods_x0020_Sold",
    ),
    ("60000", "EXPENSES", "Expense"),
    ("60100", "Rent", "Expense"),
    ("60200", "Salaries and wages", "Expense"),
    ("60300", "Advertising", "Expense"),
    ("60400", "Purchased services", "Expense"),
    ("60500", "Office supplies", "Expense"),
    ("61000", "Exchange differences", "Expense"),
];
/// Accounts that only postings of documents may write.
const CONTROLLED: [&str; 3] = ["10400", "10700", "20100"];

pub(super) fn fill(scene: &mut Scene<'_>) {
    for (number, name, category) in ACCOUNTS {
        let is_heading = number.ends_with("0000");
        let is_direct = !is_heading && !CONTROLLED.contains(&number);
        scene.put(
            "accounts",
            json!({
                "number": number,
                "displayName": name,
                "category": category,
                "accountType": if is_heading { "Heading" } else { "" },
                "directPosting": is_direct,
            }),
        );
    }
    let year = TimeZone::UTC.to_datetime(scene.now).year();
    let start = Date::new(year, 1, 1).unwrap_or_default();
    let profile = scene.profile;
    scene.put(
        "companyInformation",
        json!({
            "displayName": profile.name,
            "addressLine1": profile.address,
            "city": profile.city,
            "state": profile.state,
            "country": profile.country,
            "postalCode": profile.postal_code,
            "phoneNumber": "+1 425 555 0100",
            "email": "info@contoso.com",
            "website": "www.contoso.com",
            "taxRegistrationNumber": profile.tax_number,
            "currencyCode": profile.currency,
            "currentFiscalYearStartDate": start.to_string(),
            "industry": "Furniture",
            "experience": "Premium",
        }),
    );
    scene.put(
        "generalLedgerSetup",
        json!({
            "localCurrencyCode": profile.currency,
            "localCurrencySymbol": symbol(profile.currency),
            "shortcutDimension1Code": "DEPARTMENT",
            "shortcutDimension2Code": "CUSTOMERGROUP",
        }),
    );
    for month in 1..=12 {
        let date = Date::new(year, month, 1).unwrap_or_default();
        scene.put(
            "accountingPeriods",
            json!({
                "startingDate": date.to_string(),
                "name": date.strftime("%B").to_string(),
                "newFiscalYear": month == 1,
            }),
        );
    }
}

pub(super) fn symbol(currency: &str) -> &'static str {
    match currency {
        "EUR" => "€",
        "GBP" => "£",
        _ => "$",
    }
}
