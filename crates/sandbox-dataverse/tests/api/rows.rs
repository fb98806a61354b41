//! Rows made, read, changed and deleted.

use serde_json::{Value, json};

use crate::environment::{Environment, ROOT};

const REPRESENTATION: &[(&str, &str)] = &[("Prefer", "return=representation")];
const NOBODY: &str = "00000000-0000-0000-0000-000000000001";

#[test]
fn a_row_is_created_read_changed_and_deleted() {
    let mut at = Environment::contoso();
    let created = at.post(
        "accounts",
        json!({ "name": "Woodgrove", "revenue": 5000.5, "donotphone": true }),
    );
    assert_eq!(created.status, 204);
    let id = created.id();
    assert_eq!(
        created.header("odata-entityid"),
        format!("{ROOT}/accounts({id})")
    );
    let read = at
        .get(&format!(
            "accounts({id})?$select=name,revenue,donotphone,statecode,customertypecode"
        ))
        .ok();
    assert_eq!(read.body["name"], "Woodgrove");
    assert_eq!(
        (&read.body["revenue"], &read.body["statecode"]),
        (&json!(5000.5), &json!(0))
    );
    assert_eq!(read.body["customertypecode"], Value::Null);
    assert_eq!(read.body["accountid"], id.as_str());
    assert_eq!(
        read.body["@odata.context"],
        format!(
            "{ROOT}/$metadata#accounts(name,revenue,donotphone,statecode,customertypecode)/$entity"
        )
    );
    at.patch(
        &format!("accounts({id})"),
        json!({ "name": "Woodgrove Bank" }),
    )
    .ok();
    assert_eq!(
        at.get(&format!("accounts({id})/name")).body["value"],
        "Woodgrove Bank"
    );
    assert_eq!(at.delete(&format!("accounts({id})")).status, 204);
    at.get(&format!("accounts({id})"))
        .refused(404, "0x80040217");
}

#[test]
fn a_preferred_representation_comes_with_the_write() {
    let mut at = Environment::empty();
    let made = at.call(
        "POST",
        "contacts?$select=fullname",
        REPRESENTATION,
        &json!({ "firstname": "Ana", "lastname": "Reis" }),
    );
    assert_eq!(
        (made.status, &made.body["fullname"]),
        (201, &json!("Ana Reis"))
    );
    assert_eq!(made.header("preference-applied"), "return=representation");
    let id = made.body["contactid"].as_str().unwrap().to_owned();
    let changed = at.call(
        "PATCH",
        &format!("contacts({id})"),
        REPRESENTATION,
        &json!({ "lastname": "Silva" }),
    );
    assert_eq!(
        (changed.status, &changed.body["fullname"]),
        (200, &json!("Ana Silva"))
    );
}

#[test]
fn a_patch_makes_the_row_that_is_not_there_unless_told_otherwise() {
    let mut at = Environment::empty();
    let path = format!("accounts({NOBODY})");
    let only = at.call(
        "PATCH",
        &path,
        &[("If-Match", "*")],
        &json!({ "name": "A" }),
    );
    only.refused(404, "0x80040217");
    assert_eq!(at.patch(&path, json!({ "name": "A" })).status, 204);
    let insert = at.call(
        "PATCH",
        &path,
        &[("If-None-Match", "*")],
        &json!({ "name": "B" }),
    );
    insert.refused(412, "0x80040237");
    let again = at.post("accounts", json!({ "accountid": NOBODY, "name": "C" }));
    again.refused(412, "0x80040237");
}

#[test]
fn versions_guard_changes_and_spare_downloads() {
    let mut at = Environment::empty();
    let id = at.account("A");
    let path = format!("accounts({id})");
    let etag = at.get(&path).body["@odata.etag"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        at.call("GET", &path, &[("If-None-Match", &etag)], &Value::Null)
            .status,
        304
    );
    at.call(
        "PATCH",
        &path,
        &[("If-Match", &etag)],
        &json!({ "name": "B" }),
    )
    .ok();
    let stale = at.call(
        "PATCH",
        &path,
        &[("If-Match", &etag)],
        &json!({ "name": "C" }),
    );
    stale.refused(412, "0x80060882");
    at.call("DELETE", &path, &[("If-Match", &etag)], &Value::Null)
        .refused(412, "0x80060882");
}

