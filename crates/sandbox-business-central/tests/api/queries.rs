//! Query options, pages and addresses.

use http::Method;
use sandbox_business_central::model::{self, Api};
use serde_json::{Value, json};

use crate::scene::{Scene, text};

#[test]
fn options_select_filter_order_and_count() {
    let mut scene = Scene::new();
    let body = scene
        .get("/items?$select=number,displayName&$filter=startswith(displayName,'ATHENS')&$orderby=number desc&$count=true&$top=1")
        .good();
    assert_eq!(body["@odata.count"], 2);
    let only: Vec<&String> = body["value"][0].as_object().unwrap().keys().collect();
    assert_eq!(only, ["@odata.etag", "id", "number", "displayName"]);
    assert_eq!(body["value"][0]["number"], "1906-S");
    assert!(
        body["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("/items(number,displayName)")
    );
    assert_eq!(scene.get("/items/$count").bytes, "14".as_bytes());
    assert_eq!(scene.list("/items?$skip=12").len(), 2);
}

#[test]
fn filters_know_numbers_dates_ids_and_options() {
    let mut scene = Scene::new();
    let item = scene.first("/items?$filter=unitPrice gt 1000");
    let by_id = format!("/items?$filter=id eq {}", text(&item, "id"));
    assert_eq!(scene.list(&by_id).len(), 1);
    for filter in [
        "postingDate ge 2026-01-01 and postingDate le 2026-06-30",
        "status eq 'Open' or status eq 'Paid'",
        "lastModifiedDateTime lt 2026-11-01T00:00:00Z",
        "contains(customerName,'research')",
    ] {
        let found = scene
            .list(&format!("/salesInvoices?$filter={filter}"))
            .len();
        assert!((1..150).contains(&found), "{filter}: {found}");
    }
}

#[test]
fn filters_are_refused_as_business_central_refuses_them() {
    let mut scene = Scene::new();
    let torn = scene.get("/customers?$filter=city eq 'Miami' or number eq '10000'");
    assert_eq!(torn.refusal(), (400, "BadRequest"));
    assert!(
        torn.message()
            .contains("The 'OR' operator is not supported on distinct fields")
    );
    for query in [
        "$filter=colour eq 1",
        "$filter=city eq",
        "$orderby=colour",
        "$select=colour",
        "$top=x",
        "$expand=colour",
        "$search=x",
        "$apply2=1",
    ] {
        let refused = scene.get(&format!("/customers?{query}"));
        assert_eq!(refused.refusal(), (400, "BadRequest"), "{query}");
    }
}

#[test]
fn pages_follow_each_other_to_the_end() {
    let mut scene = Scene::new();
    let mut path = scene.path("/customers?$orderby=displayName desc&$select=number");
    let mut seen: Vec<Value> = Vec::new();
    let mut pages = 0;
    loop {
        let said = scene.ask(
            &Method::GET,
            &path,
            &[("prefer", "odata.maxpagesize=5")],
            b"",
        );
        let body = said.good();
        seen.extend(
            body["value"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["number"].clone()),
        );
        pages += 1;
        let Some(next) = body["@odata.nextLink"].as_str() else {
            break;
        };
        assert!(next.contains("aid=FIN&$skiptoken="));
        path = next
            .trim_start_matches("https://api.businesscentral.dynamics.com")
            .to_owned();
    }
    let whole: Vec<Value> = scene
        .list("/customers?$orderby=displayName desc")
        .iter()
        .map(|it| it["number"].clone())
        .collect();
    assert_eq!((pages, seen), (3, whole));
}

#[test]
fn a_page_whose_beginning_is_gone_is_told_so() {
    let mut scene = Scene::new();
    let gone = scene.get("/customers?$skiptoken=00000000-0000-0000-0000-000000000009");
    assert_eq!(gone.refusal(), (400, "SkipTokenIsNoLongerValid"));
}

#[test]
fn related_entities_are_expanded_in_several_steps() {
    let mut scene = Scene::new();
    let invoice = scene.first(
        "/salesInvoices?$top=1&$expand=customer($select=displayName),salesInvoiceLines($expand=item;$select=sequence,itemId)",
    );
    assert_eq!(invoice["customer"]["displayName"], invoice["customerName"]);
    let line = &invoice["salesInvoiceLines"][0];
    assert_eq!(line["item"]["id"], line["itemId"]);
    assert!(line.get("quantity").is_none());
}

#[test]
fn entities_have_addresses_by_id_number_and_parent() {
    let mut scene = Scene::new();
    let customer = scene.first("/customers");
    let id = text(&customer, "id");
    for key in [
        id.clone(),
        id.to_uppercase(),
        format!("id={id}"),
        "number='10000'".to_owned(),
    ] {
        assert_eq!(
            scene.get(&format!("/customers({key})")).good()["id"],
            customer["id"],
            "{key}"
        );
    }
    let context = scene.get(&format!("/customers({id})")).good()["@odata.context"].clone();
    assert!(context.as_str().unwrap().ends_with("/customers/$entity"));
    assert_eq!(
        scene.get(&format!("/customers({id})/displayName")).good()["value"],
        customer["displayName"]
    );
    let company = scene.get("companies(name='CRONUS USA, Inc.')").good();
    assert_eq!(company["id"], scene.company);
    assert_eq!(
        scene.get("companies('CRONUS USA, Inc.')/items").good()["value"]
            .as_array()
            .unwrap()
            .len(),
        14
    );
}

#[test]
fn addresses_that_lead_nowhere_are_told_apart() {
    let mut scene = Scene::new();
    let none = "00000000-0000-0000-0000-000000000009";
    let cases = [
        ("/planets".to_owned(), 404, "BadRequest_ResourceNotFound"),
        (
            format!("/customers({none})"),
            404,
            "Internal_RecordNotFound",
        ),
        ("/customers(".to_owned(), 404, "BadRequest_NotFound"),
        (
            format!("companies({none})/customers"),
            404,
            "Internal_CompanyNotFound",
        ),
    ];
    for (path, status, code) in cases {
        assert_eq!(scene.get(&path).refusal(), (status, code), "{path}");
    }
    let elsewhere = scene.ask(&Method::GET, "/v2.0/Nowhere/api/v2.0/companies", &[], b"");
    assert_eq!(elsewhere.refusal(), (404, "NoEnvironment"));
    let custom = scene.ask(
        &Method::GET,
        "/v2.0/Production/api/contoso/app/v1.0/things",
        &[],
        b"",
    );
    assert_eq!(custom.status, 501);
}

#[test]
fn environments_are_listed_and_keep_apart() {
    let mut scene = Scene::new();
    let body = scene
        .ask(&Method::GET, "/environments/v1.2", &[], b"")
        .good();
    let names: Vec<&Value> = body["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, [&json!("Production"), &json!("Sandbox")]);
    let tenant = crate::scene::TENANT;
    let path = format!("/v2.0/{tenant}/sandbox/api/v2.0/companies");
    let other = scene.ask(&Method::GET, &path, &[], b"").good();
    assert_ne!(other["value"][0]["id"], scene.company);
    assert!(other["@odata.context"].as_str().unwrap().contains(tenant));
}

#[test]
fn the_metadata_names_everything_that_is_served() {
    let mut scene = Scene::new();
    let said = scene.get("$metadata");
    let xml = String::from_utf8(said.bytes.to_vec()).unwrap();
    assert_eq!(said.headers["content-type"], "application/xml");
    for set in model::sets_of(Api::V2) {
        assert!(
            xml.contains(&format!("EntitySet Name=\"{}\"", set.name)),
            "{}",
            set.name
        );
    }
    assert!(xml.contains("<Action Name=\"shipAndInvoice\" IsBound=\"true\">"));
    let root = scene.get("").good();
    assert!(root["value"].as_array().unwrap().len() > 60);
}
