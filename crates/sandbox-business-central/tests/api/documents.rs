//! Sales invoices, quotes and credit memos.

use serde_json::{Value, json};

use crate::scene::{Scene, cents, text};

#[test]
fn lines_add_up_to_their_invoice_with_tax() {
    let mut scene = Scene::german();
    let draft = scene.draft("salesInvoices", "10000", &[("1896-S", 3), ("1928-S", 7)]);
    let id = text(&draft, "id");
    let lines = scene.list(&format!("/salesInvoices({id})/salesInvoiceLines"));
    let sum = |name: &str| -> i64 { lines.iter().map(|line| cents(line, name)).sum() };
    assert_eq!(cents(&draft, "totalAmountExcludingTax"), sum("netAmount"));
    assert_eq!(cents(&draft, "totalTaxAmount"), sum("netTaxAmount"));
    assert_eq!(
        cents(&draft, "totalAmountIncludingTax"),
        sum("netAmountIncludingTax")
    );
    assert_eq!(lines[0]["taxPercent"], 19);
    assert_eq!(lines[1]["taxPercent"], 7);
    assert_eq!(draft["status"], "Draft");
    assert_eq!(draft["number"].as_str().unwrap().get(..5), Some("S-INV"));
}

#[test]
fn a_discount_on_the_invoice_is_shared_among_its_lines() {
    let mut scene = Scene::german();
    let draft = scene.draft(
        "salesInvoices",
        "20000",
        &[("1900-S", 1), ("1928-S", 1), ("1936-S", 1)],
    );
    let path = format!("/salesInvoices({})", text(&draft, "id"));
    let before = cents(&draft, "totalAmountExcludingTax");
    let changed = scene.patch(&path, &json!({ "discountAmount": 10 })).good();
    assert_eq!(cents(&changed, "totalAmountExcludingTax"), before - 1_000);
    let lines = scene.list(&format!("{path}/salesInvoiceLines"));
    let shared: i64 = lines
        .iter()
        .map(|line| cents(line, "invoiceDiscountAllocation"))
        .sum();
    assert_eq!(shared, 1_000);
}

#[test]
fn a_line_can_be_added_changed_and_removed() {
    let mut scene = Scene::new();
    let draft = scene.draft("salesInvoices", "10000", &[("1900-S", 1)]);
    let path = format!("/salesInvoices({})", text(&draft, "id"));
    let account = scene.first("/accounts?$filter=number eq '40300'");
    let line = scene
        .post(
            &format!("{path}/salesInvoiceLines"),
            &json!({ "accountId": account["id"], "quantity": 2, "unitPrice": 25.25, "discountPercent": 10 }),
        )
        .good();
    assert_eq!(line["lineType"], "Account");
    assert_eq!(line["sequence"], 20_000);
    assert_eq!(line["discountAmount"], 5.05);
    assert_eq!(line["amountExcludingTax"], 45.45);
    let comment = json!({ "lineType": "Comment", "description": "With thanks" });
    scene
        .post(&format!("{path}/salesInvoiceLines"), &comment)
        .good();

    let line_path = format!("/salesInvoiceLines({})", text(&line, "id"));
    let changed = scene.patch(&line_path, &json!({ "quantity": 1 })).good();
    assert_eq!(changed["discountAmount"], 2.53);
    assert_eq!(scene.delete(&line_path).status, 204);
    let left = scene.list(&format!("{path}/salesInvoiceLines"));
    assert_eq!(left.len(), 2);
    assert_eq!(
        cents(&scene.get(&path).good(), "totalAmountExcludingTax"),
        cents(&left[0], "netAmount")
    );
}

#[test]
fn lines_are_refused_that_make_no_sense() {
    let mut scene = Scene::new();
    let draft = scene.draft("salesInvoices", "10000", &[]);
    let path = format!("/salesInvoices({})/salesInvoiceLines", text(&draft, "id"));
    let (item, account) = (
        scene.first("/items"),
        scene.first("/accounts?$filter=number eq '40300'"),
    );
    let none = "00000000-0000-0000-0000-00000000abcd";
    for body in [
        json!({ "itemId": item["id"], "accountId": account["id"] }),
        json!({ "itemId": none }),
        json!({ "lineType": "Item", "lineObjectNumber": "NOTHING" }),
        json!({ "itemId": item["id"], "quantity": 1, "discountPercent": 101 }),
    ] {
        let refused = scene.post(&path, &body);
        assert_eq!(
            refused.refusal(),
            (400, "Application_DialogException"),
            "{body}"
        );
    }
    let all = scene.get("/salesInvoiceLines");
    assert_eq!(all.refusal(), (400, "Application_DialogException"));
    assert!(all.message().contains("Document Id"));
    let by_filter = format!(
        "/salesInvoiceLines?$filter=documentId eq {}",
        text(&draft, "id")
    );
    assert_eq!(scene.get(&by_filter).good()["value"], json!([]));
}

