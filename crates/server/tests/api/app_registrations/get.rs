use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn everybody_may_see_which_applications_there_are() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.app_registration().await?;
    for client in [
        &test.auditor,
        &test.member,
        &test.builder,
        &test.admin,
        &test.owner,
    ] {
        let list = client.get("/app-registrations").await?.expect(200)?;
        assert_eq!(list["items"][0]["id"], id);
        let one = client
            .get(&format!("/app-registrations/{id}"))
            .await?
            .expect(200)?;
        assert_eq!(one["cloud"], "sandbox");
    }
    test.auditor
        .get("/app-registrations/app_0")
        .await?
        .problem(404, "not_found")?;
    Ok(())
}
