//! Personal contacts and their folders.

use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Caller, Cloud, id};

const WRITE: [&str; 1] = ["Contacts.ReadWrite"];

fn person(given: &str, address: &str) -> Value {
    json!({"givenName": given, "surname": "Moreau", "emailAddresses": [{"address": address, "name": given}], "mobilePhone": "+33 6 00",
        "homeAddress": {"city": "Lyon"}, "categories": ["Friends"], "birthday": "1990-05-02T00:00:00Z"})
}

async fn follow(caller: &Caller<'_>, start: &str) -> (Vec<Value>, String) {
    let mut all = Vec::new();
    let mut address = start.to_owned();
    loop {
        let page = caller.get(&address).await;
        all.extend(page.values());
        if let Some(link) = page.body["@odata.deltaLink"].as_str() {
            return (all, link.to_owned());
        }
        page.body["@odata.nextLink"]
            .as_str()
            .unwrap()
            .clone_into(&mut address);
    }
}

#[tokio::test]
async fn a_contact_is_made_found_changed_and_removed() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &WRITE);
    let made = ana
        .post("/me/contacts", person("Claire", "claire@moreau.example"))
        .await;
    assert_eq!(
        (
            made.status,
            made.body["displayName"].as_str(),
            made.body["fileAs"].as_str()
        ),
        (201, Some("Claire Moreau"), Some("Moreau, Claire")),
        "{}",
        made.text
    );
    let path = format!("/me/contacts/{}", made.id());
    let by_address = "/me/contacts?$filter=emailAddresses/any(a:a/address eq 'claire@moreau.example')&$select=displayName";
    let found = ana.get(by_address).await.values();
    assert_eq!((found.len(), id(&found[0])), (1, made.id()));
    assert!(found[0].get("surname").is_none());
    assert_eq!(
        ana.get("/me/contacts?$search=\"moreau claire\"")
            .await
            .values()
            .len(),
        1
    );
    let changed = ana
        .patch(&path, json!({"jobTitle": "Buyer", "mobilePhone": null}))
        .await;
    assert_eq!(
        (
            changed.body["jobTitle"].as_str(),
            &changed.body["mobilePhone"]
        ),
        (Some("Buyer"), &Value::Null),
        "{}",
        changed.text
    );
    let old = made.body["@odata.etag"].as_str().unwrap();
    cloud
        .user(ANA, &WRITE)
        .with("if-match", old)
        .patch(&path, json!({}))
        .await
        .assert_refused(412, "ErrorIrresolvableConflict");
    ana.get(&format!("{path}/photo/$value"))
        .await
        .assert_refused(404, "ImageNotFound");
    assert_eq!(ana.delete(&path).await.status, 204);
    ana.get(&path)
        .await
        .assert_refused(404, "ErrorItemNotFound");
}

#[tokio::test]
async fn folders_keep_contacts_apart() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &WRITE);
    let folder = ana
        .post("/me/contactFolders", json!({"displayName": "Suppliers"}))
        .await;
    assert_eq!(folder.status, 201, "{}", folder.text);
    let path = format!("/me/contactFolders/{}", folder.id());
    let made = ana
        .post(
            &format!("{path}/contacts"),
            person("Paul", "paul@moreau.example"),
        )
        .await;
    assert_eq!(made.body["parentFolderId"], folder.body["id"]);
    assert_eq!(ana.get(&format!("{path}/contacts/$count")).await.text, "1");
    assert!(
        ana.get("/me/contacts?$filter=givenName eq 'Paul'")
            .await
            .values()
            .is_empty()
    );
    ana.post("/me/contactFolders", json!({"displayName": "suppliers"}))
        .await
        .assert_refused(409, "ErrorFolderExists");
    ana.delete("/me/contactFolders/contacts")
        .await
        .assert_refused(400, "ErrorDeleteDistinguishedFolder");
    assert_eq!(
        ana.patch(&path, json!({"displayName": "Vendors"}))
            .await
            .body["displayName"],
        "Vendors"
    );
    assert_eq!(ana.delete(&path).await.status, 204);
    ana.get(&format!("/me/contacts/{}", made.id()))
        .await
        .assert_refused(404, "ErrorItemNotFound");
}

#[tokio::test]
async fn changes_of_contacts_are_followed() {
    let cloud = Cloud::start().await;
    let ana = cloud
        .user(ANA, &WRITE)
        .with("prefer", "odata.maxpagesize=3");
    let first = ana
        .post("/me/contacts", person("First", "first@moreau.example"))
        .await;
    let (all, link) = follow(&ana, "/me/contactFolders/contacts/contacts/delta").await;
    assert!(all.iter().any(|contact| contact["id"] == first.body["id"]));
    assert!(follow(&ana, &link).await.0.is_empty());
    ana.post("/me/contacts", person("Second", "second@moreau.example"))
        .await;
    ana.delete(&format!("/me/contacts/{}", first.id())).await;
    let (changes, _) = follow(&ana, &link).await;
    assert_eq!(changes.len(), 2, "{changes:?}");
    assert!(
        changes
            .iter()
            .any(|it| it["id"] == first.body["id"] && it["@removed"]["reason"] == "deleted")
    );
    ana.get("/me/contacts/delta?$deltatoken=x")
        .await
        .assert_refused(410, "syncStateNotFound");
}

#[tokio::test]
async fn contacts_need_their_permission_and_sense() {
    let cloud = Cloud::start().await;
    let reader = cloud.user(ANA, &["Contacts.Read"]);
    reader
        .post("/me/contacts", person("X", "x@moreau.example"))
        .await
        .assert_refused(403, "ErrorAccessDenied");
    cloud
        .user(ANA, &["Mail.Read"])
        .get("/me/contacts")
        .await
        .assert_refused(403, "ErrorAccessDenied");
    cloud
        .user(BEN, &["Contacts.Read.Shared"])
        .get(&format!("/users/{ANA}/contacts"))
        .await
        .assert_refused(403, "ErrorAccessDenied");
    let application = cloud.application(&["Contacts.ReadWrite"]);
    let path = format!("/users/{ANA}/contacts");
    assert_eq!(
        application
            .post(&path, person("App", "app@moreau.example"))
            .await
            .status,
        201
    );
    for body in [
        json!({"nonsense": 1}),
        json!({"emailAddresses": [{}]}),
        json!({"homeAddress": {"planet": "x"}}),
        json!({"birthday": "soon"}),
    ] {
        application
            .post(&path, body)
            .await
            .assert_refused(400, "RequestBodyRead");
    }
    reader
        .get("/me/contacts?$filter=nonsense eq 1")
        .await
        .assert_refused(400, "RequestBroker--ParseUri");
    reader
        .get("/me/contacts/x")
        .await
        .assert_refused(400, "ErrorInvalidIdMalformed");
}
