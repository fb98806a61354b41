use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Cloud};
use crate::site_cloud::{CHIARA, DAVID, FINANCE, INES, ids, of, titles};

#[tokio::test]
async fn a_site_answers_to_every_form_of_its_address() {
    let cloud = Cloud::start().await;
    let app = cloud.application(&["Sites.Read.All"]);
    let site = app.get(FINANCE).await;
    assert_eq!(site.body["displayName"], "Finance");
    assert_eq!(
        site.body["webUrl"],
        "https://contoso.sharepoint.com/sites/finance"
    );
    let id = site.id();
    let parts: Vec<&str> = id.split(',').collect();
    assert_eq!((parts.len(), parts[0]), (3, "contoso.sharepoint.com"));
    for path in [
        format!("/sites/{id}"),
        format!("/sites/{}", parts[1]),
        "/sites/contoso.sharepoint.com:/SITES/Finance".to_owned(),
        "/sites/contoso.sharepoint.com:/sites/finance:".to_owned(),
        "/sites/root:/sites/finance".to_owned(),
        "/sites/root/getByPath(path='sites%2Ffinance')".to_owned(),
    ] {
        assert_eq!(app.get(&path).await.body["id"], json!(id), "{path}");
    }
    let root = app.get("/sites/root").await;
    assert_eq!(root.body["siteCollection"]["root"], json!({}));
    assert_eq!(
        app.get("/sites/contoso.sharepoint.com").await.id(),
        root.id()
    );
    let lists = "/sites/contoso.sharepoint.com:/sites/finance:/lists";
    assert_eq!(app.get(lists).await.values().len(), 3);
    app.get("/sites/contoso.sharepoint.com:/sites/nothing")
        .await
        .assert_refused(404, "itemNotFound");
    app.get("/sites/fabrikam.sharepoint.com:/sites/finance")
        .await
        .assert_refused(400, "invalidRequest");
    app.get("/sites/made-up")
        .await
        .assert_refused(400, "invalidRequest");
    let ids = app
        .get(&format!("{FINANCE}?$select=sharepointIds,id"))
        .await;
    assert_eq!(ids.body["sharepointIds"]["webId"], parts[2]);
    assert_eq!(ids.body.get("displayName"), None);
}

#[tokio::test]
async fn people_find_the_sites_that_they_may_see_and_no_others() {
    let cloud = Cloud::start().await;
    let ben = cloud.user(BEN, &["Sites.Read.All"]);
    let found = ben.get("/sites?search=*").await.values();
    assert_eq!(titles(&found), ["Contoso", "Projects", "Fabrikam rollout"]);
    let found = ben.get("/sites?search=rollout").await.values();
    assert_eq!(titles(&found), ["Fabrikam rollout"]);
    ben.get(FINANCE).await.assert_refused(403, "accessDenied");
    let chiara = cloud.user(CHIARA, &["Sites.Read.All"]);
    assert_eq!(
        titles(&chiara.get("/sites?search=finance").await.values()),
        ["Finance"]
    );
    let page = chiara.get("/sites?search=*&$top=2").await;
    assert_eq!(page.values().len(), 2);
    let next = page.body["@odata.nextLink"].as_str().unwrap();
    assert_eq!(chiara.get(next).await.values().len(), 2);
}

#[tokio::test]
async fn only_applications_list_all_sites_and_follow_their_changes() {
    let cloud = Cloud::start().await;
    let app = cloud.application(&["Sites.Read.All"]);
    assert_eq!(app.get("/sites/getAllSites").await.values().len(), 5);
    let chiara = cloud.user(CHIARA, &["Sites.FullControl.All"]);
    for path in ["/sites/getAllSites", "/sites/delta"] {
        chiara.get(path).await.assert_refused(403, "accessDenied");
    }
    let first = app.get("/sites/delta").await;
    assert_eq!(first.values().len(), 5);
    let link = first.body["@odata.deltaLink"].as_str().unwrap().to_owned();
    assert!(app.get(&link).await.values().is_empty());
    let writer = cloud.application(&["Sites.Manage.All"]);
    let list = json!({"displayName": "New", "list": {"template": "genericList"}});
    let made = writer.post(&format!("{}/lists", of(FINANCE)), list).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let changed = app.get(&link).await.values();
    assert_eq!(titles(&changed), ["Finance"]);
    app.get("/sites/delta?token=made-up")
        .await
        .assert_refused(410, "resyncRequired");
}