#[test]
fn lookups_are_bound_cleared_and_told() {
    let mut at = Environment::empty();
    let account = at.account("A");
    let contact = at.create(
        "contacts",
        json!({ "lastname": "Reis", "parentcustomerid_account@odata.bind": format!("/accounts({account})") }),
    );
    let path = format!("accounts({account})");
    at.patch(
        &path,
        json!({ "primarycontactid@odata.bind": format!("contacts({contact})") }),
    )
    .ok();
    let all = [("Prefer", "odata.include-annotations=\"*\"")];
    let read = at.call(
        "GET",
        &format!("{path}?$select=_primarycontactid_value"),
        &all,
        &Value::Null,
    );
    assert_eq!(read.body["_primarycontactid_value"], contact.as_str());
    let note = |name: &str| read.body[format!("_primarycontactid_value@{name}")].clone();
    assert_eq!(note("OData.Community.Display.V1.FormattedValue"), "Reis");
    assert_eq!(note("Microsoft.Dynamics.CRM.lookuplogicalname"), "contact");
    assert_eq!(
        note("Microsoft.Dynamics.CRM.associatednavigationproperty"),
        "primarycontactid"
    );
    assert_eq!(
        at.delete(&format!("{path}/primarycontactid/$ref")).status,
        204
    );
    assert_eq!(
        at.get(&format!("{path}/_primarycontactid_value")).status,
        204
    );
    let body = json!({ "@odata.id": format!("{ROOT}/contacts({contact})") });
    assert_eq!(
        at.call("PUT", &format!("{path}/primarycontactid/$ref"), &[], &body)
            .status,
        204
    );
    assert_eq!(
        at.get(&format!("{path}/primarycontactid?$select=lastname"))
            .body["lastname"],
        "Reis"
    );
    at.patch(
        &path,
        json!({ "primarycontactid@odata.bind": format!("/contacts({NOBODY})") }),
    )
    .refused(404, "0x80040217");
    at.patch(
        &path,
        json!({ "primarycontactid@odata.bind": format!("/accounts({account})") }),
    )
    .refused(400, "0x80048d19");
}

#[test]
fn rows_are_related_and_unrelated() {
    let mut at = Environment::empty();
    let account = at.account("A");
    let contact = at.create("contacts", json!({ "lastname": "Reis" }));
    let list = format!("accounts({account})/contact_customer_accounts");
    let body = json!({ "@odata.id": format!("{ROOT}/contacts({contact})") });
    assert_eq!(at.post(&format!("{list}/$ref"), body).status, 204);
    assert_eq!(at.rows(&list).len(), 1);
    assert_eq!(
        at.get(&format!("{list}/$count"))
            .text
            .trim_start_matches('\u{feff}'),
        "1"
    );
    assert_eq!(at.delete(&format!("{list}({contact})/$ref")).status, 204);
    assert_eq!(at.rows(&list).len(), 0);
}

#[test]
fn a_deep_insert_is_one_transaction() {
    let mut at = Environment::empty();
    let body = json!({
        "name": "Deep",
        "primarycontactid": { "firstname": "John", "lastname": "Smith" },
        "opportunity_customer_accounts": [
            { "name": "First", "Opportunity_Tasks": [{ "subject": "Call" }, { "subject": "Write" }] },
        ],
    });
    let id = at.create("accounts", body);
    let read = at.get(&format!("accounts({id})?$expand=primarycontactid($select=fullname),opportunity_customer_accounts($select=name)"));
    assert_eq!(read.body["primarycontactid"]["fullname"], "John Smith");
    assert_eq!(
        read.body["opportunity_customer_accounts"][0]["name"],
        "First"
    );
    assert_eq!(at.rows("tasks").len(), 2);
    let before = at.rows("accounts").len();
    at.post(
        "accounts",
        json!({ "name": "B", "account_parent_account": [{ "name": "C" }, { "nme": "D" }] }),
    )
    .refused(400, "0x80048d19");
    assert_eq!(at.rows("accounts").len(), before);
}

