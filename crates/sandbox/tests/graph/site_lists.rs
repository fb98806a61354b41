use reqwest::Method;
use serde_json::json;

use crate::cloud::Cloud;
use crate::site_cloud::{FINANCE, HR, of, titles};

#[tokio::test]
async fn lists_are_shown_by_id_and_title_and_system_lists_when_asked_for() {
    let cloud = Cloud::start().await;
    let app = cloud.application(&["Sites.Read.All"]);
    let lists = format!("{}/lists", of(FINANCE));
    let all = app.get(&lists).await.values();
    assert_eq!(
        titles(&all),
        ["Documents", "Cost centres", "Purchase approvals"]
    );
    let with_system = app
        .get(&format!("{lists}?$select=displayName,system"))
        .await
        .values();
    assert!(titles(&with_system).contains(&"User Information List"));
    let id = all[1]["id"].as_str().unwrap();
    for key in [id, "Cost%20centres", "cost%20CENTRES"] {
        assert_eq!(app.get(&format!("{lists}/{key}")).await.id(), id, "{key}");
    }
    let list = app
        .get(&format!(
            "{lists}('Cost centres')?$expand=columns,items($expand=fields)"
        ))
        .await;
    assert_eq!(list.body["list"]["template"], "genericList");
    assert_eq!(list.body["items"].as_array().unwrap().len(), 4);
    assert_eq!(list.body["items"][0]["fields"]["Code"], "CC-100");
    let filtered = app
        .get(&format!("{lists}?$filter=displayName eq 'Documents'"))
        .await;
    assert_eq!(titles(&filtered.values()), ["Documents"]);
    let templates = app
        .get(&format!(
            "{lists}?$filter=list/template eq 'documentLibrary'"
        ))
        .await;
    assert_eq!(templates.values().len(), 1);
    app.get(&format!("{lists}/nothing"))
        .await
        .assert_refused(404, "itemNotFound");
    app.get(&format!("{lists}?$filter=nothing eq 1"))
        .await
        .assert_refused(400, "invalidRequest");
}

#[tokio::test]
async fn a_list_is_made_with_its_columns_renamed_and_deleted() {
    let cloud = Cloud::start().await;
    let app = cloud.application(&["Sites.Manage.All"]);
    let lists = format!("{}/lists", of(HR));
    let body = json!({
        "displayName": "Books",
        "description": "Who has which",
        "columns": [
            {"name": "Author", "text": {}},
            {"name": "PageCount", "number": {}, "indexed": true},
        ],
        "list": {"template": "genericList"},
    });
    app.post(&lists, body.clone())
        .await
        .assert_refused(400, "invalidRequest");
    let mut body = body;
    body["columns"][0]["name"] = json!("Writer");
    let made = app.post(&lists, body.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["description"], "Who has which");
    app.post(&lists, body)
        .await
        .assert_refused(409, "nameAlreadyExists");
    let list = format!("{lists}/{}", made.id());
    let renamed = app
        .call(
            Method::PATCH,
            &list,
            Some(json!({"displayName": "Library"})),
        )
        .await;
    assert_eq!(renamed.body["displayName"], "Library");
    assert_eq!(renamed.body["name"], "Books");
    assert_eq!(app.get(&format!("{lists}/Library")).await.id(), made.id());
    assert_eq!(app.delete(&list).await.status, 204);
    app.get(&list).await.assert_refused(404, "itemNotFound");
    app.post(&lists, json!({"list": {"template": "genericList"}}))
        .await
        .assert_refused(400, "invalidRequest");
    app.post(
        &lists,
        json!({"displayName": "x", "list": {"template": "nonsense"}}),
    )
    .await
    .assert_refused(400, "invalidRequest");
}

