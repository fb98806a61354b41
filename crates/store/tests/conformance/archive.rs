use std::collections::BTreeSet;

use bytes::Bytes;
use jiff::Timestamp;
use model::WorkspaceId;
use store::archive::{self, Content, Removed};
use store::{DataKeyRow, Error, IssuerKeyRow, Removal, Store};
use tokio::sync::mpsc;

use crate::bootstraps;
use crate::databases::{Schema, file, on_every_database, on_shared_databases};
use crate::registrations::proof;
use crate::world::World;

pub(crate) async fn backup(store: &Store, content: Content) -> Vec<u8> {
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
            let restored = archive::restore(&target, made.as_slice(), Removed::default(), false)
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
async fn an_installation_in_use_is_given_up_whole() {
    on_shared_databases(async |world| {
        let tenant = world.tenant("contoso").await;
        let made = backup(&world.store, Content::Everything).await;
        let mut tx = world.write().await;
        tx.put_bootstrap(&bootstraps::row(&world, &tenant, "one"))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        archive::restore(&world.store, made.as_slice(), Removed::default(), true)
            .await
            .unwrap();
        let again = backup(&world.store, Content::Everything).await;
        assert_eq!(sorted(&again), sorted(&made));
        let mut tx = world.read().await;
        let found = tx.bootstrap(tenant.workspace, "one").await.unwrap();
        assert_eq!(found, None);
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

        let here = archive::restore(&world.store, made.as_slice(), Removed::default(), true)
            .await
            .unwrap();
        let (_folder, file) = file();
        let elsewhere = Store::open(&file).await.unwrap();
        let deleted = archive::removed(list.as_slice()).await.unwrap();
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
async fn a_key_of_the_issuer_that_was_withdrawn_does_not_come_back_nor_a_proof_that_was_removed() {
    on_shared_databases(async |world| {
        let tenant = world.tenant("contoso").await;
        let workspace = tenant.workspace;
        let (key, data_key) = issuer_key(&world, workspace);
        let proof = proof(&world, &tenant);
        let unused = world.app(&tenant.member, "unused");
        let mut tx = world.write().await;
        tx.create_data_key(&data_key).await.unwrap();
        tx.add_issuer_key(&key).await.unwrap();
        tx.add_proof(&proof).await.unwrap();
        tx.create_app_registration(&unused).await.unwrap();
        tx.commit().await.unwrap();
        let made = backup(&world.store, Content::Everything).await;

        let mut tx = world.write().await;
        assert!(tx.delete_issuer_key(&key).await.unwrap());
        assert!(tx.delete_proof(workspace, proof.proof.id).await.unwrap());
        assert!(
            tx.delete_app_registration(workspace, unused.id)
                .await
                .unwrap()
        );
        let used = tenant.app.id.to_string();
        let gone = [
            key.id.to_string(),
            proof.proof.id.to_string(),
            unused.id.to_string(),
            used,
        ];
        for id in &gone {
            let removal = Removal::new(workspace, id, world.now());
            tx.note_removal(&removal).await.unwrap();
        }
        tx.commit().await.unwrap();
        let list = backup(&world.store, Content::Deletions).await;

        let here = archive::restore(&world.store, made.as_slice(), Removed::default(), true)
            .await
            .unwrap();
        let (_folder, file) = file();
        let elsewhere = Store::open(&file).await.unwrap();
        let removed = archive::removed(list.as_slice()).await.unwrap();
        let there = archive::restore(&elsewhere, made.as_slice(), removed, false)
            .await
            .unwrap();
        assert_eq!((here.removed_again, there.removed_again), (3, 3));
        for store in [&world.store, &elsewhere] {
            let mut tx = store.read().await.unwrap();
            assert_eq!(tx.issuer_keys().await.unwrap(), []);
            let key = tx.data_key(workspace, data_key.id).await.unwrap();
            assert_eq!(key, None, "what it was sealed by is gone too");
            assert_eq!(tx.proofs(workspace, tenant.app.id).await.unwrap(), []);
            let apps = tx.app_registrations(workspace).await.unwrap();
            assert_eq!(
                apps,
                std::slice::from_ref(&tenant.app),
                "what is used stays"
            );
            assert_eq!(tx.removals().await.unwrap().len(), gone.len());
        }
        elsewhere.close().await;
    })
    .await;
}

fn issuer_key(world: &World, workspace: WorkspaceId) -> (IssuerKeyRow, DataKeyRow) {
    let id = world.issuer_key_id();
    let data_key = world.data_key(workspace, world.data_key_id(), &id.to_string());
    let key = IssuerKeyRow {
        number: 1,
        id,
        workspace_id: workspace,
        data_key_id: data_key.id,
        public: serde_json::json!({ "kty": "RSA" }),
        sealed: world.sealed(),
        created_at: world.now(),
        signs_from: world.now(),
    };
    (key, data_key)
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
            let error = archive::restore(&world.store, broken, Removed::default(), true)
                .await
                .unwrap_err();
            assert!(matches!(error, Error::Backup(_)), "{error:?}");
        }
        let list = backup(&world.store, Content::Deletions).await;
        assert!(
            archive::restore(&world.store, list.as_slice(), Removed::default(), true)
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
        let refused =
            archive::restore(&world.store, made.as_slice(), Removed::default(), false).await;
        assert!(matches!(refused, Err(Error::Backup(_))), "{refused:?}");
        archive::restore(&world.store, made.as_slice(), Removed::default(), true)
            .await
            .unwrap();
        assert_eq!(
            sorted(&backup(&world.store, Content::Everything).await),
            sorted(&made)
        );
    })
    .await;
}

#[tokio::test]
async fn a_backup_that_nobody_takes_ends_and_frees_its_reader() {
    on_every_database(async |world| {
        filled(&world).await;
        let (sender, mut pieces) = mpsc::channel::<Bytes>(1);
        let stop_reading = async {
            pieces.recv().await.unwrap();
            tokio::time::pause();
            pieces
        };
        let (outcome, _pieces) = tokio::join!(
            archive::write(
                &world.store,
                Content::Everything,
                Timestamp::UNIX_EPOCH,
                sender
            ),
            stop_reading
        );
        tokio::time::resume();
        assert!(matches!(outcome, Err(Error::Backup(_))), "{outcome:?}");
        world.read().await.workspaces().await.unwrap();
    })
    .await;
}
