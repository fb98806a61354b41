//! Twelve months of purchases, sales, payments and expenses, and the documents that are still open.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Scene;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const DAYS: i32 = 360;

pub(super) fn fill(scene: &mut Scene<'_>) {
    let begin = scene.now.checked_sub(DAY * DAYS).unwrap_or(scene.now);
    scene.at = begin;
    let journal = scene.create(
        "journals",
        json!({ "code": "DEFAULT", "displayName": "Default journal" }),
    );
    let receipts = scene.create(
        "customerPaymentJournals",
        json!({ "code": "RECEIPTS", "displayName": "Customer payments" }),
    );
    let payments = scene.create(
        "vendorPaymentJournals",
        json!({ "code": "PAYMENTS", "displayName": "Vendor payments" }),
    );
    entry(
        scene,
        &journal,
        &[("10100", 250_000.0), ("30100", -250_000.0)],
        "Opening balance",
    );
    for day in 0..DAYS {
        scene.at = begin.checked_add(DAY * day).unwrap_or(begin);
        if day % 30 == 0 {
            purchase(scene, true);
            expenses(scene, &journal);
        }
        if day % 3 == 1 {
            sale(scene, true);
        }
        if day % 45 == 20 {
            credit(scene);
        }
        if day % 10 == 9 {
            collect(scene, &receipts);
            pay(scene, &payments);
        }
    }
    scene.at = scene.now;
    for _ in 0..4 {
        sale(scene, false);
    }
    for set in [
        "salesOrders",
        "salesOrders",
        "salesQuotes",
        "salesQuotes",
        "salesQuotes",
    ] {
        document(scene, set);
    }
    purchase(scene, false);
    order_goods(scene);
}

fn customer(scene: &mut Scene<'_>) -> String {
    let all: Vec<String> = scene
        .books
        .rows("customers")
        .map(|row| row.id.clone())
        .collect();
    let at = scene.draw(all.len());
    all.get(at).cloned().unwrap_or_default()
}

fn vendor(scene: &mut Scene<'_>) -> String {
    let all: Vec<String> = scene
        .books
        .rows("vendors")
        .map(|row| row.id.clone())
        .collect();
    let at = scene.draw(all.len());
    all.get(at).cloned().unwrap_or_default()
}

fn items(scene: &Scene<'_>) -> Vec<String> {
    scene
        .books
        .rows("items")
        .map(|row| row.id.clone())
        .collect()
}

/// One to three lines of different items.
fn lines(scene: &mut Scene<'_>) -> Vec<Value> {
    let all = items(scene);
    let first = scene.draw(all.len());
    let number = 1 + scene.draw(3);
    (0..number)
        .map(|at| {
            let item = all.get((first + at * 5) % all.len().max(1));
            let mut line = json!({ "itemId": item, "quantity": 1 + scene.draw(6) });
            if scene.draw(6) == 0 {
                line["discountPercent"] = json!(10);
            }
            line
        })
        .collect()
}

fn sale(scene: &mut Scene<'_>, is_posted: bool) {
    let (customer, lines) = (customer(scene), lines(scene));
    let id = scene.create(
        "salesInvoices",
        json!({ "customerId": customer, "salesInvoiceLines": lines }),
    );
    if is_posted {
        scene.act("salesInvoices", &id, "post");
    }
}

fn document(scene: &mut Scene<'_>, set: &str) {
    let (customer, lines) = (customer(scene), lines(scene));
    let below = format!("{}Lines", set.trim_end_matches('s'));
    let mut body = json!({ "customerId": customer });
    body[below] = json!(lines);
    scene.create(set, body);
}

/// Stock for a month.
fn purchase(scene: &mut Scene<'_>, is_posted: bool) {
    let vendor = vendor(scene);
    let number = format!("V-{}", 100_000 + scene.draw(900_000));
    let all = items(scene);
    let lines: Vec<Value> = all
        .iter()
        .map(|item| json!({ "itemId": item, "quantity": 8 + scene.draw(12) }))
        .collect();
    let id = scene.create(
        "purchaseInvoices",
        json!({ "vendorId": vendor, "vendorInvoiceNumber": number, "purchaseInvoiceLines": lines }),
    );
    if is_posted {
        scene.act("purchaseInvoices", &id, "post");
    }
}

fn order_goods(scene: &mut Scene<'_>) {
    let vendor = vendor(scene);
    let item = items(scene).first().cloned();
    scene.create(
        "purchaseOrders",
        json!({ "vendorId": vendor, "purchaseOrderLines": [{ "itemId": item, "quantity": 20 }] }),
    );
}

fn credit(scene: &mut Scene<'_>) {
    let (customer, lines) = (customer(scene), lines(scene));
    let id = scene.create(
        "salesCreditMemos",
        json!({ "customerId": customer, "salesCreditMemoLines": lines[..1] }),
    );
    scene.act("salesCreditMemos", &id, "post");
}

fn expenses(scene: &mut Scene<'_>, journal: &str) {
    let salaries = 6_000 + scene.draw(10) * 100;
    let salaries = u32::try_from(salaries).map(f64::from).unwrap_or_default();
    entry(
        scene,
        journal,
        &[("60100", 2_500.0), ("10100", -2_500.0)],
        "Rent",
    );
    entry(
        scene,
        journal,
        &[("60200", salaries), ("10100", -salaries)],
        "Salaries",
    );
}

/// A document of a general journal, posted.
fn entry(scene: &mut Scene<'_>, journal: &str, sides: &[(&str, f64)], description: &str) {
    let number = format!(
        "GJ{:05}",
        1 + scene.books.rows("generalLedgerEntries").count()
    );
    for (account, amount) in sides {
        scene.create_below(
            "journalLines",
            Some(("journals", journal)),
            json!({
                "accountNumber": account,
                "amount": amount,
                "documentNumber": number,
                "description": description,
            }),
        );
    }
    scene.act("journals", journal, "post");
}

/// Most customers pay when it is due; what is left grows old.
fn collect(scene: &mut Scene<'_>, journal: &str) {
    let open = due(scene, "salesInvoices", "customerLedger");
    for (invoice, amount) in open {
        if scene.draw(10) < 7 {
            scene.create_below(
                "customerPayments",
                Some(("customerPaymentJournals", journal)),
                json!({ "appliesToInvoiceId": invoice, "amount": -amount }),
            );
        }
    }
    post_if_any(scene, "customerPayments", journal);
}

fn pay(scene: &mut Scene<'_>, journal: &str) {
    for (invoice, amount) in due(scene, "purchaseInvoices", "vendorLedger") {
        scene.create_below(
            "vendorPayments",
            Some(("vendorPaymentJournals", journal)),
            json!({ "appliesToInvoiceId": invoice, "amount": -amount }),
        );
    }
    post_if_any(scene, "vendorPayments", journal);
}

fn post_if_any(scene: &mut Scene<'_>, set: &str, journal: &str) {
    if scene.books.children(set, journal).next().is_none() {
        return;
    }
    scene.post_journal(journal);
}

/// Open invoices that are due, with what is open of them.
fn due(scene: &Scene<'_>, set: &str, ledger: &str) -> Vec<(String, f64)> {
    let today = day(scene.at);
    scene
        .books
        .rows(ledger)
        .filter(|row| row.date("dueDate").is_some_and(|due| due <= today))
        .filter(|row| scene.books.get(set, row.text("documentId")).is_some())
        .filter_map(|row| {
            let open = row.get("remaining")?.as_f64()?;
            Some((row.text("documentId").to_owned(), open))
        })
        .collect()
}

fn day(at: Timestamp) -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC.to_datetime(at).date()
}
