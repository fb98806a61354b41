//! Messages that are sent and drafted as MIME.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::cloud::{ANA, Answer, BEN, Cloud, answer, id};

const LETTER: &str = "To: Ben Okafor <ben.okafor@contoso.com>\r\nSubject: From a script\r\nX-Run: 7\r\n\
    MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"x\"\r\n\r\n--x\r\n\
    Content-Type: text/html; charset=utf-8\r\n\r\n<p>Hello</p>\r\n--x\r\n\
    Content-Type: text/csv; name=\"a.csv\"\r\nContent-Disposition: attachment; filename=\"a.csv\"\r\n\
    Content-Transfer-Encoding: base64\r\n\r\nYSxi\r\n--x--\r\n";

async fn post(cloud: &Cloud, token: &str, path: &str, body: String) -> Answer {
    let request = cloud
        .request(reqwest::Method::POST, path)
        .bearer_auth(token);
    answer(request.header("content-type", "text/plain").body(body)).await
}

#[tokio::test]
async fn a_letter_in_mime_is_sent_as_it_was_written() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let sent = post(&cloud, &ana.token, "/me/sendMail", STANDARD.encode(LETTER)).await;
    assert_eq!(sent.status, 202, "{}", sent.text);
    let ben = cloud.mail_user(BEN);
    let arrived = ben.find("inbox", "From a script").await.remove(0);
    assert_eq!(arrived["from"]["emailAddress"]["address"], ANA);
    assert_eq!(arrived["hasAttachments"], true);
    assert!(
        arrived["body"]["content"]
            .as_str()
            .unwrap()
            .contains("<p>Hello</p>")
    );
    let files = ben
        .get(&format!("/me/messages/{}/attachments", id(&arrived)))
        .await
        .values();
    assert_eq!(
        (files[0]["name"].as_str(), files[0]["contentBytes"].as_str()),
        (Some("a.csv"), Some("YSxi"))
    );
}

#[tokio::test]
async fn a_draft_is_made_of_mime() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let draft = post(&cloud, &ana.token, "/me/messages", STANDARD.encode(LETTER)).await;
    assert_eq!(draft.status, 201, "{}", draft.text);
    assert_eq!(
        (&draft.body["isDraft"], draft.body["subject"].as_str()),
        (&serde_json::json!(true), Some("From a script"))
    );
    assert_eq!(draft.body["from"]["emailAddress"]["address"], ANA);
}

#[tokio::test]
async fn what_is_no_base64_is_refused() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    for path in ["/me/sendMail", "/me/messages"] {
        post(&cloud, &ana.token, path, "Subject: plain".to_owned())
            .await
            .assert_refused(400, "ErrorMimeContentInvalidBase64String");
    }
    let nobody = STANDARD.encode("Subject: x\r\n\r\ny");
    post(&cloud, &ana.token, "/me/sendMail", nobody)
        .await
        .assert_refused(400, "ErrorInvalidRecipients");
}
