//! Table definitions, and tables of one's own.

use serde_json::{Value, json};

use crate::environment::Environment;

fn label(text: &str) -> Value {
    json!({ "@odata.type": "Microsoft.Dynamics.CRM.Label", "LocalizedLabels": [{ "Label": text, "LanguageCode": 1033 }] })
}

fn table(name: &str, columns: &[Value]) -> Value {
    let mut attributes = vec![json!({
        "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata", "SchemaName": "new_Name", "IsPrimaryName": true, "MaxLength": 100, "DisplayName": label("Name"),
    })];
    attributes.extend(columns.iter().cloned());
    json!({
        "SchemaName": name, "DisplayName": label("Project"), "DisplayCollectionName": label("Projects"), "OwnershipType": "UserOwned",
        "HasActivities": false, "HasNotes": true, "Attributes": attributes,
    })
}

#[test]
fn a_table_is_described() {
    let mut at = Environment::empty();
    let one = at.get("EntityDefinitions(LogicalName='account')?$select=EntitySetName,PrimaryIdAttribute,PrimaryNameAttribute,SchemaName&$expand=Attributes($select=LogicalName;$filter=LogicalName eq 'name'),Keys").ok();
    assert_eq!(
        (&one.body["EntitySetName"], &one.body["PrimaryIdAttribute"]),
        (&json!("accounts"), &json!("accountid"))
    );
    assert_eq!(one.body["Attributes"][0]["LogicalName"], "name");
    let id = one.body["MetadataId"].as_str().unwrap().to_owned();
    assert_eq!(
        at.get(&format!("EntityDefinitions({id})?$select=LogicalName"))
            .body["LogicalName"],
        "account"
    );
    let listed = at.rows("EntityDefinitions?$select=LogicalName&$filter=LogicalName eq 'msdyn_workorder' or IsActivity eq true");
    assert!(listed.len() > 5);
    at.get("EntityDefinitions(LogicalName='nothing')")
        .refused(404, "0x80060888");
    at.get("EntityDefinitions?$select=Nothing")
        .refused(400, "0x80060888");
}

