use serde_json::json;

use crate::cloud::{ANA, BEN, Cloud};
use crate::drive_cloud::{names, put, unfollowed};

#[tokio::test]
async fn everyone_has_a_drive_with_a_tree_of_real_documents() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let drive = ana.get("/me/drive").await;
    assert_eq!(drive.body["driveType"], "business");
    assert!(drive.id().starts_with("b!"));
    assert!(drive.body["quota"]["used"].as_u64().unwrap() > 1_000);
    assert_eq!(ana.get("/me/drives").await.values()[0]["id"], drive.id());
    assert_eq!(
        ana.get(&format!("/drives/{}", drive.id())).await.id(),
        drive.id()
    );
    let top = ana.get("/me/drive/root/children").await.values();
    assert_eq!(
        names(&top),
        ["Documents", "Getting started.txt", "Pictures", "Projects"]
    );
    let root = ana.get("/me/drive/root").await;
    assert_eq!(
        (&root.body["name"], &root.body["folder"]["childCount"]),
        (&json!("root"), &json!(4))
    );
    assert_eq!(root.body["root"], json!({}));
    for (path, start) in [
        ("Documents/Travel%20policy.pdf", &b"%PDF-1.4"[..]),
        (
            "Projects/Fabrikam%20rollout/Project%20plan.docx",
            b"PK\x03\x04",
        ),
        ("Projects/Fabrikam%20rollout/Budget.xlsx", b"PK\x03\x04"),
        ("Pictures/Contoso%20logo.png", b"\x89PNG"),
        ("Documents/Expenses.csv", b"Date,Who"),
    ] {
        let item = ana.get(&format!("/me/drive/root:/{path}")).await;
        assert_eq!(item.status, 200, "{path}");
        assert!(item.id().starts_with("01") && item.id().len() == 34);
        let bytes = cloud
            .bytes(item.body["@microsoft.graph.downloadUrl"].as_str().unwrap())
            .await;
        assert!(bytes.starts_with(start), "{path}");
        assert_eq!(item.body["size"], bytes.len());
    }
}

#[tokio::test]
async fn what_is_deleted_for_good_is_gone_and_a_drive_for_work_gives_nothing_back() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let latest = ana.get("/me/drive/root/delta(token='latest')").await;
    let link = latest.body["@odata.deltaLink"].as_str().unwrap().to_owned();
    let drive = ana.get("/me/drive").await.id();
    for (path, action, status) in [
        ("Documents/Expenses.csv", "permanentDelete", 204),
        ("Pictures", "microsoft.graph.permanentDelete", 204),
    ] {
        let item = ana.get(&format!("/me/drive/root:/{path}")).await.id();
        let at = format!("/drives/{drive}/items/{item}");
        let wrong = ana.get(&format!("{at}/{action}")).await;
        wrong.assert_refused(405, "Request_BadRequest");
        let deleted = ana.post(&format!("{at}/{action}"), json!({})).await;
        assert_eq!(deleted.status, status, "{}", deleted.text);
        assert_eq!(ana.get(&at).await.status, 404);
        let restored = ana.post(&format!("{at}/restore"), json!({})).await;
        assert_eq!((restored.status, restored.code()), (400, "notSupported"));
    }
    let told = ana.get(&link).await.values();
    assert!(
        told.iter()
            .all(|item| item.get("deleted").is_some() || item.get("root").is_some())
    );
    assert!(told.len() >= 3, "{told:?}");
    let bin = ana.get("/sites/root/recycleBin/items").await;
    bin.assert_refused(400, "BadRequest");
}

#[tokio::test]
async fn an_item_answers_to_every_form_of_its_address() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let drive = ana.get("/me/drive").await.id();
    let folder = ana.get("/me/drive/root:/Documents").await;
    let file = ana
        .get("/me/drive/root:/Documents/Meeting%20notes.txt")
        .await;
    let id = file.id();
    for path in [
        format!("/me/drive/items/{id}"),
        format!("/users/{ANA}/drive/items/{id}"),
        format!("/drives/{drive}/items/{id}"),
        format!("/drives/{drive}/root:/documents/MEETING%20NOTES.txt"),
        format!("/drives/{drive}/root:/Documents/Meeting%20notes.txt:"),
        format!("/drives/{drive}/items/{}:/Meeting%20notes.txt", folder.id()),
        format!("/drives/{drive}/items/root:/Documents/Meeting%20notes.txt:/"),
        "/me/drive/special/documents:/Meeting%20notes.txt".to_owned(),
    ] {
        assert_eq!(ana.get(&path).await.body["id"], json!(id), "{path}");
    }
    let share = base64_of(file.body["webUrl"].as_str().unwrap());
    assert_eq!(
        ana.get(&format!("/shares/{share}/driveItem")).await.id(),
        id
    );
    let parent = &file.body["parentReference"];
    assert_eq!(parent["id"], folder.id());
    assert_eq!(parent["path"], format!("/drives/{drive}/root:/Documents"));
    ana.get("/me/drive/items/01ABC")
        .await
        .assert_refused(404, "itemNotFound");
    ana.get("/me/drive/root:/nothing")
        .await
        .assert_refused(404, "itemNotFound");
    ana.get("/me/drive/special/nothing")
        .await
        .assert_refused(400, "invalidRequest");
    ana.get("/drives/b!nothing")
        .await
        .assert_refused(404, "itemNotFound");
    ana.get("/me/drive/following")
        .await
        .assert_refused(501, "notImplemented");
}

