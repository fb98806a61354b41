//! Collections: filters, order, pages, expansion, aggregation.

use serde_json::{Value, json};

use crate::environment::{Answer, Environment, ROOT};

fn names(rows: &[Value]) -> Vec<&str> {
    rows.iter().filter_map(|row| row["name"].as_str()).collect()
}

#[test]
fn filters_let_through_what_they_say() {
    let mut at = Environment::contoso();
    let mut count = |filter: &str| {
        at.rows(&format!("accounts?$select=name&$filter={filter}"))
            .len()
    };
    assert_eq!(count("name eq 'adventure works'"), 1);
    assert_eq!(count("startswith(name,'Li')"), 2);
    assert_eq!(count("contains(name,'s') and not endswith(name,'s')"), 11);
    assert_eq!(
        count("address1_city eq 'Lisbon' or address1_city eq 'Berlin'"),
        24
    );
    assert_eq!(
        count("revenue gt 1000000 and numberofemployees le 900"),
        count("revenue gt 1000000.0 and not (numberofemployees gt 900)")
    );
    assert_eq!(count("primarycontactid/fullname ne null"), 24);
    assert_eq!(count("_primarycontactid_value eq null"), 0);
    assert_eq!(
        count("contact_customer_accounts/any(c:c/jobtitle eq 'IT Manager')"),
        8
    );
    assert_eq!(
        count("opportunity_parent_account/all(o:o/statecode eq 0)")
            + count("opportunity_parent_account/any(o:o/statecode ne 0)"),
        24
    );
    assert_eq!(count("customertypecode in (3,8)"), 24);
    assert_eq!(count("modifiedon ge 2020-01-01T00:00:00Z"), 24);
}

#[test]
fn functions_of_the_platform_filter_too() {
    let mut at = Environment::contoso();
    let mut count = |set: &str, filter: &str| {
        at.rows(&format!("{set}?$filter=Microsoft.Dynamics.CRM.{filter}"))
            .len()
    };
    assert_eq!(
        count(
            "accounts",
            "In(PropertyName='name',PropertyValues=['Litware','Fabrikam','Nobody'])"
        ),
        2
    );
    assert_eq!(
        count(
            "accounts",
            "In(PropertyName='name',PropertyValues=[\"Litware\"])"
        ),
        1
    );
    assert_eq!(
        count(
            "accounts",
            "Between(PropertyName='numberofemployees',PropertyValues=['0','100000'])"
        ),
        24
    );
    assert_eq!(
        count(
            "accounts",
            "NotBetween(PropertyName='numberofemployees',PropertyValues=['0','100000'])"
        ),
        0
    );
    assert_eq!(
        count(
            "accounts",
            "LastXYears(PropertyName='createdon',PropertyValue=5)"
        ),
        24
    );
    assert_eq!(count("leads", "ThisYear(PropertyName='createdon')"), 18);
    assert_eq!(
        count(
            "msdyn_workorders",
            "Tomorrow(PropertyName='msdyn_timefrompromised')"
        ),
        1
    );
    assert_eq!(count("tasks", "EqualUserId(PropertyName='ownerid')"), 0);
}

#[test]
fn bad_queries_are_refused_in_the_words_of_dataverse() {
    let mut at = Environment::contoso();
    let mut refused = |path: &str, text: &str| {
        let answer = at.get(path);
        answer.refused(400, "0x80060888");
        assert!(
            answer.message().contains(text),
            "{path}: {}",
            answer.message()
        );
    };
    let unknown = "Could not find a property named 'x' on type 'Microsoft.Dynamics.CRM.account'.";
    refused("accounts?$select=x", unknown);
    refused("accounts?$filter=x eq 1", unknown);
    refused("accounts?$orderby=x", unknown);
    refused("accounts?$expand=x", unknown);
    refused(
        "accounts?$select=primarycontactid_value",
        "Could not find a property",
    );
    refused("accounts?$filter=name eq 5", "incompatible types");
    refused("accounts?$filter=name eq", "Syntax error");
    refused("accounts?$skip=5", "Skip Clause is not supported");
    refused("accounts?$top=many", "Invalid value");
    refused(
        "accounts?$expand=primarycontactid($top=1)",
        "collection-valued",
    );
    refused("accounts(xyz)", "query syntax");
}

#[test]
fn pages_follow_each_other_and_hold_every_row_once() {
    let mut at = Environment::contoso();
    for order in [
        "",
        "&$orderby=name desc",
        "&$orderby=address1_city,revenue desc",
    ] {
        let mut path = format!("accounts?$select=name&$count=true{order}");
        let mut seen = Vec::new();
        loop {
            let page = at
                .call(
                    "GET",
                    &path,
                    &[("Prefer", "odata.maxpagesize=7")],
                    &Value::Null,
                )
                .ok();
            assert_eq!(page.body["@odata.count"], 24);
            seen.extend(
                page.rows()
                    .iter()
                    .map(|row| row["name"].as_str().unwrap().to_owned()),
            );
            let Some(link) = page.body["@odata.nextLink"].as_str() else {
                break;
            };
            assert!(link.starts_with(&format!("{ROOT}/accounts?")));
            path = link.replace("https://contoso.crm4.dynamics.com", "");
        }
        assert_eq!(seen.len(), 24);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 24, "{order}");
    }
    let top = at.call(
        "GET",
        "accounts?$top=3",
        &[("Prefer", "odata.maxpagesize=2")],
        &Value::Null,
    );
    assert_eq!(
        (top.rows().len(), &top.body["@odata.nextLink"]),
        (3, &Value::Null)
    );
    let far = "pagenumber=%2218446744073709551615%22last=%22{00000000-0000-0000-0000-000000000001}%22seen=%220%22";
    let far = far.replace('{', "%7B").replace('}', "%7D");
    at.call(
        "GET",
        &format!("accounts?$skiptoken={far}"),
        &[("Prefer", "odata.maxpagesize=2")],
        &Value::Null,
    )
    .ok();
    at.get("accounts?$skiptoken=nonsense")
        .refused(400, "0x80060888");
}

