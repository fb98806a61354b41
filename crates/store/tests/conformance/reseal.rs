use store::{Answer, NewToken, RefreshToken, SealedAt};

use crate::databases::on_every_database;
use crate::registrations::proof;

#[tokio::test]
async fn what_is_sealed_for_a_connection_is_found_and_replaced_where_it_has_not_changed() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (workspace, id) = (tenant.workspace, tenant.connection.id);
        let refresh = RefreshToken {
            sealed: world.sealed(),
            generation: 1,
            stored_at: world.now(),
        };
        let token: NewToken = world.token();
        let claim = world.claim(&tenant.connection, "key", world.writer());
        let answer = Answer {
            status: 200,
            sealed: world.sealed(),
        };
        let mut tx = world.write().await;
        tx.put_refresh_token(workspace, id, None, &refresh)
            .await
            .unwrap();
        tx.store_token(workspace, id, "graph", 0, &token)
            .await
            .unwrap();
        tx.claim(workspace, &claim).await.unwrap();
        tx.note_progress(workspace, "key", claim.writer, &world.sealed())
            .await
            .unwrap();

        let cells = tx.sealed_tokens(workspace, id).await.unwrap();
        assert_eq!(
            cells.iter().map(|cell| &cell.sealed).collect::<Vec<_>>(),
            [&refresh.sealed, &token.sealed]
        );
        for cell in &cells {
            let anew = world.sealed();
            assert!(tx.reseal(workspace, cell, &anew).await.unwrap());
            assert!(!tx.reseal(workspace, cell, &anew).await.unwrap());
        }
        let kept = tx.refresh_token(workspace, id).await.unwrap().unwrap();
        assert_eq!(kept.generation, 1);
        assert_ne!(kept.sealed, refresh.sealed);

        let (progress, more) = tx.sealed_answers(workspace, id, "", 10).await.unwrap();
        assert!(matches!(progress[0].at, SealedAt::Progress { .. }));
        assert_eq!(more, None);
        tx.answer_claim(workspace, "key", claim.writer, &answer)
            .await
            .unwrap();
        let (answers, more) = tx.sealed_answers(workspace, id, "", 1).await.unwrap();
        assert_eq!(answers[0].sealed, answer.sealed);
        assert_eq!(more.as_deref(), Some("key"));
        let anew = world.sealed();
        assert!(tx.reseal(workspace, &answers[0], &anew).await.unwrap());
        assert!(!tx.reseal(workspace, &progress[0], &anew).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn an_app_registration_changes_its_data_key_once_and_the_old_one_stays_until_it_is_removed() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (workspace, old) = (tenant.workspace, tenant.app.data_key_id);
        let sealed = proof(&world, &tenant);
        let mut tx = world.write().await;
        tx.add_proof(&sealed).await.unwrap();
        let cells = tx.sealed_proofs(workspace, tenant.app.id).await.unwrap();
        assert_eq!(cells[0].sealed, sealed.sealed);
        assert!(
            tx.reseal(workspace, &cells[0], &world.sealed())
                .await
                .unwrap()
        );
        let new = tenant.data_key.id;
        let change = tx.set_app_data_key(workspace, tenant.app.id, old, new);
        assert!(change.await.unwrap());
        let retired = tx.retire_data_key(workspace, tenant.data_key.id, world.now());
        assert!(retired.await.unwrap());
        assert!(
            tx.retired_data_keys(world.now(), 10)
                .await
                .unwrap()
                .is_empty()
        );
        let due = tx.retired_data_keys(world.later(1), 10).await.unwrap();
        assert_eq!(due, std::slice::from_ref(&tenant.data_key));
        assert_eq!(
            tx.master_keys_in_use().await.unwrap(),
            std::slice::from_ref(&tenant.data_key.master_key_id)
        );
    })
    .await;
}
