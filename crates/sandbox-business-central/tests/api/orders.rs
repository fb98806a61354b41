//! Orders, whole and in parts.

use serde_json::json;

use crate::scene::{Scene, cents, text};

#[test]
fn an_order_that_is_shipped_and_invoiced_is_gone() {
    let mut scene = Scene::new();
    let order = scene.draft("salesOrders", "10000", &[("1900-S", 2), ("1908-S", 1)]);
    let (id, number) = (text(&order, "id"), text(&order, "number"));
    let shipped = scene.act(&format!("/salesOrders({id})"), "shipAndInvoice");
    assert_eq!(shipped.status, 204);
    assert_eq!(scene.get(&format!("/salesOrders({id})")).status, 404);
    let invoice = scene.first(&format!("/salesInvoices?$filter=orderId eq {id}"));
    assert_eq!(invoice["orderNumber"], number);
    assert_eq!(invoice["status"], "Open");
    assert_eq!(
        invoice["totalAmountIncludingTax"],
        order["totalAmountIncludingTax"]
    );
    let filter =
        format!("/salesShipments?$filter=orderNumber eq '{number}'&$expand=salesShipmentLines");
    let shipment = scene.first(&filter);
    assert_eq!(shipment["salesShipmentLines"].as_array().unwrap().len(), 2);
}

#[test]
fn what_is_not_ready_waits() {
    let mut scene = Scene::new();
    let order = scene.draft("salesOrders", "10000", &[("1900-S", 5)]);
    let path = format!("/salesOrders({})", text(&order, "id"));
    let line = scene.first(&format!("{path}/salesOrderLines"));
    assert_eq!(
        (&line["shipQuantity"], &line["invoiceQuantity"]),
        (&json!(5), &json!(5))
    );
    let line_path = format!("/salesOrderLines({})", text(&line, "id"));
    let part = json!({ "shipQuantity": 3, "invoiceQuantity": 2 });
    scene.patch(&line_path, &part).good();
    scene.act(&path, "shipAndInvoice").good();
    let line = scene.get(&line_path).good();
    assert_eq!(line["shippedQuantity"], 3);
    assert_eq!(line["invoicedQuantity"], 2);
    assert_eq!(line["shipQuantity"], 2);
    assert_eq!(scene.get(&path).good()["fullyShipped"], false);
    scene.act(&path, "shipAndInvoice").good();
    assert_eq!(scene.get(&path).status, 404);
    let id = text(&order, "id");
    let invoices = scene.list(&format!("/salesInvoices?$filter=orderId eq {id}"));
    let total: i64 = invoices
        .iter()
        .map(|it| cents(it, "totalAmountExcludingTax"))
        .sum();
    assert_eq!(total, cents(&order, "totalAmountExcludingTax"));
}

#[test]
fn more_than_was_ordered_cannot_be_shipped() {
    let mut scene = Scene::new();
    let order = scene.draft("salesOrders", "10000", &[("1900-S", 5)]);
    let line = scene.first(&format!(
        "/salesOrders({})/salesOrderLines",
        text(&order, "id")
    ));
    let path = format!("/salesOrderLines({})", text(&line, "id"));
    let refused = scene.patch(&path, &json!({ "shipQuantity": 6 }));
    assert_eq!(refused.refusal(), (400, "Application_DialogException"));
    let empty = scene.draft("salesOrders", "10000", &[]);
    let nothing = scene.act(
        &format!("/salesOrders({})", text(&empty, "id")),
        "shipAndInvoice",
    );
    assert!(nothing.message().contains("There is nothing to post."));
}

#[test]
fn a_purchase_order_is_received_and_invoiced() {
    let mut scene = Scene::new();
    let order = scene.first("/purchaseOrders?$expand=purchaseOrderLines");
    let item = text(&order["purchaseOrderLines"][0], "itemId");
    let before = scene.get(&format!("/items({item})")).good();
    let id = text(&order, "id");
    scene
        .act(&format!("/purchaseOrders({id})"), "receiveAndInvoice")
        .good();
    let after = scene.get(&format!("/items({item})")).good();
    assert_eq!(
        cents(&after, "inventory"),
        cents(&before, "inventory") + 2_000
    );
    let number = text(&order, "number");
    let receipt = scene.first(&format!(
        "/purchaseReceipts?$filter=orderNumber eq '{number}'"
    ));
    assert_eq!(receipt["vendorNumber"], order["vendorNumber"]);
    let invoice = scene.first(&format!("/purchaseInvoices?$filter=orderId eq {id}"));
    assert_eq!(invoice["status"], "Open");
}
