//! Functions and actions.

use serde_json::json;

use crate::environment::Environment;

const CRM: &str = "Microsoft.Dynamics.CRM";

#[test]
fn an_environment_says_who_and_what_it_is() {
    let mut at = Environment::empty();
    let me = at.get("WhoAmI").ok().body;
    assert_eq!(at.get("WhoAmI()").body["UserId"], me["UserId"]);
    let user = at.get(&format!(
        "systemusers({})?$select=fullname",
        me["UserId"].as_str().unwrap()
    ));
    assert_eq!(user.body["fullname"], "# Tests");
    assert!(
        at.get("RetrieveVersion()").body["Version"]
            .as_str()
            .unwrap()
            .starts_with("9.2.")
    );
    let organisation = at.get("RetrieveCurrentOrganization(AccessType=Microsoft.Dynamics.CRM.EndpointAccessType'Default')");
    assert_eq!(organisation.body["Detail"]["UrlName"], "contoso");
    assert_eq!(
        organisation.body["Detail"]["OrganizationId"],
        me["OrganizationId"]
    );
    at.get("Nothing()").refused(404, "0x8006088a");
    at.post("WhoAmI", json!({})).refused(405, "0x80060888");
}

#[test]
fn a_qualified_lead_becomes_customer_and_opportunity() {
    let mut at = Environment::empty();
    let id = at.create("leads", json!({ "subject": "Machines", "firstname": "Ana", "lastname": "Reis", "companyname": "Woodgrove", "estimatedamount": 500 }));
    let body = json!({ "CreateAccount": true, "CreateContact": true, "CreateOpportunity": true, "Status": 3 });
    let made = at
        .post(&format!("leads({id})/{CRM}.QualifyLead"), body.clone())
        .ok();
    assert_eq!(made.rows().len(), 3);
    let lead = at.get(&format!("leads({id})")).body;
    assert_eq!(
        (&lead["statecode"], &lead["statuscode"]),
        (&json!(1), &json!(3))
    );
    let opportunity = at.rows(
        "opportunities?$expand=parentaccountid($select=name),parentcontactid($select=fullname)",
    );
    assert_eq!(opportunity[0]["name"], "Machines");
    assert_eq!(opportunity[0]["parentaccountid"]["name"], "Woodgrove");
    assert_eq!(opportunity[0]["_originatingleadid_value"], id.as_str());
    at.post(&format!("leads({id})/{CRM}.QualifyLead"), body)
        .refused(400, "0x80048408");
}

#[test]
fn opportunities_are_won_and_lost() {
    let mut at = Environment::empty();
    let account = at.account("A");
    for (action, state, status) in [("WinOpportunity", 1, 3), ("LoseOpportunity", 2, 4)] {
        let bind = format!("/accounts({account})");
        let id = at.create(
            "opportunities",
            json!({ "name": action, "estimatedvalue": 90, "parentaccountid@odata.bind": bind }),
        );
        let close = json!({ "subject": "Done", "opportunityid@odata.bind": format!("/opportunities({id})") });
        let body = json!({ "Status": status, "OpportunityClose": close });
        assert_eq!(at.post(action, body.clone()).status, 204);
        let row = at.get(&format!("opportunities({id})")).body;
        assert_eq!(
            (&row["statecode"], &row["statuscode"]),
            (&json!(state), &json!(status))
        );
        assert_eq!(row["actualclosedate"], "2026-10-01");
        assert_eq!(
            row["actualvalue"],
            if state == 1 { json!(90.0) } else { json!(0.0) }
        );
        assert_eq!(row["_customerid_value"], account.as_str());
        at.post(action, body).refused(400, "0x80048408");
    }
    assert_eq!(at.rows("opportunitycloses").len(), 2);
    assert_eq!(
        at.rows("activitypointers?$filter=activitytypecode eq 'opportunityclose'")
            .len(),
        2
    );
}