#[test]
fn order_follows_each_key_in_turn() {
    let mut at = Environment::contoso();
    let rows = at.rows("accounts?$select=name,revenue&$orderby=revenue desc,name");
    let keys: Vec<(f64, &str)> = rows
        .iter()
        .map(|row| {
            (
                -row["revenue"].as_f64().unwrap(),
                row["name"].as_str().unwrap(),
            )
        })
        .collect();
    assert!(keys.is_sorted_by(|a, b| a <= b));
    let rows = at.rows("contacts?$select=fullname&$expand=parentcustomerid_account($select=name)&$orderby=parentcustomerid_account/name&$top=3");
    assert_eq!(
        rows[0]["parentcustomerid_account"]["name"],
        "Adventure Works"
    );
}

#[test]
fn related_rows_come_along() {
    let mut at = Environment::contoso();
    let path = "accounts?$select=name&$filter=name eq 'Alpine Ski House'&$expand=contact_customer_accounts($select=fullname;$orderby=fullname desc;$top=1;$expand=createdby($select=fullname)),primarycontactid($select=jobtitle)";
    let answer = at.get(path).ok();
    let row = &answer.body["value"][0];
    assert_eq!(
        row["contact_customer_accounts"].as_array().unwrap().len(),
        1
    );
    assert_eq!(
        row["contact_customer_accounts"][0]["createdby"]["fullname"],
        "SYSTEM"
    );
    assert!(
        row["contact_customer_accounts@odata.nextLink"]
            .as_str()
            .unwrap()
            .contains("/contact_customer_accounts?$select=fullname")
    );
    assert!(row["primarycontactid"]["jobtitle"].is_string());
    assert!(answer.body["@odata.context"].as_str().unwrap().ends_with("#accounts(name,contact_customer_accounts(fullname,createdby(fullname)),primarycontactid(jobtitle))"));
    let many = (0..16)
        .map(|_| "primarycontactid")
        .collect::<Vec<_>>()
        .join(",");
    at.get(&format!("accounts?$expand={many}"))
        .refused(400, "0x80060888");
}

#[test]
fn counts_are_numbers() {
    let mut at = Environment::contoso();
    let count = |answer: Answer| answer.text.trim_start_matches('\u{feff}').to_owned();
    assert_eq!(count(at.get("accounts/$count")), "24");
    let total = at
        .get("RetrieveTotalRecordCount(EntityNames=['account','lead'])")
        .ok();
    assert_eq!(
        total.body["EntityRecordCountCollection"]["Values"],
        json!([24, 18])
    );
}

#[test]
fn groups_are_aggregated() {
    let mut at = Environment::contoso();
    let rows = at.rows("opportunities?$apply=groupby((statecode),aggregate($count as count,estimatedvalue with sum as total))&$orderby=statecode");
    assert_eq!(rows.len(), 3);
    assert_eq!(
        rows.iter()
            .map(|row| row["count"].as_i64().unwrap())
            .sum::<i64>(),
        36
    );
    let all = at.rows("opportunities?$apply=aggregate(estimatedvalue with sum as total)");
    let sum: f64 = rows.iter().map(|row| row["total"].as_f64().unwrap()).sum();
    assert!((all[0]["total"].as_f64().unwrap() - sum).abs() < 0.01);
    let rows = at.rows("accounts?$apply=filter(revenue gt 0)/groupby((address1_city),aggregate(revenue with average as average))");
    assert_eq!(rows.len(), 2);
    at.get("accounts?$apply=explode()")
        .refused(400, "0x80060888");
}

#[test]
fn saved_views_are_run() {
    let mut at = Environment::contoso();
    let xml = "<fetch><entity name='account'><attribute name='name'/><filter><condition attribute='address1_city' operator='eq' value='Lisbon'/></filter></entity></fetch>";
    for (set, option, key) in [
        ("savedqueries", "savedQuery", "savedqueryid"),
        ("userqueries", "userQuery", "userqueryid"),
    ] {
        let id = at.create(set, json!({ "name": "In Lisbon", "returnedtypecode": "account", "fetchxml": xml, "querytype": 0 }));
        assert_eq!(at.rows(&format!("{set}?$select={key}")).len(), 1);
        assert_eq!(
            names(&at.rows(&format!("accounts?{option}={id}"))).len(),
            12
        );
        at.get(&format!("contacts?{option}={id}"))
            .refused(400, "0x80060888");
    }
}
