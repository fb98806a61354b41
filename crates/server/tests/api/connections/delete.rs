use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn its_activity_outlives_it() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    test.builder
        .delete(&format!("/connections/{id}"))
        .await?
        .problem(403, "forbidden")?;
    test.admin
        .delete(&format!("/connections/{id}"))
        .await?
        .expect(204)?;
    test.admin
        .get(&format!("/connections/{id}"))
        .await?
        .problem(404, "connection_not_found")?;
    let lines = test
        .auditor
        .get(&format!("/connections/{id}/activity"))
        .await?
        .expect(200)?;
    assert_eq!(lines["items"][0]["action"], "connection.delete");
    test.builder
        .get(&format!("/connections/{id}/activity"))
        .await?
        .problem(404, "connection_not_found")?;
    Ok(())
}