#[test]
fn totals_follow_their_lines() {
    let mut at = Environment::contoso();
    let product = at.rows("products?$filter=productnumber eq 'GR-040'")[0]["productid"]
        .as_str()
        .unwrap()
        .to_owned();
    let account = at.account("A");
    let id = at.create(
        "opportunities",
        json!({ "name": "Sum", "parentaccountid@odata.bind": format!("/accounts({account})") }),
    );
    let line = at.create("opportunityproducts", json!({
        "opportunityid@odata.bind": format!("/opportunities({id})"), "productid@odata.bind": format!("/products({product})"), "quantity": 3, "manualdiscountamount": 40,
    }));
    let row = at.get(&format!("opportunities({id})")).body;
    assert_eq!(
        (
            &row["totallineitemamount"],
            &row["totalamount"],
            &row["estimatedvalue"]
        ),
        (&json!(2300.0), &json!(2300.0), &json!(2300.0))
    );
    at.patch(
        &format!("opportunities({id})"),
        json!({ "discountpercentage": 10 }),
    )
    .ok();
    assert_eq!(
        at.get(&format!("opportunities({id})/totalamount")).body["value"],
        2070.0
    );
    at.delete(&format!("opportunityproducts({line})")).ok();
    assert_eq!(
        at.get(&format!("opportunities({id})/totalamount")).body["value"],
        0.0
    );
}

#[test]
fn cases_have_numbers_and_are_closed() {
    let mut at = Environment::empty();
    at.post("incidents", json!({ "title": "Leak" }))
        .refused(400, "0x80040203");
    let account = at.account("A");
    let id = at.create("incidents", json!({ "title": "Leak", "customerid_account@odata.bind": format!("/accounts({account})") }));
    let ticket = at.get(&format!("incidents({id})/ticketnumber")).body["value"].clone();
    assert!(ticket.as_str().unwrap().starts_with("CAS-01001-"));
    let body = json!({ "Status": 5, "IncidentResolution": { "subject": "Fixed", "incidentid@odata.bind": format!("/incidents({id})"), "timespent": 30 } });
    assert_eq!(at.post("CloseIncident", body).status, 204);
    assert_eq!(
        at.get(&format!("incidents({id})/statecode")).body["value"],
        1
    );
}

#[test]
fn two_customers_are_merged_into_one() {
    let mut at = Environment::empty();
    let (first, second) = (at.account("A"), at.account("B"));
    at.create("contacts", json!({ "lastname": "X", "parentcustomerid_account@odata.bind": format!("/accounts({second})") }));
    let of = |id: &str| json!({ "@odata.type": format!("{CRM}.account"), "accountid": id });
    let body = json!({ "Target": of(&first), "Subordinate": of(&second), "UpdateContent": { "telephone1": "2" }, "PerformParentingChecks": false });
    assert_eq!(at.post("Merge", body).status, 204);
    assert_eq!(
        at.rows(&format!("accounts({first})/contact_customer_accounts"))
            .len(),
        1
    );
    let gone = at.get(&format!("accounts({second})")).body;
    assert_eq!(
        (
            &gone["merged"],
            &gone["statecode"],
            &gone["_masterid_value"]
        ),
        (&json!(true), &json!(1), &json!(first))
    );
    assert_eq!(
        at.get(&format!("accounts({first})/telephone1")).body["value"],
        "2"
    );
}

