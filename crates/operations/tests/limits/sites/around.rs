//! What somebody would try who wants to walk around the list.

use catalog::Support;
use model::{ConnectionMethod, Service};
use operations::{Call, Error};
use serde_json::{Value, json};

use super::stage::{HOST, Stage};
use super::ways::{has_a_place, share};
use crate::world::{ANA, BEN};

const APPLICATION: ConnectionMethod = ConnectionMethod::ServicePrincipal;

/// Runs it, and says how many requests besides lookups of the listed site that took.
async fn tried(
    stage: &Stage,
    service: Service,
    method: ConnectionMethod,
    operation: &str,
    input: Value,
) -> (Result<Value, Error>, usize) {
    stage.world.control().clear_requests();
    let connection = stage.of(service, method);
    let outcome = stage.json(connection, operation, input).await;
    (outcome, stage.reached().len())
}

fn is_denied<T: std::fmt::Debug>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::Denied { .. }))
}

#[tokio::test]
async fn what_lists_or_finds_files_without_naming_a_site_is_refused() {
    let stage = Stage::limited().await;
    let mut count = 0;
    for service in [Service::SharePoint, Service::OneDrive] {
        for method in ConnectionMethod::ALL {
            let operations = catalog::operations().iter().filter(|operation| {
                operation.runs_on(service)
                    && !operation.id.starts_with("graph.")
                    && !has_a_place(operation)
                    && operation.support(method) == Support::Supported
            });
            for operation in operations {
                let mut input = operation.example(method);
                if let Some(owner) = operation.owner() {
                    input[owner.name] = json!(ANA);
                }
                let (outcome, reached) = tried(&stage, service, method, operation.id, input).await;
                // An address of another cloud's is no copy's progress to begin with.
                let is_other = operation.id == "onedrive.items.copyStatus" && outcome.is_err();
                assert!(
                    is_denied(&outcome) || is_other,
                    "{}: {outcome:?}",
                    operation.id
                );
                assert_eq!(reached, 0, "{}", operation.id);
                count += 1;
            }
        }
    }
    assert!(count >= 15, "{count}");
    stage.world.stop().await;
}

#[tokio::test]
async fn a_subscription_watches_what_is_listed() {
    let stage = Stage::limited().await;
    let (other, allowed) = (stage.scene.other.clone(), stage.scene.allowed.clone());
    let base = stage.world.sandbox.url().to_owned();
    let subscribe = |resource: String| {
        json!({
            "changeType": "updated",
            "notificationUrl": "https://webhook.contoso.com/graph",
            "resource": resource,
            "expirationDateTime": "2026-11-26T11:00:00Z",
        })
    };
    for resource in [
        format!("drives/{}/root", other.drive),
        format!("/drives('{}')/root", other.drive),
        format!("DRIVES/{}/root", other.drive),
        format!("{base}/v1.0/drives/{}/root", other.drive),
        format!(
            "https://graph.microsoft.com/v1.0/drives/{}/root",
            other.drive
        ),
        format!(
            "https://graph.microsoft.com/v2.0/drives/{}/root",
            other.drive
        ),
        format!("drives/{}/../{}/root", allowed.drive, other.drive),
        format!("drives/{}%2F..%2F{}/root", allowed.drive, other.drive),
        format!("sites/{}/lists/x", other.id),
        format!("sites/{HOST}:/{}:/lists/x", other.path),
        "sites/root/lists/x".to_owned(),
        "me/drive/root".to_owned(),
        format!("users/{BEN}/drive/root"),
        "sites".to_owned(),
        format!("drives/{}/root?$expand=x", allowed.drive),
        // An address in a condition, or behind a path, is not what is watched.
        format!(
            "drives/{}/root?x=a://b/v1.0/drives/{}/root",
            other.drive, allowed.drive
        ),
        format!(
            "drives/{}/root/a://b/v1.0/drives/{}/root",
            other.drive, allowed.drive
        ),
    ] {
        let input = subscribe(resource.clone());
        let create = "graph.subscriptions.create";
        let (outcome, reached) =
            tried(&stage, Service::SharePoint, APPLICATION, create, input).await;
        assert!(is_denied(&outcome), "{resource}: {outcome:?}");
        assert_eq!(reached, 0, "{resource}");
    }
    let input = subscribe(format!("drives/{}/root", allowed.drive));
    let create = "graph.subscriptions.create";
    let (_, reached) = tried(&stage, Service::SharePoint, APPLICATION, create, input).await;
    assert_eq!(reached, 1);
    stage.world.stop().await;
}

