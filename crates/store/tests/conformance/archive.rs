use std::collections::BTreeSet;

use bytes::Bytes;
use jiff::Timestamp;
use store::archive::{self, Content};
use store::{Error, Store};
use tokio::sync::mpsc;

use crate::databases::{Schema, file, on_every_database, on_shared_databases};
use crate::world::World;

async fn backup(store: &Store, content: Content) -> Vec<u8> {
    let (sender, mut pieces) = mpsc::channel::<Bytes>(4);
    let collect = async {
        let mut all = Vec::new();
        while let Some(piece) = pieces.recv().await {
            all.extend_from_slice(&piece);
        }
        all
    };
    let (rows, all) = tokio::join!(
        archive::write(store, content, Timestamp::UNIX_EPOCH, sender),
        collect
    );
    rows.unwrap();
    all
}

/// Rows have no order of their own.
fn sorted(backup: &[u8]) -> Vec<String> {
    let mut lines: Vec<_> = String::from_utf8(backup.to_vec())
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    lines.pop();
    lines.sort();
    lines
}

async fn filled(world: &World) {
    let tenant = world.tenant("contoso").await;
    world.tenant("fabrikam").await;
    let mut tx = world.write().await;
    tx.set_meta("master_key_checks", b"{}").await.unwrap();
    tx.create_app_registration(&world.app(&tenant.member, "second \"quoted\"\n"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn every_table_is_in_a_backup_or_left_out_for_a_reason() {
    on_every_database(async |world| {
        let there: BTreeSet<_> = world
            .read()
            .await
            .table_names()
            .await
            .unwrap()
            .into_iter()
            .collect();
        let kept = archive::tables().iter().map(|table| table.name());
        let known: BTreeSet<_> = kept
            .chain(archive::left_out().iter().copied())
            .map(str::to_owned)
            .collect();
        assert_eq!(there, known);
    })
    .await;
}

#[tokio::test]
async fn a_backup_of_either_database_comes_back_whole_on_either() {
    on_shared_databases(async |world| {
        filled(&world).await;
        let made = backup(&world.store, Content::Everything).await;
        let (_folder, file) = file();
        let mut targets = vec![Store::open(&file).await.unwrap()];
        let schema = Schema::new().await;
        if let Some(schema) = &schema {
            targets.push(Store::connect(&schema.url()).await.unwrap());
        }
        for target in targets {
            let restored = archive::restore(&target, made.as_slice(), Vec::new(), false)
                .await
                .unwrap();
            assert!(
                restored.rows > 10 && restored.removed_again == 0,
                "{restored:?}"
            );
            let again = backup(&target, Content::Everything).await;
            assert_eq!(sorted(&again), sorted(&made));
            target.close().await;
        }
        if let Some(schema) = schema {
            schema.close().await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_removed_after_a_backup_does_not_come_back_with_it() {
    on_shared_databases(async |world| {
        let tenant = world.tenant("contoso").await;
        let made = backup(&world.store, Content::Everything).await;
        let (workspace, id) = (tenant.workspace, tenant.connection.id);
        let mut tx = world.write().await;
        assert!(
            tx.delete_connection(workspace, id, world.now())
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        let list = backup(&world.store, Content::Deletions).await;

        let here = archive::restore(&world.store, made.as_slice(), Vec::new(), true)
            .await
            .unwrap();
        let (_folder, file) = file();
        let elsewhere = Store::open(&file).await.unwrap();
        let deleted = archive::deletions(list.as_slice()).await.unwrap();
        let there = archive::restore(&elsewhere, made.as_slice(), deleted, false)
            .await
            .unwrap();
        assert_eq!((here.removed_again, there.removed_again), (1, 1));
        for store in [&world.store, &elsewhere] {
            let mut tx = store.read().await.unwrap();
            assert_eq!(tx.connection(workspace, id).await.unwrap(), None);
            let key = tx.data_key(workspace, tenant.data_key.id).await.unwrap();
            assert_eq!(key, None, "its secrets are shredded again");
            assert_eq!(tx.deletions(Timestamp::MIN).await.unwrap().len(), 1);
        }
        elsewhere.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_backup_that_is_not_whole_changes_nothing() {
    on_every_database(async |world| {
        filled(&world).await;
        let made = backup(&world.store, Content::Everything).await;
        let text = String::from_utf8(made.clone()).unwrap();
        let cut = &made[..made.len() - 1];
        let short: String = text.split_inclusive('\n').take(20).collect();
        let changed = text.replace("contoso", "c0ntoso");
        let newer = text.replacen("\"schema\":[", "\"schema\":[9999,", 1);
        for broken in [
            cut,
            short.as_bytes(),
            changed.as_bytes(),
            newer.as_bytes(),
            b"no backup\n",
            b"",
        ] {
            let error = archive::restore(&world.store, broken, Vec::new(), true)
                .await
                .unwrap_err();
            assert!(matches!(error, Error::Backup(_)), "{error:?}");
        }
        let list = backup(&world.store, Content::Deletions).await;
        assert!(
            archive::restore(&world.store, list.as_slice(), Vec::new(), true)
                .await
                .is_err()
        );
        assert_eq!(
            sorted(&backup(&world.store, Content::Everything).await),
            sorted(&made)
        );
    })
    .await;
}

#[tokio::test]
async fn an_installation_is_only_given_up_when_that_was_asked_for() {
    on_every_database(async |world| {
        filled(&world).await;
        let made = backup(&world.store, Content::Everything).await;
        let refused = archive::restore(&world.store, made.as_slice(), Vec::new(), false).await;
        assert!(matches!(refused, Err(Error::Backup(_))), "{refused:?}");
        archive::restore(&world.store, made.as_slice(), Vec::new(), true)
            .await
            .unwrap();
        assert_eq!(
            sorted(&backup(&world.store, Content::Everything).await),
            sorted(&made)
        );
    })
    .await;
}
