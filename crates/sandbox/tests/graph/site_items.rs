use serde_json::{Value, json};

use crate::cloud::{ANA, Cloud};
use crate::site_cloud::{FINANCE, HR, PROJECTS, RISK, item_titles, of};

fn risks() -> String {
    format!("{}/lists/Risks/items", of(PROJECTS))
}

#[tokio::test]
async fn items_come_with_their_columns_when_these_are_expanded() {
    let cloud = Cloud::start().await;
    let app = cloud.application(&["Sites.Read.All"]);
    let plain = app.get(&risks()).await.values();
    assert_eq!(plain.len(), 5);
    assert_eq!(plain[0].get("fields"), None);
    assert_eq!(plain[0]["contentType"]["name"], "Item");
    let full = app
        .get(&format!("{}?$expand=fields", risks()))
        .await
        .values();
    let fields = &full[0]["fields"];
    assert_eq!(
        (&fields["Title"], &fields["Severity"], &fields["Due"]),
        (
            &json!("Supplier is late"),
            &json!("High"),
            &json!("2026-10-12T09:00:00Z")
        )
    );
    assert!(
        fields["AssignedToLookupId"]
            .as_str()
            .unwrap()
            .parse::<u32>()
            .is_ok()
    );
    assert_eq!(fields["_UIVersionString"], "1.0");
    assert_eq!(full[0]["eTag"], fields["@odata.etag"]);
    let some = app
        .get(&format!(
            "{}?$expand=fields($select=Title,AssignedTo)",
            risks()
        ))
        .await
        .values();
    let fields = some[0]["fields"].as_object().unwrap();
    assert_eq!(fields["AssignedTo"], "Farid Haddad");
    assert_eq!(fields.keys().filter(|name| !name.contains('@')).count(), 2);
    let page = app.get(&format!("{}?$expand=fields&$top=2", risks())).await;
    let next = page.body["@odata.nextLink"].as_str().unwrap();
    assert_eq!(
        item_titles(&app.get(next).await.values())[0],
        "Site has no power"
    );
    app.get(&format!("{}?$expand=nothing", risks()))
        .await
        .assert_refused(400, "invalidRequest");
}

