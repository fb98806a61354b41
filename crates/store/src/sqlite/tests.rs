//! A file that cannot be changed for a while.

use std::path::PathBuf;

use jiff::Timestamp;
use model::{SystemRandom, Workspace, WorkspaceId, random_token};
use sqlx::Executor;
use tempfile::TempDir;

use super::*;
use crate::Error;

/// More than fits into a few pages.
const MANY: usize = 100;

fn file() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("consentry.db");
    (folder, file)
}

fn workspace() -> Workspace {
    let clock = model::ManualClock::fixed(Timestamp::UNIX_EPOCH);
    Workspace {
        id: WorkspaceId::generate(&clock, &SystemRandom),
        name: random_token(&SystemRandom).repeat(MANY),
        created_at: Timestamp::UNIX_EPOCH,
    }
}

async fn grow(database: &Sqlite) -> Result<()> {
    let mut tx = database.begin_write().await?;
    for _ in 0..MANY {
        tx.create_workspace(&workspace()).await?;
    }
    tx.commit().await
}

async fn number(database: &Sqlite) -> usize {
    let mut tx = database.begin_read().await.unwrap();
    tx.workspaces().await.unwrap().len()
}

#[tokio::test]
async fn a_full_disk_is_not_available_and_takes_changes_again_once_there_is_room() {
    let (_folder, file) = file();
    let database = Sqlite::open(&file).await.unwrap();
    // Less than it has is as much as it has.
    let full = "PRAGMA max_page_count = 1";
    database.writer.execute(full).await.unwrap();
    let refused = grow(&database).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert_eq!(number(&database).await, 0);
    let room = "PRAGMA max_page_count = 4294967294";
    database.writer.execute(room).await.unwrap();
    grow(&database).await.unwrap();
    assert_eq!(number(&database).await, MANY);
}

#[tokio::test]
async fn a_file_that_another_program_holds_is_not_available_until_it_lets_go() {
    let (_folder, file) = file();
    let database = Sqlite::open(&file).await.unwrap();
    let impatient = "PRAGMA busy_timeout = 0";
    database.writer.execute(impatient).await.unwrap();
    let options = options().filename(&file);
    let other = pool(1, ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await
        .unwrap();
    let held = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let refused = grow(&database).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    held.rollback().await.unwrap();
    grow(&database).await.unwrap();
}

#[tokio::test]
async fn a_file_that_may_not_be_written_is_not_available_for_changes() {
    let (_folder, file) = file();
    Sqlite::open(&file).await.unwrap().close().await;
    let options = options().filename(&file).read_only(true);
    let reader = pool(1, ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await
        .unwrap();
    let database = Sqlite {
        writer: reader.clone(),
        reader,
        beginnings: Beginnings::default(),
    };
    let refused = grow(&database).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert_eq!(number(&database).await, 0);
}

#[tokio::test]
async fn a_change_in_a_transaction_for_reading_is_a_fault_of_ours() {
    let (_folder, file) = file();
    let database = Sqlite::open(&file).await.unwrap();
    let mut tx = database.begin_read().await.unwrap();
    let refused = tx.create_workspace(&workspace()).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
}