#[tokio::test]
async fn a_library_that_is_made_has_a_drive() {
    let cloud = Cloud::start().await;
    let app = cloud.application(&["Sites.Manage.All"]);
    let body = json!({"displayName": "Contracts", "list": {"template": "documentLibrary"}});
    let made = app.post(&format!("{}/lists", of(HR)), body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let drive = app
        .get(&format!("{}/lists/{}/drive", of(HR), made.id()))
        .await;
    assert_eq!(drive.body["name"], "Contracts");
    let drives = app.get(&format!("{}/drives", of(HR))).await.values();
    assert_eq!(drives.len(), 2);
    let list = app.get(&format!("/drives/{}/list", drive.id())).await;
    assert_eq!(list.id(), made.id());
}

#[tokio::test]
async fn columns_of_every_common_type_are_made_changed_and_deleted() {
    let cloud = Cloud::start().await;
    let app = cloud.application(&["Sites.Manage.All"]);
    let columns = format!("{}/lists/Onboarding/columns", of(HR));
    let target = app.get(&format!("{}/lists/Onboarding", of(HR))).await.id();
    for body in [
        json!({"name": "A", "text": {"allowMultipleLines": true}}),
        json!({"name": "B", "number": {"minimum": 1.0, "maximum": 9.0}}),
        json!({"name": "C", "choice": {"choices": ["x", "y"], "displayAs": "checkBoxes"}}),
        json!({"name": "D", "dateTime": {"format": "dateOnly"}}),
        json!({"name": "E", "boolean": {}}),
        json!({"name": "F", "personOrGroup": {"allowMultipleSelection": true}}),
        json!({"name": "G", "lookup": {"listId": target, "columnName": "Title"}}),
        json!({"name": "H", "currency": {"locale": "pt-pt"}}),
        json!({"name": "I", "hyperlinkOrPicture": {"isPicture": false}}),
        json!({"name": "J", "calculated": {"formula": "=[B]*2", "outputType": "number"}}),
    ] {
        let made = app.post(&columns, body.clone()).await;
        assert_eq!(made.status, 201, "{}", made.text);
        for (facet, value) in body.as_object().unwrap() {
            if let Some(wanted) = value.as_object() {
                for (name, value) in wanted {
                    assert_eq!(&made.body[facet][name], value, "{facet}");
                }
            }
        }
    }
    let spaced = json!({"displayName": "Due date", "dateTime": {}});
    let spaced = app.post(&columns, spaced).await;
    assert_eq!(spaced.body["name"], "Due_x0020_date");
    assert_eq!(spaced.body["displayName"], "Due date");
    let column = format!("{columns}/{}", spaced.id());
    let changed = app
        .patch(&column, json!({"displayName": "Deadline", "indexed": true}))
        .await;
    assert_eq!(
        (&changed.body["displayName"], &changed.body["indexed"]),
        (&json!("Deadline"), &json!(true))
    );
    assert_eq!(app.delete(&column).await.status, 204);
    app.get(&column).await.assert_refused(404, "itemNotFound");
    let title = app.get(&format!("{columns}/Title")).await.id();
    app.delete(&format!("{columns}/{title}"))
        .await
        .assert_refused(403, "accessDenied");
    for (body, status) in [
        (json!({"name": "A", "text": {}}), 409),
        (json!({"name": "K"}), 400),
        (json!({"name": "L", "text": {}, "number": {}}), 400),
        (json!({"name": "M", "lookup": {"listId": "nothing"}}), 400),
        (json!({"name": "N", "text": {"nonsense": 1}}), 400),
        (json!({"name": "O", "text": {}, "nonsense": 1}), 400),
        (json!({"name": "P", "term": {}}), 501),
    ] {
        assert_eq!(
            app.post(&columns, body.clone()).await.status,
            status,
            "{body}"
        );
    }
    let writer = cloud.application(&["Sites.ReadWrite.All"]);
    writer
        .post(&columns, json!({"name": "Q", "text": {}}))
        .await
        .assert_refused(403, "accessDenied");
}

#[tokio::test]
async fn a_list_says_which_content_types_it_takes() {
    let cloud = Cloud::start().await;
    let app = cloud.application(&["Sites.Read.All"]);
    let types = format!("{}/lists/Documents/contentTypes", of(HR));
    let all = app.get(&types).await.values();
    assert_eq!(all[0]["name"], "Document");
    assert!(all[0]["id"].as_str().unwrap().starts_with("0x0101"));
    let one = app
        .get(&format!("{types}/{}", all[1]["id"].as_str().unwrap()))
        .await;
    assert_eq!(one.body["name"], "Folder");
}
