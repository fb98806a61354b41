use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn one_that_is_used_stays() -> Outcome {
    let test = TestServer::start().await?;
    let connection = test.service_principal("mail").await?;
    let connection = test
        .admin
        .get(&format!("/connections/{connection}"))
        .await?
        .expect(200)?;
    let path = format!(
        "/app-registrations/{}",
        connection["app_registration_id"]
            .as_str()
            .unwrap_or_default()
    );
    test.admin
        .delete(&path)
        .await?
        .problem(422, "invalid_input")?;
    test.admin
        .delete(&format!(
            "/connections/{}",
            connection["id"].as_str().unwrap_or_default()
        ))
        .await?
        .expect(204)?;
    test.admin.delete(&path).await?.expect(204)?;
    test.admin.get(&path).await?.problem(404, "not_found")?;
    Ok(())
}
