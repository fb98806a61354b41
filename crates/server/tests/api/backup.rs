//! Each backup holds a reader of the database for as long as it is read, so that only two are made at a time.

use reqwest::Response;

use crate::support::client::Answer;
use crate::support::{Outcome, TestServer};

/// SQLite's.
const READERS: usize = 4;

async fn ended(response: Response) -> Result<bool, reqwest::Error> {
    Ok(response.text().await?.contains("sha256"))
}

#[tokio::test]
async fn a_third_backup_waits_for_one_of_two_to_end() -> Outcome {
    let test = TestServer::start().await?;
    let socket = test.server.socket_path().ok_or("a socket")?.to_owned();
    // Nobody has to be looked up over the socket.
    let http = reqwest::Client::builder().unix_socket(socket).build()?;
    let backup = || http.get("http://localhost/api/v1/backup");
    let store = &test.server.context().store;
    // So that those that are begun cannot end.
    let mut readers = Vec::new();
    for _ in 0..READERS {
        readers.push(store.read().await?);
    }
    let first = backup().send().await?.error_for_status()?;
    let second = backup().send().await?.error_for_status()?;
    let third = Answer::of(backup()).await?;
    assert_eq!(third.header("retry-after"), "60");
    third.problem(503, "backups_under_way")?;

    drop(readers);
    assert!(ended(first).await?);
    let third = backup().send().await?.error_for_status()?;
    assert!(ended(second).await? && ended(third).await?);
    Ok(())
}