#[test]
fn an_invoice_needs_a_customer_and_all_of_it_or_nothing_is_made() {
    let mut scene = Scene::new();
    let before = scene.list("/salesInvoices").len();
    let nobody = scene.post("/salesInvoices", &json!({ "invoiceDate": "2026-11-01" }));
    assert_eq!(nobody.refusal(), (400, "Application_DialogException"));
    assert!(
        nobody
            .message()
            .contains("\"customerNumber\" or a \"customerId\"")
    );
    let half = json!({
        "customerNumber": "10000",
        "salesInvoiceLines": [
            { "lineType": "Item", "lineObjectNumber": "1900-S", "quantity": 1 },
            { "lineType": "Item", "lineObjectNumber": "NOTHING", "quantity": 1 },
        ],
    });
    assert_eq!(
        scene.post("/salesInvoices", &half).refusal(),
        (400, "Application_DialogException")
    );
    assert_eq!(scene.list("/salesInvoices").len(), before);
}

#[test]
fn posting_keeps_the_id_and_gives_a_new_number() {
    let mut scene = Scene::new();
    let draft = scene.draft("salesInvoices", "10000", &[("1900-S", 2)]);
    let path = format!("/salesInvoices({})", text(&draft, "id"));
    assert_eq!(scene.act(&path, "post").status, 204);
    let posted = scene.get(&path).good();
    assert_eq!(posted["status"], "Open");
    assert_ne!(posted["number"], draft["number"]);
    assert_eq!(posted["remainingAmount"], posted["totalAmountIncludingTax"]);
    let number = text(&posted, "number");
    let entries = scene.list(&format!(
        "/generalLedgerEntries?$filter=documentNumber eq '{number}'"
    ));
    let sum = |name: &str| -> i64 { entries.iter().map(|entry| cents(entry, name)).sum() };
    assert!(entries.len() >= 4);
    assert_eq!(sum("debitAmount"), sum("creditAmount"));

    let again = scene.act(&path, "post");
    assert_eq!(again.refusal(), (400, "Application_DialogException"));
    assert!(
        again
            .message()
            .starts_with("The action can be applied to a draft invoice only.")
    );
    let late = scene.patch(&path, &json!({ "externalDocumentNumber": "X" }));
    assert_eq!(late.refusal(), (400, "Application_DialogException"));
    assert_eq!(
        scene.delete(&path).refusal(),
        (400, "Application_DialogException")
    );
}

#[test]
fn canceling_posts_a_corrective_credit_memo() {
    let mut scene = Scene::new();
    let stock =
        |scene: &mut Scene| scene.first("/items?$filter=number eq '1900-S'")["inventory"].clone();
    let before = stock(&mut scene);
    let balance = |scene: &mut Scene| {
        scene.first("/customers?$filter=number eq '10000'")["balanceDue"].clone()
    };
    let owed = balance(&mut scene);
    let draft = scene.draft("salesInvoices", "10000", &[("1900-S", 2)]);
    let path = format!("/salesInvoices({})", text(&draft, "id"));
    let early = scene.act(&path, "cancel");
    assert!(early.message().contains("posted invoice only"));
    scene.act(&path, "post").good();
    assert_eq!(scene.act(&path, "cancel").status, 204);
    assert_eq!(scene.get(&path).good()["status"], "Canceled");
    assert_eq!(scene.get(&path).good()["remainingAmount"], 0);
    assert_eq!(stock(&mut scene), before);
    assert_eq!(balance(&mut scene), owed);
    let id = text(&draft, "id");
    let memo = scene.first(&format!("/salesCreditMemos?$filter=invoiceId eq {id}"));
    assert_eq!(memo["status"], "Corrective");
    let again = scene.act(&path, "cancel");
    assert!(again.message().contains("already been canceled"));
}

#[test]
fn a_corrective_credit_memo_is_drafted_posted_and_settles_its_invoice() {
    let mut scene = Scene::new();
    let draft = scene.draft("salesInvoices", "20000", &[("1908-S", 1)]);
    let path = format!("/salesInvoices({})", text(&draft, "id"));
    scene.act(&path, "post").good();
    let made = scene.act(&path, "makeCorrectiveCreditMemo");
    let location = made.headers["location"].to_str().unwrap();
    let at = location.find("/salesCreditMemos").unwrap();
    let memo_path = location[at..].to_owned();
    let memo = scene.get(&memo_path).good();
    assert_eq!(memo["status"], "Draft");
    assert_eq!(memo["invoiceId"], draft["id"]);
    scene.act(&memo_path, "post").good();
    assert_eq!(scene.get(&path).good()["status"], "Paid");
    assert_eq!(scene.get(&path).good()["remainingAmount"], 0);
}

