//! Heads of sales and purchase documents.

use jiff::civil::Date;

use super::family::{Family, Kind, Side};
use crate::books::{Record, Work};
use crate::engine::input::Input;
use crate::fault::Fault;
use crate::model;

/// Parts of an address, as a party has them and as a document has them behind its prefix.
const ADDRESS: [(&str, &str); 6] = [
    ("addressLine1", "AddressLine1"),
    ("addressLine2", "AddressLine2"),
    ("city", "City"),
    ("country", "Country"),
    ("state", "State"),
    ("postalCode", "PostCode"),
];

/// What may still be written on a posted document.
const STILL_OPEN: [&str; 5] = [
    "disputeStatusId",
    "disputeStatus",
    "promisedPayDate",
    "shortcutDimension1Code",
    "shortcutDimension2Code",
];

pub(super) fn insert(
    work: &mut Work<'_>,
    family: &Family,
    record: &mut Record,
    input: &Input,
) -> Result<(), Fault> {
    let party = party(work, family, record)?;
    must_not_be_blocked(family, &party, "create")?;
    take_party(family, record, &party, input);
    pay_to(work, family, record, input)?;
    dates(work, family, record, input);
    if family.side == Side::Purchase {
        ship_to_us(work, record, input);
    }
    let (prefix, start) = family.series;
    let number = work.next_number(prefix, start);
    record.set("number", number);
    record.set("status", "Draft");
    record.set("discountAppliedBeforeTax", true);
    Ok(())
}

pub(super) fn update(
    work: &mut Work<'_>,
    family: &Family,
    old: &Record,
    record: &mut Record,
    input: &Input,
) -> Result<(), Fault> {
    let only_open = input.names().iter().all(|name| STILL_OPEN.contains(name));
    if !only_open {
        must_be_open(family, old)?;
    }
    let id = family.party_id();
    if old.text(id) != record.text(id) {
        let party = party(work, family, record)?;
        must_not_be_blocked(family, &party, "change")?;
        take_party(family, record, &party, input);
    }
    pay_to(work, family, record, input)?;
    let moved = ["paymentTermsId", "postingDate", family.date]
        .iter()
        .any(|name| old.get(name) != record.get(name));
    if moved && !input.has("dueDate") && model::set(family.set).is_some_and(has_due_date) {
        due(work, family, record);
    }
    Ok(())
}

fn has_due_date(set: &'static model::EntitySet) -> bool {
    set.field("dueDate").is_some()
}

/// A posted document can neither be changed nor removed.
pub(crate) fn must_be_open(family: &Family, record: &Record) -> Result<(), Fault> {
    if is_posted(family, record) {
        return Err(Fault::dialog(format!(
            "The {} has been posted and can no longer be modified.",
            family.title
        )));
    }
    Ok(())
}

/// Whether a document is in the ledgers.
pub(crate) fn is_posted(family: &Family, record: &Record) -> bool {
    matches!(family.kind, Kind::Invoice | Kind::CreditMemo)
        && !["Draft", "In_x0020_Review", ""].contains(&record.text("status"))
}

fn party(work: &Work<'_>, family: &Family, record: &Record) -> Result<Record, Fault> {
    let id = record.text(family.party_id());
    let party = family.party();
    work.get(family.parties(), id).cloned().ok_or_else(|| {
        Fault::dialog(format!(
            "A \"{party}Number\" or a \"{party}Id\" must be provided."
        ))
    })
}

