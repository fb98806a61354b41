use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use model::ManualClock;
use server::{Server, StartError};

use crate::support::{Outcome, TestServer, config, dependencies};

#[tokio::test]
async fn a_second_process_is_turned_away_until_the_first_ends() -> Outcome {
    let test = TestServer::start().await?;
    let second = config(&test.directory, &test.sandbox)?;
    let clock = Arc::new(ManualClock::running());
    let refused = Server::start(second.clone(), dependencies(&clock))
        .await
        .err()
        .ok_or("refused")?;
    assert!(matches!(refused, StartError::InUse { .. }), "{refused}");
    assert!(refused.to_string().contains("in use by another process"));
    test.server.shutdown().await;
    Server::start(second, dependencies(&clock))
        .await?
        .shutdown()
        .await;
    Ok(())
}

#[tokio::test]
async fn what_it_keeps_is_closed_to_others() -> Outcome {
    let test = TestServer::start().await?;
    let data = test.directory.path().join("data");
    for (name, mode) in [
        ("", 0o700),
        ("master.key", 0o600),
        ("consentry.sock", 0o600),
        ("consentry.lock", 0o600),
    ] {
        let found = std::fs::metadata(data.join(name))?.permissions().mode() & 0o777;
        assert_eq!(found, mode, "{name}: {found:o}");
    }
    Ok(())
}

#[tokio::test]
async fn a_restart_finds_everything_as_it_was() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let owner = test.server.owner();
    let (again, _directory) = test.restart().await?;
    assert_eq!(again.owner(), owner);
    let mut tx = again.context().store.read().await?;
    let workspace = tx.workspaces().await?.first().ok_or("a workspace")?.id;
    assert!(tx.connection(workspace, id.parse()?).await?.is_some());
    drop(tx);
    again.shutdown().await;
    Ok(())
}