#[tokio::test]
async fn people_and_teams_lead_to_no_site() {
    let stage = Stage::limited().await;
    for expand in ["drive", "drives", "followedSites", "manager($expand=drive)"] {
        let input = json!({ "userId": ANA, "expand": [expand] });
        let (outcome, reached) = tried(
            &stage,
            Service::SharePoint,
            APPLICATION,
            "graph.users.get",
            input,
        )
        .await;
        assert!(is_denied(&outcome), "{expand}: {outcome:?}");
        assert_eq!(reached, 0, "{expand}");
    }
    let input = json!({ "userId": ANA, "expand": ["manager"] });
    let get = "graph.users.get";
    let (_, reached) = tried(&stage, Service::SharePoint, APPLICATION, get, input).await;
    assert_eq!(reached, 1);

    let team = "02bd9fd6-8f93-4758-87c3-1fb73740a315";
    let archive = |read_only: Value| json!({ "teamId": team, "shouldSetSpoSiteReadOnlyForMembers": read_only });
    let id = "teams.teams.archive";
    let (outcome, reached) = tried(
        &stage,
        Service::Teams,
        APPLICATION,
        id,
        archive(json!(true)),
    )
    .await;
    assert!(is_denied(&outcome), "{outcome:?}");
    assert_eq!(reached, 0);
    stage.world.control().clear_requests();
    let connection = stage.of(Service::Teams, APPLICATION);
    let path = format!("v1.0/teams/{team}/archive");
    let body = json!({ "shouldSetSpoSiteReadOnlyForMembers": true });
    let raw = stage.raw(connection, "POST", &path, Some(&body)).await;
    assert!(is_denied(&raw), "{raw:?}");
    let member = json!({ "id": "1", "method": "POST", "url": format!("/teams/{team}/archive"),
        "headers": { "Content-Type": "application/json" }, "body": body });
    let batch = json!({ "requests": [member] });
    let batched = stage
        .raw(connection, "POST", "v1.0/$batch", Some(&batch))
        .await;
    assert!(is_denied(&batched), "{batched:?}");
    assert_eq!(stage.reached().len(), 0);
    let input = archive(json!(false));
    let (_, reached) = tried(&stage, Service::Teams, APPLICATION, id, input).await;
    assert_eq!(reached, 1);
    stage.world.stop().await;
}

/// The folder itself says where it lies; nothing of what is in it is asked for.
#[tokio::test]
async fn a_channels_folder_is_shown_only_where_its_site_is_listed() {
    let stage = Stage::limited().await;
    let connection = stage.of(Service::Teams, APPLICATION);
    let free = model::Policy::default();
    stage.world.limit(connection, free).await;
    let teams = stage.json(connection, "teams.teams.list", json!({})).await;
    let Some(team) = teams
        .ok()
        .and_then(|teams| teams["value"][0]["id"].as_str().map(str::to_owned))
    else {
        panic!("Contoso has teams");
    };
    let channels = stage
        .json(connection, "teams.channels.list", json!({ "teamId": team }))
        .await
        .unwrap();
    let channel = channels["value"][0]["id"].clone();
    let folder = json!({ "teamId": team, "channelId": channel });
    let id = "teams.channels.filesFolder";
    let shown = stage.json(connection, id, folder.clone()).await.unwrap();
    assert!(shown["id"].is_string());
    let policy = stage.of(Service::SharePoint, APPLICATION).policy.clone();
    stage.world.limit(connection, policy).await;
    let (outcome, _) = tried(&stage, Service::Teams, APPLICATION, id, folder).await;
    assert!(is_denied(&outcome), "{outcome:?}");
    let seen = stage.reached();
    let asked: Vec<_> = seen.iter().map(|one| one.query.as_deref()).collect();
    assert_eq!(asked, [Some("$select=id,parentReference")]);
    stage.world.stop().await;
}

