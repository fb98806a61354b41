//! Whatever is posted, in whichever order: the books balance.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::scene::{Scene, cents, text};

/// Something that a bookkeeper may do; numbers choose among what is there.
#[derive(Debug, Clone)]
enum Step {
    Sell {
        customer: usize,
        items: Vec<(usize, i64, u32)>,
        discount: i64,
    },
    Order {
        customer: usize,
        item: usize,
        quantity: i64,
        now: i64,
    },
    Cancel(usize),
    CancelMemo(usize),
    Pay {
        invoice: usize,
        percent: i64,
    },
    Buy {
        item: usize,
        quantity: i64,
        cost: i64,
    },
    Count {
        item: usize,
        stock: i64,
    },
    Post {
        amount: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let line = (0..14_usize, 1..9_i64, 0..30_u32);
    prop_oneof![
        (0..12_usize, prop::collection::vec(line, 1..4), 0..500_i64).prop_map(
            |(customer, items, discount)| Step::Sell {
                customer,
                items,
                discount
            }
        ),
        (0..12_usize, 0..14_usize, 2..9_i64, 1..9_i64).prop_map(
            |(customer, item, quantity, now)| Step::Order {
                customer,
                item,
                quantity,
                now
            }
        ),
        (0..200_usize).prop_map(Step::Cancel),
        (0..20_usize).prop_map(Step::CancelMemo),
        (0..200_usize, 1..101_i64).prop_map(|(invoice, percent)| Step::Pay { invoice, percent }),
        (0..14_usize, 1..50_i64, 1..90_000_i64).prop_map(|(item, quantity, cost)| Step::Buy {
            item,
            quantity,
            cost
        }),
        (0..14_usize, 0..300_i64).prop_map(|(item, stock)| Step::Count { item, stock }),
        (1..1_000_000_i64).prop_map(|amount| Step::Post { amount }),
    ]
}

/// What `cents` counts, as a request writes it.
fn money(cents: i64) -> Value {
    let text = format!("{}.{:02}", cents / 100, cents % 100);
    serde_json::from_str(&text).unwrap()
}

fn at(all: &[Value], index: usize) -> &Value {
    &all[index % all.len()]
}

/// Does it; a refusal by a business rule is as good as an answer.
fn take(scene: &mut Scene, step: &Step) {
    match step {
        Step::Sell {
            customer,
            items,
            discount,
        } => {
            let customer = at(&scene.list("/customers"), *customer)["id"].clone();
            let all = scene.list("/items");
            let lines: Vec<Value> = items
                .iter()
                .map(|(item, quantity, percent)| {
                    json!({ "itemId": at(&all, *item)["id"], "quantity": quantity, "discountPercent": percent })
                })
                .collect();
            let body = json!({ "customerId": customer, "discountAmount": money(*discount), "salesInvoiceLines": lines });
            let draft = scene.post("/salesInvoices", &body).good();
            scene.act(&format!("/salesInvoices({})", text(&draft, "id")), "post");
        }
        Step::Order {
            customer,
            item,
            quantity,
            now,
        } => {
            let customer = at(&scene.list("/customers"), *customer)["id"].clone();
            let item = at(&scene.list("/items"), *item)["id"].clone();
            let now = now.min(quantity);
            let line = json!({ "itemId": item, "quantity": quantity, "shipQuantity": now, "invoiceQuantity": now });
            let body = json!({ "customerId": customer, "salesOrderLines": [line] });
            let order = scene.post("/salesOrders", &body).good();
            let path = format!("/salesOrders({})", text(&order, "id"));
            scene.act(&path, "shipAndInvoice");
            scene.act(&path, "shipAndInvoice");
        }
        Step::Cancel(index) => {
            let all = scene.list("/salesInvoices?$filter=status ne 'Draft'");
            let id = text(at(&all, *index), "id");
            scene.act(&format!("/salesInvoices({id})"), "cancel");
        }
        Step::CancelMemo(index) => {
            let all = scene.list("/salesCreditMemos");
            let id = text(at(&all, *index), "id");
            scene.act(&format!("/salesCreditMemos({id})"), "cancel");
        }
        Step::Pay { invoice, percent } => pay(scene, *invoice, *percent),
        Step::Buy {
            item,
            quantity,
            cost,
        } => {
            let vendor = scene.first("/vendors")["id"].clone();
            let item = at(&scene.list("/items"), *item)["id"].clone();
            let line = json!({ "itemId": item, "quantity": quantity, "unitCost": money(*cost) });
            let body = json!({ "vendorId": vendor, "vendorInvoiceNumber": "R-1", "purchaseInvoiceLines": [line] });
            let draft = scene.post("/purchaseInvoices", &body).good();
            scene
                .act(
                    &format!("/purchaseInvoices({})", text(&draft, "id")),
                    "post",
                )
                .good();
        }
        Step::Count { item, stock } => {
            let id = text(at(&scene.list("/items"), *item), "id");
            scene.patch(&format!("/items({id})"), &json!({ "inventory": stock }));
        }
        Step::Post { amount } => {
            let id = text(&scene.first("/journals"), "id");
            let lines = format!("/journals({id})/journalLines");
            let amount = money(*amount).as_f64().unwrap();
            for (account, amount) in [("60300", amount), ("10100", -amount)] {
                let line =
                    json!({ "accountNumber": account, "amount": amount, "documentNumber": "M1" });
                scene.post(&lines, &line).good();
            }
            scene.act(&format!("/journals({id})"), "post").good();
        }
    }
}

fn pay(scene: &mut Scene, invoice: usize, percent: i64) {
    let open = scene.list("/salesInvoices?$filter=status eq 'Open'");
    if open.is_empty() {
        return;
    }
    let invoice = at(&open, invoice);
    let part = (cents(invoice, "remainingAmount") * percent / 100).max(1);
    let id = text(&scene.first("/customerPaymentJournals"), "id");
    let amount = -money(part).as_f64().unwrap();
    let line = json!({ "appliesToInvoiceId": invoice["id"], "amount": amount });
    scene
        .post(
            &format!("/customerPaymentJournals({id})/customerPayments"),
            &line,
        )
        .good();
    scene.act(&format!("/journals({id})"), "post").good();
}

/// Everything that must hold of books at any time.
#[track_caller]
fn assert_sound(scene: &mut Scene) {
    let entries = scene.list("/generalLedgerEntries");
    let mut vouchers: BTreeMap<String, i64> = BTreeMap::new();
    let mut balances: BTreeMap<String, i64> = BTreeMap::new();
    for entry in &entries {
        let amount = cents(entry, "debitAmount") - cents(entry, "creditAmount");
        let voucher = format!("{} {}", entry["documentNumber"], entry["postingDate"]);
        *vouchers.entry(voucher).or_default() += amount;
        *balances.entry(text(entry, "accountNumber")).or_default() += amount;
    }
    assert!(vouchers.values().all(|sum| *sum == 0), "{vouchers:?}");
    for account in scene.list("/accounts") {
        let sum = balances
            .get(&text(&account, "number"))
            .copied()
            .unwrap_or_default();
        assert_eq!(cents(&account, "netChange"), sum, "{account}");
    }
    let sum = |list: &[Value], name: &str| -> i64 { list.iter().map(|it| cents(it, name)).sum() };
    let of = |number: &str| balances.get(number).copied().unwrap_or_default();
    let customers = scene.list("/customers");
    assert_eq!(sum(&customers, "balanceDue"), of("10400"));
    let aged = scene.list("/agedAccountsReceivables");
    assert_eq!(sum(&aged, "balanceDue"), of("10400"));
    let vendors = scene.list("/vendors");
    assert_eq!(-sum(&vendors, "balance"), of("20100"));
    let goods = scene.list("/itemLedgerEntries");
    assert_eq!(sum(&goods, "costAmountActual"), of("10700"));
    for item in scene.list("/items") {
        let mine: Vec<Value> = goods
            .iter()
            .filter(|it| it["itemNumber"] == item["number"])
            .cloned()
            .collect();
        assert_eq!(sum(&mine, "quantity"), cents(&item, "inventory"), "{item}");
    }
    assert_statements(scene, of("10100"));
    assert_documents(scene);
}

#[track_caller]
fn assert_statements(scene: &mut Scene, bank: i64) {
    let balance = scene.list("/balanceSheets");
    let total = |list: &[Value], title: &str, name: &str| {
        let line = list.iter().find(|it| it["display"] == title).unwrap();
        cents(line, name)
    };
    assert_eq!(
        total(&balance, "Total Assets", "balance"),
        total(&balance, "Total Liabilities and Equity", "balance")
    );
    let cash = scene.list("/cashFlowStatements");
    assert_eq!(total(&cash, "Net Cash Flow", "netChange"), bank);
    let trial = scene.list("/trialBalances");
    let sum = |name: &str| -> i64 { trial.iter().map(|it| cents(it, name)).sum() };
    assert_eq!(sum("totalDebit"), sum("totalCredit"));
    assert_eq!(sum("balanceAtDateDebit"), sum("balanceAtDateCredit"));
}

#[track_caller]
fn assert_documents(scene: &mut Scene) {
    for (set, lines) in [
        ("salesInvoices", "salesInvoiceLines"),
        ("purchaseInvoices", "purchaseInvoiceLines"),
        ("salesCreditMemos", "salesCreditMemoLines"),
        ("salesOrders", "salesOrderLines"),
    ] {
        for document in scene.list(&format!("/{set}?$expand={lines}")) {
            let sum = |name: &str| -> i64 {
                let lines = document[lines].as_array().unwrap();
                lines.iter().map(|line| cents(line, name)).sum()
            };
            let whole = cents(&document, "totalAmountIncludingTax");
            assert_eq!(
                sum("netAmount"),
                cents(&document, "totalAmountExcludingTax"),
                "{document}"
            );
            assert_eq!(
                sum("netTaxAmount"),
                cents(&document, "totalTaxAmount"),
                "{document}"
            );
            assert_eq!(sum("netAmountIncludingTax"), whole, "{document}");
            let is_paid = document["status"] == "Paid";
            if set == "salesInvoices" && is_paid {
                assert_eq!(document["remainingAmount"], 0, "{document}");
            }
        }
    }
}

#[test]
fn the_seeded_books_balance() {
    let mut scene = Scene::new();
    for company in scene.get("companies").good()["value"].as_array().unwrap() {
        scene.company = text(company, "id");
        assert_sound(&mut scene);
        let posted = scene.list("/salesInvoices?$filter=status ne 'Draft'").len();
        assert!((100..200).contains(&posted), "{posted} invoices");
        let paid = scene.list("/salesInvoices?$filter=status eq 'Paid'").len();
        assert!(paid > 50 && paid < posted, "{paid} paid");
        assert!(scene.list("/salesOrders").len() >= 2);
        assert!(scene.list("/salesQuotes").len() >= 3);
    }
}

#[test]
fn the_same_number_gives_the_same_books() {
    let mut one = Scene::new();
    let mut other = Scene::new();
    assert_eq!(one.list("/salesInvoices"), other.list("/salesInvoices"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn books_balance_after_any_sequence_of_postings(steps in prop::collection::vec(step(), 1..12)) {
        let mut scene = Scene::german();
        for step in &steps {
            scene.advance(SignedDuration::from_hours(26));
            take(&mut scene, step);
        }
        assert_sound(&mut scene);
    }
}

#[test]
fn reports_are_as_of_the_day_that_is_asked_for() {
    let mut scene = Scene::new();
    let early = scene.list("/balanceSheets?$filter=dateFilter eq 2000-01-01");
    let total = early
        .iter()
        .find(|it| it["display"] == "Total Assets")
        .unwrap();
    assert_eq!(total["balance"], 0);
    assert_eq!(total["dateFilter"], "2000-01-01");
    let income = scene.list("/incomeStatements");
    assert!(
        income
            .iter()
            .any(|it| it["display"] == "Net Income" && it["netChange"] != 0)
    );
    let sales = scene.list("/customerSales");
    assert!(
        sales
            .iter()
            .any(|it| it["totalSalesAmount"].as_f64() > Some(0.0))
    );
}

#[test]
fn what_is_overdue_is_told_with_the_customer() {
    let mut scene = Scene::new();
    let customers = scene.list("/customers?$expand=customerFinancialDetail,agedAccountsReceivable");
    let mut has_overdue = false;
    for customer in &customers {
        let details = &customer["customerFinancialDetail"];
        assert_eq!(details["balance"], customer["balanceDue"]);
        let aged = &customer["agedAccountsReceivable"];
        let buckets = [
            "currentAmount",
            "period1Amount",
            "period2Amount",
            "period3Amount",
        ];
        let late: i64 = buckets[1..].iter().map(|name| cents(aged, name)).sum();
        assert_eq!(late, cents(details, "overdueAmount"), "{customer}");
        has_overdue |= late > 0;
    }
    assert!(has_overdue);
}
