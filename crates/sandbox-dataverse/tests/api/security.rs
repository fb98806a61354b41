//! Who may come in, and what they may do.

use serde_json::{Value, json};

use crate::environment::{ANA, APPLICATION, Environment};

const OTHER: &str = "22222222-2222-4222-8222-222222222222";

fn as_application(
    at: &mut Environment,
    method: &str,
    path: &str,
    body: &Value,
) -> crate::environment::Answer {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    at.ask(Environment::application(OTHER), method, path, &[], body)
}

#[test]
fn an_application_without_a_user_stays_outside() {
    let mut at = Environment::contoso();
    as_application(&mut at, "GET", "WhoAmI", &Value::Null).refused(403, "0x80072560");
    let now = at.now;
    at.dataverse
        .add_application_user(OTHER, "", "Other", &[], now)
        .unwrap();
    as_application(&mut at, "GET", "WhoAmI", &Value::Null).refused(403, "0x80042f09");
    at.dataverse
        .add_application_user(OTHER, "", "Other", &["Basic User"], now)
        .unwrap();
    assert_eq!(
        as_application(&mut at, "GET", "WhoAmI", &Value::Null).status,
        200
    );
    at.dataverse.disable_application_user(OTHER, true).unwrap();
    as_application(&mut at, "GET", "WhoAmI", &Value::Null).refused(403, "0x80040225");
    at.dataverse.remove_application_user(OTHER).unwrap();
    as_application(&mut at, "GET", "WhoAmI", &Value::Null).refused(403, "0x80072560");
}

