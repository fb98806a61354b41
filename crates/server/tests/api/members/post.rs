use serde_json::json;

use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn an_administrator_adds_a_member() -> Outcome {
    let test = TestServer::start().await?;
    let new = json!({ "email": "ada@contoso.com", "name": "Ada", "role": "builder" });
    let made = test
        .admin
        .post("/members", new.clone())
        .await?
        .expect(201)?;
    assert_eq!(
        (&made["email"], &made["role"]),
        (&new["email"], &new["role"])
    );
    let again = json!({ "email": "ADA@contoso.com", "name": "Ada", "role": "builder" });
    test.admin
        .post("/members", again)
        .await?
        .problem(409, "name_taken")?;
    assert_eq!(test.log("member.create").await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn administrators_are_added_by_owners_only() -> Outcome {
    let test = TestServer::start().await?;
    let new = json!({ "email": "ada@contoso.com", "name": "Ada", "role": "admin" });
    test.admin
        .post("/members", new.clone())
        .await?
        .problem(403, "role_required")?;
    test.owner.post("/members", new).await?.expect(201)?;
    Ok(())
}

#[tokio::test]
async fn what_is_no_mail_address_is_refused() -> Outcome {
    let test = TestServer::start().await?;
    for email in [
        "",
        "ada",
        "@contoso.com",
        "a b@contoso.com",
        "a@b@c",
        "a\n@contoso.com",
    ] {
        let new = json!({ "email": email, "name": "Ada", "role": "member" });
        let problem = test
            .admin
            .post("/members", new)
            .await?
            .problem(422, "invalid_input")?;
        assert_eq!(problem["field"], "email", "{email}");
    }
    Ok(())
}