#[tokio::test]
async fn subsites_are_below_their_site_and_share_its_people() {
    let cloud = Cloud::start().await;
    let ben = cloud.user(BEN, &["Sites.Read.All"]);
    let projects = "/sites/contoso.sharepoint.com:/sites/projects";
    let below = ben.get(&format!("{}/sites", of(projects))).await.values();
    assert_eq!(titles(&below), ["Fabrikam rollout"]);
    let parent = ben.get(projects).await;
    assert_eq!(below[0]["parentReference"]["siteId"], parent.id());
    let (above, subsite) = (ids(&parent.id()), ids(below[0]["id"].as_str().unwrap()));
    assert_eq!(above.0, subsite.0);
    assert_ne!(above.1, subsite.1);
    let ben = cloud.user(BEN, &["Sites.ReadWrite.All"]);
    let item = json!({"fields": {"Title": "Handover"}});
    let items = format!(
        "/sites/{}/lists/Milestones/items",
        below[0]["id"].as_str().unwrap()
    );
    assert_eq!(ben.post(&items, item.clone()).await.status, 201);
    // Everybody may read Projects, and its members write.
    let hugo = cloud.user("hugo.martin@contoso.com", &["Sites.ReadWrite.All"]);
    assert_eq!(hugo.get(&items).await.status, 200);
    hugo.post(&items, item)
        .await
        .assert_refused(403, "accessDenied");
}

#[tokio::test]
async fn a_person_does_what_their_token_and_their_place_at_the_site_both_allow() {
    let cloud = Cloud::start().await;
    let lists = format!("{}/lists", of(FINANCE));
    let new = |title: &str| json!({"displayName": title, "list": {"template": "genericList"}});
    let david = cloud.user(DAVID, &["Sites.Manage.All"]);
    assert_eq!(david.post(&lists, new("Plans")).await.status, 201);
    let david = cloud.user(DAVID, &["Sites.ReadWrite.All"]);
    david
        .post(&lists, new("More"))
        .await
        .assert_refused(403, "accessDenied");
    let visitor = cloud.user("jonas.weber@contoso.com", &["Sites.Manage.All"]);
    assert_eq!(visitor.get(&lists).await.status, 200);
    visitor
        .post(&lists, new("More"))
        .await
        .assert_refused(403, "accessDenied");
    let without = cloud.user(DAVID, &["Files.ReadWrite.All"]);
    without
        .get(&lists)
        .await
        .assert_refused(403, "accessDenied");
    let drive = format!("{}/drive", of(FINANCE));
    assert_eq!(without.get(&drive).await.status, 200);
    let ana = cloud.user(ANA, &["Files.ReadWrite.All"]);
    ana.get(&drive).await.assert_refused(403, "accessDenied");
}

#[tokio::test]
async fn people_follow_sites() {
    let cloud = Cloud::start().await;
    let ines = cloud.user(INES, &["Sites.ReadWrite.All"]);
    assert!(ines.get("/me/followedSites").await.values().is_empty());
    let site = ines
        .get("/sites/contoso.sharepoint.com:/sites/hr")
        .await
        .id();
    let body = json!({"value": [{"id": site}]});
    let added = ines.post("/me/followedSites/add", body.clone()).await;
    assert_eq!(titles(&added.values()), ["Human Resources"]);
    assert_eq!(ines.get("/me/followedSites").await.values().len(), 1);
    assert_eq!(
        ines.post("/me/followedSites/remove", body).await.status,
        204
    );
    assert!(ines.get("/me/followedSites").await.values().is_empty());
}

