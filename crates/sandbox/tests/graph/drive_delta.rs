use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cloud::{Caller, Cloud};
use crate::drive_cloud::put;

/// Follows a round to its end: everything it told, and where the next one begins.
async fn round(ana: &Caller<'_>, start: &str) -> (Vec<Value>, String) {
    let (mut told, mut next) = (Vec::new(), start.to_owned());
    loop {
        let page = ana.get(&next).await;
        told.extend(page.values());
        match page.body["@odata.nextLink"].as_str() {
            Some(link) => link.clone_into(&mut next),
            None => {
                return (
                    told,
                    page.body["@odata.deltaLink"].as_str().unwrap().to_owned(),
                );
            }
        }
    }
}

#[tokio::test]
async fn delta_tells_every_change_once_it_happened() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let (all, link) = round(&ana, "/me/drive/root/delta?$top=3").await;
    assert_eq!(all.len(), 14, "the root, five folders and eight files");
    assert!(all[0].get("root").is_some() && link.contains("token="));
    let (nothing, link) = round(&ana, &link).await;
    assert!(nothing.is_empty());
    let made = put(
        &cloud,
        &ana,
        "/me/drive/root:/Fresh/new.txt:/content",
        &[],
        b"x",
    )
    .await;
    let gone = ana.get("/me/drive/root:/Documents/Expenses.csv").await.id();
    ana.delete(&format!("/me/drive/items/{gone}")).await;
    let (changes, link) = round(&ana, &link).await;
    assert_eq!(changes[0]["name"], "Fresh");
    assert_eq!(changes[1]["id"], made.id());
    assert_eq!(
        (&changes[2]["id"], &changes[2]["deleted"]["state"]),
        (&json!(gone), &json!("deleted"))
    );
    assert_eq!(changes.len(), 3);
    let latest = ana.get("/me/drive/root/delta(token='latest')").await;
    assert!(latest.values().is_empty());
    let latest = latest.body["@odata.deltaLink"].as_str().unwrap().to_owned();
    ana.patch(
        &format!("/me/drive/items/{}", made.id()),
        json!({"name": "newer.txt"}),
    )
    .await;
    for link in [&latest, &link] {
        assert_eq!(round(&ana, link).await.0[0]["name"], "newer.txt");
    }
}

#[tokio::test]
async fn what_changes_between_two_pages_is_not_lost() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let mut mirror = BTreeMap::new();
    let mut note = |told: &[Value]| {
        for item in told {
            let id = item["id"].as_str().unwrap().to_owned();
            if item.get("deleted").is_some() {
                mirror.remove(&id);
            } else {
                mirror.insert(id, item["name"].as_str().unwrap().to_owned());
            }
        }
        mirror.len()
    };
    let first = ana.get("/me/drive/root/delta?$top=5").await;
    note(&first.values());
    put(
        &cloud,
        &ana,
        "/me/drive/root:/between.txt:/content",
        &[],
        b"x",
    )
    .await;
    let pictures = ana.get("/me/drive/root:/Pictures").await.id();
    ana.delete(&format!("/me/drive/items/{pictures}")).await;
    let moved = ana.get("/me/drive/root:/Documents/Expenses.csv").await.id();
    let root = ana.get("/me/drive/root").await.id();
    ana.patch(
        &format!("/me/drive/items/{moved}"),
        json!({"parentReference": {"id": root}}),
    )
    .await;
    let (rest, link) = round(&ana, first.body["@odata.nextLink"].as_str().unwrap()).await;
    note(&rest);
    let (later, _) = round(&ana, &link).await;
    let known = note(&later);
    let (now, _) = round(&ana, "/me/drive/root/delta").await;
    assert_eq!(known, now.len());
    for item in now {
        assert_eq!(
            mirror.get(item["id"].as_str().unwrap()),
            item["name"].as_str().map(str::to_owned).as_ref()
        );
    }
}

#[tokio::test]
async fn a_token_that_is_too_old_or_unknown_asks_for_a_new_start() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let refused = ana.get("/me/drive/root/delta?token=made-up").await;
    refused.assert_refused(410, "resyncRequired");
    assert_eq!(
        refused.body["error"]["innerError"]["code"],
        "resyncChangesApplyDifferences"
    );
    assert_eq!(round(&ana, refused.header("location")).await.0.len(), 14);
    ana.get("/me/drive/root:/Documents:/delta")
        .await
        .assert_refused(400, "invalidRequest");
    let (_, link) = round(&ana, "/me/drive/root/delta").await;
    cloud
        .control
        .advance(std::time::Duration::from_hours(91 * 24));
    let late = cloud.files_of_ana().get(&link).await;
    assert_eq!((late.status, late.code()), (410, "resyncRequired"));
}
