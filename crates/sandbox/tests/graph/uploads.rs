//! Attachments that come in pieces, and those that are items or links.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cloud::{ANA, Answer, BEN, Caller, Cloud, answer, id, message};

const SIZE: usize = 3_500_000;
const PIECE: usize = 2_097_152;

async fn session(ana: &Caller<'_>, draft: &Value, size: usize) -> Answer {
    let item = json!({"attachmentType": "file", "name": "plan.bin", "size": size});
    let path = format!("/me/messages/{}/attachments/createUploadSession", id(draft));
    ana.post(&path, json!({"AttachmentItem": item})).await
}

async fn put(cloud: &Cloud, address: &str, bytes: &[u8], range: &str) -> Answer {
    let request = cloud
        .request(Method::PUT, address)
        .header("content-range", range);
    answer(request.body(bytes.to_vec())).await
}

#[tokio::test]
async fn a_large_file_is_attached_piece_by_piece_without_a_token() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let draft = ana.draft("Large").await;
    let begun = session(&ana, &draft, SIZE).await;
    assert_eq!(begun.status, 201, "{}", begun.text);
    assert_eq!(begun.body["nextExpectedRanges"], json!(["0-"]));
    let address = begun.body["uploadUrl"].as_str().unwrap();
    let bytes: Vec<u8> = (0..SIZE)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect();
    let first = put(
        &cloud,
        address,
        &bytes[..PIECE],
        &format!("bytes 0-{}/{SIZE}", PIECE - 1),
    )
    .await;
    assert_eq!(
        (first.status, &first.body["nextExpectedRanges"]),
        (200, &json!([PIECE.to_string()])),
        "{}",
        first.text
    );
    let again = put(
        &cloud,
        address,
        &bytes[..PIECE],
        &format!("bytes 0-{}/{SIZE}", PIECE - 1),
    )
    .await;
    assert_eq!(again.status, 416, "{}", again.text);
    let last = put(
        &cloud,
        address,
        &bytes[PIECE..],
        &format!("bytes {PIECE}-{}/{SIZE}", SIZE - 1),
    )
    .await;
    assert_eq!((last.status, last.text.as_str()), (201, ""));
    let place = last.header("location");
    let attachment = place
        .split("/Attachments('")
        .nth(1)
        .unwrap()
        .trim_end_matches("')");
    let path = format!("/me/messages/{}/attachments/{attachment}", id(&draft));
    let found = ana.get(&format!("{path}?$select=name,size")).await;
    assert_eq!(found.body["name"], "plan.bin");
    assert_eq!(
        ana.get(&format!("{path}/$value")).await.text.len(),
        String::from_utf8_lossy(&bytes).len()
    );
    ana.call(
        Method::POST,
        &format!("/me/messages/{}/send", id(&draft)),
        None,
    )
    .await;
    assert_eq!(
        cloud.mail_user(BEN).find("inbox", "Large").await[0]["hasAttachments"],
        true
    );
    assert_eq!(
        put(&cloud, address, &bytes[..10], &format!("bytes 0-9/{SIZE}"))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_session_is_for_three_to_a_hundred_and_fifty_megabytes_and_can_be_given_up() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let draft = ana.draft("Bounds").await;
    session(&ana, &draft, 1_000)
        .await
        .assert_refused(400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize");
    session(&ana, &draft, 200 << 20)
        .await
        .assert_refused(400, "ErrorAttachmentSizeLimitExceeded");
    let begun = session(&ana, &draft, SIZE).await;
    let address = begun.body["uploadUrl"].as_str().unwrap();
    let wrong = put(&cloud, address, b"abc", "bytes 0-99/100").await;
    assert_eq!((wrong.status, wrong.code()), (400, "ErrorInvalidRequest"));
    let given_up = answer(cloud.request(Method::DELETE, address)).await;
    assert_eq!(given_up.status, 204);
    let over = put(&cloud, address, b"abc", &format!("bytes 0-2/{SIZE}")).await;
    assert_eq!((over.status, over.code()), (404, "ErrorItemNotFound"));
    let reader = cloud.user(ANA, &["Mail.Read"]);
    session(&reader, &draft, SIZE)
        .await
        .assert_refused(403, "ErrorAccessDenied");
}

#[tokio::test]
async fn an_attached_item_is_shown_when_it_is_expanded_and_a_link_has_no_bytes() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let draft = ana.draft("Items").await;
    let mut inner = message("The first letter", &[BEN]);
    inner["@odata.type"] = json!("#microsoft.graph.message");
    let path = format!("/me/messages/{}/attachments", id(&draft));
    let item =
        json!({"@odata.type": "#microsoft.graph.itemAttachment", "name": "first", "item": inner});
    let made = ana.post(&path, item).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let plain = ana.get(&format!("{path}/{}", made.id())).await;
    assert!(plain.body.get("item").is_none());
    let whole = ana
        .get(&format!(
            "{path}/{}?$expand=microsoft.graph.itemattachment/item",
            made.id()
        ))
        .await;
    assert_eq!(
        whole.body["item"]["subject"], "The first letter",
        "{}",
        whole.text
    );
    let mime = ana.get(&format!("{path}/{}/$value", made.id())).await;
    assert!(
        mime.text.contains("Subject: The first letter"),
        "{}",
        mime.text
    );
    let link = json!({"@odata.type": "#microsoft.graph.referenceAttachment", "name": "elsewhere"});
    let link = ana.post(&path, link).await;
    assert_eq!(link.status, 201, "{}", link.text);
    assert_eq!(
        ana.get(&format!("{path}/{}/$value", link.id()))
            .await
            .status,
        405
    );
    let bad = json!({"@odata.type": "#microsoft.graph.itemAttachment", "name": "x",
        "item": {"@odata.type": "#microsoft.graph.message", "nonsense": 1}});
    ana.post(&path, bad)
        .await
        .assert_refused(400, "RequestBodyRead");
}
