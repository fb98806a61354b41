//! FetchXML.

use serde_json::Value;

use crate::environment::{Answer, Environment};

fn encode(xml: &str) -> String {
    let bytes = xml.bytes().map(|byte| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    bytes.collect::<Vec<String>>().concat()
}

fn fetch(at: &mut Environment, set: &str, xml: &str) -> Answer {
    at.get(&format!("{set}?fetchXml={}", encode(xml)))
}

#[test]
fn attributes_and_conditions_choose_columns_and_rows() {
    let mut at = Environment::contoso();
    let xml = "<fetch top='3'><entity name='account'><attribute name='name'/><attribute name='primarycontactid'/><order attribute='name'/>
        <filter type='and'><condition attribute='statecode' operator='eq' value='0'/>
        <filter type='or'><condition attribute='name' operator='like' value='B%'/><condition attribute='revenue' operator='gt' value='1'/></filter></filter></entity></fetch>";
    let rows = fetch(&mut at, "accounts", xml).rows();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["name"], "Adventure Works");
    assert!(rows[0]["_primarycontactid_value"].is_string() && rows[0]["accountid"].is_string());
    assert_eq!(rows[0].get("revenue"), None);
}

#[test]
fn linked_tables_are_joined() {
    let mut at = Environment::contoso();
    let inner = "<fetch><entity name='contact'><attribute name='fullname'/><link-entity name='account' from='accountid' to='parentcustomerid' alias='company'>
        <attribute name='name'/><filter><condition attribute='address1_city' operator='eq' value='Berlin'/></filter></link-entity></entity></fetch>";
    let rows = fetch(&mut at, "contacts", inner).rows();
    assert_eq!(rows.len(), 24);
    assert!(rows[0]["company.name"].is_string());
    let outer = "<fetch><entity name='account'><attribute name='name'/><link-entity name='opportunity' from='parentaccountid' to='accountid' link-type='outer' alias='o'>
        <filter><condition attribute='statecode' operator='eq' value='2'/></filter></link-entity>
        <filter><condition entityname='o' attribute='opportunityid' operator='null'/></filter></entity></fetch>";
    let without = fetch(&mut at, "accounts", outer).rows().len();
    let none = "<fetch><entity name='account'><attribute name='name'/><link-entity name='opportunity' from='parentaccountid' to='accountid' link-type='not any'>
        <filter><condition attribute='statecode' operator='eq' value='2'/></filter></link-entity></entity></fetch>";
    assert_eq!(fetch(&mut at, "accounts", none).rows().len(), without);
    assert!(without > 0 && without < 24);
    let many = "<fetch><entity name='systemuser'><attribute name='fullname'/><link-entity name='systemuserroles' from='systemuserid' to='systemuserid' intersect='true'>
        <link-entity name='role' from='roleid' to='roleid' alias='r'><attribute name='name'/></link-entity></link-entity></entity></fetch>";
    let rows = fetch(&mut at, "systemusers", many).rows();
    assert!(rows.iter().any(|row| row["r.name"] == "Salesperson"));
}

#[test]
fn aggregates_are_computed_of_groups() {
    let mut at = Environment::contoso();
    let xml = "<fetch aggregate='true'><entity name='opportunity'><attribute name='opportunityid' alias='n' aggregate='count'/>
        <attribute name='estimatedvalue' alias='total' aggregate='sum'/><attribute name='statecode' alias='state' groupby='true'/><order alias='n' descending='true'/></entity></fetch>";
    let rows = fetch(&mut at, "opportunities", xml).rows();
    assert_eq!(rows.len(), 3);
    assert!(rows.is_sorted_by_key(|row| -row["n"].as_i64().unwrap()));
    let months = "<fetch aggregate='true'><entity name='msdyn_workorder'><attribute name='msdyn_workorderid' alias='n' aggregate='countcolumn' distinct='true'/>
        <attribute name='msdyn_timefrompromised' alias='month' groupby='true' dategrouping='month'/></entity></fetch>";
    let rows = fetch(&mut at, "msdyn_workorders", months).rows();
    assert_eq!(
        rows.iter()
            .map(|row| row["n"].as_i64().unwrap())
            .sum::<i64>(),
        60
    );
    assert!(
        rows.iter()
            .all(|row| (8..=10).contains(&row["month"].as_i64().unwrap()))
    );
}

#[test]
fn pages_follow_their_cookies() {
    let mut at = Environment::contoso();
    let (mut page, mut cookie, mut seen) = (1, String::new(), 0);
    loop {
        let xml = format!(
            "<fetch count='10' page='{page}'{cookie} returntotalrecordcount='true'><entity name='account'><attribute name='name'/></entity></fetch>"
        );
        let answer = fetch(&mut at, "accounts", &xml).ok();
        seen += answer.rows().len();
        assert_eq!(answer.body["@Microsoft.Dynamics.CRM.totalrecordcount"], 24);
        if answer.body["@Microsoft.Dynamics.CRM.morerecords"] != true {
            break;
        }
        let text = answer.body["@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"]
            .as_str()
            .unwrap()
            .to_owned();
        let escaped = text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;");
        cookie = format!(" paging-cookie=\"{escaped}\"");
        page += 1;
    }
    assert_eq!((page, seen), (3, 24));
}

#[test]
fn what_is_no_fetch_xml_is_refused() {
    let mut at = Environment::contoso();
    let mut refused =
        |xml: &str, status: u16, code: &str| fetch(&mut at, "accounts", xml).refused(status, code);
    refused("<fetch>", 400, "0x80041102");
    refused("<fetch><entity name='contact'/></fetch>", 400, "0x80041102");
    refused(
        "<fetch><entity name='account'><attribute name='nothing'/></entity></fetch>",
        400,
        "0x80041103",
    );
    refused(
        "<fetch><entity name='account'><filter><condition attribute='name' operator='resembles' value='x'/></filter></entity></fetch>",
        501,
        "0x80040800",
    );
    refused(
        "<fetch count='5001'><entity name='account'/></fetch>",
        400,
        "0x80041102",
    );
    refused(
        "<fetch><entity name='account'><filter><condition attribute='revenue' operator='eq' value='x'/></filter></entity></fetch>",
        400,
        "0x80040203",
    );
}

#[test]
fn distinct_rows_come_once() {
    let mut at = Environment::contoso();
    let xml = "<fetch distinct='true'><entity name='account'><attribute name='address1_city'/></entity></fetch>";
    let rows = fetch(&mut at, "accounts", xml).rows();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].get("accountid"), None::<&Value>);
}
