use serde_json::json;

use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn a_policy_holds_from_the_next_call_on() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let path = format!("/connections/{id}");
    let changed = test
        .admin
        .patch(&path, json!({ "policy": { "kinds": ["read"] } }))
        .await?
        .expect(200)?;
    assert_eq!(changed["policy"]["kinds"], json!(["read"]));
    let send = json!({
        "mailbox": "ana.reis@contoso.com",
        "message": { "subject": "s", "toRecipients": [{ "emailAddress": { "address": "a@b.example" } }] },
    });
    let run = format!("{path}/operations/outlook.messages.send");
    test.builder
        .post(&run, send)
        .await?
        .problem(403, "policy_denied")?;
    assert_eq!(test.sandbox.control().count("POST", "/sendMail"), 0);
    Ok(())
}

#[tokio::test]
async fn allowed_sites_are_normalised_and_checked_where_they_are_given() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let path = format!("/connections/{id}");
    let sites = |sites: &[&str]| json!({ "policy": { "sites": sites, "sites_selected": true } });
    let changed = test
        .admin
        .patch(&path, sites(&["https://Contoso.sharepoint.com/Sites/HR/"]))
        .await?
        .expect(200)?;
    let hr = "https://contoso.sharepoint.com/sites/hr";
    assert_eq!(changed["policy"]["sites"], json!([hr]));
    assert_eq!(changed["policy"]["sites_selected"], json!(true));
    for wrong in [
        &["https://contoso.sharepoint.com/sites"][..],
        &["https://contoso.example/sites/hr"],
        &["http://contoso.sharepoint.com/sites/hr"],
        &[],
    ] {
        let refused = test.admin.patch(&path, sites(wrong)).await?;
        let problem = refused.problem(422, "invalid_input")?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(detail.contains("site"), "{wrong:?}: {detail}");
    }
    Ok(())
}

#[tokio::test]
async fn allowed_mailboxes_are_normalised_and_checked_where_they_are_given() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let path = format!("/connections/{id}");
    let mailboxes = |mailboxes: &[&str]| json!({ "policy": { "mailboxes": mailboxes } });
    let changed = test
        .admin
        .patch(
            &path,
            mailboxes(&[" Support@Contoso.com ", "support@contoso.com"]),
        )
        .await?
        .expect(200)?;
    let listed = json!(["support@contoso.com"]);
    assert_eq!(changed["policy"]["mailboxes"], listed);
    for wrong in [
        &["support"][..],
        &["*@contoso.com"],
        &["support%40contoso.com"],
        &["00000000-0000-0000-0000-000000000001"],
    ] {
        let refused = test.admin.patch(&path, mailboxes(wrong)).await?;
        let problem = refused.problem(422, "invalid_input")?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(detail.contains("mailbox"), "{wrong:?}: {detail}");
    }
    // What is listed stays when something else changes.
    let kept = test
        .admin
        .patch(&path, json!({ "name": "post" }))
        .await?
        .expect(200)?;
    assert_eq!(kept["policy"]["mailboxes"], listed);
    Ok(())
}

#[tokio::test]
async fn an_applications_connection_is_changed_by_administrators() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    test.builder
        .patch(&format!("/connections/{id}"), json!({ "name": "x" }))
        .await?
        .problem(403, "forbidden")?;
    let renamed = test
        .admin
        .patch(&format!("/connections/{id}"), json!({ "name": "post" }))
        .await?
        .expect(200)?;
    assert_eq!(
        (&renamed["id"], &renamed["name"]),
        (&id.into(), &"post".into())
    );
    Ok(())
}

#[tokio::test]
async fn an_administrator_saves_what_its_owner_shared_but_shares_nothing_for_them() -> Outcome {
    let test = TestServer::start().await?;
    let registration = test.app_registration().await?;
    for (shared, status) in [(true, 200), (false, 403)] {
        let new = json!({
            "service": "outlook", "method": "oauth", "name": format!("shared {shared}"), "shared": shared,
            "app_registration_id": registration,
        });
        let made = test.member.post("/connections", new).await?.expect(201)?;
        let id = made["connection"]["id"].as_str().unwrap_or_default();
        let change = json!({ "policy": { "kinds": ["read"] }, "shared": true });
        let path = format!("/connections/{id}");
        let saved = test.admin.patch(&path, change).await?;
        assert_eq!(saved.status, status, "{}", saved.text);
    }
    Ok(())
}
