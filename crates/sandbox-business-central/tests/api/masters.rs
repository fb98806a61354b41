//! Customers, items and codes.

use http::Method;
use serde_json::json;

use crate::scene::{Scene, text};

#[test]
fn a_customer_is_made_read_changed_and_removed() {
    let mut scene = Scene::new();
    let made = scene.post(
        "/customers",
        &json!({ "displayName": "Adventure Works", "city": "Seattle" }),
    );
    assert_eq!(made.status, 201);
    assert!(
        made.headers["location"]
            .to_str()
            .unwrap()
            .contains("/customers(")
    );
    let made = made.good();
    let path = format!("/customers({})", text(&made, "id"));
    assert_eq!(made["number"], "C10001");
    assert_eq!(made["currencyCode"], "USD");
    assert_eq!(made["blocked"], "_x0020_");

    let changed = scene
        .patch(&path, &json!({ "blocked": "Ship", "creditLimit": 12.5 }))
        .good();
    assert_eq!(changed["blocked"], "Ship");
    assert_eq!(changed["creditLimit"], 12.5);
    assert_eq!(changed["city"], "Seattle");
    assert_eq!(scene.get(&path).good()["blocked"], "Ship");

    assert_eq!(scene.delete(&path).status, 204);
    assert_eq!(scene.get(&path).refusal(), (404, "Internal_RecordNotFound"));
}

#[test]
fn a_customer_without_a_name_or_with_a_taken_number_is_refused() {
    let mut scene = Scene::new();
    let blank = scene.post("/customers", &json!({ "city": "Oslo" }));
    assert_eq!(blank.refusal(), (400, "Application_DialogException"));
    assert!(blank.message().contains("CorrelationId:  "));
    let taken = scene.post(
        "/customers",
        &json!({ "displayName": "A", "number": "10000" }),
    );
    assert_eq!(taken.refusal(), (400, "Internal_EntityWithSameKeyExists"));
}

#[test]
fn bodies_that_do_not_fit_are_refused_each_in_its_way() {
    let mut scene = Scene::new();
    let cases = [
        (json!({ "displayName": "A", "colour": 1 }), "BadRequest"),
        (json!({ "displayName": 5 }), "BadRequest"),
        (
            json!({ "displayName": "A", "id": "00000000-0000-0000-0000-000000000001" }),
            "BadRequest_InvalidOperation",
        ),
        (
            json!({ "displayName": "A", "balanceDue": 5 }),
            "BadRequest_InvalidOperation",
        ),
        (
            json!({ "displayName": "A".repeat(101) }),
            "Application_StringExceededLength",
        ),
        (
            json!({ "displayName": "A", "type": "Animal" }),
            "Application_EvaluateException",
        ),
        (
            json!({ "displayName": "A", "currencyCode": "XYZ" }),
            "Application_DialogException",
        ),
        (
            json!({ "displayName": "A", "blocked": null }),
            "BadRequest_RequiredParamNotProvided",
        ),
        (json!([1]), "BadRequest"),
    ];
    let before = scene.list("/customers").len();
    for (body, code) in cases {
        assert_eq!(
            scene.post("/customers", &body).refusal(),
            (400, code),
            "{body}"
        );
    }
    let path = scene.path("/customers");
    let cut = scene.ask(&Method::POST, &path, &[], b"{\"displayName\":");
    assert_eq!(cut.refusal(), (400, "BadRequest"));
    assert_eq!(scene.list("/customers").len(), before);
}

#[test]
fn an_id_and_a_code_must_name_the_same() {
    let mut scene = Scene::new();
    let euro = scene.first("/currencies?$filter=code eq 'EUR'");
    let made = scene
        .post(
            "/customers",
            &json!({ "displayName": "A", "currencyId": euro["id"] }),
        )
        .good();
    assert_eq!(made["currencyCode"], "EUR");
    let by_code = scene
        .post(
            "/customers",
            &json!({ "displayName": "B", "currencyCode": "eur" }),
        )
        .good();
    assert_eq!(by_code["currencyId"], euro["id"]);
    let torn = json!({ "displayName": "C", "currencyId": euro["id"], "currencyCode": "GBP" });
    let torn = scene.post("/customers", &torn);
    assert_eq!(torn.refusal(), (400, "Application_DialogException"));
    assert!(torn.message().contains("currency values do not match"));
}