#[test]
fn many_rows_are_written_at_once_or_none() {
    let mut at = Environment::empty();
    let target = |name: &str| json!({ "@odata.type": format!("{CRM}.account"), "name": name });
    let made = at
        .post(
            &format!("accounts/{CRM}.CreateMultiple"),
            json!({ "Targets": [target("A"), target("B")] }),
        )
        .ok();
    let ids = made.body["Ids"].as_array().unwrap().clone();
    assert_eq!(ids.len(), 2);
    let bad = json!({ "Targets": [target("C"), { "@odata.type": format!("{CRM}.account"), "nme": "x" }] });
    at.post(&format!("accounts/{CRM}.CreateMultiple"), bad)
        .refused(400, "0x80048d19");
    at.post(
        &format!("accounts/{CRM}.CreateMultiple"),
        json!({ "Targets": [{ "name": "x" }] }),
    )
    .refused(400, "0x80048d19");
    let mut changed = target("A2");
    changed["accountid"] = ids[0].clone();
    at.post(
        &format!("accounts/{CRM}.UpdateMultiple"),
        json!({ "Targets": [changed.clone()] }),
    )
    .ok();
    changed["accountid"] = json!("00000000-0000-0000-0000-00000000000a");
    at.post(
        &format!("accounts/{CRM}.UpsertMultiple"),
        json!({ "Targets": [changed.clone()] }),
    )
    .ok();
    assert_eq!(at.rows("accounts?$filter=name eq 'A2'").len(), 2);
    at.post(
        &format!("accounts/{CRM}.DeleteMultiple"),
        json!({ "Targets": [changed] }),
    )
    .ok();
    assert_eq!(at.rows("accounts").len(), 2);
}

#[test]
fn a_query_deletes_in_bulk() {
    let mut at = Environment::empty();
    let (first, _) = (at.account("A"), at.account("B"));
    let condition = json!({ "AttributeName": "accountid", "Operator": "In", "Values": [{ "Value": first, "Type": "System.Guid" }] });
    let query = json!({ "EntityName": "account", "Criteria": { "FilterOperator": "And", "Conditions": [condition] } });
    let answer = at
        .post("BulkDelete", json!({ "JobName": "x", "QuerySet": [query] }))
        .ok();
    assert!(answer.body["JobId"].is_string());
    assert_eq!(at.rows("accounts").len(), 1);
}

#[test]
fn text_is_searched_over_tables() {
    let mut at = Environment::contoso();
    let answer = at
        .post(
            "searchquery",
            json!({ "search": "adventure", "entities": "[{\"name\":\"account\"}]" }),
        )
        .ok();
    let found: serde_json::Value =
        serde_json::from_str(answer.body["response"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&found["Count"], &found["Value"][0]["EntityName"]),
        (&json!(1), &json!("account"))
    );
    at.post("searchquery", json!({ "search": " " }))
        .refused(400, "0x80060888");
}

#[test]
fn notes_know_their_files() {
    let mut at = Environment::empty();
    let account = at.account("A");
    let id = at.create("annotations", json!({
        "subject": "Note", "filename": "a.txt", "mimetype": "text/plain", "documentbody": "aGVsbG8=", "objectid_account@odata.bind": format!("/accounts({account})"),
    }));
    let note = at.get(&format!("annotations({id})")).body;
    assert_eq!(
        (
            &note["isdocument"],
            &note["filesize"],
            &note["objecttypecode"]
        ),
        (&json!(true), &json!(5), &json!("account"))
    );
    assert_eq!(
        at.rows(&format!("accounts({account})/Account_Annotation"))
            .len(),
        1
    );
}

#[test]
fn activities_are_listed_with_what_they_are_about() {
    let mut at = Environment::empty();
    let account = at.account("A");
    let id = at.create("tasks", json!({ "subject": "Call", "regardingobjectid_account_task@odata.bind": format!("/accounts({account})") }));
    let rows = at.rows(&format!(
        "activitypointers?$filter=_regardingobjectid_value eq {account}"
    ));
    assert_eq!(
        (
            &rows[0]["subject"],
            &rows[0]["activitytypecode"],
            &rows[0]["activityid"]
        ),
        (&json!("Call"), &json!("task"), &json!(id))
    );
    let mail = json!({ "subject": "Hi", "email_activity_parties": [{ "partyid_account@odata.bind": format!("/accounts({account})"), "participationtypemask": 2 }] });
    let mail = at.create("emails", mail);
    assert_eq!(
        at.rows(&format!("emails({mail})/email_activity_parties"))
            .len(),
        1
    );
    at.delete(&format!("accounts({account})")).ok();
    assert_eq!(at.get(&format!("tasks({id})")).status, 404);
    assert_eq!(
        at.rows("activitypointers?$filter=activitytypecode eq 'task'")
            .len(),
        0
    );
}