fn base64_of(url: &str) -> String {
    use base64::Engine;
    format!(
        "u!{}",
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(url)
    )
}

#[tokio::test]
async fn folders_are_made_renamed_moved_and_deleted() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let new = |name: &str, behavior: &str| json!({"name": name, "folder": {}, "@microsoft.graph.conflictBehavior": behavior});
    let made = ana
        .post("/me/drive/root/children", new("Plans", "fail"))
        .await;
    assert_eq!(
        (made.status, &made.body["folder"]["childCount"]),
        (201, &json!(0))
    );
    ana.post("/me/drive/root/children", new("plans", "fail"))
        .await
        .assert_refused(409, "nameAlreadyExists");
    let second = ana
        .post("/me/drive/root/children", new("Plans", "rename"))
        .await;
    assert_eq!(second.body["name"], "Plans 1");
    let bad_names = [
        "",
        "a*b",
        "a/b",
        "x.",
        " x",
        "CON",
        "com1",
        "desktop.ini",
        "~$x",
        "a_vti_b",
    ];
    for bad in bad_names {
        ana.post("/me/drive/root/children", new(bad, "fail"))
            .await
            .assert_refused(400, "invalidRequest");
    }
    let path = format!("/me/drive/items/{}", second.id());
    let moved = ana
        .patch(
            &path,
            json!({"name": "Old plans", "parentReference": {"id": made.id()}}),
        )
        .await;
    assert_eq!(
        (moved.status, &moved.body["name"]),
        (200, &json!("Old plans"))
    );
    assert_ne!(moved.body["eTag"], second.body["eTag"]);
    assert_eq!(
        ana.get("/me/drive/root:/Plans/Old%20plans").await.id(),
        second.id()
    );
    ana.get("/me/drive/root:/Plans%201")
        .await
        .assert_refused(404, "itemNotFound");
    ana.patch(
        &format!("/me/drive/items/{}", made.id()),
        json!({"parentReference": {"id": second.id()}}),
    )
    .await
    .assert_refused(400, "invalidRequest");
    let stale = cloud
        .files_of_ana()
        .with("if-match", second.body["eTag"].as_str().unwrap());
    stale
        .delete(&path)
        .await
        .assert_refused(412, "resourceModified");
    assert_eq!(
        ana.delete(&format!("/me/drive/items/{}", made.id()))
            .await
            .status,
        204
    );
    ana.get(&path).await.assert_refused(404, "itemNotFound");
    ana.delete("/me/drive/root")
        .await
        .assert_refused(400, "invalidRequest");
    let fresh = cloud.files_of_ana().with(
        "if-none-match",
        ana.get("/me/drive/root").await.body["eTag"]
            .as_str()
            .unwrap(),
    );
    assert_eq!(fresh.get("/me/drive/root").await.status, 304);
}

#[tokio::test]
async fn a_thousand_children_come_page_by_page() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    for number in 0..1_000 {
        let path = format!("/me/drive/root:/Many/file%20{number:04}.txt:/content");
        assert_eq!(put(&cloud, &ana, &path, &[], b"x").await.status, 201);
    }
    let mut found = Vec::new();
    let mut next = Some("/me/drive/root:/Many:/children?$top=300&$select=id,name,size".to_owned());
    let mut pages = 0;
    while let Some(path) = next {
        let page = ana.get(&path).await;
        found.extend(page.values());
        next = page.body["@odata.nextLink"].as_str().map(str::to_owned);
        pages += 1;
    }
    assert_eq!((pages, found.len()), (4, 1_000));
    assert_eq!(
        found[999],
        json!({"id": found[999]["id"], "name": "file 0999.txt", "size": 1})
    );
    let sorted = ana
        .get("/me/drive/root:/Many:/children?$orderby=name%20desc&$top=1")
        .await
        .values();
    assert_eq!(sorted[0]["name"], "file 0999.txt");
    let filtered = ana
        .get("/me/drive/root:/Many:/children?$filter=name%20eq%20'file%200500.txt'")
        .await
        .values();
    assert_eq!(names(&filtered), ["file 0500.txt"]);
    let expanded = ana
        .get("/me/drive/root:/Many?$expand=children($select=name;$top=2),thumbnails")
        .await;
    assert_eq!(expanded.body["children"].as_array().unwrap().len(), 2);
    ana.get("/me/drive/root/children?$skip=2")
        .await
        .assert_refused(400, "invalidRequest");
    ana.get("/me/drive/root/children?$select=nothing")
        .await
        .assert_refused(400, "invalidRequest");
}