#[test]
fn writing_takes_the_tag_of_the_present_version() {
    let mut scene = Scene::new();
    let customer = scene.first("/customers");
    let path = scene.path(&format!("/customers({})", text(&customer, "id")));
    let tag = text(&customer, "@odata.etag");
    let body = json!({ "city": "Tacoma" }).to_string();
    let mut write = |tag: &[(&str, &str)]| scene.ask(&Method::PATCH, &path, tag, body.as_bytes());
    assert_eq!(write(&[]).refusal(), (400, "BadRequest_InvalidToken"));
    assert_eq!(
        write(&[("if-match", "junk")]).refusal(),
        (400, "BadRequest_InvalidToken")
    );
    assert_eq!(write(&[("if-match", &tag)]).status, 200);
    assert_eq!(
        write(&[("if-match", &tag)]).refusal(),
        (409, "Request_EntityChanged")
    );
    let stale = scene.ask(&Method::DELETE, &path, &[("if-match", &tag)], b"");
    assert_eq!(stale.refusal(), (409, "Request_EntityChanged"));
}

#[test]
fn stock_is_adjusted_by_writing_it_and_only_afterwards() {
    let mut scene = Scene::new();
    let early = json!({ "displayName": "Stool", "inventory": 5 });
    assert_eq!(
        scene.post("/items", &early).refusal(),
        (400, "Application_DialogException")
    );
    let item = scene
        .post(
            "/items",
            &json!({ "displayName": "Stool", "unitCost": 10.5 }),
        )
        .good();
    let path = format!("/items({})", text(&item, "id"));
    let changed = scene.patch(&path, &json!({ "inventory": 4 })).good();
    assert_eq!(changed["inventory"], 4);
    let number = text(&item, "number");
    let entries = scene.list(&format!(
        "/itemLedgerEntries?$filter=itemNumber eq '{number}'"
    ));
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["entryType"], "Positive_x0020_Adjmt.");
    assert_eq!(entries[0]["costAmountActual"], 42);
    assert_eq!(
        scene.delete(&path).refusal(),
        (400, "Application_DialogException")
    );
}

#[test]
fn a_customer_with_entries_stays() {
    let mut scene = Scene::new();
    let entry = scene.first("/customers?$filter=balanceDue gt 0");
    let refused = scene.delete(&format!("/customers({})", text(&entry, "id")));
    assert_eq!(refused.refusal(), (400, "Application_DialogException"));
    assert!(refused.message().contains("ledger entry"));
}

#[test]
fn tables_that_are_only_read_refuse_writing() {
    let mut scene = Scene::new();
    for set in [
        "accounts",
        "generalLedgerEntries",
        "dimensions",
        "salesShipments",
    ] {
        let refused = scene.post(&format!("/{set}"), &json!({}));
        assert_eq!(
            refused.refusal(),
            (405, "BadRequest_MethodNotAllowed"),
            "{set}"
        );
    }
}

#[test]
fn dimensions_hang_below_customers() {
    let mut scene = Scene::new();
    let customer = text(&scene.first("/customers"), "id");
    let dimension = scene.first("/dimensions?$expand=dimensionValues");
    let value = &dimension["dimensionValues"][0];
    let path = format!("/customers({customer})/defaultDimensions");
    let body = json!({ "dimensionId": dimension["id"], "dimensionValueId": value["id"] });
    let made = scene.post(&path, &body).good();
    assert_eq!(made["dimensionCode"], dimension["code"]);
    assert_eq!(made["dimensionValueCode"], value["code"]);
    assert_eq!(made["parentType"], "Customer");
    assert_eq!(scene.list(&path).len(), 1);
    assert_eq!(
        scene.post(&path, &body).refusal(),
        (400, "Internal_EntityWithSameKeyExists")
    );
}

#[test]
fn employees_register_time() {
    let mut scene = Scene::new();
    let employee = text(&scene.first("/employees"), "id");
    let path = format!("/employees({employee})/timeRegistrationEntries");
    let project = scene.first("/projects");
    let body = json!({ "date": "2026-11-02", "quantity": 7.5, "jobId": project["id"] });
    let made = scene.post(&path, &body).good();
    assert_eq!(made["jobNumber"], project["number"]);
    assert_eq!(made["unitOfMeasureCode"], "HOUR");
    assert_eq!(made["status"], "Open");
    assert_eq!(scene.list(&path).len(), 1);
}

#[test]
fn the_company_information_can_be_had_without_naming_the_company() {
    let mut scene = Scene::new();
    let information = scene.first("companyInformation");
    assert_eq!(information["displayName"], "CRONUS USA, Inc.");
    let german = scene.first("companyInformation?company=Contoso Deutschland GmbH");
    assert_eq!(german["currencyCode"], "EUR");
    let nowhere = scene.get("companyInformation?company=Nowhere");
    assert_eq!(nowhere.refusal(), (404, "Internal_CompanyNotFound"));
}