#[test]
fn an_application_user_is_made_by_api_too() {
    let mut at = Environment::contoso();
    let unit = at.get("WhoAmI").body["BusinessUnitId"]
        .as_str()
        .unwrap()
        .to_owned();
    let user = at.create("systemusers", json!({ "applicationid": OTHER, "firstname": "#", "lastname": "Made", "businessunitid@odata.bind": format!("/businessunits({unit})") }));
    let role = at.rows("roles?$filter=name eq 'Sales Reader'")[0]["roleid"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("systemusers({user})/systemuserroles_association/$ref");
    at.post(&path, json!({ "@odata.id": format!("https://contoso.crm4.dynamics.com/api/data/v9.2/roles({role})") })).ok();
    assert_eq!(
        as_application(&mut at, "GET", "accounts", &Value::Null)
            .rows()
            .len(),
        24
    );
    let refused = as_application(&mut at, "POST", "accounts", &json!({ "name": "x" }));
    refused.refused(403, "0x80040220");
    assert!(
        refused.message().contains("prvCreateAccount"),
        "{}",
        refused.message()
    );
    at.delete(&format!(
        "systemusers({user})/systemuserroles_association({role})/$ref"
    ))
    .ok();
    as_application(&mut at, "GET", "accounts", &Value::Null).refused(403, "0x80042f09");
    at.delete(&format!("systemusers({user})"))
        .refused(400, "0x80040800");
}

#[test]
fn privileges_reach_as_deep_as_they_say() {
    let mut at = Environment::empty();
    let now = at.now;
    at.dataverse
        .add_application_user(OTHER, "", "Other", &["Basic User"], now)
        .unwrap();
    at.account("Not mine");
    let own = as_application(&mut at, "POST", "accounts", &json!({ "name": "Mine" }))
        .ok()
        .id();
    let seen = as_application(&mut at, "GET", "accounts?$select=name", &Value::Null).rows();
    assert_eq!((seen.len(), &seen[0]["name"]), (1, &json!("Mine")));
    let others = at.rows("accounts?$filter=name eq 'Not mine'")[0]["accountid"]
        .as_str()
        .unwrap()
        .to_owned();
    as_application(&mut at, "GET", &format!("accounts({others})"), &Value::Null)
        .refused(403, "0x80040220");
    as_application(
        &mut at,
        "PATCH",
        &format!("accounts({others})"),
        &json!({ "name": "x" }),
    )
    .refused(403, "0x80040220");
    as_application(&mut at, "DELETE", &format!("accounts({own})"), &Value::Null).ok();
    as_application(&mut at, "GET", "msdyn_workorders", &Value::Null).refused(403, "0x80040220");
    as_application(
        &mut at,
        "POST",
        "EntityDefinitions",
        &json!({ "SchemaName": "new_x" }),
    )
    .refused(403, "0x80040220");
}

#[test]
fn a_row_is_shared_and_no_longer() {
    let mut at = Environment::empty();
    let now = at.now;
    let user = at
        .dataverse
        .add_application_user(OTHER, "", "Other", &["Basic User"], now)
        .unwrap()
        .id;
    let id = at.account("Shared");
    let target = json!({ "@odata.type": "Microsoft.Dynamics.CRM.account", "accountid": id });
    let principal =
        json!({ "@odata.type": "Microsoft.Dynamics.CRM.systemuser", "systemuserid": user });
    let grant = json!({ "Target": target, "PrincipalAccess": { "AccessMask": "ReadAccess", "Principal": principal } });
    at.post("GrantAccess", grant).ok();
    assert_eq!(
        as_application(&mut at, "GET", &format!("accounts({id})"), &Value::Null).status,
        200
    );
    let path = format!(
        "systemusers({user})/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@t)?@t={{'@odata.id':'accounts({id})'}}"
    );
    let path = path
        .replace('{', "%7B")
        .replace('}', "%7D")
        .replace('\'', "%27");
    assert_eq!(at.get(&path).body["AccessRights"], "ReadAccess");
    at.post(
        "RevokeAccess",
        json!({ "Target": target, "Revokee": principal }),
    )
    .ok();
    as_application(&mut at, "GET", &format!("accounts({id})"), &Value::Null)
        .refused(403, "0x80040220");
}

#[test]
fn rows_are_assigned_to_whom_may_read_them() {
    let mut at = Environment::contoso();
    let ana = at.rows("systemusers?$filter=domainname eq 'ana@contoso.com'")[0]["systemuserid"]
        .as_str()
        .unwrap()
        .to_owned();
    let id = at.account("A");
    at.patch(
        &format!("accounts({id})"),
        json!({ "ownerid@odata.bind": format!("/systemusers({ana})") }),
    )
    .ok();
    let row = at.get(&format!("accounts({id})?$select=_ownerid_value,_owninguser_value&$expand=owninguser($select=fullname)")).body;
    assert_eq!(
        (&row["_ownerid_value"], &row["owninguser"]["fullname"]),
        (&json!(ana), &json!("Ana Reis"))
    );
    let order = at.rows(&format!(
        "msdyn_workorders?$top=1&$filter=_ownerid_value ne {ana}"
    ))[0]["msdyn_workorderid"]
        .as_str()
        .unwrap()
        .to_owned();
    at.patch(
        &format!("msdyn_workorders({order})"),
        json!({ "ownerid@odata.bind": format!("/systemusers({ana})") }),
    )
    .refused(403, "0x80040231");
}

#[test]
fn somebody_else_is_impersonated_with_the_privilege_for_it_only() {
    let mut at = Environment::contoso();
    let header = [("CallerObjectId", ANA)];
    let me = at.call("GET", "WhoAmI", &header, &Value::Null).ok();
    let ana = me.body["UserId"].as_str().unwrap().to_owned();
    let id = at
        .call("POST", "accounts", &header, &json!({ "name": "By Ana" }))
        .ok()
        .id();
    let row = at
        .get(&format!(
            "accounts({id})?$select=_createdby_value,_createdonbehalfby_value"
        ))
        .body;
    assert_eq!(row["_createdby_value"], ana.as_str());
    assert_ne!(row["_createdonbehalfby_value"], Value::Null);
    at.call("GET", "WhoAmI", &[("MSCRMCallerID", &ana)], &Value::Null)
        .ok();
    let refused = at.ask(
        Environment::user(ANA),
        "GET",
        "WhoAmI",
        &[("CallerObjectId", ANA)],
        "",
    );
    refused.refused(403, "0x80040220");
    assert!(refused.message().contains("prvActOnBehalfOfAnotherUser"));
    assert_eq!(
        at.dataverse.application_users()[0].application_id,
        APPLICATION
    );
}

#[test]
fn roles_and_teams_are_changed_by_action() {
    let mut at = Environment::empty();
    let now = at.now;
    let user = at
        .dataverse
        .add_application_user(OTHER, "", "Other", &["Basic User"], now)
        .unwrap()
        .id;
    let unit = at.get("WhoAmI").body["BusinessUnitId"]
        .as_str()
        .unwrap()
        .to_owned();
    let role = at.create("roles", json!({ "name": "Leads only", "businessunitid@odata.bind": format!("/businessunits({unit})") }));
    let privilege = at.rows("privileges?$filter=name eq 'prvReadLead'")[0]["privilegeid"].clone();
    at.post(
        &format!("roles({role})/Microsoft.Dynamics.CRM.AddPrivilegesRole"),
        json!({ "Privileges": [{ "PrivilegeId": privilege, "Depth": "Global" }] }),
    )
    .ok();
    let team = at.create("teams", json!({ "name": "Readers", "businessunitid@odata.bind": format!("/businessunits({unit})") }));
    at.post(
        &format!("teams({team})/teamroles_association/$ref"),
        json!({ "@odata.id": format!("/roles({role})") }),
    )
    .ok();
    as_application(&mut at, "GET", "leads", &Value::Null).refused(403, "0x80040220");
    let member =
        json!({ "@odata.type": "Microsoft.Dynamics.CRM.systemuser", "systemuserid": user });
    at.post(
        &format!("teams({team})/Microsoft.Dynamics.CRM.AddMembersTeam"),
        json!({ "Members": [member] }),
    )
    .ok();
    assert_eq!(
        as_application(&mut at, "GET", "leads", &Value::Null).status,
        200
    );
    let held = at
        .get(&format!(
            "systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges"
        ))
        .ok();
    let list = held.body["RolePrivileges"].as_array().unwrap();
    assert!(
        list.iter()
            .any(|it| it["PrivilegeName"] == "prvReadLead" && it["Depth"] == "Global")
    );
}