#[tokio::test]
async fn columns_without_an_index_are_asked_for_at_ones_own_risk() {
    let cloud = Cloud::start().await;
    let app = cloud.application(&["Sites.Read.All"]);
    let high = format!(
        "{}?$expand=fields&$filter=fields/Severity eq 'High'",
        risks()
    );
    let refused = app.get(&high).await;
    refused.assert_refused(400, "invalidRequest");
    assert!(refused.message().contains(RISK));
    let indexed = format!(
        "{}?$expand=fields&$filter=fields/Probability gt 0.25&$orderby=fields/Probability desc",
        risks()
    );
    assert_eq!(
        item_titles(&app.get(&indexed).await.values()),
        ["Users resist", "Supplier is late", "Licences run out"]
    );
    let app = app.with("prefer", RISK);
    assert_eq!(app.get(&high).await.values().len(), 2);
    let due = format!(
        "{}?$expand=fields&$filter=fields/Due ge '2026-11-01T00:00:00Z' and startswith(fields/Title,'Us')",
        risks()
    );
    assert_eq!(item_titles(&app.get(&due).await.values()), ["Users resist"]);
    let farid = app
        .get(&format!(
            "{}?$expand=fields&$filter=fields/Title eq 'Site has no power'",
            risks()
        ))
        .await;
    let number = farid.values()[0]["fields"]["AssignedToLookupId"]
        .as_str()
        .unwrap()
        .to_owned();
    let theirs = format!("{}?$filter=fields/AssignedToLookupId eq {number}", risks());
    assert_eq!(app.get(&theirs).await.values().len(), 2);
    for bad in ["fields/Nothing eq 1", "name eq 'x'", "fields/Title eq"] {
        let answer = app.get(&format!("{}?$filter={bad}", risks())).await;
        assert_eq!(answer.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn an_item_lives_through_its_versions() {
    let cloud = Cloud::start().await;
    let app = cloud.application(&["Sites.ReadWrite.All"]);
    let body = json!({"fields": {"Title": "Rain", "Severity": "Low", "Probability": 0.9}});
    let made = app.post(&risks(), body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["fields"]["Severity"], "Low");
    let item = format!("{}/{}", risks(), made.id());
    let fields = format!("{item}/fields");
    let changed = app.patch(&fields, json!({"Severity": "High"})).await;
    assert_eq!(
        (changed.status, &changed.body["Severity"]),
        (200, &json!("High"))
    );
    assert_eq!(changed.body["Probability"], 0.9);
    let stale = made.body["eTag"].as_str().unwrap().to_owned();
    let late = cloud
        .application(&["Sites.ReadWrite.All"])
        .with("if-match", &stale);
    late.patch(&fields, json!({"Severity": "Low"}))
        .await
        .assert_refused(412, "resourceModified");
    late.delete(&item)
        .await
        .assert_refused(412, "resourceModified");
    let fresh = app.get(&item).await.body["eTag"]
        .as_str()
        .unwrap()
        .to_owned();
    let in_time = cloud
        .application(&["Sites.ReadWrite.All"])
        .with("if-match", &fresh);
    let set = in_time
        .patch(&item, json!({"fields": {"Severity": "Medium"}}))
        .await;
    assert_eq!(set.status, 200, "{}", set.text);
    let versions = app
        .get(&format!("{item}/versions?$expand=fields"))
        .await
        .values();
    let told: Vec<_> = versions
        .iter()
        .map(|version| {
            (
                version["id"].as_str().unwrap(),
                version["fields"]["Severity"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [("3.0", "Medium"), ("2.0", "High"), ("1.0", "Low")]);
    let restore = format!("{item}/versions/1.0/restoreVersion");
    assert_eq!(app.post(&restore, Value::Null).await.status, 204);
    assert_eq!(app.get(&fields).await.body["Severity"], "Low");
    assert_eq!(app.delete(&item).await.status, 204);
    app.get(&item).await.assert_refused(404, "itemNotFound");
}

#[tokio::test]
async fn values_are_held_against_their_columns() {
    let cloud = Cloud::start().await;
    let app = cloud.application(&["Sites.ReadWrite.All"]);
    let leave = format!("{}/lists/Leave%20requests/items", of(HR));
    for (fields, part) in [
        (json!({"Nothing": 1}), "not recognized"),
        (json!({"Title": 1}), "text"),
        (json!({"Title": "x".repeat(256)}), "255"),
        (json!({"Days": "many"}), "number"),
        (json!({"Days": 61}), "bounds"),
        (json!({"Status": "Perhaps"}), "choices"),
        (json!({"From": "soon"}), "date"),
        (json!({"PersonLookupId": 99_999}), "exists"),
        (json!({"Modified": "2026-01-01"}), "read-only"),
    ] {
        let refused = app.post(&leave, json!({"fields": fields})).await;
        refused.assert_refused(400, "invalidRequest");
        assert!(refused.message().contains(part), "{}", refused.message());
    }
    let approvals = format!("{}/lists/Purchase%20approvals/items", of(FINANCE));
    let made = app
        .post(&approvals, json!({"fields": {"Title": "Chairs", "CostCentreLookupId": 2, "Price": 85.5, "Quantity": 4, "Offer": {"Url": "https://a.example", "Description": "a"}}}))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["fields"]["Total"], 342.0);
    assert_eq!(made.body["fields"]["CostCentreLookupId"], "2");
    let read_only = app.post(&approvals, json!({"fields": {"Total": 1}})).await;
    assert!(read_only.message().contains("read-only"));
    let named = app
        .get(&format!(
            "{approvals}/{}?$expand=fields($select=CostCentre)",
            made.id()
        ))
        .await;
    assert_eq!(named.body["fields"]["CostCentre"], "Delivery");
    let centres = format!("{}/lists/Cost%20centres/items", of(FINANCE));
    let double = app
        .post(
            &centres,
            json!({"fields": {"Title": "x", "Code": "CC-100"}}),
        )
        .await;
    assert!(double.message().contains("duplicate"), "{}", double.text);
}

#[tokio::test]
async fn several_choices_and_people_are_collections() {
    let cloud = Cloud::start().await;
    let app = cloud.application(&["Sites.Manage.All"]);
    let list = format!("{}/lists/Risks", of(PROJECTS));
    for column in [
        json!({"name": "Areas", "choice": {"choices": ["IT", "Legal", "Money"], "displayAs": "checkBoxes"}}),
        json!({"name": "Watchers", "personOrGroup": {"allowMultipleSelection": true}}),
    ] {
        assert_eq!(
            app.post(&format!("{list}/columns"), column).await.status,
            201
        );
    }
    let users = app
        .get(&format!(
            "{}/lists/User%20Information%20List/items?$expand=fields",
            of(PROJECTS)
        ))
        .await
        .values();
    let ana = users
        .iter()
        .find(|user| user["fields"]["EMail"] == ANA)
        .unwrap();
    let number: u32 = ana["id"].as_str().unwrap().parse().unwrap();
    let fields = json!({
        "Title": "Two areas",
        "Areas@odata.type": "Collection(Edm.String)",
        "Areas": ["IT", "Money"],
        "WatchersLookupId@odata.type": "Collection(Edm.Int32)",
        "WatchersLookupId": [number],
    });
    let made = app
        .post(&format!("{list}/items"), json!({"fields": fields}))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["fields"]["Areas"], json!(["IT", "Money"]));
    let watchers = &made.body["fields"]["Watchers"][0];
    assert_eq!(
        (
            &watchers["LookupId"],
            &watchers["LookupValue"],
            &watchers["Email"]
        ),
        (&json!(number), &json!("Ana Reis"), &json!(ANA))
    );
    let bare = json!({"fields": {"Areas": ["IT"]}});
    assert_eq!(app.post(&format!("{list}/items"), bare).await.status, 400);
}

#[tokio::test]
async fn changes_of_a_list_are_told_in_rounds() {
    let cloud = Cloud::start().await;
    let app = cloud.application(&["Sites.ReadWrite.All"]);
    let delta = format!("{}/delta", risks());
    let first = app.get(&format!("{delta}?$top=3&$expand=fields")).await;
    assert_eq!(first.values().len(), 3);
    let next = first.body["@odata.nextLink"].as_str().unwrap().to_owned();
    // What changes between two pages comes with the next round.
    let changed = format!("{}/1/fields", risks());
    assert_eq!(
        app.patch(&changed, json!({"Severity": "Low"})).await.status,
        200
    );
    let second = app.get(&next).await;
    assert_eq!(second.values().len(), 2);
    let link = second.body["@odata.deltaLink"].as_str().unwrap().to_owned();
    let made = app
        .post(&risks(), json!({"fields": {"Title": "New"}}))
        .await
        .id();
    assert_eq!(app.delete(&format!("{}/2", risks())).await.status, 204);
    let told = app.get(&link).await.values();
    let told: Vec<_> = told
        .iter()
        .map(|item| (item["id"].as_str().unwrap(), item.get("deleted").is_some()))
        .collect();
    assert_eq!(told, [("1", false), (made.as_str(), false), ("2", true)]);
    let latest = app.get(&format!("{delta}?token=latest")).await;
    assert!(latest.values().is_empty());
    let link = latest.body["@odata.deltaLink"].as_str().unwrap();
    assert!(app.get(link).await.values().is_empty());
    let lost = app.get(&format!("{delta}?token=made-up")).await;
    lost.assert_refused(410, "resyncRequired");
    assert!(lost.header("location").contains("/items/delta"));
}

#[tokio::test]
async fn a_file_of_a_library_and_its_list_item_are_one() {
    let cloud = Cloud::start().await;
    let app = cloud.application(&["Sites.ReadWrite.All"]);
    let library = format!("{}/drive", of(FINANCE));
    let file = app
        .get(&format!(
            "{library}/root:/Budget%202026.xlsx?$expand=listItem($expand=fields)"
        ))
        .await;
    assert_eq!(
        file.body["listItem"]["fields"]["Confidentiality"],
        "Confidential"
    );
    let list_item = format!("{library}/items/{}/listItem", file.id());
    let fields = app.get(&format!("{list_item}?$expand=fields")).await;
    assert_eq!(fields.body["fields"]["FileLeafRef"], "Budget 2026.xlsx");
    let set = app
        .patch(
            &format!("{list_item}/fields"),
            json!({"Confidentiality": "Internal"}),
        )
        .await;
    assert_eq!(
        (set.status, &set.body["Confidentiality"]),
        (200, &json!("Internal"))
    );
    let drive = app.get(&library).await.id();
    let versions = app
        .get(&format!("/drives/{drive}/items/{}/versions", file.id()))
        .await;
    assert_eq!(versions.values().len(), 2);
    let items = format!("{}/lists/Documents/items", of(FINANCE));
    let number = fields.id();
    let back = app.get(&format!("{items}/{number}/driveItem")).await;
    assert_eq!(back.id(), file.id());
    let all = app
        .get(&format!("{items}?$expand=driveItem,fields"))
        .await
        .values();
    assert!(
        all.iter()
            .all(|item| item["driveItem"]["name"] == item["fields"]["FileLeafRef"])
    );
    let children = app
        .get(&format!("{library}/root/children?$expand=listItem"))
        .await
        .values();
    assert!(
        children
            .iter()
            .all(|child| child["listItem"]["id"].is_string())
    );
    app.post(&items, json!({"fields": {}}))
        .await
        .assert_refused(400, "invalidRequest");
    assert_eq!(app.delete(&format!("{items}/{number}")).await.status, 204);
    app.get(&format!("{library}/items/{}", file.id()))
        .await
        .assert_refused(404, "itemNotFound");
}
