use crate::support::{Outcome, TestServer};

#[tokio::test]
async fn members_are_listed_without_their_passwords() -> Outcome {
    let test = TestServer::start().await?;
    let answer = test.admin.get("/members").await?;
    assert!(!answer.text.contains("password"), "{}", answer.text);
    assert_eq!(
        answer.expect(200)?["items"].as_array().map(Vec::len),
        Some(5)
    );
    Ok(())
}