#[test]
fn columns_are_cast_to_their_types() {
    let mut at = Environment::empty();
    let base = "EntityDefinitions(LogicalName='account')/Attributes";
    let text = at.get(&format!("{base}(LogicalName='name')/Microsoft.Dynamics.CRM.StringAttributeMetadata?$select=MaxLength")).ok();
    assert_eq!(text.body["MaxLength"], 160);
    let choice = at.get(&format!("{base}(LogicalName='industrycode')/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$expand=OptionSet,GlobalOptionSet")).ok();
    assert_eq!(
        choice.body["OptionSet"]["Options"]
            .as_array()
            .unwrap()
            .len(),
        33
    );
    let all = at.rows(&format!("{base}/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet"));
    assert!(all.len() > 10);
    at.get(&format!(
        "{base}(LogicalName='name')/Microsoft.Dynamics.CRM.MemoAttributeMetadata"
    ))
    .refused(404, "0x80041103");
    let relations = at.get("EntityDefinitions(LogicalName='account')?$select=LogicalName&$expand=OneToManyRelationships,ManyToOneRelationships,ManyToManyRelationships").ok();
    assert!(
        relations.body["OneToManyRelationships"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["SchemaName"] == "contact_customer_accounts")
    );
    assert!(at.rows("GlobalOptionSetDefinitions").len() > 3);
    assert_eq!(
        at.get("GlobalOptionSetDefinitions(Name='need')").body["Options"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
}

#[test]
fn a_custom_table_is_like_any_other() {
    let mut at = Environment::contoso();
    let budget = json!({ "@odata.type": "Microsoft.Dynamics.CRM.MoneyAttributeMetadata", "SchemaName": "new_Budget", "DisplayName": label("Budget") });
    let made = at
        .post("EntityDefinitions", table("new_Project", &[budget]))
        .ok();
    assert!(
        made.header("odata-entityid")
            .contains("/EntityDefinitions(")
    );
    at.post("EntityDefinitions", table("new_Project", &[]))
        .refused(400, "0x80044363");
    at.post("EntityDefinitions", table("project", &[]))
        .refused(400, "0x8004f026");
    let column = json!({ "@odata.type": "Microsoft.Dynamics.CRM.PicklistAttributeMetadata", "SchemaName": "new_Phase", "DisplayName": label("Phase"),
        "OptionSet": { "IsGlobal": false, "Options": [{ "Value": 1, "Label": label("Start") }, { "Value": 2, "Label": label("End") }] } });
    at.post(
        "EntityDefinitions(LogicalName='new_project')/Attributes",
        column,
    )
    .ok();
    let relationship = json!({
        "@odata.type": "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata", "SchemaName": "new_account_project", "ReferencedEntity": "account", "ReferencingEntity": "new_project",
        "ReferencedAttribute": "accountid", "CascadeConfiguration": { "Delete": "Cascade" },
        "Lookup": { "SchemaName": "new_AccountId", "DisplayName": label("Account"), "RequiredLevel": { "Value": "None" } },
    });
    at.post("RelationshipDefinitions", relationship).ok();
    let account = at.account("Owner");
    let id = at.create("new_projects", json!({ "new_name": "P", "new_phase": 2, "new_AccountId@odata.bind": format!("/accounts({account})") }));
    let all = [("Prefer", "odata.include-annotations=\"*\"")];
    let row = at
        .call(
            "GET",
            &format!("new_projects({id})?$expand=new_AccountId($select=name)"),
            &all,
            &Value::Null,
        )
        .ok();
    assert_eq!(
        row.body["new_phase@OData.Community.Display.V1.FormattedValue"],
        "End"
    );
    assert_eq!(row.body["new_AccountId"]["name"], "Owner");
    assert_eq!(
        at.rows(&format!("accounts({account})/new_account_project"))
            .len(),
        1
    );
    assert_eq!(
        at.rows("new_projects?$filter=_new_accountid_value ne null&$orderby=new_name")
            .len(),
        1
    );
    at.delete(&format!("accounts({account})")).ok();
    assert_eq!(at.rows("new_projects").len(), 0);
    at.delete("EntityDefinitions(LogicalName='new_project')")
        .ok();
    at.get("new_projects").refused(404, "0x8006088a");
    at.delete("EntityDefinitions(LogicalName='account')")
        .refused(400, "0x8004f01f");
}

#[test]
fn many_are_related_to_many() {
    let mut at = Environment::contoso();
    let body = json!({ "@odata.type": "Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata", "SchemaName": "new_account_product", "Entity1LogicalName": "account", "Entity2LogicalName": "product", "IntersectEntityName": "new_account_product" });
    let made = at.post("RelationshipDefinitions", body).ok();
    let account = at.account("A");
    let product = at.rows("products?$top=1")[0]["productid"]
        .as_str()
        .unwrap()
        .to_owned();
    let reference = json!({ "@odata.id": format!("/products({product})") });
    at.post(
        &format!("accounts({account})/new_account_product/$ref"),
        reference.clone(),
    )
    .ok();
    at.post(
        &format!("accounts({account})/new_account_product/$ref"),
        reference,
    )
    .refused(412, "0x80040237");
    assert_eq!(
        at.rows(&format!(
            "products({product})/new_account_product?$select=name"
        ))[0]["name"],
        "A"
    );
    assert_eq!(
        at.rows("RelationshipDefinitions?$filter=SchemaName eq 'new_account_product'")
            .len(),
        1
    );
    at.delete(&format!("RelationshipDefinitions({})", made.id()))
        .ok();
    at.get(&format!("accounts({account})/new_account_product"))
        .refused(404, "0x8006088a");
}

#[test]
fn a_column_is_changed_and_deleted() {
    let mut at = Environment::empty();
    let column = json!({ "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata", "SchemaName": "new_Code", "MaxLength": 5, "DisplayName": label("Code") });
    let made = at
        .post(
            "EntityDefinitions(LogicalName='account')/Attributes",
            column,
        )
        .ok();
    let id = at.create("accounts", json!({ "name": "A", "new_code": "12345" }));
    at.patch(&format!("accounts({id})"), json!({ "new_code": "123456" }))
        .refused(400, "0x80044331");
    let path = format!(
        "EntityDefinitions(LogicalName='account')/Attributes({})",
        made.id()
    );
    at.call(
        "PUT",
        &path,
        &[],
        &json!({ "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata", "MaxLength": 9 }),
    )
    .ok();
    at.patch(&format!("accounts({id})"), json!({ "new_code": "123456" }))
        .ok();
    at.delete(&path).ok();
    at.get("accounts?$select=new_code")
        .refused(400, "0x80060888");
    at.delete("EntityDefinitions(LogicalName='account')/Attributes(LogicalName='name')")
        .refused(400, "0x8004f01f");
}

#[test]
fn the_metadata_document_names_every_set() {
    let mut at = Environment::empty();
    let xml = at.get("$metadata").text;
    assert!(xml.contains("<EntitySet Name=\"msdyn_workorders\" EntityType=\"Microsoft.Dynamics.CRM.msdyn_workorder\">"));
    assert!(xml.contains("<Property Name=\"_primarycontactid_value\" Type=\"Edm.Guid\" />"));
    assert!(xml.contains(
        "<NavigationProperty Name=\"primarycontactid\" Type=\"mscrm.contact\" Nullable=\"true\">"
    ));
    let names = at.rows("");
    assert!(names.iter().any(|it| it["url"] == "accounts"));
}

#[test]
fn typed_columns_come_by_a_query_of_their_own() {
    let mut at = Environment::empty();
    let query = json!({
        "Properties": { "PropertyNames": ["LogicalName", "Attributes"] },
        "Criteria": { "Conditions": [{ "PropertyName": "LogicalName", "ConditionOperator": "Equals", "Value": { "Type": "System.String", "Value": "account" } }] },
        "AttributeQuery": { "Properties": { "PropertyNames": ["MaxLength"] }, "Criteria": { "Conditions": [{ "PropertyName": "LogicalName", "ConditionOperator": "Equals", "Value": { "Type": "System.String", "Value": "name" } }] } },
    });
    let text = query.to_string().replace('{', "%7B").replace('}', "%7D");
    let answer = at
        .get(&format!("RetrieveMetadataChanges(Query=@p1)?@p1={text}"))
        .ok();
    let found = &answer.body["EntityMetadata"];
    assert_eq!(
        (
            found.as_array().unwrap().len(),
            &found[0]["Attributes"][0]["MaxLength"]
        ),
        (1, &json!(160))
    );
}
