use std::fs;

use server::config::MasterKey;
use server::{Server, StartError};

use crate::support::{Outcome, TestServer, config, dependencies};

const OTHER: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// Why the server does not start on the data of `test` with this key.
async fn refusal(
    test: TestServer,
    key: MasterKey,
) -> Result<StartError, Box<dyn std::error::Error>> {
    let TestServer {
        server,
        directory,
        sandbox,
        clock,
        ..
    } = test;
    server.shutdown().await;
    let mut config = config(&directory, &sandbox)?;
    config.master_key = key;
    let outcome = Server::start(config, dependencies(&clock)).await;
    outcome.err().ok_or_else(|| "it started".into())
}

#[tokio::test]
async fn without_its_key_it_does_not_start_over_what_is_sealed() -> Outcome {
    let test = TestServer::start().await?;
    test.app_registration().await?;
    fs::remove_file(test.directory.path().join("data/master.key"))?;
    let refusal = refusal(test, MasterKey::default()).await?;
    assert_eq!(refusal.code(), "master_key_missing");
    assert!(refusal.next_step().contains("CONSENTRY_MASTER_KEY"));
    Ok(())
}

#[tokio::test]
async fn another_key_is_not_taken_for_the_right_one() -> Outcome {
    let test = TestServer::start().await?;
    test.app_registration().await?;
    let key = MasterKey {
        value: Some(OTHER.into()),
        ..MasterKey::default()
    };
    assert_eq!(refusal(test, key).await?.code(), "master_key_wrong");
    Ok(())
}

#[tokio::test]
async fn a_key_may_come_from_a_command() -> Outcome {
    let key = MasterKey {
        command: Some(format!("echo {OTHER}")),
        ..MasterKey::default()
    };
    let test = TestServer::with(|config| config.master_key = key).await?;
    assert!(!test.directory.path().join("data/master.key").exists());
    let failing = MasterKey {
        command: Some("echo secret; exit 3".to_owned()),
        ..MasterKey::default()
    };
    let refusal = refusal(test, failing).await?;
    assert_eq!(refusal.code(), "master_key_command");
    assert!(
        !refusal
            .to_string()
            .replace("echo secret", "")
            .contains("secret"),
        "{refusal}"
    );
    Ok(())
}

#[tokio::test]
async fn a_new_master_key_takes_over_and_the_old_one_may_go() -> Outcome {
    let test = TestServer::start().await?;
    let id = test.service_principal("mail").await?;
    let file = test.directory.path().join("data/master.key");
    let old = fs::read_to_string(&file)?;
    let owner = test.owner.clone();
    let TestServer {
        server,
        directory,
        sandbox,
        clock,
        ..
    } = test;
    server.shutdown().await;
    let new = format!("second:{OTHER}\n");
    fs::write(&file, format!("{new}{old}"))?;
    let server = Server::start(config(&directory, &sandbox)?, dependencies(&clock)).await?;
    let caller = owner.at(&server);
    let keys = caller.get("/master-key").await?.expect(200)?;
    assert_eq!(keys["current"], "second");
    for at_least in [2, 0] {
        let told = caller
            .post_nothing("/master-key/rewrap")
            .await?
            .expect(200)?;
        let rewrapped = told["rewrapped"].as_u64().unwrap_or_default();
        assert!(
            rewrapped >= at_least && (at_least > 0 || rewrapped == 0),
            "{told}"
        );
    }
    let test = format!("/connections/{id}/test");
    assert_eq!(caller.post_nothing(&test).await?.expect(200)?["ok"], true);
    server.shutdown().await;
    // A start before it is taken out does not bring it back.
    let server = Server::start(config(&directory, &sandbox)?, dependencies(&clock)).await?;
    server.shutdown().await;
    fs::write(&file, new)?;
    let server = Server::start(config(&directory, &sandbox)?, dependencies(&clock)).await?;
    let caller = owner.at(&server);
    assert_eq!(caller.post_nothing(&test).await?.expect(200)?["ok"], true);
    server.shutdown().await;
    Ok(())
}