#[tokio::test]
async fn each_kind_of_access_needs_its_own_permission() {
    let cloud = Cloud::start().await;
    let cases: [(&[&str], u16, u16, u16, u16); 6] = [
        (&["User.Read"], 403, 403, 403, 403),
        (&["Files.Read"], 200, 403, 403, 403),
        (&["Files.ReadWrite"], 200, 201, 403, 403),
        (&["Files.Read.All"], 200, 403, 200, 403),
        (&["Files.ReadWrite.All"], 200, 201, 200, 201),
        (&["Sites.ReadWrite.All"], 200, 201, 200, 201),
    ];
    let body = json!({"name": "New", "folder": {}, "@microsoft.graph.conflictBehavior": "rename"});
    for (permissions, own_read, own_write, application_read, application_write) in cases {
        let ana = cloud.user(ANA, permissions);
        let children = format!("/users/{ANA}/drive/root/children");
        let read = ana.get("/me/drive/root/children").await;
        assert_eq!(read.status, own_read, "{permissions:?}");
        if own_read == 403 {
            read.assert_refused(403, "accessDenied");
        }
        assert_eq!(
            ana.post("/me/drive/root/children", body.clone())
                .await
                .status,
            own_write,
            "{permissions:?}"
        );
        let application = cloud.application(permissions);
        assert_eq!(
            application.get(&children).await.status,
            application_read,
            "{permissions:?}"
        );
        assert_eq!(
            application.post(&children, body.clone()).await.status,
            application_write,
            "{permissions:?}"
        );
    }
    let application = cloud.application(&["Files.Read.All"]);
    application
        .get("/me/drive")
        .await
        .assert_refused(400, "BadRequest");
    application
        .get("/users/support@contoso.com/drive")
        .await
        .assert_refused(404, "ResourceNotFound");
}

#[tokio::test]
async fn what_was_shared_opens_to_those_it_was_shared_with() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (
        cloud.files_of_ana(),
        cloud.user(BEN, &["Files.ReadWrite.All"]),
    );
    let grace = cloud.user("grace.kim@contoso.com", &["Files.ReadWrite.All"]);
    let drive = ana.get("/me/drive").await.id();
    let file = ana.get("/me/drive/root:/Documents/Expenses.csv").await.id();
    let path = format!("/drives/{drive}/items/{file}");
    grace.get(&path).await.assert_refused(403, "accessDenied");
    let invitation = |roles: &str| json!({"recipients": [{"email": "grace.kim@contoso.com"}], "roles": [roles], "requireSignIn": true});
    let invited = ana
        .post(&format!("{path}/invite"), invitation("read"))
        .await
        .values();
    assert_eq!(
        invited[0]["grantedToV2"]["user"]["displayName"],
        "Grace Kim"
    );
    assert_eq!(grace.get(&path).await.status, 200);
    assert_eq!(
        put(&cloud, &grace, &format!("{path}/content"), &[], b"x")
            .await
            .status,
        403
    );
    let permission = invited[0]["id"].as_str().unwrap();
    let written = ana
        .patch(
            &format!("{path}/permissions/{permission}"),
            json!({"roles": ["write"]}),
        )
        .await;
    assert_eq!(written.body["roles"], json!(["write"]));
    assert_eq!(
        put(&cloud, &grace, &format!("{path}/content"), &[], b"x")
            .await
            .status,
        200
    );
    assert_eq!(
        ana.delete(&format!("{path}/permissions/{permission}"))
            .await
            .status,
        204
    );
    grace.get(&path).await.assert_refused(403, "accessDenied");
    ana.post(
        &format!("{path}/invite"),
        json!({"recipients": [{"email": "x@nowhere.example"}], "roles": ["read"]}),
    )
    .await
    .assert_refused(400, "invalidRequest");
    ana.post(&format!("{path}/invite"), invitation("owner"))
        .await
        .assert_refused(400, "invalidRequest");

    let link = ana
        .post(
            &format!("{path}/createLink"),
            json!({"type": "view", "scope": "organization"}),
        )
        .await;
    assert_eq!(
        (link.status, &link.body["link"]["type"]),
        (201, &json!("view"))
    );
    let again = ana
        .post(
            &format!("{path}/createLink"),
            json!({"type": "view", "scope": "organization"}),
        )
        .await;
    assert_eq!((again.status, again.id()), (200, link.id()));
    ana.post(&format!("{path}/createLink"), json!({"type": "embed"}))
        .await
        .assert_refused(400, "invalidRequest");
    let share = link.body["shareId"].as_str().unwrap();
    assert_eq!(
        ben.get(&format!("/shares/{share}/driveItem")).await.id(),
        file
    );
    assert_eq!(
        ben.get(&path).await.status,
        200,
        "a link that was opened stays open"
    );
    let listed = ana.get(&format!("{path}/permissions")).await.values();
    assert_eq!(listed[0]["roles"], json!(["owner"]));
    assert_eq!(listed.len(), 2);
    assert_eq!(
        unfollowed(&cloud, &ben, &format!("{path}/content"))
            .await
            .status,
        302
    );
}
