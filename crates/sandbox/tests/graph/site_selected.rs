//! `Sites.Selected`: an application that sees the sites it was granted, and nothing else.

use serde_json::{Value, json};

use crate::cloud::{Caller, Cloud};
use crate::drive_cloud::put;
use crate::site_cloud::{CHIARA, FINANCE, HR, of};

const SELECTED: [&str; 1] = ["Sites.Selected"];

/// Gives the application that all tests share access to a site, or changes it.
async fn grant(cloud: &Cloud, site: &str, role: &str) -> String {
    let admin = cloud.application(&["Sites.FullControl.All"]);
    let body = json!({
        "roles": [role],
        "grantedToIdentities": [{"application": {"id": cloud.client_id(), "displayName": "Tests"}}],
    });
    let made = admin.post(&format!("{}/permissions", of(site)), body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["roles"], json!([role]));
    made.id()
}

async fn assert_closed(caller: &Caller<'_>, paths: &[String]) {
    for path in paths {
        let answer = caller.get(path).await;
        assert_eq!(
            (answer.status, answer.code()),
            (403, "accessDenied"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn without_a_grant_every_way_to_a_site_is_closed() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&["Sites.FullControl.All"]);
    let site = admin.get(FINANCE).await.id();
    let drive = admin.get(&format!("/sites/{site}/drive")).await.id();
    let file = admin
        .get(&format!("/drives/{drive}/root:/Budget%202026.xlsx"))
        .await;
    let share = format!("u!{}", {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .encode(file.body["webUrl"].as_str().unwrap())
    });
    let selected = cloud.application(&SELECTED);
    let paths = [
        FINANCE.to_owned(),
        format!("/sites/{site}"),
        format!("/sites/{site}/lists"),
        format!("/sites/{site}/lists/Documents/items"),
        format!("/sites/{site}/drive"),
        format!("/sites/{site}/drives"),
        format!("/sites/{site}/pages"),
        format!("/sites/{site}/permissions"),
        format!("/drives/{drive}"),
        format!("/drives/{drive}/root/children"),
        format!("/drives/{drive}/items/{}", file.id()),
        format!("/drives/{drive}/items/{}/content", file.id()),
        format!("/drives/{drive}/items/{}/listItem", file.id()),
        format!("/shares/{share}/driveItem"),
        "/sites/getAllSites".to_owned(),
        "/sites/delta".to_owned(),
    ];
    assert_closed(&selected, &paths).await;
    assert!(selected.get("/sites?search=*").await.values().is_empty());
    let search = json!({"requests": [{"entityTypes": ["driveItem"], "region": "EMEA", "query": {"queryString": "budget"}}]});
    assert_eq!(selected.post("/search/query", search).await.status, 403);
    let batch =
        json!({"requests": [{"id": "1", "method": "GET", "url": format!("/sites/{site}")}]});
    let answer = selected.post("/$batch", batch).await;
    assert_eq!(
        answer.body["responses"][0]["status"], 403,
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_grant_opens_its_site_as_far_as_its_role_goes() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&["Sites.FullControl.All"]);
    let id = grant(&cloud, FINANCE, "read").await;
    let selected = cloud.application(&SELECTED);
    let site = selected.get(FINANCE).await;
    assert_eq!(site.status, 200, "{}", site.text);
    let site = format!("/sites/{}", site.id());
    let items = format!("{site}/lists/Cost%20centres/items");
    assert_eq!(selected.get(&items).await.values().len(), 4);
    assert_eq!(
        selected.get(&format!("{site}/drives")).await.values().len(),
        1
    );
    let new = json!({"fields": {"Title": "Legal", "Code": "CC-900"}});
    selected
        .post(&items, new.clone())
        .await
        .assert_refused(403, "accessDenied");
    let upload = format!("{site}/drive/root:/a.txt:/content");
    put(&cloud, &selected, &upload, &[], b"a")
        .await
        .assert_refused(403, "accessDenied");
    selected.get(HR).await.assert_refused(403, "accessDenied");

    let permission = format!("{site}/permissions/{id}");
    let changed = admin.patch(&permission, json!({"roles": ["write"]})).await;
    assert_eq!(changed.body["roles"], json!(["write"]));
    assert_eq!(selected.post(&items, new).await.status, 201);
    assert_eq!(put(&cloud, &selected, &upload, &[], b"a").await.status, 201);
    let list = json!({"displayName": "Mine", "list": {"template": "genericList"}});
    let lists = format!("{site}/lists");
    let column = json!({"name": "Extra", "text": {}});
    let columns = format!("{lists}/Cost%20centres/columns");
    selected
        .post(&columns, column.clone())
        .await
        .assert_refused(403, "accessDenied");
    admin.patch(&permission, json!({"roles": ["manage"]})).await;
    assert_eq!(selected.post(&columns, column).await.status, 201);
    assert_eq!(selected.post(&lists, list).await.status, 201);
    selected
        .get(&format!("{site}/permissions"))
        .await
        .assert_refused(403, "accessDenied");

    assert_eq!(admin.delete(&permission).await.status, 204);
    selected
        .get(&site)
        .await
        .assert_refused(403, "accessDenied");
    admin
        .delete(&permission)
        .await
        .assert_refused(404, "itemNotFound");
}

#[tokio::test]
async fn copying_between_two_sites_needs_both() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&["Sites.FullControl.All"]);
    let target = admin.get(&format!("{}/drive", of(HR))).await.id();
    grant(&cloud, FINANCE, "write").await;
    let selected = cloud.application(&SELECTED);
    let drive = selected.get(&format!("{}/drive", of(FINANCE))).await.id();
    let copy = format!("/drives/{drive}/root:/Budget%202026.xlsx:/copy");
    let body = json!({"parentReference": {"driveId": target}});
    selected
        .post(&copy, body.clone())
        .await
        .assert_refused(403, "accessDenied");
    grant(&cloud, HR, "write").await;
    assert_eq!(selected.post(&copy, body).await.status, 202);
    let there = selected
        .get(&format!("/drives/{target}/root:/Budget%202026.xlsx"))
        .await;
    assert_eq!(there.status, 200);
}