#[test]
fn alternate_keys_name_rows() {
    let mut at = Environment::contoso();
    let key = json!({ "SchemaName": "contoso_number", "KeyAttributes": ["accountnumber"] });
    at.post("EntityDefinitions(LogicalName='account')/Keys", key)
        .ok();
    assert_eq!(
        at.get("accounts(accountnumber='CT-1001')").body["name"],
        "Adventure Works"
    );
    at.get("accounts(accountnumber='none')")
        .refused(404, "0x80060891");
    at.get("accounts(name='Adventure Works')")
        .refused(400, "0x80060888");
    assert_eq!(
        at.patch("accounts(accountnumber='new')", json!({ "name": "New" }))
            .status,
        204
    );
    assert_eq!(
        at.get("accounts(accountnumber='new')?$select=accountnumber")
            .body["accountnumber"],
        "new"
    );
    at.post(
        "accounts",
        json!({ "name": "Twin", "accountnumber": "new" }),
    )
    .refused(412, "0x80060892");
}

#[test]
fn single_properties_are_read_written_and_cleared() {
    let mut at = Environment::empty();
    let id = at.account("A");
    let path = format!("accounts({id})/telephone1");
    assert_eq!(at.get(&path).status, 204);
    assert_eq!(
        at.call("PUT", &path, &[], &json!({ "value": "+351" }))
            .status,
        204
    );
    assert_eq!(at.get(&format!("{path}/$value")).text, "+351");
    assert_eq!(at.delete(&path).status, 204);
    at.get(&format!("accounts({id})/nothing"))
        .refused(404, "0x8006088a");
}

#[test]
fn what_does_not_fit_the_table_is_refused_with_its_code() {
    let mut at = Environment::empty();
    let mut refused = |body: Value, code: &str, text: &str| {
        let answer = at.post("accounts", body);
        answer.refused(400, code);
        assert!(answer.message().contains(text), "{}", answer.message());
    };
    refused(json!({ "nme": "x" }), "0x80048d19", "'nme'");
    refused(
        json!({ "numberofemployees": "many" }),
        "0x80048d19",
        "Edm.Int32",
    );
    refused(json!({ "name": "x".repeat(161) }), "0x80044331", "'160'");
    refused(json!({ "industrycode": 99 }), "0x80044331", "99");
    refused(
        json!({ "_primarycontactid_value": NOBODY }),
        "0x80048d19",
        "Navigation properties",
    );
    refused(
        json!({ "nobody@odata.bind": "/contacts(1)" }),
        "0x80060888",
        "query syntax",
    );
    refused(
        json!({ "name": "x", "statecode": 0, "statuscode": 2 }),
        "0x80048408",
        "2 is not a valid status code",
    );
    let broken = at.ask(
        Environment::application(crate::environment::APPLICATION),
        "POST",
        "accounts",
        &[],
        "{",
    );
    broken.refused(400, "0x80060888");
    at.get("nothings").refused(404, "0x8006088a");
    at.call("PUT", "accounts", &[], &json!({}))
        .refused(405, "0x80060888");
    at.get("/api/data/v8.0/accounts").refused(404, "0x8006088a");
    at.post("currencies", json!({})).refused(404, "0x8006088a");
}

#[test]
fn states_and_their_reasons_go_together() {
    let mut at = Environment::empty();
    let id = at.account("A");
    let path = format!("accounts({id})");
    at.patch(&path, json!({ "statuscode": 2 }))
        .refused(400, "0x80048408");
    at.patch(&path, json!({ "statecode": 1 })).ok();
    assert_eq!(at.get(&path).body["statuscode"], 2);
    at.patch(&path, json!({ "statecode": 0, "statuscode": 1 }))
        .ok();
}

