//! What has to go on working under a list, and what needs more than one request to be tried.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use model::{Connection, Service};
use operations::Error;
use serde_json::{Value, json};

use super::companies::companies;
use super::stage::Stage;

const LIST: &str = "dataverse.records.list";

async fn refused(stage: &Stage, connection: &Connection, operation: &str, input: Value) -> String {
    stage.world.control().clear_requests();
    let error = stage.json(connection, operation, input.clone()).await;
    let error = error.expect_err(&input.to_string());
    assert_eq!(
        error.code(),
        "policy_denied",
        "{operation} {input}: {error}"
    );
    let listed = ["account", "contact", "nowhere", "activitypointer"];
    let reached = stage.reached(&listed);
    assert!(reached.is_empty(), "{operation} {input}: {reached:?}");
    match error {
        Error::Denied { reason, .. } => reason,
        other => other.to_string(),
    }
}

async fn works(stage: &Stage, connection: &Connection, operation: &str, input: Value) -> Value {
    let answer = stage.json(connection, operation, input.clone()).await;
    answer.unwrap_or_else(|error| panic!("{operation} {input}: {error}"))
}

#[tokio::test]
async fn between_listed_tables_all_goes_on_working() {
    let stage = Stage::start().await;
    let crm = stage.of(Service::Crm);
    stage.hold_to_tables(crm, &["account", "contact"]).await;
    let person = works(
        &stage,
        crm,
        "dataverse.records.create",
        json!({ "entitySet": "contacts",
        "record": { "lastname": "Reis" } }),
    )
    .await;
    let person = person["contactid"].as_str().unwrap().to_owned();
    let firm = works(
        &stage,
        crm,
        "dataverse.records.create",
        json!({ "entitySet": "accounts", "record": {
        "name": "Held", "primarycontactid@odata.bind": format!("/contacts({person})"),
        "contact_customer_accounts": [{ "lastname": "Deep" }] } }),
    )
    .await;
    let firm = firm["accountid"].as_str().unwrap().to_owned();
    let related = json!({ "entitySet": "accounts", "id": firm, "collectionNav": "contact_customer_accounts",
        "related": format!("contacts({person})") });
    works(&stage, crm, "dataverse.records.associate", related).await;
    for input in [
        json!({ "expand": ["primarycontactid($select=fullname;$expand=parentcustomerid_account($select=name))"] }),
        json!({ "filter": "primarycontactid/lastname eq 'Reis'" }),
        json!({ "filter": "contact_customer_accounts/any(o:o/lastname eq 'Deep')" }),
        json!({ "filter": "createdon gt 2020-01-01T00:00:00Z", "orderby": "name", "count": true }),
    ] {
        let mut input = input;
        input["entitySet"] = "accounts".into();
        let found = works(&stage, crm, LIST, input.clone()).await;
        assert!(!found["value"].as_array().unwrap().is_empty(), "{input}");
    }
    let fetch = "<fetch count='2'><entity name='account'><attribute name='name'/>\
                 <link-entity name='contact' from='contactid' to='primarycontactid'/></entity></fetch>";
    let input = json!({ "entitySet": "accounts", "fetchXml": fetch });
    let found = works(&stage, crm, "dataverse.fetchXml", input).await;
    assert!(!found["value"].as_array().unwrap().is_empty());
    let input = json!({ "search": "Held", "entities": "[{\"name\":\"account\"}]" });
    works(&stage, crm, "dataverse.search", input).await;
    for (operation, input) in [
        ("dataverse.whoAmI", json!({})),
        ("dataverse.tables.get", json!({ "table": "account" })),
        ("dataverse.columns.list", json!({ "table": "contact" })),
        (
            "dataverse.relationships.list",
            json!({ "table": "account" }),
        ),
        (
            "dataverse.records.aggregate",
            json!({ "entitySet": "accounts", "apply": "groupby((statecode),aggregate($count as n))" }),
        ),
        (
            "dataverse.functions.call",
            json!({ "functionName": "RetrieveTotalRecordCount", "arguments": { "EntityNames": ["account"] } }),
        ),
    ] {
        works(&stage, crm, operation, input).await;
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn pages_and_changes_are_followed_within_a_listed_table() {
    let stage = Stage::start().await;
    let crm = stage.of(Service::Crm);
    stage.hold_to_tables(crm, &["account"]).await;
    for (operation, input) in [
        (
            LIST,
            json!({ "entitySet": "accounts", "pageSize": 2, "select": ["name"] }),
        ),
        (
            "dataverse.records.changes",
            json!({ "entitySet": "accounts", "select": ["name"] }),
        ),
        (
            "dataverse.fetchXml",
            json!({ "entitySet": "accounts",
            "fetchXml": "<fetch count='2'><entity name='account'><attribute name='name'/></entity></fetch>" }),
        ),
    ] {
        let fields = input.as_object().cloned().unwrap();
        let first = stage
            .run(crm, operation, fields.clone(), None)
            .await
            .unwrap();
        let page: Value = serde_json::from_slice(&first.body).unwrap();
        let changes = page["@odata.deltaLink"].as_str();
        let changes = changes.map(|link| URL_SAFE_NO_PAD.encode(link));
        let cursor = first.cursor.or(changes).expect(operation);
        let next = stage.run(crm, operation, fields, Some(&cursor)).await;
        next.unwrap_or_else(|error| panic!("{operation}: {error}"));
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn a_change_set_names_what_it_made_and_nothing_besides() {
    let stage = Stage::start().await;
    let crm = stage.of(Service::Crm);
    stage.hold_to_tables(crm, &["account", "contact"]).await;
    let set = |second: Value| {
        json!({ "requests": [
            { "id": "firm", "operation": "dataverse.records.create",
              "input": { "entitySet": "accounts", "record": { "name": "Set" } } }, second] })
    };
    let person = set(
        json!({ "id": "person", "operation": "dataverse.records.create",
        "input": { "entitySet": "contacts", "record": { "lastname": "Reis", "parentcustomerid_account@odata.bind": "$firm" } } }),
    );
    works(&stage, crm, "dataverse.changeset", person).await;
    let opportunity = set(
        json!({ "id": "deal", "operation": "dataverse.records.create",
        "input": { "entitySet": "opportunities", "record": { "name": "x", "parentaccountid@odata.bind": "$firm" } } }),
    );
    let reason = refused(&stage, crm, "dataverse.changeset", opportunity).await;
    assert!(reason.contains("opportunities"), "{reason}");
    stage.world.stop().await;
}

#[tokio::test]
async fn lookups_to_several_kinds_of_rows_need_each_of_them() {
    let stage = Stage::start().await;
    let crm = stage.of(Service::Crm);
    stage
        .hold_to_tables(crm, &["account", "activitypointer"])
        .await;
    for input in [
        json!({ "entitySet": "accounts", "expand": ["ownerid"] }),
        json!({ "entitySet": "accounts", "expand": ["owninguser($select=fullname)"] }),
        json!({ "entitySet": "accounts", "filter": "ownerid/name eq 'x'" }),
        json!({ "entitySet": "activitypointers", "expand": ["regardingobjectid_contact"] }),
        json!({ "entitySet": "tasks" }),
        json!({ "entitySet": "principals" }),
        json!({ "entitySet": "systemusers" }),
        json!({ "entitySet": "owners" }),
    ] {
        refused(&stage, crm, LIST, input).await;
    }
    let owner = json!({ "entitySet": "accounts", "id": "9f1e2d3c-4b5a-4968-8776-655443322110",
        "owner": "/systemusers(9f1e2d3c-4b5a-4968-8776-655443322110)" });
    refused(&stage, crm, "dataverse.records.assign", owner).await;
    works(
        &stage,
        crm,
        LIST,
        json!({ "entitySet": "activitypointers", "top": 1 }),
    )
    .await;
    stage.world.stop().await;
}

#[tokio::test]
async fn an_action_is_known_with_all_its_tables_or_refused() {
    let stage = Stage::start().await;
    let crm = stage.of(Service::Crm);
    stage.hold_to_tables(crm, &["account", "contact"]).await;
    let id = "9f1e2d3c-4b5a-4968-8776-655443322110";
    let row = |table: &str| json!({ "@odata.type": format!("Microsoft.Dynamics.CRM.{table}"), format!("{table}id"): id });
    let unbound =
        |name: &str, arguments: Value| json!({ "ActionName": name, "arguments": arguments });
    for (name, arguments) in [
        (
            "Merge",
            json!({ "Target": row("lead"), "Subordinate": row("lead") }),
        ),
        (
            "Merge",
            json!({ "Target": row("account"), "Subordinate": row("lead") }),
        ),
        (
            "WinOpportunity",
            json!({ "Status": 3, "OpportunityClose": { "subject": "x" } }),
        ),
        ("SendEmailFromTemplate", json!({})),
        ("AddToQueue", json!({})),
        ("ExecuteWorkflow", json!({})),
        ("ExportSolution", json!({})),
        ("new_Anything", json!({ "Target": row("account") })),
    ] {
        refused(
            &stage,
            crm,
            "dataverse.actions.callUnbound",
            unbound(name, arguments),
        )
        .await;
    }
    for (set, name) in [
        ("emails", "SendEmail"),
        ("accounts", "GrantAccess"),
        ("accounts", "RetrieveUserPrivileges"),
        ("workflows", "ExecuteWorkflow"),
    ] {
        let input = json!({ "entitySet": set, "id": id, "ActionName": name, "arguments": {} });
        refused(&stage, crm, "dataverse.actions.callBound", input).await;
    }
    // The merge of two accounts is let through; whether they are there is Dataverse's to say.
    let merge = unbound(
        "Merge",
        json!({ "Target": row("account"), "Subordinate": row("account") }),
    );
    let error = stage
        .json(crm, "dataverse.actions.callUnbound", merge)
        .await;
    assert!(matches!(error, Err(Error::Microsoft { .. })), "{error:?}");
    stage.world.stop().await;
}

#[tokio::test]
async fn a_list_with_a_table_that_is_not_there_says_so() {
    let stage = Stage::start().await;
    let crm = stage.of(Service::Crm);
    stage.hold_to_tables(crm, &["account", "nowhere"]).await;
    let reason = refused(&stage, crm, LIST, json!({ "entitySet": "contacts" })).await;
    assert!(reason.contains("`nowhere`"), "{reason}");
    works(
        &stage,
        crm,
        LIST,
        json!({ "entitySet": "accounts", "top": 1 }),
    )
    .await;
    stage.hold_to_tables(crm, &[]).await;
    refused(&stage, crm, LIST, json!({ "entitySet": "accounts" })).await;
    works(&stage, crm, "dataverse.whoAmI", json!({})).await;
    stage.world.stop().await;
}

#[tokio::test]
async fn a_subscription_is_looked_at_before_it_is_renewed_or_ended() {
    let stage = Stage::start().await;
    let books = stage.of(Service::BusinessCentral);
    let companies = companies(&stage).await;
    let (own, other) = (&companies[0], &companies[1]);
    stage.hold_to_companies(&[&own.name]).await;
    let watch = |company: &str| {
        json!({ "notificationUrl": "https://webhook.contoso.example/bc",
            "resource": format!("api/v2.0/companies({company})/customers") })
    };
    refused_in(
        &stage,
        books,
        "businesscentral.subscriptions.create",
        watch(&other.id),
    )
    .await;
    let bare = stage
        .below_version(
            books,
            "POST",
            "subscriptions",
            "application/json",
            Bytes::from(json!({ "resource": "api/v2.0/customers" }).to_string()),
        )
        .await;
    assert_eq!(bare.unwrap_err().code(), "policy_denied");
    // An unknown one is looked for, and not ended.
    stage.world.control().clear_requests();
    let input = json!({ "subscriptionId": "0123456789abcdef0123456789abcdef" });
    let ended = stage
        .json(books, "businesscentral.subscriptions.delete", input)
        .await;
    assert!(ended.is_err());
    let requests = stage.world.control().requests();
    assert!(requests.iter().all(|request| request.method != "DELETE"));
    stage.world.stop().await;
}

async fn refused_in(stage: &Stage, connection: &Connection, operation: &str, input: Value) {
    let error = stage.json(connection, operation, input).await.unwrap_err();
    assert_eq!(error.code(), "policy_denied", "{error}");
}

#[tokio::test]
async fn a_company_is_the_same_by_its_id_and_by_its_name() {
    let stage = Stage::start().await;
    let books = stage.of(Service::BusinessCentral);
    let companies = companies(&stage).await;
    let (own, other) = (&companies[0], &companies[1]);
    let list = |company: &str| json!({ "companyId": company, "top": 1 });
    for listed in [own.id.clone(), own.id.to_uppercase(), own.name.clone()] {
        stage.hold_to_companies(&[&listed]).await;
        works(
            &stage,
            books,
            "businesscentral.customers.list",
            list(&own.id),
        )
        .await;
        works(
            &stage,
            books,
            "businesscentral.companies.get",
            json!({ "companyId": own.id }),
        )
        .await;
        works(&stage, books, "businesscentral.metadata.get", json!({})).await;
        refused_in(
            &stage,
            books,
            "businesscentral.customers.list",
            list(&other.id),
        )
        .await;
        let requests = json!({ "requests": [
            { "id": "1", "operation": "businesscentral.customers.list", "input": list(&own.id) },
            { "id": "2", "operation": "businesscentral.customers.list", "input": list(&own.id) }] });
        works(&stage, books, "businesscentral.batch", requests).await;
    }
    // A name in other letters is another name.
    stage.hold_to_companies(&[&own.name.to_lowercase()]).await;
    refused_in(
        &stage,
        books,
        "businesscentral.customers.list",
        list(&own.id),
    )
    .await;
    stage.world.stop().await;
}

#[tokio::test]
async fn a_cursor_of_somebody_elses_making_opens_nothing() {
    let stage = Stage::start().await;
    let crm = stage.of(Service::Crm);
    stage.hold_to_tables(crm, &["account"]).await;
    let root = stage.root(model::Api::Dataverse);
    for link in [
        format!("{root}/contacts"),
        format!("{root}/accounts?$expand=primarycontactid"),
        format!(
            "{root}/accounts?fetchXml=%3Cfetch%3E%3Centity%20name=%27contact%27/%3E%3C/fetch%3E"
        ),
        format!("{root}/accounts?savedQuery=00000000-0000-0000-00aa-000010001002"),
    ] {
        stage.world.control().clear_requests();
        let cursor = URL_SAFE_NO_PAD.encode(&link);
        let input = json!({ "entitySet": "accounts" })
            .as_object()
            .cloned()
            .unwrap();
        let error = stage
            .run(crm, LIST, input, Some(&cursor))
            .await
            .unwrap_err();
        assert_eq!(error.code(), "policy_denied", "{link}: {error}");
        assert!(stage.reached(&["account"]).is_empty(), "{link}");
    }
    stage.world.stop().await;
}