#[tokio::test]
async fn a_person_with_selected_sites_sees_what_both_they_and_the_application_may() {
    let cloud = Cloud::start().await;
    let chiara = cloud.user(CHIARA, &SELECTED);
    chiara
        .get(FINANCE)
        .await
        .assert_refused(403, "accessDenied");
    grant(&cloud, FINANCE, "read").await;
    grant(&cloud, HR, "read").await;
    assert_eq!(chiara.get(FINANCE).await.status, 200);
    // The application may, Chiara may not.
    chiara.get(HR).await.assert_refused(403, "accessDenied");
    let items = format!("{}/lists/Cost%20centres/items", of(FINANCE));
    chiara
        .post(&items, json!({"fields": {"Title": "x"}}))
        .await
        .assert_refused(403, "accessDenied");
}

#[tokio::test]
async fn access_is_given_by_applications_with_full_control_only() {
    let cloud = Cloud::start().await;
    let permissions = format!("{}/permissions", of(FINANCE));
    let body = |role: &str, client_id: &str| json!({"roles": [role], "grantedToIdentities": [{"application": {"id": client_id}}]});
    let good = body("read", cloud.client_id());
    for caller in [
        cloud.application(&["Sites.Manage.All"]),
        cloud.user(CHIARA, &["Sites.FullControl.All"]),
    ] {
        caller
            .post(&permissions, good.clone())
            .await
            .assert_refused(403, "accessDenied");
    }
    let admin = cloud.application(&["Sites.FullControl.All"]);
    for bad in [
        body("nothing", cloud.client_id()),
        body("read", "7f0e4a52-0000-4000-8000-00000000dead"),
        json!({"roles": ["read"]}),
    ] {
        admin
            .post(&permissions, bad)
            .await
            .assert_refused(400, "invalidRequest");
    }
    let id = grant(&cloud, FINANCE, "owner").await;
    let listed = cloud
        .user(CHIARA, &["Sites.FullControl.All"])
        .get(&permissions)
        .await
        .values();
    assert_eq!(listed[0]["id"], id);
    assert_eq!(
        listed[0]["grantedToV2"]["application"]["id"],
        cloud.client_id()
    );
    assert_eq!(listed[0].get("roles"), None);
    let one = admin.get(&format!("{permissions}/{id}")).await;
    assert_eq!(one.body["roles"], json!(["owner"]));
}

#[tokio::test]
async fn a_grant_on_a_list_opens_that_list_alone() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&["Sites.FullControl.All"]);
    let list = format!("{}/lists/Cost%20centres", of(FINANCE));
    let body = json!({
        "roles": ["write"],
        "grantedToV2": {"application": {"id": cloud.client_id()}},
    });
    let made = admin.post(&format!("{list}/permissions"), body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let selected = cloud.application(&["Lists.SelectedOperations.Selected"]);
    let items = format!("{list}/items");
    assert_eq!(selected.get(&items).await.status, 200);
    let new = json!({"fields": {"Title": "Legal", "Code": "CC-900"}});
    assert_eq!(selected.post(&items, new).await.status, 201);
    selected
        .get(&format!("{}/lists/Purchase%20approvals/items", of(FINANCE)))
        .await
        .assert_refused(403, "accessDenied");
    selected
        .get(FINANCE)
        .await
        .assert_refused(403, "accessDenied");
    let gone = admin
        .delete(&format!("{list}/permissions/{}", made.id()))
        .await;
    assert_eq!((gone.status, gone.body), (204, Value::Null));
    selected
        .get(&items)
        .await
        .assert_refused(403, "accessDenied");
}
