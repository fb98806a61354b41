use model::{Proof, ProofDetails, ProofKind, ProofState};
use store::{Error, IssuerKeyRow, SealedProof};

use crate::databases::on_every_database;
use crate::world::{Tenant, World, taken};

pub(crate) fn proof(world: &World, tenant: &Tenant) -> SealedProof {
    let proof = Proof {
        id: world.proof_id(),
        workspace_id: tenant.workspace,
        app_registration_id: tenant.app.id,
        kind: ProofKind::ClientSecret,
        hint: "abc".to_owned(),
        state: ProofState::Active,
        expires_at: Some(world.later(86_400)),
        generation: 1,
        created_at: world.now(),
        details: ProofDetails {
            key_id: Some("at Microsoft".to_owned()),
            ..ProofDetails::default()
        },
        refused_code: None,
    };
    SealedProof {
        proof,
        sealed: world.sealed(),
    }
}

#[tokio::test]
async fn an_app_registration_is_read_back_within_its_workspace() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let app = contoso.app;
        let mut tx = world.write().await;
        let flag = tx.set_auto_rotate(contoso.workspace, app.id, true).await;
        assert!(flag.unwrap());
        let read = tx.app_registration(contoso.workspace, app.id).await;
        assert!(read.unwrap().is_some_and(|app| app.auto_rotate));
        drop(tx);
        let mut tx = world.read().await;
        assert_eq!(
            tx.app_registration(contoso.workspace, app.id)
                .await
                .unwrap(),
            Some(app.clone())
        );
        assert_eq!(
            tx.app_registration(fabrikam.workspace, app.id)
                .await
                .unwrap(),
            None
        );
        assert_eq!(
            tx.app_registrations(contoso.workspace).await.unwrap(),
            [app]
        );
    })
    .await;
}

#[tokio::test]
async fn app_registrations_are_listed_by_name_and_a_name_is_taken_once() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let mut tx = world.write().await;
        tx.create_app_registration(&world.app(&tenant.member, "another"))
            .await
            .unwrap();
        let apps = tx.app_registrations(tenant.workspace).await.unwrap();
        assert_eq!(
            apps.iter().map(|app| app.name.as_str()).collect::<Vec<_>>(),
            ["another", "first"]
        );
        let again = tx
            .create_app_registration(&world.app(&tenant.member, "first"))
            .await;
        assert_eq!(taken(again), "app_registrations.name");
    })
    .await;
}

#[tokio::test]
async fn proofs_come_newest_first_and_change_within_their_workspace() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let (old, new) = (proof(&world, &contoso), proof(&world, &contoso));
        let mut tx = world.write().await;
        tx.add_proof(&old).await.unwrap();
        tx.add_proof(&new).await.unwrap();
        let proofs = tx.proofs(contoso.workspace, contoso.app.id).await.unwrap();
        assert_eq!(proofs, [new.clone(), old.clone()]);
        assert!(
            tx.proofs(fabrikam.workspace, contoso.app.id)
                .await
                .unwrap()
                .is_empty()
        );

        let retired = ProofState::Retired;
        assert!(
            !tx.set_proof_state(fabrikam.workspace, old.proof.id, retired)
                .await
                .unwrap()
        );
        assert!(
            tx.set_proof_state(contoso.workspace, old.proof.id, retired)
                .await
                .unwrap()
        );
        let proofs = tx.proofs(contoso.workspace, contoso.app.id).await.unwrap();
        assert_eq!(proofs[1].proof.state, retired);

        let refused = "AADSTS7000222";
        assert!(
            !tx.refuse_proof(fabrikam.workspace, old.proof.id, refused)
                .await
                .unwrap()
        );
        assert!(
            tx.refuse_proof(contoso.workspace, old.proof.id, refused)
                .await
                .unwrap()
        );
        let proofs = tx.proofs(contoso.workspace, contoso.app.id).await.unwrap();
        let told = &proofs[1].proof;
        assert_eq!(
            (told.state, told.refused_code.as_deref()),
            (ProofState::Refused, Some(refused))
        );
        tx.set_proof_state(contoso.workspace, old.proof.id, ProofState::Active)
            .await
            .unwrap();
        let proofs = tx.proofs(contoso.workspace, contoso.app.id).await.unwrap();
        assert_eq!(proofs[1].proof.refused_code, None);

        assert!(
            !tx.delete_proof(fabrikam.workspace, old.proof.id)
                .await
                .unwrap()
        );
        assert!(
            tx.delete_proof(contoso.workspace, old.proof.id)
                .await
                .unwrap()
        );
        assert_eq!(
            tx.proofs(contoso.workspace, contoso.app.id).await.unwrap(),
            [new]
        );
    })
    .await;
}

#[tokio::test]
async fn removing_an_app_registration_takes_its_proofs_and_data_key() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let proof = proof(&world, &tenant);
        let key_id = tenant.app.data_key_id.unwrap();
        let key = world.data_key(tenant.workspace, key_id, &tenant.app.id.to_string());
        let mut tx = world.write().await;
        tx.add_proof(&proof).await.unwrap();
        tx.create_data_key(&key).await.unwrap();
        let (workspace, app) = (tenant.workspace, tenant.app.id);
        assert!(
            tx.delete_connection(workspace, tenant.connection.id, world.now())
                .await
                .unwrap()
        );
        assert!(tx.delete_app_registration(workspace, app).await.unwrap());
        assert!(!tx.delete_app_registration(workspace, app).await.unwrap());
        assert!(tx.proofs(workspace, app).await.unwrap().is_empty());
        assert_eq!(tx.data_key(workspace, key_id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_app_registration_in_use_stays() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let mut tx = world.write().await;
        let refused = tx
            .delete_app_registration(tenant.workspace, tenant.app.id)
            .await;
        assert!(matches!(refused, Err(Error::Dangling(_))));
        drop(tx);
        let mut tx = world.read().await;
        let app = tx
            .app_registration(tenant.workspace, tenant.app.id)
            .await
            .unwrap();
        assert_eq!(app, Some(tenant.app));
    })
    .await;
}

#[tokio::test]
async fn of_two_issuer_keys_made_at_once_one_is_stored_and_a_removed_one_takes_its_data_key() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let key = |number| IssuerKeyRow {
            number,
            id: world.issuer_key_id(),
            workspace_id: tenant.workspace,
            data_key_id: tenant.app.data_key_id.unwrap(),
            public: serde_json::json!({ "kty": "RSA" }),
            sealed: world.sealed(),
            created_at: world.now(),
            signs_from: world.later(86_400),
        };
        let (first, second) = (key(1), key(2));
        let mut tx = world.write().await;
        let data_key = world.data_key(tenant.workspace, first.data_key_id, "issuer");
        tx.create_data_key(&data_key).await.unwrap();
        tx.add_issuer_key(&first).await.unwrap();
        tx.add_issuer_key(&second).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = world.write().await;
        assert_eq!(
            taken(tx.add_issuer_key(&key(2)).await),
            "issuer_keys.number"
        );
        drop(tx);
        let mut tx = world.write().await;
        assert_eq!(
            tx.issuer_keys().await.unwrap(),
            [second.clone(), first.clone()]
        );
        assert!(tx.delete_issuer_key(&first).await.unwrap());
        assert_eq!(tx.issuer_keys().await.unwrap(), [second]);
        let gone = tx.data_key(tenant.workspace, first.data_key_id).await;
        assert_eq!(gone.unwrap(), None);
    })
    .await;
}
