use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Cloud};
use crate::drive_cloud::{FILES, names, put, unfollowed};
use crate::site_cloud::{PROJECTS, of};

#[tokio::test]
async fn a_file_that_is_checked_out_is_one_persons() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.user(ANA, &FILES), cloud.user(BEN, &FILES));
    let file = format!("{}/drive/root:/Plan.txt:", of(PROJECTS));
    let made = put(&cloud, &ana, &format!("{file}/content"), &[], b"one").await;
    assert_eq!(made.status, 201, "{}", made.text);
    let out = ana.post(&format!("{file}/checkout"), Value::Null).await;
    assert_eq!(out.status, 204, "{}", out.text);
    let state = ben.get(&format!("{file}?$select=publication")).await;
    assert_eq!(state.body["publication"]["level"], "checkout");
    assert_eq!(
        state.body["publication"]["checkedOutBy"]["user"]["displayName"],
        "Ana Reis"
    );
    let change = put(&cloud, &ben, &format!("{file}/content"), &[], b"two").await;
    change.assert_refused(423, "resourceLocked");
    for refused in [
        ben.post(&format!("{file}/checkout"), Value::Null).await,
        ben.post(&format!("{file}/checkin"), json!({})).await,
        ben.patch(&file, json!({"name": "b.txt"})).await,
        ben.delete(&file).await,
    ] {
        refused.assert_refused(423, "resourceLocked");
    }
    let longer = put(&cloud, &ana, &format!("{file}/content"), &[], b"longer").await;
    assert_eq!(longer.body["size"], 6);
    assert_eq!(ben.get(&file).await.body["size"], 3);
    assert_eq!(ana.get(&file).await.body["size"], 6);
    let back = json!({"comment": "done", "checkInAs": "published"});
    assert_eq!(ana.post(&format!("{file}/checkin"), back).await.status, 204);
    assert_eq!(ben.get(&file).await.body["size"], 6);
    ana.post(&format!("{file}/checkin"), json!({}))
        .await
        .assert_refused(400, "invalidRequest");
    ana.post(&format!("{file}/checkin"), json!({"checkInAs": "x"}))
        .await
        .assert_refused(400, "invalidRequest");
}

#[tokio::test]
async fn a_checkout_that_is_discarded_leaves_nothing_behind() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &FILES);
    let file = "/me/drive/root:/Getting%20started.txt:";
    let size = ana.get(file).await.body["size"].clone();
    assert_eq!(
        ana.post(&format!("{file}/checkout"), Value::Null)
            .await
            .status,
        204
    );
    put(&cloud, &ana, &format!("{file}/content"), &[], b"other").await;
    assert_eq!(
        ana.post(&format!("{file}/discardCheckout"), Value::Null)
            .await
            .status,
        204
    );
    assert_eq!(ana.get(file).await.body["size"], size);
    assert_eq!(ana.get(&format!("{file}/versions")).await.values().len(), 1);
    ana.post("/me/drive/root:/Documents:/checkout", Value::Null)
        .await
        .assert_refused(400, "invalidRequest");
    ana.post(&format!("{file}/restore"), json!({}))
        .await
        .assert_refused(400, "notSupported");
}

#[tokio::test]
async fn what_others_shared_and_what_changed_last_is_found() {
    let cloud = Cloud::start().await;
    let ben = cloud.user(BEN, &FILES);
    let shared = ben.get("/me/drive/sharedWithMe").await.values();
    assert_eq!(names(&shared), ["Projects"]);
    let remote = &shared[0]["remoteItem"];
    let (drive, id) = (
        remote["parentReference"]["driveId"].as_str().unwrap(),
        remote["id"].as_str().unwrap(),
    );
    let there = ben
        .get(&format!("/drives/{drive}/items/{id}/children"))
        .await;
    assert_eq!(names(&there.values()), ["Fabrikam rollout"]);
    let ana = cloud.user(ANA, &FILES);
    put(
        &cloud,
        &ana,
        "/me/drive/root:/newest.txt:/content",
        &[],
        b"new",
    )
    .await;
    let recent = ana.get("/me/drive/recent").await.values();
    assert_eq!(recent[0]["name"], "newest.txt");
    assert!(recent.iter().all(|item| item.get("folder").is_none()));
}

#[tokio::test]
async fn documents_become_pdf_and_pictures_have_thumbnails() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &FILES);
    let plan = "/me/drive/root:/Projects/Fabrikam%20rollout/Project%20plan.docx:";
    let there = unfollowed(&cloud, &ana, &format!("{plan}/content?format=pdf")).await;
    assert_eq!(there.status, 302, "{}", there.text);
    let bytes = cloud.bytes(there.header("location")).await;
    assert!(bytes.starts_with(b"%PDF-1.4"));
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.contains("(Phase one: survey of two sites.) Tj"));
    for (file, format, status) in [
        ("Pictures/Contoso%20logo.png", "pdf", 406),
        ("Documents/Meeting%20notes.txt", "pdf", 406),
        ("Documents/Expenses.csv", "jpg", 501),
        ("Documents/Expenses.csv", "nonsense", 400),
        ("Documents/Expenses.csv", "pdf", 302),
        ("Documents/Travel%20policy.pdf", "pdf", 302),
    ] {
        let path = format!("/me/drive/root:/{file}:/content?format={format}");
        assert_eq!(
            unfollowed(&cloud, &ana, &path).await.status,
            status,
            "{path}"
        );
    }
    let logo = "/me/drive/root:/Pictures/Contoso%20logo.png:";
    let small = ana.get(&format!("{logo}/thumbnails/0/small")).await;
    let picture = cloud.bytes(small.body["url"].as_str().unwrap()).await;
    assert!(picture.starts_with(b"\x89PNG"));
    let content = unfollowed(&cloud, &ana, &format!("{logo}/thumbnails/0/large/content")).await;
    assert_eq!(content.status, 302);
    ana.get(&format!("{logo}/thumbnails/7"))
        .await
        .assert_refused(404, "itemNotFound");
    let preview = ana.post(&format!("{logo}/preview"), json!({})).await;
    let shown = cloud.bytes(preview.body["getUrl"].as_str().unwrap()).await;
    assert_eq!(shown, picture);
}