#[test]
fn money_has_its_twin_in_the_currency_of_the_organisation() {
    let mut at = Environment::empty();
    let dollar = at.rows("transactioncurrencies?$filter=isocurrencycode eq 'USD'")[0]["transactioncurrencyid"].clone();
    let bind = format!("/transactioncurrencies({})", dollar.as_str().unwrap());
    let id = at.create(
        "accounts",
        json!({ "name": "A", "revenue": 108.0, "transactioncurrencyid@odata.bind": bind }),
    );
    let all = [(
        "Prefer",
        "odata.include-annotations=\"OData.Community.Display.V1.FormattedValue\"",
    )];
    let read = at.call(
        "GET",
        &format!("accounts({id})?$select=revenue,revenue_base"),
        &all,
        &Value::Null,
    );
    assert_eq!(read.body["revenue_base"], 100.0);
    assert_eq!(
        read.body["revenue@OData.Community.Display.V1.FormattedValue"],
        "$108.00"
    );
    assert_eq!(
        read.body["revenue_base@OData.Community.Display.V1.FormattedValue"],
        "€100.00"
    );
}

#[test]
fn duplicates_are_found_when_asked_for() {
    let mut at = Environment::empty();
    let body = json!({ "lastname": "Reis", "emailaddress1": "ana@example.com" });
    at.create("contacts", body.clone());
    let header = [("MSCRM.SuppressDuplicateDetection", "false")];
    at.call("POST", "contacts", &header, &body)
        .refused(412, "0x80040333");
    assert_eq!(at.post("contacts", body).status, 204);
}

#[test]
fn files_are_uploaded_whole_and_in_pieces() {
    let mut at = Environment::empty();
    let column = json!({
        "@odata.type": "Microsoft.Dynamics.CRM.FileAttributeMetadata", "SchemaName": "new_Document",
        "DisplayName": { "LocalizedLabels": [{ "Label": "Document", "LanguageCode": 1033 }] },
    });
    at.post(
        "EntityDefinitions(LogicalName='account')/Attributes",
        column,
    )
    .ok();
    let id = at.account("A");
    let path = format!("accounts({id})/new_document");
    let me = || Environment::application(crate::environment::APPLICATION);
    at.ask(
        me(),
        "PATCH",
        &path,
        &[("x-ms-file-name", "a.txt")],
        "hello",
    )
    .ok();
    let down = at.get(&format!("{path}/$value"));
    assert_eq!(
        (down.text.as_str(), down.header("x-ms-file-name")),
        ("hello", "a%2Etxt")
    );
    let start = at
        .ask(
            me(),
            "PATCH",
            &path,
            &[
                ("x-ms-transfer-mode", "chunked"),
                ("x-ms-file-name", "b.bin"),
            ],
            "",
        )
        .ok();
    let session = start
        .header("location")
        .split_once("/api/")
        .unwrap()
        .1
        .to_owned();
    let session = format!("/api/{session}");
    let endless = [("Content-Range", "bytes 0-18446744073709551615/5")];
    at.ask(me(), "PATCH", &session, &endless, "abc")
        .refused(400, "0x80040203");
    let first = at.ask(
        me(),
        "PATCH",
        &session,
        &[("Content-Range", "bytes 0-2/5")],
        "abc",
    );
    assert_eq!(first.status, 206);
    let last = at.ask(
        me(),
        "PATCH",
        &session,
        &[("Content-Range", "bytes 3-4/5")],
        "de",
    );
    assert_eq!(last.status, 204);
    assert_eq!(at.get(&format!("{path}/$value")).text, "abcde");
    assert_eq!(at.delete(&path).status, 204);
    assert_eq!(at.get(&format!("{path}/$value")).status, 204);
}