#[test]
fn a_quote_becomes_an_order_or_an_invoice() {
    let mut scene = Scene::new();
    for (action, set) in [
        ("makeOrder", "salesOrders"),
        ("makeInvoice", "salesInvoices"),
    ] {
        let quote = scene.draft("salesQuotes", "10000", &[("1900-S", 2)]);
        let path = format!("/salesQuotes({})", text(&quote, "id"));
        scene.act(&path, "send").good();
        assert_eq!(scene.get(&path).good()["status"], "Sent");
        let made = scene.act(&path, action);
        let location = made.headers["location"].to_str().unwrap().to_owned();
        let at = location.find(&format!("/{set}")).unwrap();
        let made = scene.get(&location[at..]).good();
        assert_eq!(
            made["totalAmountIncludingTax"],
            quote["totalAmountIncludingTax"]
        );
        assert_eq!(scene.get(&path).status, 404);
    }
}

#[test]
fn sending_needs_an_address() {
    let mut scene = Scene::new();
    let customer = scene
        .post("/customers", &json!({ "displayName": "Silent" }))
        .good();
    let number = text(&customer, "number");
    let draft = scene.draft("salesInvoices", &number, &[("1900-S", 1)]);
    let path = format!("/salesInvoices({})", text(&draft, "id"));
    for action in ["send", "postAndSend"] {
        let refused = scene.act(&path, action);
        assert!(
            refused.message().contains("send-to email is empty"),
            "{action}"
        );
    }
    assert_eq!(scene.get(&path).good()["status"], "Draft");
}

#[test]
fn a_blocked_customer_gets_no_documents() {
    let mut scene = Scene::new();
    let customer = scene
        .post(
            "/customers",
            &json!({ "displayName": "A", "blocked": "All" }),
        )
        .good();
    let refused = scene.post("/salesInvoices", &json!({ "customerId": customer["id"] }));
    assert_eq!(refused.refusal(), (400, "Application_DialogException"));
    assert!(refused.message().contains("is blocked with type All"));
}

#[test]
fn a_purchase_invoice_fills_the_warehouse_once_its_number_is_known() {
    let mut scene = Scene::german();
    let item = scene.first("/items?$filter=number eq '1900-S'");
    let vendor = scene.first("/vendors");
    let body = json!({
        "vendorId": vendor["id"],
        "purchaseInvoiceLines": [{ "itemId": item["id"], "quantity": 10, "unitCost": 100 }],
    });
    let draft = scene.post("/purchaseInvoices", &body).good();
    assert_eq!(draft["totalTaxAmount"], 190);
    let path = format!("/purchaseInvoices({})", text(&draft, "id"));
    let early = scene.act(&path, "post");
    assert!(early.message().contains("Vendor Invoice No."));
    scene
        .patch(&path, &json!({ "vendorInvoiceNumber": "R-77" }))
        .good();
    scene.act(&path, "post").good();
    let after = scene.get(&format!("/items({})", text(&item, "id"))).good();
    assert_eq!(
        cents(&after, "inventory"),
        cents(&item, "inventory") + 1_000
    );
    let owed = scene
        .get(&format!("/vendors({})", text(&vendor, "id")))
        .good();
    assert_eq!(cents(&owed, "balance"), cents(&vendor, "balance") + 119_000);
}

#[test]
fn a_foreign_currency_is_posted_at_its_rate() {
    let mut scene = Scene::new();
    let draft = scene.draft("salesInvoices", "120000", &[("1900-S", 1)]);
    assert_eq!(draft["currencyCode"], "DKK");
    let path = format!("/salesInvoices({})", text(&draft, "id"));
    scene.act(&path, "post").good();
    let number = text(&scene.get(&path).good(), "number");
    let entries = scene.list(&format!(
        "/generalLedgerEntries?$filter=documentNumber eq '{number}'"
    ));
    let receivable: Vec<&Value> = entries
        .iter()
        .filter(|it| it["accountNumber"] == "10400")
        .collect();
    // 192.80 kroner at 100 dollars for 680.
    assert_eq!(cents(receivable[0], "debitAmount"), 2_835);
    assert_eq!(scene.get(&path).good()["remainingAmount"], 192.8);
}