/// <https://learn.microsoft.com/dynamics365/business-central/receivables-how-block-customers>
pub(crate) fn must_not_be_blocked(
    family: &Family,
    party: &Record,
    verb: &str,
) -> Result<(), Fault> {
    let blocked = party.text("blocked");
    let is_post = verb == "post";
    let refuses = match (blocked, family.kind) {
        ("All", _) | ("Invoice", Kind::Invoice | Kind::Order) => true,
        ("Ship", Kind::Order) => is_post,
        _ => false,
    };
    if !refuses {
        return Ok(());
    }
    let title = capital(family.party());
    Err(Fault::dialog(format!(
        "You cannot {verb} this type of document when {title} {} is blocked with type {blocked}",
        party.text("number")
    )))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// What a document takes over from its party, unless the request says otherwise.
fn take_party(family: &Family, record: &mut Record, party: &Record, input: &Input) {
    let [own, pays] = family.prefixes();
    let word = family.party();
    record.set(family.party_id(), party.id.as_str());
    record.copy_as(party, "number", &format!("{word}Number"));
    record.copy_as(party, "displayName", &format!("{word}Name"));
    address(record, party, own, input);
    if !input.has(&format!("{pays}{}Id", capital(word))) {
        record.set(&format!("{pays}{}Id", capital(word)), party.id.as_str());
        record.copy_as(party, "number", &format!("{pays}{}Number", capital(word)));
    }
    let taken = [
        ("currencyId", "currencyId"),
        ("currencyCode", "currencyCode"),
        ("paymentTermsId", "paymentTermsId"),
        ("shipmentMethodId", "shipmentMethodId"),
        ("phoneNumber", "phoneNumber"),
        ("email", "email"),
        ("salespersonCode", "salesperson"),
    ];
    let has_currency = input.has("currencyId") || input.has("currencyCode");
    let set = model::set(family.set);
    for (name, field) in taken {
        let is_known = set.is_some_and(|set| set.field(field).is_some());
        let is_given = input.has(field) || (has_currency && name.starts_with("currency"));
        if is_known && !is_given {
            record.copy_as(party, name, field);
        }
    }
    if family.side == Side::Sales && family.kind != Kind::CreditMemo {
        address(record, party, "shipTo", input);
        if !input.has("shipToName") {
            record.copy_as(party, "displayName", "shipToName");
        }
    }
}

fn address(record: &mut Record, party: &Record, prefix: &str, input: &Input) {
    for (name, suffix) in ADDRESS {
        let field = format!("{prefix}{suffix}");
        if !input.has(&field) {
            record.copy_as(party, name, &field);
        }
    }
}

/// Name and address of whoever pays.
fn pay_to(
    work: &Work<'_>,
    family: &Family,
    record: &mut Record,
    input: &Input,
) -> Result<(), Fault> {
    let [_, prefix] = family.prefixes();
    let id = record
        .text(&format!("{prefix}{}Id", capital(family.party())))
        .to_owned();
    let payer = work.need(family.parties(), &id)?.clone();
    record.copy_as(&payer, "displayName", &format!("{prefix}Name"));
    address(record, &payer, prefix, input);
    Ok(())
}

/// Goods come to the company itself.
fn ship_to_us(work: &Work<'_>, record: &mut Record, input: &Input) {
    let us = work.books.rows("companyInformation").next().cloned();
    if let Some(us) = us {
        address(record, &us, "shipTo", input);
        if !input.has("shipToName") {
            record.copy_as(&us, "displayName", "shipToName");
        }
    }
}

fn dates(work: &Work<'_>, family: &Family, record: &mut Record, input: &Input) {
    let today = work.today();
    let set = model::set(family.set);
    let given = record
        .date(family.date)
        .or_else(|| record.date("postingDate"));
    let date = given.unwrap_or(today);
    if !input.has(family.date) {
        record.set_date(family.date, date);
    }
    if !input.has("postingDate") {
        record.set_date("postingDate", date);
    }
    if set.is_some_and(has_due_date) && !input.has("dueDate") {
        due(work, family, record);
    }
}

fn due(work: &Work<'_>, family: &Family, record: &mut Record) {
    let date = record.date(family.date).unwrap_or_else(|| work.today());
    let date = due_on(work, family, record, date);
    record.set_date("dueDate", date);
}

/// When a document of this day is due: by its own terms, or where its type shows none by its party's.
pub(crate) fn due_on(work: &Work<'_>, family: &Family, record: &Record, date: Date) -> Date {
    let party = work.get(family.parties(), record.text(family.party_id()));
    let own = record.text("paymentTermsId");
    let is_shown = model::set(family.set).is_some_and(|set| set.field("paymentTermsId").is_some());
    let id = if is_shown {
        own
    } else {
        party
            .map(|party| party.text("paymentTermsId"))
            .unwrap_or_default()
    };
    let terms = work.get("paymentTerms", id);
    let formula = terms.map(|terms| terms.text("dueDateCalculation"));
    later(date, formula.unwrap_or_default())
}

/// A date formula's day: `14D`, `1M(8D)` without its rest, `CM` for the end of the month.
/// <https://learn.microsoft.com/dynamics365/business-central/ui-enter-date-ranges>
fn later(date: Date, formula: &str) -> Date {
    let (digits, unit) =
        formula.split_at(formula.find(|it: char| !it.is_ascii_digit()).unwrap_or(0));
    let number: i64 = digits.parse().unwrap_or_default();
    let number = number.min(10_000);
    let span = match unit.chars().next() {
        Some('D') => jiff::Span::new().try_days(number),
        Some('W') => jiff::Span::new().try_weeks(number),
        Some('M') => jiff::Span::new().try_months(number),
        Some('Y') => jiff::Span::new().try_years(number),
        Some('C') => return date.last_of_month(),
        _ => return date,
    };
    span.and_then(|span| date.checked_add(span)).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_formulas_count_days_months_and_to_the_end_of_the_month() {
        let day = Date::constant(2026, 1, 31);
        assert_eq!(later(day, "14D"), Date::constant(2026, 2, 14));
        assert_eq!(later(day, "1M"), Date::constant(2026, 2, 28));
        assert_eq!(later(day, "CM"), day);
        assert_eq!(later(day, ""), day);
        assert_eq!(later(day, "0D"), day);
    }
}
