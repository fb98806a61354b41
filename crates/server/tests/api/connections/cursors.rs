use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::Answer;
use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn a_round_of_changes_is_kept_by_who_read_it_listed_and_forgotten() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let path = format!("/connections/{id}/operations/outlook.messages.delta?delta=inbox");
    let input = json!({ "mailbox": "ana.reis@contoso.com", "folderId": "inbox" });
    let round = test.builder.post(&path, input.clone()).await?;
    assert_eq!(round.header("content-type"), "application/x-ndjson");
    let last = round.text.lines().last().unwrap_or_default();
    let last: Value = serde_json::from_str(last)?;
    let keep = json!({ "keep": last["@consentry.delta"]["keep"] });
    let cursors = format!("/connections/{id}/cursors");
    let place = format!("{cursors}/inbox");
    let put = |body: &Value| {
        let request = test.builder.request(Method::PUT, &place);
        Answer::of(request.json(body))
    };
    let kept = put(&keep).await?.expect(200)?;
    assert_eq!(
        (&kept["name"], &kept["rounds"]),
        (&json!("inbox"), &json!(1))
    );
    put(&keep).await?.problem(409, "version_conflict")?;
    let listed = test.auditor.get(&cursors).await?;
    assert!(!listed.text.contains("delta?"));
    assert_eq!(listed.expect(200)?["items"], json!([kept]));
    let nothing_new = test.builder.post(&path, input).await?;
    assert_eq!(nothing_new.text.lines().count(), 1);
    test.builder.delete(&place).await?.expect(204)?;
    test.builder
        .delete(&place)
        .await?
        .problem(404, "not_found")?;
    Ok(())
}
