use serde_json::json;

use crate::cloud::{ANA, BEN, Cloud, id};

#[tokio::test]
async fn a_file_is_added_listed_read_and_removed() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let draft = ana.draft("With a file").await;
    let path = format!("/me/messages/{}/attachments", id(&draft));
    let file = json!({"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentType": "text/plain", "contentBytes": "aGk="});
    let added = ana.post(&path, file).await;
    assert_eq!(added.status, 201);
    assert_eq!(added.body["@odata.mediaContentType"], "text/plain");
    assert_eq!(
        ana.get(&format!("/me/messages/{}", id(&draft))).await.body["hasAttachments"],
        true
    );
    let list = ana.get(&path).await.values();
    assert_eq!(list.len(), 1);
    assert_eq!(list[0]["contentBytes"], "aGk=");
    let slim = ana.get(&format!("{path}?$select=name,size")).await.values();
    assert!(slim[0].get("contentBytes").is_none() && slim[0].get("size").is_some());
    let one = format!("{path}/{}", added.id());
    assert_eq!(ana.get(&one).await.body["name"], "a.txt");
    let bytes = ana.get(&format!("{one}/$value")).await;
    assert_eq!(
        (bytes.header("content-type"), bytes.text.as_str()),
        ("text/plain", "hi")
    );
    assert_eq!(ana.delete(&one).await.status, 204);
    ana.get(&one).await.assert_refused(404, "ErrorItemNotFound");
    ana.get(&format!("{path}/nonsense"))
        .await
        .assert_refused(400, "ErrorInvalidIdMalformed");
}

#[tokio::test]
async fn files_travel_with_the_message() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let mut letter = crate::cloud::message("Report", &[BEN]);
    letter["attachments"] = json!([{"@odata.type": "#microsoft.graph.fileAttachment", "name": "r.csv", "contentType": "text/csv", "contentBytes": "YSxi"}]);
    assert_eq!(
        ana.post("/me/sendMail", json!({"message": letter}))
            .await
            .status,
        202
    );
    let ben = cloud.mail_user(BEN);
    let arrived = ben.find("inbox", "Report").await.remove(0);
    assert_eq!(arrived["hasAttachments"], true);
    let list = ben
        .get(&format!("/me/messages/{}/attachments", id(&arrived)))
        .await
        .values();
    assert_eq!(list[0]["contentBytes"], "YSxi");
}

#[tokio::test]
async fn what_is_no_file_is_refused() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let draft = ana.draft("Plain").await;
    let path = format!("/me/messages/{}/attachments", id(&draft));
    for (body, status, code) in [
        (json!({"name": "a.txt"}), 400, "ErrorInvalidRequest"),
        (
            json!({"@odata.type": "#microsoft.graph.fileAttachment", "name": "a", "contentBytes": "%%"}),
            400,
            "RequestBodyRead",
        ),
        (
            json!({"@odata.type": "#microsoft.graph.itemAttachment", "name": "a"}),
            400,
            "ErrorInvalidRequest",
        ),
    ] {
        ana.post(&path, body).await.assert_refused(status, code);
    }
    ana.post(&format!("{path}/createUploadSession"), json!({}))
        .await
        .assert_refused(400, "ErrorInvalidRequest");
    assert_eq!(ana.get(&path).await.values().len(), 0);
}
