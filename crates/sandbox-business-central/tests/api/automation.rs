//! The automation API: companies, users and their permission sets, security groups, extensions, jobs.

use http::Method;
use jiff::SignedDuration;
use sandbox_business_central::Directory;
use serde_json::{Value, json};

use crate::scene::{CLIENT, Scene, person, text};

const NOTHING: Value = Value::Null;

fn rows(scene: &mut Scene, path: &str) -> Vec<Value> {
    let said = scene.automate(&Method::GET, path, &NOTHING).good();
    said["value"].as_array().unwrap().clone()
}

fn names(rows: &[Value], field: &str) -> Vec<String> {
    rows.iter().map(|row| text(row, field)).collect()
}

/// `users({id})` of the user with this name.
fn user(scene: &mut Scene, name: &str) -> String {
    let found = scene.found("users", "userName", name);
    format!("users({})", text(&found, "userSecurityId"))
}

#[test]
fn a_company_is_made_named_used_and_removed() {
    let mut scene = Scene::administered();
    let body = json!({ "displayName": "Fabrikam Logistics and Transport Services", "businessProfileId": "LOGISTICS" });
    let made = scene
        .automate(&Method::POST, "automationCompanies", &body)
        .good();
    assert_eq!(made["name"], "Fabrikam Logistics and Transpo");
    assert_eq!(made["evaluationCompany"], false);
    let again = scene.automate(&Method::POST, "automationCompanies", &body);
    assert_eq!(again.refusal(), (400, "Internal_EntityWithSameKeyExists"));
    let nameless = scene.automate(&Method::POST, "automationCompanies", &json!({}));
    assert_eq!(
        nameless.refusal(),
        (400, "BadRequest_RequiredParamNotProvided")
    );
    let path = format!("automationCompanies({})", text(&made, "id"));
    let renamed = scene
        .automate(&Method::PATCH, &path, &json!({ "displayName": "Fabrikam" }))
        .good();
    assert_eq!(renamed["name"], made["name"]);
    // It is a company like the others, and empty.
    let companies = scene.get("companies").good();
    let found = companies["value"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(
        (&found["displayName"], &found["businessProfileId"]),
        (&json!("Fabrikam"), &json!("LOGISTICS"))
    );
    let first = std::mem::replace(&mut scene.company, text(&found, "id"));
    assert!(scene.list("/accounts").is_empty());
    let customer = json!({ "displayName": "The first customer" });
    assert_eq!(scene.post("/customers", &customer).status, 201);
    let own = scene.automate(&Method::DELETE, &path, &NOTHING);
    assert_eq!(own.refusal(), (400, "Application_DialogException"));
    scene.company = first;
    assert_eq!(scene.automate(&Method::DELETE, &path, &NOTHING).status, 204);
    assert_eq!(rows(&mut scene, "automationCompanies").len(), 3);
    assert_eq!(
        scene.get("companies").good()["value"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

#[test]
fn a_user_is_given_permission_sets_and_loses_them() {
    let mut scene = Scene::administered();
    let person = user(&mut scene, "PERSON1");
    let permissions = format!("{person}/userPermissions");
    assert_eq!(
        names(&rows(&mut scene, &permissions), "roleId"),
        ["D365 BUS FULL ACCESS"]
    );
    let wish = json!({ "roleId": "security", "company": "Nowhere Ltd." });
    let refused = scene.automate(&Method::POST, &permissions, &wish);
    assert_eq!(refused.refusal(), (400, "Internal_InvalidTableRelation"));
    let company = text(&rows(&mut scene, "automationCompanies")[0], "name");
    let wish = json!({ "roleId": "security", "company": company });
    let made = scene.automate(&Method::POST, &permissions, &wish).good();
    assert_eq!(
        (&made["roleId"], &made["displayName"], &made["scope"]),
        (
            &json!("SECURITY"),
            &json!("Assign permissions to users"),
            &json!("System")
        )
    );
    let twice = scene.automate(&Method::POST, &permissions, &wish);
    assert_eq!(twice.refusal(), (400, "Internal_EntityWithSameKeyExists"));
    let unknown = scene.automate(&Method::POST, &permissions, &json!({ "roleId": "NONE" }));
    assert_eq!(unknown.refusal(), (404, "Internal_RecordNotFound"));
    let vague = scene.automate(&Method::POST, &permissions, &json!({}));
    assert!(vague.message().contains("defined multiple times"));
    let path = format!("{permissions}({})", text(&made, "id"));
    let changed = scene
        .automate(&Method::PATCH, &path, &json!({ "roleId": "D365 READ" }))
        .good();
    assert_eq!(changed["extensionName"], "Base Application");
    assert_eq!(scene.automate(&Method::DELETE, &path, &NOTHING).status, 204);
    assert_eq!(rows(&mut scene, &permissions).len(), 1);
    let alone = scene.automate(&Method::GET, "userPermissions", &NOTHING);
    assert_eq!(alone.refusal(), (400, "Application_DialogException"));
    let expanded = rows(&mut scene, "users?$expand=userPermissions&$select=userName");
    assert!(expanded.iter().all(|it| it["userPermissions"].is_array()));
}

#[test]
fn somebody_may_always_do_everything() {
    let mut scene = Scene::administered();
    let admin = user(&mut scene, "PERSON0");
    let permissions = format!("{admin}/userPermissions");
    let own = text(&rows(&mut scene, &permissions)[0], "id");
    let path = format!("{permissions}({own})");
    let refused = scene.automate(&Method::DELETE, &path, &NOTHING);
    assert_eq!(refused.refusal(), (400, "Application_DialogException"));
    let other = user(&mut scene, "PERSON2");
    let wish = json!({ "roleId": "SUPER" });
    let made = scene.automate(&Method::POST, &format!("{other}/userPermissions"), &wish);
    assert_eq!(made.status, 201);
    assert_eq!(scene.automate(&Method::DELETE, &path, &NOTHING).status, 204);
}

#[test]
fn an_application_is_a_user_whose_permission_sets_are_those_of_its_card() {
    let mut scene = Scene::administered();
    let own = user(&mut scene, "TESTS");
    let permissions = format!("{own}/userPermissions");
    let held = names(&rows(&mut scene, &permissions), "roleId");
    assert_eq!(held.len(), 3);
    let wish = json!({ "roleId": "SUPER" });
    let refused = scene.automate(&Method::POST, &permissions, &wish);
    assert!(
        refused
            .message()
            .starts_with("Applications cannot be assigned")
    );
    let full = rows(&mut scene, &permissions);
    let full = full
        .iter()
        .find(|row| row["roleId"] == "D365 BUS FULL ACCESS");
    let path = format!("{permissions}({})", text(full.unwrap(), "id"));
    assert_eq!(scene.get("/customers").status, 200);
    assert_eq!(scene.automate(&Method::DELETE, &path, &NOTHING).status, 204);
    assert_eq!(scene.get("/customers").refusal().0, 403);
    let wish = json!({ "roleId": "D365 READ" });
    assert_eq!(
        scene.automate(&Method::POST, &permissions, &wish).status,
        201
    );
    assert_eq!(scene.get("/customers").status, 200);
    // What is done to the card shows there, too.
    scene.register(&["D365 AUTOMATION"]);
    assert_eq!(
        names(&rows(&mut scene, &permissions), "roleId"),
        ["D365 AUTOMATION"]
    );
    let off = json!({ "state": "Disabled" });
    assert_eq!(scene.automate(&Method::PATCH, &own, &off).status, 200);
    let refused = scene.automate(&Method::GET, "users", &NOTHING);
    assert_eq!(refused.refusal().0, 401);
    let cards = scene.cloud.applications();
    assert!(
        !cards[0]
            .1
            .iter()
            .any(|card| card.client_id == CLIENT && card.is_enabled)
    );
}

#[test]
fn new_people_come_when_they_are_asked_for() {
    let mut scene = Scene::administered();
    let before = rows(&mut scene, "users").len();
    assert_eq!(before, 5, "four people and the application");
    let know = |scene: &mut Scene, people: u32| {
        scene.cloud.know(Directory {
            people: (0..people).map(person).collect(),
            groups: Vec::new(),
        });
    };
    know(&mut scene, 6);
    assert_eq!(rows(&mut scene, "users").len(), before);
    let own = user(&mut scene, "PERSON0");
    let now = format!("{own}/Microsoft.NAV.getNewUsersFromOffice365");
    assert_eq!(scene.automate(&Method::POST, &now, &NOTHING).status, 204);
    assert_eq!(rows(&mut scene, "users").len(), before + 2);
    know(&mut scene, 7);
    let later = format!("{own}/Microsoft.NAV.getNewUsersFromOffice365Async");
    let begun = scene.automate(&Method::POST, &later, &NOTHING);
    let place = begun.headers["location"].to_str().unwrap().to_owned();
    let job = place.rsplit('/').next().unwrap().to_owned();
    for busy in [&now, &later] {
        let refused = scene.automate(&Method::POST, busy, &NOTHING);
        assert!(refused.message().contains("already in progress"));
    }
    let shown = scene.automate(&Method::GET, &job, &NOTHING).good();
    assert_eq!(
        (&shown["category"], &shown["status"]),
        (&json!("APIUSERJOB"), &json!("In Progress"))
    );
    assert_eq!(rows(&mut scene, "users").len(), before + 2);
    scene.advance(SignedDuration::from_secs(30));
    assert_eq!(rows(&mut scene, "users").len(), before + 3);
    let jobs = rows(&mut scene, &format!("{own}/scheduledJobs"));
    assert_eq!(names(&jobs, "status"), ["Finished"]);
    let all = scene.automate(&Method::GET, "scheduledJobs", &NOTHING);
    assert_eq!(all.refusal(), (400, "Application_DialogException"));
}

#[test]
fn security_groups_have_those_members_who_are_users() {
    let mut scene = Scene::administered();
    let groups = rows(&mut scene, "securityGroups?$expand=securityGroupMembers");
    assert_eq!(names(&groups, "code"), ["ACCOUNTING"]);
    assert_eq!(groups[0]["groupName"], "Accounting");
    let members = groups[0]["securityGroupMembers"].as_array().unwrap();
    assert_eq!(names(members, "userName"), ["PERSON1", "PERSON2"]);
    let own = user(&mut scene, "PERSON1");
    assert_eq!(
        rows(&mut scene, &format!("{own}/securityGroupMembers")).len(),
        1
    );
    let path = format!("securityGroups({})", text(&groups[0], "id"));
    let wish = json!({ "roleId": "D365 READ" });
    let made = scene.automate(&Method::POST, &format!("{path}/userPermissions"), &wish);
    assert_eq!(made.status, 201, "{}", made.json);
    let refused = scene.automate(&Method::POST, "securityGroups", &json!({}));
    assert_eq!(refused.refusal(), (405, "BadRequest_MethodNotAllowed"));
    assert_eq!(scene.automate(&Method::DELETE, &path, &NOTHING).status, 204);
    assert!(rows(&mut scene, "securityGroups").is_empty());
    assert!(rows(&mut scene, "securityGroupMembers").is_empty());
}

#[test]
fn extensions_are_installed_and_uninstalled_once() {
    let mut scene = Scene::administered();
    assert_eq!(scene.install("Shopify Connector").status, 204);
    let refused = scene.install("Shopify Connector");
    assert!(refused.message().contains("is already installed"));
    let deployed = rows(&mut scene, "extensionDeploymentStatus");
    assert_eq!(names(&deployed, "name"), ["Shopify Connector"]);
    assert_eq!(names(&deployed, "status"), ["Completed"]);
    let found = scene.found("extensions", "displayName", "Shopify Connector");
    assert_eq!(found["isInstalled"], true);
    let path = format!("extensions({})/Microsoft.NAV", text(&found, "packageId"));
    for (action, status) in [
        ("unpublish", 400),
        ("uninstallAndDeleteExtensionData", 204),
        ("uninstall", 400),
        ("remove", 404),
    ] {
        let said = scene.automate(&Method::POST, &format!("{path}.{action}"), &NOTHING);
        assert_eq!(said.status, status, "{action}: {}", said.json);
    }
}

#[test]
fn pages_and_queries_are_those_of_the_other_api() {
    let mut scene = Scene::administered();
    let counted = scene
        .automate(
            &Method::GET,
            "permissionSets?$count=true&$top=3&$orderby=id desc",
            &NOTHING,
        )
        .good();
    assert_eq!(counted["@odata.count"], 16);
    assert_eq!(counted["value"].as_array().unwrap().len(), 3);
    let one = scene
        .automate(&Method::GET, "permissionSets('D365 AUTOMATION')", &NOTHING)
        .good();
    assert_eq!(one["displayName"], "Dyn. 365 Automation");
    let wrong = scene.automate(&Method::GET, "users?$filter=name eq 'a'", &NOTHING);
    assert_eq!(wrong.refusal().0, 400);
    let root = "/v2.0/Production/api/microsoft/automation/v2.0";
    let document = scene.ask(&Method::GET, root, &[], b"").good();
    assert_eq!(
        names(document["value"].as_array().unwrap(), "name").len(),
        10
    );
    let metadata = scene.ask(&Method::GET, &format!("{root}/$metadata"), &[], b"");
    let xml = String::from_utf8(metadata.bytes.to_vec()).unwrap();
    assert!(
        xml.contains("EntitySet Name=\"automationCompanies\"") && !xml.contains("salesInvoice")
    );
    let companies = scene.ask(&Method::GET, &format!("{root}/companies"), &[], b"");
    assert_eq!(companies.good()["value"].as_array().unwrap().len(), 3);
    let batch = json!({ "requests": [
        { "id": "1", "method": "GET", "url": format!("companies({})/users", scene.company) },
        { "id": "2", "method": "GET", "url": format!("companies({})/customers", scene.company) },
    ] });
    let path = format!("{root}/$batch");
    let answers = scene.ask(&Method::POST, &path, &[], batch.to_string().as_bytes());
    let answers = answers.good();
    assert_eq!(answers["responses"][0]["status"], 200);
    assert_eq!(answers["responses"][1]["status"], 404);
}

#[test]
fn each_api_has_its_own_sets_and_names_what_is_missing() {
    let mut scene = Scene::administered();
    assert_eq!(
        scene.get("/users").refusal(),
        (404, "BadRequest_ResourceNotFound")
    );
    assert_eq!(scene.get("/workflows").refusal().0, 501);
    for (path, status) in [
        ("customers", 404),
        ("userGroups", 404),
        ("configurationPackages", 501),
        ("extensionUpload", 501),
    ] {
        let said = scene.automate(&Method::GET, path, &NOTHING);
        assert_eq!(said.refusal().0, status, "{path}");
    }
}

#[test]
fn an_application_needs_the_role_and_a_permission_set_for_it() {
    let mut scene = Scene::administered();
    for (sets, path, method, status) in [
        (&["D365 BUS FULL ACCESS"][..], "users", Method::GET, 200),
        (
            &["D365 BUS FULL ACCESS"],
            "automationCompanies",
            Method::POST,
            403,
        ),
        (
            &["D365 AUTOMATION"],
            "automationCompanies",
            Method::POST,
            400,
        ),
        (&["D365 AUTOMATION"], "extensions", Method::GET, 200),
        (&["D365 SECURITY"], "users", Method::GET, 200),
        (&["D365 SECURITY"], "extensions", Method::GET, 403),
        (&["EXTEN. MGT. - ADMIN"], "extensions", Method::GET, 200),
        (&["EXTEN. MGT. - ADMIN"], "users", Method::GET, 403),
    ] {
        scene.register(sets);
        let said = scene.automate(&method, path, &json!({}));
        assert_eq!(said.status, status, "{sets:?} {path}: {}", said.json);
    }
    scene.register(&["D365 AUTOMATION"]);
    assert_eq!(scene.install("Company Hub").refusal().0, 403);
    scene.caller.roles = vec!["API.ReadWrite.All".to_owned()];
    let refused = scene.automate(&Method::GET, "users", &NOTHING);
    assert_eq!(
        refused.refusal(),
        (401, "Authentication_InvalidCredentials")
    );
}

#[test]
fn what_was_set_up_is_saved_with_everything_else() {
    let mut scene = Scene::administered();
    let body = json!({ "displayName": "Kept" });
    scene
        .automate(&Method::POST, "automationCompanies", &body)
        .good();
    let own = text(
        &scene.found("users", "userName", "PERSON3"),
        "userSecurityId",
    );
    let saved = serde_json::to_vec(&scene.cloud).unwrap();
    scene.cloud = serde_json::from_slice(&saved).unwrap();
    let found = scene.found("users", "userName", "PERSON3");
    assert_eq!(text(&found, "userSecurityId"), own);
    let companies = rows(&mut scene, "automationCompanies");
    assert_eq!(names(&companies, "displayName").last().unwrap(), "Kept");
}
