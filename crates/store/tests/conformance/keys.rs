use store::Page;

use crate::databases::on_every_database;
use crate::world::taken;

#[tokio::test]
async fn a_data_key_is_read_back_and_removed_within_its_workspace() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let key = contoso.data_key;
        let mut tx = world.write().await;
        assert_eq!(
            tx.data_key(contoso.workspace, key.id).await.unwrap(),
            Some(key.clone())
        );
        assert_eq!(tx.data_key(fabrikam.workspace, key.id).await.unwrap(), None);
        assert_eq!(tx.count_data_keys().await.unwrap(), 2);
        assert!(
            !tx.delete_data_key(fabrikam.workspace, key.id)
                .await
                .unwrap()
        );
        assert!(tx.delete_data_key(contoso.workspace, key.id).await.unwrap());
        assert_eq!(tx.count_data_keys().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_data_key_id_is_taken_once() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let mut tx = world.write().await;
        assert_eq!(
            taken(tx.create_data_key(&tenant.data_key).await),
            "data_keys.id"
        );
    })
    .await;
}

#[tokio::test]
async fn keys_to_rewrap_come_in_pages_without_loss_or_duplicates() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let mut tx = world.write().await;
        let mut expected = vec![tenant.data_key.id];
        for n in 0..6 {
            let id = world.data_key_id();
            let mut key = world.data_key(tenant.workspace, id, &format!("owner {n}"));
            if n == 3 {
                key.master_key_id = "new".to_owned();
            } else {
                expected.push(id);
            }
            tx.create_data_key(&key).await.unwrap();
        }
        let mut found = Vec::new();
        let mut page = Page::first(2);
        loop {
            let keys = tx.data_keys_to_rewrap("new", page).await.unwrap();
            let Some(last) = keys.last() else { break };
            page.after = Some(last.id);
            found.extend(keys.iter().map(|key| key.id));
        }
        assert_eq!(found, expected);
    })
    .await;
}

#[tokio::test]
async fn a_key_is_rewrapped_only_while_it_is_what_was_read() {
    on_every_database(async |world| {
        let old = world.tenant("contoso").await.data_key;
        let mut tx = world.write().await;
        assert!(
            tx.rewrap_data_key(&old, "new", b"wrapped anew")
                .await
                .unwrap()
        );
        assert!(
            !tx.rewrap_data_key(&old, "newer", b"too late")
                .await
                .unwrap()
        );
        let key = tx
            .data_key(old.workspace_id, old.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (key.master_key_id.as_str(), key.wrapped.as_slice()),
            ("new", &b"wrapped anew"[..])
        );
    })
    .await;
}

#[tokio::test]
async fn facts_about_the_installation_are_overwritten() {
    on_every_database(async |world| {
        let mut tx = world.write().await;
        assert_eq!(tx.meta("check").await.unwrap(), None);
        tx.set_meta("check", b"one").await.unwrap();
        tx.set_meta("check", b"two").await.unwrap();
        assert_eq!(
            tx.meta("check").await.unwrap().as_deref(),
            Some(&b"two"[..])
        );
    })
    .await;
}
