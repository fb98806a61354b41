//! Whatever is sent: an answer, in the right shape, and never an error of our own.

use http::Method;
use proptest::prelude::*;
use sandbox_business_central::Answer;
use serde_json::{Value, json};

use crate::scene::{Said, Scene, text};

fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "customers",
            "items",
            "salesInvoices",
            "salesInvoiceLines",
            "journals",
            "journalLines",
            "pictures",
            "pdfDocument",
            "subscriptions",
            "companies",
            "$count",
            "$batch",
            "$metadata",
            "picture",
            "pictureContent",
            "Microsoft.NAV.post",
            "Microsoft.NAV.",
            "agedAccountsReceivables",
            "dimensionSetLines",
            "id",
            "customers(number='10000')",
            "customers(')",
            "customers(,)",
            "%28%29",
            "%ff",
            "items('')",
            "customerPayments",
        ])
        .prop_map(str::to_owned),
        "[a-zA-Z0-9$.'()=,%2]{0,12}",
    ]
}

fn query() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        prop::sample::select(vec![
            "$top=0",
            "$top=99999999",
            "$skip=99999999",
            "$skiptoken=",
            "$filter=dateFilter%20le%200001-01-01",
            "$expand=item($expand=x)",
            "$filter=not",
            "$orderby=,",
            "$count=true&$top=1",
            "company=",
            "$expand=customer,picture,pdfDocument",
            "$filter=dateFilter%20lt%20-009999-01-01",
        ])
        .prop_map(str::to_owned),
        "[a-z$=&'%20()]{0,24}",
    ]
}

fn body() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just(json!(null)),
        Just(json!(-9_999_999_999_i64)),
        Just(json!(0.000_01)),
        Just(json!("0001-01-01")),
        Just(json!("9999-12-31")),
        Just(json!([{}])),
        Just(json!("00000000-0000-0000-0000-000000000000")),
        Just(json!("é漢🙂")),
        Just(json!(true)),
    ];
    let name = prop::sample::select(vec![
        "displayName",
        "customerNumber",
        "customerId",
        "postingDate",
        "salesInvoiceLines",
        "quantity",
        "unitPrice",
        "unitCost",
        "discountAmount",
        "inventory",
        "number",
        "code",
        "dueDateCalculation",
        "requests",
        "resource",
        "amount",
    ]);
    prop_oneof![
        prop::collection::btree_map(name, value, 0..4).prop_map(|map| json!(map).to_string()),
        "[{}\\[\\]\",:a-z0-9]{0,24}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn every_request_is_answered_or_refused(
        requests in prop::collection::vec(
            (prop::sample::select(vec!["GET", "POST", "PATCH", "DELETE", "PUT"]), prop::collection::vec(segment(), 0..4), query(), body()),
            1..40,
        ),
    ) {
        let mut scene = Scene::new();
        for (method, path, query, body) in requests {
            let path = scene.path(&format!("/{}?{query}", path.join("/")));
            if path.replace(' ', "%20").parse::<http::Uri>().is_err() {
                continue;
            }
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let Answer::Done(response) = scene.send(&method, &path, &[("if-match", "*")], body.as_bytes()) else {
                continue;
            };
            let said = Said::of(response);
            prop_assert!(said.status.as_u16() < 500 || said.status == 501, "{method} {path} {body}: {}", said.status);
            if said.status.is_client_error() {
                prop_assert!(!said.code().is_empty() && said.message().contains("CorrelationId"), "{path}: {}", said.json);
            }
        }
    }
}

#[test]
fn the_largest_numbers_are_refused_before_they_overflow() {
    let mut scene = Scene::new();
    let item = scene.first("/items");
    let path = format!("/items({})", text(&item, "id"));
    let dear = json!({ "unitCost": 9_999_999_999_i64, "unitPrice": 9_999_999_999_i64 });
    scene.patch(&path, &dear).good();
    let much = json!({ "inventory": 9_999_999_999_i64 });
    assert_eq!(
        scene.patch(&path, &much).refusal(),
        (400, "Application_DialogException")
    );
    let number = text(&item, "number");
    let line =
        json!({ "lineType": "Item", "lineObjectNumber": number, "quantity": 9_999_999_999_i64 });
    let draft: Value = json!({ "customerNumber": "10000", "salesInvoiceLines": [line] });
    let refused = scene.post("/salesInvoices", &draft);
    assert_eq!(refused.refusal(), (400, "Application_DialogException"));
    let beyond = json!({ "unitPrice": 10_000_000_000_i64 });
    assert_eq!(scene.patch(&path, &beyond).refusal(), (400, "BadRequest"));
}