#[tokio::test]
async fn a_copys_progress_is_followed_where_it_began_here() {
    let stage = Stage::limited().await;
    let connection = stage.of(Service::OneDrive, APPLICATION);
    let drive = stage.scene.allowed.drive.clone();
    let file =
        json!({ "driveId": drive, "parentId": "root", "fileName": "zebra.txt", "text": "x" });
    let file = stage
        .json(connection, "onedrive.files.createText", file)
        .await
        .unwrap();
    let copy = json!({
        "driveId": drive, "itemId": file["id"], "destinationDriveId": drive, "destinationId": "root", "name": "b.txt",
    });
    let begun = stage
        .json(connection, "onedrive.items.copy", copy)
        .await
        .unwrap();
    let url = begun["monitorUrl"].as_str().unwrap().to_owned();
    let status = "onedrive.items.copyStatus";
    let input = json!({ "monitorUrl": url });
    let (outcome, _) = tried(
        &stage,
        Service::OneDrive,
        APPLICATION,
        status,
        input.clone(),
    )
    .await;
    outcome.unwrap();
    // Another connection did not begin it; nor is any other address one of ours.
    let (outcome, reached) = tried(
        &stage,
        Service::OneDrive,
        ConnectionMethod::OAuth,
        status,
        input,
    )
    .await;
    assert!(is_denied(&outcome) && reached == 0, "{outcome:?}");
    let base = stage.world.sandbox.url();
    let other = &stage.scene.other;
    for url in [
        format!("{url}x"),
        format!("{base}/sites/hr/_api/v2.0/monitor/secret"),
        format!("{base}/v1.0/drives/{}/root/children", other.drive),
        format!(
            "{base}/sites/hr/_api/v2.1/drives/{}/operations/1",
            other.drive
        ),
        format!(
            "{base}/_api/v2.1/drives/{}/items/{}/operations/1",
            stage.scene.allowed.drive, other.drive
        ),
    ] {
        let input = json!({ "monitorUrl": url });
        let (outcome, reached) = tried(&stage, Service::OneDrive, APPLICATION, status, input).await;
        assert!(outcome.is_err(), "{url}");
        assert_eq!(reached, 0, "{url}");
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn what_the_catalogue_does_not_know_is_not_passed_on() {
    let stage = Stage::limited().await;
    let connection = stage.of(Service::SharePoint, APPLICATION);
    let (other, allowed) = (&stage.scene.other, &stage.scene.allowed);
    let (collection, _) = other.guids();
    for (method, path) in [
        ("GET", format!("v1.0/sites/{}/analytics", other.id)),
        (
            "GET",
            format!("v1.0/sites/{}/onenote/notebooks", allowed.id),
        ),
        (
            "GET",
            format!(
                "v1.0/sites/{}/getByPath(path='/{}')",
                allowed.id, other.path
            ),
        ),
        ("GET", format!("v1.0/sites/{HOST}:/{}:/lists", other.path)),
        (
            "GET",
            format!("v1.0/sites/{HOST}:/{}:/drive/root/children", other.path),
        ),
        (
            "GET",
            format!(
                "v1.0/sites/{HOST}:/{}:/sites/{}/lists",
                allowed.path, other.id
            ),
        ),
        (
            "GET",
            format!(
                "v1.0/sites/{}/sites/{}/lists",
                allowed.id, stage.scene.subsite.id
            ),
        ),
        (
            "GET",
            format!(
                "v1.0/sites/{}/drives/{}/root/children",
                allowed.id, other.drive
            ),
        ),
        ("GET", format!("v1.0/sites/{collection}/lists")),
        ("GET", format!("beta/sites/{}/lists", other.id)),
        ("GET", format!("v1.0//sites/{}/lists", other.id)),
        ("GET", format!("v1.0/./sites/{}/lists", other.id)),
        ("GET", format!("v1.0/x/../sites/{}/lists", other.id)),
        ("GET", format!("v1.0/sites;x/{}/lists", other.id)),
        (
            "GET",
            format!("v1.0/groups/{collection}/drive/root/children"),
        ),
        ("GET", format!("v1.0/groups/{collection}/sites/root/lists")),
        ("GET", "v1.0/drive/root/children".to_owned()),
        (
            "GET",
            format!("v1.0/me/drives/{}/root/children", other.drive),
        ),
        (
            "GET",
            format!("v1.0/drives/{}/search(q='x')", allowed.drive),
        ),
        ("GET", format!("v1.0/drives/{}/recent", allowed.drive)),
        ("GET", format!("v1.0/shares/{}/site", share(&other.library))),
        ("GET", format!("v1.0/shares/{}", share(&other.library))),
        ("GET", format!("v1.0/sites?search=*&x={}", allowed.id)),
        ("GET", "v1.0/sites?$search=*".to_owned()),
        ("GET", "v1.0/sites/getAllSites".to_owned()),
        ("GET", "v1.0/sites/microsoft.graph.getAllSites".to_owned()),
        ("GET", "v1.0/$metadata".to_owned()),
        ("POST", "v1.0/$batch".to_owned()),
        ("POST", "v1.0/search/query".to_owned()),
        (
            "POST",
            format!("v1.0/sites/{}/contentTypes/addCopy", allowed.id),
        ),
        ("POST", "v1.0/me/followedSites/add".to_owned()),
    ] {
        stage.world.control().clear_requests();
        let body = json!({ "requests": [{ "id": "1", "method": "GET", "url": format!("/sites/{}", other.id) }] });
        let body = (method == "POST").then_some(&body);
        let outcome = stage.raw(connection, method, &path, body).await;
        assert!(outcome.is_err(), "{method} {path}");
        assert_eq!(stage.reached().len(), 0, "{method} {path}");
    }
    stage.world.stop().await;
}

#[tokio::test]
async fn a_file_that_speaks_of_other_drives_is_uploaded_all_the_same() {
    let stage = Stage::limited().await;
    let connection = stage.of(Service::SharePoint, APPLICATION);
    let path = format!(
        "v1.0/drives/{}/items/root:/a.json:/content",
        stage.scene.allowed.drive
    );
    let content = json!({ "parentReference": { "driveId": stage.scene.other.drive } });
    stage.world.control().clear_requests();
    let outcome = stage.raw(connection, "PUT", &path, Some(&content)).await;
    assert_eq!(outcome.unwrap().status, 201);
    assert_eq!(stage.reached().len(), 1);
    stage.world.stop().await;
}

/// The link is made in another site and its address changed to that of the listed one.
#[tokio::test]
async fn a_link_that_lies_about_its_site_is_found_out() {
    let stage = Stage::limited().await;
    let (outcome, reached) = {
        let link = format!("https://{HOST}/:w:/s/projects/Eabcdefgh");
        let input = json!({ "sharingUrl": link });
        let id = "onedrive.shares.resolve";
        tried(&stage, Service::OneDrive, APPLICATION, id, input).await
    };
    assert!(outcome.is_err());
    // It was looked at, and not opened.
    let seen = stage.reached();
    assert_eq!(reached, 1);
    assert_eq!(seen[0].query.as_deref(), Some("$select=id,parentReference"));
    stage.world.stop().await;
}

#[tokio::test]
async fn a_dry_run_says_that_it_would_be_refused() {
    let stage = Stage::limited().await;
    let connection = stage.of(Service::SharePoint, APPLICATION);
    let plan = |site: &str| {
        let input = json!({ "siteId": site }).as_object().cloned().unwrap();
        stage.runner.plan(Call {
            caller: &stage.world.admin,
            connection: connection.id,
            operation: "sharepoint.lists.list",
            input,
            cursor: None,
            idempotency_key: None,
        })
    };
    assert!(is_denied(&plan(&stage.scene.other.id).await));
    let plan = plan(&stage.scene.allowed.id).await.unwrap();
    assert_eq!(
        plan.target.as_deref(),
        Some(stage.scene.allowed.id.as_str())
    );
    stage.world.stop().await;
}

#[tokio::test]
async fn a_new_library_of_a_listed_site_is_known_at_once() {
    let stage = Stage::limited().await;
    let connection = stage.of(Service::SharePoint, APPLICATION);
    let site = stage.scene.allowed.id.clone();
    let children = |drive: &Value| json!({ "driveId": drive, "itemId": "root" });
    let known = json!(stage.scene.allowed.drive);
    let id = "sharepoint.files.list";
    stage.json(connection, id, children(&known)).await.unwrap();
    let new = json!({ "siteId": site, "displayName": "Minutes", "template": "documentLibrary" });
    stage
        .json(connection, "sharepoint.lists.create", new)
        .await
        .unwrap();
    let drives = json!({ "siteId": site });
    let drives = stage
        .json(connection, "sharepoint.drives.list", drives)
        .await
        .unwrap();
    let drives = drives["value"].as_array().unwrap().clone();
    let new = drives
        .iter()
        .find(|drive| drive["name"] == "Minutes")
        .unwrap();
    stage
        .json(connection, id, children(&new["id"]))
        .await
        .unwrap();
    stage.world.stop().await;
}

#[tokio::test]
async fn an_empty_list_allows_no_site_and_removing_it_allows_all() {
    let stage = Stage::limited().await;
    let connection = stage.of(Service::SharePoint, APPLICATION);
    let lists = |site: &str| json!({ "siteId": site });
    let id = "sharepoint.lists.list";
    let empty = model::Policy {
        sites: Some(std::collections::BTreeSet::new()),
        ..model::Policy::default()
    };
    stage.world.limit(connection, empty).await;
    let (outcome, reached) = tried(
        &stage,
        Service::SharePoint,
        APPLICATION,
        id,
        lists(&stage.scene.allowed.id),
    )
    .await;
    assert!(is_denied(&outcome) && reached == 0, "{outcome:?}");
    stage
        .world
        .limit(connection, model::Policy::default())
        .await;
    stage
        .json(connection, id, lists(&stage.scene.other.id))
        .await
        .unwrap();
    stage.world.stop().await;
}
