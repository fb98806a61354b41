use crate::support::{Outcome, TestServer};

/// A change here is a change that clients see.
#[tokio::test]
async fn these_are_the_paths() -> Outcome {
    let test = TestServer::start().await?;
    let document = test.anonymous.get_at("/openapi.json").await?.expect(200)?;
    let mut lines = Vec::new();
    for (path, methods) in document["paths"].as_object().ok_or("paths")? {
        let methods: Vec<_> = methods
            .as_object()
            .ok_or("methods")?
            .keys()
            .map(String::as_str)
            .collect();
        lines.push(format!("{path} {}", methods.join(" ")));
    }
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
    Ok(())
}
