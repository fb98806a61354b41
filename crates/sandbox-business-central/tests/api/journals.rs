//! Journals and payments.

use serde_json::json;

use crate::scene::{Scene, cents, text};

#[test]
fn a_payment_settles_its_invoice() {
    let mut scene = Scene::new();
    let draft = scene.draft("salesInvoices", "10000", &[("1900-S", 1)]);
    let invoice_path = format!("/salesInvoices({})", text(&draft, "id"));
    scene.act(&invoice_path, "post").good();
    let invoice = scene.get(&invoice_path).good();
    let journal = scene
        .post(
            "/customerPaymentJournals",
            &json!({ "code": "TODAY", "displayName": "Today" }),
        )
        .good();
    let id = text(&journal, "id");
    let lines = format!("/customerPaymentJournals({id})/customerPayments");
    let total = invoice["totalAmountIncludingTax"].as_f64().unwrap();
    let half = json!({ "it": (total * 50.0).round() / 100.0 });
    let part = json!({ "customerNumber": "10000", "appliesToInvoiceNumber": invoice["number"], "amount": -half["it"].as_f64().unwrap() });
    let line = scene.post(&lines, &part).good();
    assert_eq!(line["journalDisplayName"], "TODAY");
    assert_eq!(line["appliesToInvoiceId"], invoice["id"]);
    assert_eq!(scene.act(&format!("/journals({id})"), "post").status, 204);
    assert_eq!(scene.list(&lines).len(), 0);
    let open = scene.get(&invoice_path).good();
    assert_eq!(open["status"], "Open");
    let rest = cents(&open, "remainingAmount");
    assert_eq!(
        rest,
        cents(&invoice, "totalAmountIncludingTax") - cents(&half, "it")
    );
    let rest = open["remainingAmount"].as_f64().unwrap();
    let last = json!({ "appliesToInvoiceId": invoice["id"], "amount": -rest });
    let line = scene.post(&lines, &last).good();
    assert_eq!(line["customerNumber"], "10000");
    scene.act(&format!("/journals({id})"), "post").good();
    assert_eq!(scene.get(&invoice_path).good()["status"], "Paid");
}

#[test]
fn payments_are_refused_that_name_no_posted_invoice() {
    let mut scene = Scene::new();
    let draft = scene.draft("salesInvoices", "10000", &[("1900-S", 1)]);
    let journal = scene.first("/customerPaymentJournals");
    let lines = format!(
        "/customerPaymentJournals({})/customerPayments",
        text(&journal, "id")
    );
    let refused = scene.post(
        &lines,
        &json!({ "appliesToInvoiceId": draft["id"], "amount": -1 }),
    );
    assert_eq!(refused.refusal(), (400, "Application_DialogException"));
    assert!(refused.message().contains("appliesToInvoiceId"));
    let torn = json!({ "customerNumber": "10000", "customerId": scene.list("/customers")[1]["id"], "amount": -1 });
    assert_eq!(
        scene.post(&lines, &torn).refusal(),
        (400, "Application_DialogException")
    );
    assert_eq!(
        scene.get("/customerPayments").refusal(),
        (400, "Application_DialogException")
    );
}

#[test]
fn a_journal_that_does_not_balance_is_not_posted() {
    let mut scene = Scene::new();
    let journal = scene
        .post(
            "/journals",
            &json!({ "code": "ADJ", "displayName": "Adjustments" }),
        )
        .good();
    let path = format!("/journals({})", text(&journal, "id"));
    let before = scene.list("/generalLedgerEntries").len();
    let empty = scene.act(&path, "post");
    assert!(empty.message().starts_with("There is nothing to post."));
    let line = |account: &str, amount: f64| json!({ "accountNumber": account, "amount": amount, "documentNumber": "X1" });
    let lines = format!("{path}/journalLines");
    scene.post(&lines, &line("60100", 100.01)).good();
    let other = scene.post(&lines, &line("10100", -100.0)).good();
    let refused = scene.act(&path, "post");
    assert_eq!(refused.refusal(), (400, "Application_DialogException"));
    assert!(refused.message().contains("out of balance by 0.01"));
    assert_eq!(scene.list("/generalLedgerEntries").len(), before);
    let other = format!(
        "/journals({})/journalLines({})",
        text(&journal, "id"),
        text(&other, "id")
    );
    scene.patch(&other, &json!({ "amount": -100.01 })).good();
    scene.act(&path, "post").good();
    assert_eq!(scene.list("/generalLedgerEntries").len(), before + 2);
}

#[test]
fn a_line_may_bring_its_other_side_along() {
    let mut scene = Scene::new();
    let bank = scene.first("/accounts?$filter=number eq '10100'");
    let body =
        json!({ "code": "BAL", "displayName": "Balanced", "balancingAccountId": bank["id"] });
    let journal = scene.post("/journals", &body).good();
    assert_eq!(journal["balancingAccountNumber"], "10100");
    let path = format!("/journals({})", text(&journal, "id"));
    let line = json!({ "accountNumber": "60500", "amount": 12.34, "description": "Paper" });
    scene.post(&format!("{path}/journalLines"), &line).good();
    let before = cents(&bank, "netChange");
    scene.act(&path, "post").good();
    let after = scene.first("/accounts?$filter=number eq '10100'");
    assert_eq!(cents(&after, "netChange"), before - 1_234);
}

#[test]
fn vendors_are_paid() {
    let mut scene = Scene::new();
    let invoice = scene.first("/purchaseInvoices?$filter=status eq 'Open'");
    let journal = scene.first("/vendorPaymentJournals");
    let id = text(&journal, "id");
    let amount = &invoice["totalAmountIncludingTax"];
    let line = json!({ "appliesToInvoiceId": invoice["id"], "amount": amount });
    scene
        .post(
            &format!("/vendorPaymentJournals({id})/vendorPayments"),
            &line,
        )
        .good();
    scene.act(&format!("/journals({id})"), "post").good();
    let paid = scene
        .get(&format!("/purchaseInvoices({})", text(&invoice, "id")))
        .good();
    assert_eq!(paid["status"], "Paid");
}
