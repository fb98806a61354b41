use reqwest::Method;
use serde_json::json;

use crate::cloud::{BEN, Cloud};
use crate::drive_cloud::{assert_refused_plainly, put, unfollowed};

#[tokio::test]
async fn a_small_file_goes_up_and_comes_down() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let path = "/me/drive/root:/Made/on%20the%20way/100%25%20%23('x').txt:/content";
    let made = put(&cloud, &ana, path, &[], b"hello").await;
    assert_eq!(
        (made.status, &made.body["name"]),
        (201, &json!("100% #('x').txt")),
        "{}",
        made.text
    );
    assert_eq!(
        made.body["file"]["hashes"]["quickXorHash"]
            .as_str()
            .unwrap()
            .len(),
        28
    );
    let replaced = put(&cloud, &ana, path, &[], b"hello again").await;
    assert_eq!(
        (replaced.status, replaced.id(), &replaced.body["size"]),
        (200, made.id(), &json!(11))
    );
    assert_ne!(replaced.body["cTag"], made.body["cTag"]);
    let with = |behavior: &str| format!("{path}?@microsoft.graph.conflictBehavior={behavior}");
    put(&cloud, &ana, &with("fail"), &[], b"x")
        .await
        .assert_refused(409, "nameAlreadyExists");
    put(&cloud, &ana, &with("sometimes"), &[], b"x")
        .await
        .assert_refused(400, "invalidRequest");
    assert_eq!(
        put(&cloud, &ana, &with("rename"), &[], b"x").await.body["name"],
        "100% #('x') 1.txt"
    );
    let item = format!("/me/drive/items/{}", made.id());
    let stale = [("if-match", made.body["eTag"].as_str().unwrap())];
    put(&cloud, &ana, &format!("{item}/content"), &stale, b"x")
        .await
        .assert_refused(412, "resourceModified");
    put(&cloud, &ana, "/me/drive/root:/a*b.txt:/content", &[], b"x")
        .await
        .assert_refused(400, "invalidRequest");
    put(
        &cloud,
        &ana,
        "/me/drive/root:/Documents:/content",
        &[],
        b"x",
    )
    .await
    .assert_refused(409, "nameAlreadyExists");

    let redirect = unfollowed(&cloud, &ana, &format!("{item}/content")).await;
    assert_eq!((redirect.status, redirect.text.as_str()), (302, ""));
    let url = redirect.header("location").to_owned();
    assert_eq!(cloud.bytes(&url).await, b"hello again");
    let part = cloud
        .plain(Method::GET, &url, &[("range", "bytes=6-8")], Vec::new())
        .await;
    assert_eq!(
        (
            part.status,
            part.text.as_str(),
            part.header("content-range")
        ),
        (206, "aga", "bytes 6-8/11")
    );
    let beyond = cloud
        .plain(Method::GET, &url, &[("range", "bytes=11-")], Vec::new())
        .await;
    assert_refused_plainly(&beyond, 416, "invalidRange");
    assert_eq!(beyond.header("content-range"), "bytes */11");
    let bearer = format!("Bearer {}", ana.token);
    let with_token = cloud
        .plain(Method::GET, &url, &[("authorization", &bearer)], Vec::new())
        .await;
    assert_eq!(with_token.status, 200, "a good token does no harm");
    let with_other = cloud
        .plain(
            Method::GET,
            &url,
            &[("authorization", "Bearer x.y.z")],
            Vec::new(),
        )
        .await;
    assert_refused_plainly(&with_other, 401, "unauthenticated");
    cloud.control.advance(std::time::Duration::from_secs(3_601));
    assert_refused_plainly(
        &cloud.plain(Method::GET, &url, &[], Vec::new()).await,
        401,
        "unauthenticated",
    );
}

