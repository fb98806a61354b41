//! `Sites.Selected`: a site opens when the application was granted it, and what is missing is explained.

use jiff::SignedDuration;
use model::{Act, ConnectionMethod, Diagnosis, Group, Policy, Service};
use operations::Error;
use serde_json::{Value, json};

use super::stage::{HOST, Site, Stage};

const APPLICATION: ConnectionMethod = ConnectionMethod::ServicePrincipal;

async fn selected() -> Stage {
    let policy = Policy {
        sites: Some([format!("https://{HOST}/sites/projects").parse().unwrap()].into()),
        sites_selected: true,
        ..Policy::default()
    };
    Stage::start(&["Sites.Selected"], &policy).await
}

/// As an administrator would, through an application that may.
async fn grant(stage: &Stage, site: &Site, role: &str) {
    let client_id = &stage.world.registered.client_id;
    let full = ["Sites.FullControl.All"];
    let token = stage
        .world
        .control()
        .issue_access_token(client_id, None, &full);
    let application = json!({ "id": client_id, "displayName": "Sites" });
    let body = json!({ "roles": [role], "grantedToIdentities": [{ "application": application }] });
    let url = format!(
        "{}/v1.0/sites/{}/permissions",
        stage.world.sandbox.url(),
        site.id
    );
    let client = reqwest::Client::builder().build().unwrap();
    let request = client.post(url).bearer_auth(token.unwrap()).json(&body);
    assert_eq!(request.send().await.unwrap().status(), 201);
}

fn diagnosis(outcome: &Result<Value, Error>) -> &Diagnosis {
    outcome.as_ref().unwrap_err().diagnosis().unwrap()
}

#[tokio::test]
async fn a_missing_grant_names_the_site_the_permission_and_the_way_to_get_it() {
    let stage = selected().await;
    let connection = stage.of(Service::SharePoint, APPLICATION);
    let drive = json!({ "driveId": stage.scene.allowed.drive, "itemId": "root" });
    let lists = json!({ "siteId": stage.scene.allowed.id });
    for (id, input) in [
        ("sharepoint.files.list", drive),
        ("sharepoint.lists.list", lists.clone()),
    ] {
        let outcome = stage.json(connection, id, input).await;
        let diagnosis = diagnosis(&outcome);
        assert_eq!(diagnosis.group, Group::PermissionDenied);
        assert_eq!(diagnosis.act, Act::Administrator);
        assert!(
            diagnosis
                .cause
                .contains("https://contoso.sharepoint.com/sites/projects")
        );
        assert!(diagnosis.cause.contains("Sites.Selected"));
        let steps: Vec<String> = diagnosis
            .remedy
            .iter()
            .map(|step| format!("{} {}", step.text, step.command.clone().unwrap_or_default()))
            .collect();
        let steps = steps.join("\n");
        assert!(
            steps.contains("POST /sites/{site-id}/permissions"),
            "{steps}"
        );
        assert!(steps.contains(&stage.world.registered.client_id), "{steps}");
        assert!(
            steps.contains("sharepoint.sitePermissions.grant"),
            "{steps}"
        );
        assert!(steps.contains("m365 spo site apppermission add"), "{steps}");
    }
    // It was not granted another one either; that is not even asked.
    stage.world.control().clear_requests();
    let other = json!({ "hostname": HOST, "serverRelativePath": stage.scene.other.path });
    let outcome = stage
        .json(connection, "sharepoint.sites.getByUrl", other)
        .await;
    assert_eq!(outcome.unwrap_err().code(), "policy_denied");
    assert!(stage.reached().is_empty());

    // What was refused is asked for again after a minute.
    grant(&stage, &stage.scene.allowed, "read").await;
    stage.world.clock.advance(SignedDuration::from_secs(61));
    let id = "sharepoint.lists.list";
    stage.json(connection, id, lists).await.unwrap();
    stage.world.stop().await;
}

#[tokio::test]
async fn a_grant_that_is_too_low_names_the_role_that_is_needed() {
    let stage = selected().await;
    grant(&stage, &stage.scene.allowed, "read").await;
    let connection = stage.of(Service::SharePoint, APPLICATION);
    let folder = json!({ "driveId": stage.scene.allowed.drive, "parentId": "root", "name": "New" });
    let outcome = stage
        .json(connection, "sharepoint.folders.create", folder)
        .await;
    assert!(diagnosis(&outcome).cause.contains("`write`"), "{outcome:?}");
    let list = json!({ "siteId": stage.scene.allowed.id, "displayName": "New", "template": "genericList" });
    let outcome = stage
        .json(connection, "sharepoint.lists.create", list)
        .await;
    let cause = &diagnosis(&outcome).cause;
    assert!(
        cause.contains("`fullcontrol`") && cause.contains(&stage.scene.allowed.id),
        "{cause}"
    );
    stage.world.stop().await;
}

/// A user's token that carries nothing but `Sites.Selected` is no reason to refuse what the site's grant covers.
#[tokio::test]
async fn a_user_with_sites_selected_works_in_the_granted_site() {
    let stage = selected().await;
    grant(&stage, &stage.scene.allowed, "write").await;
    let connection = stage.of(Service::SharePoint, ConnectionMethod::OAuth);
    let lists = json!({ "siteId": stage.scene.allowed.id });
    stage
        .json(connection, "sharepoint.lists.list", lists)
        .await
        .unwrap();
    let drive = json!({ "driveId": stage.scene.allowed.drive, "itemId": "root" });
    stage
        .json(connection, "sharepoint.files.list", drive)
        .await
        .unwrap();
    stage.world.stop().await;
}

#[tokio::test]
async fn a_connection_test_looks_at_each_listed_site_and_at_no_other() {
    let stage = selected().await;
    let connection = stage.of(Service::SharePoint, APPLICATION);
    let life = &stage.world.life;
    let admin = &stage.world.admin;
    let report = life.test(admin, connection.id).await.unwrap();
    assert!(!report.ok);
    let told = report.steps.last().unwrap();
    assert!(
        told.detail
            .contains("https://contoso.sharepoint.com/sites/projects"),
        "{told:?}"
    );
    grant(&stage, &stage.scene.allowed, "read").await;
    stage.world.control().clear_requests();
    let report = life.test(admin, connection.id).await.unwrap();
    assert!(report.ok, "{report:?}");
    assert!(stage.reached().is_empty());
    stage.world.stop().await;
}

/// Nothing at Microsoft tells which sites were granted: the given ones are fetched, one by one.
#[tokio::test]
async fn with_sites_selected_the_list_of_sites_is_that_of_the_given_ones() {
    let stage = selected().await;
    grant(&stage, &stage.scene.allowed, "read").await;
    let connection = stage.of(Service::SharePoint, APPLICATION);
    for (id, input) in [
        ("sharepoint.sites.listAll", json!({})),
        ("sharepoint.sites.search", json!({ "query": "*" })),
        ("sharepoint.sites.search", json!({ "query": "proj" })),
    ] {
        stage.world.control().clear_requests();
        let page = stage.json(connection, id, input).await.unwrap();
        let sites = page["value"].as_array().unwrap();
        assert_eq!(sites.len(), 1, "{page}");
        assert_eq!(sites[0]["id"], json!(stage.scene.allowed.id));
        let seen = stage.reached();
        let paths: Vec<_> = seen.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(paths, [format!("/v1.0/sites/{HOST}:/sites/projects")]);
    }
    let none = json!({ "query": "finance" });
    let page = stage
        .json(connection, "sharepoint.sites.search", none)
        .await
        .unwrap();
    assert_eq!(page["value"], json!([]));
    stage.world.stop().await;
}
