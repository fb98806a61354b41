use model::CompanyName;
use serde_json::{Value, json};
use url::Url;

use super::reach::{Reach, of_request};

const ID: &str = "6c8bb1b4-2fd4-4b8e-9a56-3c1f1d2a7b10";
const ROOT: &str = "https://api.businesscentral.dynamics.com/v2.0/contoso.com/Production/api/v2.0";

fn asked(method: &str, path: &str, body: Option<&Value>) -> Vec<Reach> {
    let root: Url = ROOT.parse().unwrap();
    let url: Url = format!("{ROOT}/{path}").parse().unwrap();
    of_request(&root, method, &url, body)
}

fn get(path: &str) -> Vec<Reach> {
    asked("GET", path, None)
}

fn company() -> Reach {
    Reach::Company(CompanyName::Id(ID.to_owned()))
}

fn is_beyond(reaches: &[Reach]) -> bool {
    reaches
        .iter()
        .any(|reach| matches!(reach, Reach::Beyond(_)))
}

#[test]
fn a_company_is_told_by_its_address_or_by_the_option() {
    for path in [
        format!("companies({ID})"),
        format!("companies({})/customers", ID.to_uppercase()),
        format!("Companies(id={ID})/customers"),
        format!("companies({ID})/salesOrders(1)/salesOrderLines?$expand=item"),
        format!("companies%28{ID}%29/customers"),
        format!("customers?company={ID}"),
        format!("customers?Company={ID}&$filter=displayName eq 'companies/x'"),
        format!("companies({ID})/customers?$filter=companyName eq 'x'&$skiptoken=1"),
    ] {
        assert_eq!(get(&path), [company()], "{path}");
    }
    let named = Reach::Company(CompanyName::Named("CRONUS Ltd.".to_owned()));
    assert_eq!(
        get("customers?company=CRONUS%20Ltd."),
        std::slice::from_ref(&named)
    );
    let both = get(&format!("companies({ID})/customers?company=CRONUS%20Ltd."));
    assert_eq!(both, [named, company()]);
    assert_eq!(get("$metadata"), []);
}

#[test]
fn what_is_not_in_a_company_or_not_understood_is_beyond() {
    for path in [
        "companies".to_owned(),
        "companies?$expand=customers".to_owned(),
        "companies/$count".to_owned(),
        format!("companies/{ID}/customers"),
        "companies(name='CRONUS')/customers".to_owned(),
        format!("companies('{ID}')/customers"),
        "customers".to_owned(),
        "Company('CRONUS')/customers".to_owned(),
        format!("companies({ID})/../companies"),
        format!("companies({ID})/%2e%2e/companies"),
        format!("companies({ID})/customers?$expand=companies"),
        format!("companies({ID})/customers?$expand=contacts($expand=company)"),
        format!("companies({ID})/customers?$filter=company/name eq 'x'"),
        format!("companies({ID})/companies"),
        format!("companies({ID})/customers?company={ID}&company=x"),
        format!("companies({ID})/customers?%2524company=x"),
        format!("companies({ID})/customers?tenant=x"),
        "$batch".to_owned(),
        "$batch?company=x".to_owned(),
        "entityDefinitions".to_owned(),
    ] {
        let reaches = get(&path);
        assert!(is_beyond(&reaches), "{path}: {reaches:?}");
    }
}

#[test]
fn other_apis_of_the_environment_have_the_same_paths_or_are_beyond() {
    let root: Url = ROOT.parse().unwrap();
    let base = ROOT.strip_suffix("api/v2.0").unwrap();
    let of = |path: &str| {
        let url: Url = format!("{base}{path}").parse().unwrap();
        of_request(&root, "GET", &url, None)
    };
    for api in [
        "api/microsoft/runtime/beta",
        "api/microsoft/automation/v2.0",
    ] {
        assert_eq!(of(&format!("{api}/companies({ID})/users")), [company()]);
        assert!(is_beyond(&of(&format!("{api}/companies"))));
    }
    assert!(is_beyond(&of(&format!(
        "api/contoso/app/v1.0/companies({ID})/x"
    ))));
    assert!(is_beyond(&of("ODataV4/Company('CRONUS')/x")));
    let other: Url = format!("https://example.com/api/v2.0/companies({ID})")
        .parse()
        .unwrap();
    assert!(is_beyond(&of_request(&root, "GET", &other, None)));
}

#[test]
fn a_subscription_is_of_the_company_that_it_watches() {
    let watch = |resource: Value| {
        let body = json!({ "Resource": resource, "notificationUrl": "https://example.com" });
        asked("POST", "subscriptions", Some(&body))
    };
    for resource in [
        format!("api/v2.0/companies({ID})/customers"),
        format!("/api/v2.0/companies({ID})/customers"),
        format!("{ROOT}/companies({ID})/customers"),
        format!("api/contoso/app/v1.0/companies({ID})/things"),
        format!("api/v2.0/customers?company={ID}"),
    ] {
        assert_eq!(watch(resource.clone().into()), [company()], "{resource}");
    }
    for resource in [
        json!("api/v2.0/companies"),
        json!("api/v2.0/customers"),
        json!("customers"),
        json!("https://example.com/api/v2.0/companies/x"),
        json!("api/v2.0/$metadata"),
        json!(null),
        json!(["api/v2.0/companies"]),
    ] {
        assert!(is_beyond(&watch(resource.clone())), "{resource}");
    }
    assert!(is_beyond(&asked("GET", "subscriptions", None)));
    assert!(is_beyond(&asked("POST", "subscriptions", None)));
    let one = Reach::Subscription("ab12".to_owned());
    assert_eq!(
        asked("DELETE", "subscriptions('ab12')", None),
        std::slice::from_ref(&one)
    );
    let body = json!({ "resource": format!("api/v2.0/companies({ID})/items") });
    let renewed = asked("PATCH", "subscriptions('ab12')", Some(&body));
    assert_eq!(renewed, [one, company()]);
}

#[test]
fn what_is_bound_is_bound_in_a_company() {
    let body = json!({ "customer@odata.bind": format!("{ROOT}/companies({ID})/customers(1)") });
    let of = |body: &Value| asked("POST", &format!("companies({ID})/salesOrders"), Some(body));
    assert_eq!(of(&body), [company(), company()]);
    assert!(is_beyond(&of(
        &json!({ "lines": [{ "x@odata.bind": "/customers(1)" }] })
    )));
    assert_eq!(of(&json!({ "lines": [{ "itemId": ID }] })), [company()]);
}