#[tokio::test]
async fn only_what_has_the_format_already_is_given_in_it() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let pdf = unfollowed(
        &cloud,
        &ana,
        "/me/drive/root:/Documents/Travel%20policy.pdf:/content?format=pdf",
    )
    .await;
    assert_eq!(pdf.status, 302);
    ana.get("/me/drive/root:/Documents/Meeting%20notes.txt:/content?format=pdf")
        .await
        .assert_refused(406, "notSupported");
    ana.get("/me/drive/root:/Documents:/content")
        .await
        .assert_refused(400, "invalidRequest");
    let thumbnails = ana
        .get("/me/drive/root:/Pictures/Contoso%20logo.png:/thumbnails")
        .await
        .values();
    assert!(
        cloud
            .bytes(thumbnails[0]["small"]["url"].as_str().unwrap())
            .await
            .starts_with(b"\x89PNG")
    );
}

#[tokio::test]
async fn every_content_is_kept_as_a_version_and_can_come_back() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let item = format!(
        "/me/drive/items/{}",
        put(&cloud, &ana, "/me/drive/root:/v.txt:/content", &[], b"one")
            .await
            .id()
    );
    put(&cloud, &ana, &format!("{item}/content"), &[], b"second").await;
    let versions = ana.get(&format!("{item}/versions")).await.values();
    assert_eq!(
        (&versions[0]["id"], &versions[1]["id"], &versions[1]["size"]),
        (&json!("2.0"), &json!("1.0"), &json!(3))
    );
    let old = unfollowed(&cloud, &ana, &format!("{item}/versions/1.0/content")).await;
    assert_eq!(cloud.bytes(old.header("location")).await, b"one");
    assert_eq!(
        ana.post(&format!("{item}/versions/1.0/restoreVersion"), json!({}))
            .await
            .status,
        204
    );
    assert_eq!(ana.get(&item).await.body["size"], 3);
    assert_eq!(ana.get(&format!("{item}/versions")).await.values().len(), 3);
    ana.post(&format!("{item}/versions/9.0/restoreVersion"), json!({}))
        .await
        .assert_refused(404, "itemNotFound");
}

#[tokio::test]
async fn a_copy_is_watched_until_it_is_done() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let folder = ana.get("/me/drive/root:/Projects").await.id();
    let path = format!("/me/drive/items/{folder}/copy");
    let copied = ana
        .post(&path, json!({"name": "Projects of last year"}))
        .await;
    assert_eq!((copied.status, copied.text.as_str()), (202, ""));
    let monitor = copied.header("location").to_owned();
    let first = cloud.plain(Method::GET, &monitor, &[], Vec::new()).await;
    assert_eq!(
        (first.status, &first.body["status"]),
        (202, &json!("inProgress"))
    );
    let done = cloud.plain(Method::GET, &monitor, &[], Vec::new()).await;
    assert_eq!(
        (done.status, &done.body["status"]),
        (200, &json!("completed"))
    );
    let copy = ana.get("/me/drive/root:/Projects%20of%20last%20year").await;
    assert_eq!(done.body["resourceId"], copy.id());
    assert_eq!(
        copy.body["size"],
        ana.get("/me/drive/root:/Projects").await.body["size"]
    );
    let taken = ana.post(&path, json!({"name": "Documents"})).await;
    let monitor = taken.header("location").to_owned();
    cloud.plain(Method::GET, &monitor, &[], Vec::new()).await;
    let failed = cloud.plain(Method::GET, &monitor, &[], Vec::new()).await;
    assert_eq!(
        (&failed.body["status"], &failed.body["error"]["code"]),
        (&json!("failed"), &json!("nameAlreadyExists"))
    );
    let drive = cloud.user(BEN, &["Files.Read"]).get("/me/drive").await.id();
    ana.post(
        &path,
        json!({"parentReference": {"driveId": drive, "id": "root"}}),
    )
    .await
    .assert_refused(403, "accessDenied");
}

#[tokio::test]
async fn search_finds_names_and_texts() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let found = ana.get("/me/drive/root/search(q='budget')").await.values();
    assert_eq!(found[0]["name"], "Budget.xlsx");
    let found = ana.get("/me/drive/search(q='supplier')").await.values();
    assert_eq!(found[0]["name"], "Meeting notes.txt");
    assert!(
        ana.get("/me/drive/root:/Pictures:/search(q='it''s')")
            .await
            .values()
            .is_empty()
    );
    ana.get("/me/drive/root/search(x)")
        .await
        .assert_refused(400, "invalidRequest");
}
