//! What is there after a restart.

use sandbox_dataverse::Dataverse;
use serde_json::json;

use crate::environment::Environment;

#[test]
fn everything_is_there_again() {
    let mut at = Environment::contoso();
    let column = json!({ "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata", "SchemaName": "new_Code", "DisplayName": { "LocalizedLabels": [{ "Label": "Code", "LanguageCode": 1033 }] } });
    at.post(
        "EntityDefinitions(LogicalName='account')/Attributes",
        column.clone(),
    )
    .ok();
    let key = json!({ "SchemaName": "new_key", "KeyAttributes": ["new_code"] });
    at.post("EntityDefinitions(LogicalName='account')/Keys", key)
        .ok();
    let mut name = column;
    name["SchemaName"] = json!("new_Name");
    name["IsPrimaryName"] = json!(true);
    let table = json!({ "SchemaName": "new_Project", "DisplayName": name["DisplayName"], "DisplayCollectionName": name["DisplayName"], "OwnershipType": "UserOwned", "Attributes": [name] });
    at.post("EntityDefinitions", table).ok();
    let lookup = json!({
        "@odata.type": "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata", "SchemaName": "new_account_project", "ReferencedEntity": "account", "ReferencingEntity": "new_project",
        "Lookup": { "SchemaName": "new_AccountId" },
    });
    at.post("RelationshipDefinitions", lookup).ok();
    let account = at.create("accounts", json!({ "name": "Kept", "new_code": "1" }));
    at.create(
        "new_projects",
        json!({ "new_name": "P", "new_AccountId@odata.bind": format!("/accounts({account})") }),
    );
    let paths = [
        "accounts?$orderby=name",
        "opportunities",
        "msdyn_workorders",
        "systemusers?$expand=systemuserroles_association",
        "new_projects?$expand=new_AccountId",
        "EntityDefinitions?$select=LogicalName",
        "accounts(new_code='1')",
    ];
    let before: Vec<_> = paths.iter().map(|path| at.get(path).ok().body).collect();
    at.dataverse = Dataverse::load(&at.dataverse.save()).unwrap();
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(at.get(path).ok().body, before, "{path}");
    }
    assert_eq!(
        at.rows(&format!("accounts({account})/new_account_project"))
            .len(),
        1
    );
    at.account("After");
    assert!(Dataverse::load(b"{}").is_err());
}

#[test]
fn two_environments_are_alike() {
    let (one, two) = (Environment::contoso(), Environment::contoso());
    assert_eq!(one.dataverse.save(), two.dataverse.save());
}
