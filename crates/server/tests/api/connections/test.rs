use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn an_expired_secret_is_explained() -> Outcome {
    let test = TestServer::start().await?;
    let path = format!("/connections/{}", test.service_principal("mail").await?);
    let report = test
        .admin
        .post_nothing(&format!("{path}/test"))
        .await?
        .expect(200)?;
    assert_eq!(report["ok"], true, "{report}");
    let control = test.sandbox.control();
    for application in control.applications() {
        control.expire_secrets(&application.client_id)?;
    }
    let report = test
        .admin
        .post_nothing(&format!("{path}/test"))
        .await?
        .expect(200)?;
    assert_eq!(report["ok"], false);
    assert_eq!(
        report["diagnosis"]["evidence"]["code"], "AADSTS7000222",
        "{report}"
    );
    let told = test
        .auditor
        .get(&format!("{path}/diagnosis"))
        .await?
        .expect(200)?;
    assert_eq!(told["state"], "needs_admin");
    assert_eq!(told["diagnosis"]["act"], "administrator");
    Ok(())
}