#[tokio::test]
async fn pages_are_made_changed_published_and_deleted() {
    let cloud = Cloud::start().await;
    let app = cloud.application(&["Sites.ReadWrite.All"]);
    let pages = format!("{}/pages", of(FINANCE));
    assert_eq!(
        app.get(&format!("{pages}/microsoft.graph.sitePage"))
            .await
            .values()[0]["title"],
        "Finance"
    );
    let body = json!({
        "@odata.type": "#microsoft.graph.sitePage",
        "name": "closing.aspx",
        "title": "Closing the year",
        "pageLayout": "article",
        "titleArea": {"layout": "plain"},
        "canvasLayout": {"horizontalSections": [{
            "layout": "twoColumns",
            "columns": [
                {"width": 6, "webparts": [{"@odata.type": "#microsoft.graph.textWebPart", "innerHtml": "<p>Dates</p>"}]},
                {"width": 6, "webparts": []},
            ],
        }]},
    });
    let made = app.post(&pages, body.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(
        made.body["publishingState"],
        json!({"level": "draft", "versionId": "0.1"})
    );
    app.post(&pages, body)
        .await
        .assert_refused(409, "nameAlreadyExists");
    app.post(&pages, json!({"title": "No kind"}))
        .await
        .assert_refused(400, "invalidRequest");
    let page = format!("{pages}/{}/microsoft.graph.sitePage", made.id());
    let whole = app.get(&format!("{page}?$expand=canvasLayout")).await;
    let part = &whole.body["canvasLayout"]["horizontalSections"][0]["columns"][0]["webparts"][0];
    assert_eq!(part["innerHtml"], "<p>Dates</p>");
    assert!(part["id"].is_string());
    assert_eq!(app.get(&format!("{page}/webParts")).await.values().len(), 1);
    let changed = app.patch(&page, json!({"title": "Year end"})).await;
    assert_eq!(changed.body["title"], "Year end");
    assert_eq!(
        app.post(&format!("{page}/publish"), Value::Null)
            .await
            .status,
        204
    );
    let state = &app.get(&page).await.body["publishingState"];
    assert_eq!(state, &json!({"level": "published", "versionId": "1.0"}));
    let reader = cloud.application(&["Sites.Read.All"]);
    reader
        .delete(&page)
        .await
        .assert_refused(403, "accessDenied");
    assert_eq!(
        app.delete(&format!("{pages}/{}", made.id())).await.status,
        204
    );
    app.get(&page).await.assert_refused(404, "itemNotFound");
}

#[tokio::test]
async fn search_goes_through_sites_lists_items_and_files() {
    let cloud = Cloud::start().await;
    let chiara = cloud.user(CHIARA, &["Sites.Read.All"]);
    let ask = |kind: &str, words: &str| json!({"requests": [{"entityTypes": [kind], "query": {"queryString": words}}]});
    for (kind, words, name) in [
        ("site", "finance", "Finance"),
        ("list", "cost", "Cost centres"),
        ("driveItem", "Q1", "Q1 report.pdf"),
        ("listItem", "fair", "Trade fair stand"),
    ] {
        let found = chiara.post("/search/query", ask(kind, words)).await;
        let container = &found.body["value"][0]["hitsContainers"][0];
        assert_eq!(container["total"], 1, "{kind}: {}", found.text);
        assert_eq!(container["hits"][0]["summary"], name);
    }
    let ben = cloud.user(BEN, &["Sites.Read.All"]);
    let nothing = ben.post("/search/query", ask("listItem", "fair")).await;
    assert_eq!(nothing.body["value"][0]["hitsContainers"][0]["total"], 0);
    let app = cloud.application(&["Sites.Read.All"]);
    assert_eq!(
        app.post("/search/query", ask("site", "x")).await.status,
        400
    );
    let files = cloud.user(BEN, &["Files.Read.All"]);
    assert_eq!(
        files.post("/search/query", ask("site", "x")).await.status,
        403
    );
    let chats = ben.post("/search/query", ask("chatMessage", "x")).await;
    assert_eq!(chats.status, 501);
}
