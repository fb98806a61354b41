use model::{ApiKey, KeyScope, OperationKind, Role, Session, SignInLink};

use crate::databases::on_every_database;
use crate::world::{Tenant, World, taken};

fn link(world: &World, tenant: &Tenant) -> SignInLink {
    SignInLink {
        workspace_id: tenant.workspace,
        member_id: tenant.member.id,
        secret_hash: world.hash(),
        expires_at: world.later(600),
    }
}

fn session(world: &World, tenant: &Tenant) -> Session {
    Session {
        id: world.session_id(),
        workspace_id: tenant.workspace,
        member_id: tenant.member.id,
        secret_hash: world.hash(),
        expires_at: world.later(3600),
        created_at: world.now(),
    }
}

fn api_key(world: &World, tenant: &Tenant) -> ApiKey {
    ApiKey {
        id: world.api_key_id(),
        workspace_id: tenant.workspace,
        member_id: tenant.member.id,
        name: "ci".to_owned(),
        role: Role::Builder,
        scope: KeyScope {
            connections: Some([tenant.connection.id].into()),
            kinds: Some([OperationKind::Read].into()),
        },
        secret_hash: world.hash(),
        expires_at: Some(world.later(3600)),
        revoked_at: None,
        created_at: world.now(),
    }
}

#[tokio::test]
async fn workspaces_are_read_back_oldest_first() {
    on_every_database(async |world| {
        let (first, second) = (world.workspace("z"), world.workspace("a"));
        let mut tx = world.write().await;
        tx.create_workspace(&second).await.unwrap();
        tx.create_workspace(&first).await.unwrap();
        assert_eq!(tx.workspaces().await.unwrap(), [first.clone(), second]);
        assert_eq!(tx.workspace(first.id).await.unwrap(), Some(first));
    })
    .await;
}

#[tokio::test]
async fn members_are_read_back_within_their_workspace() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let mut tx = world.read().await;
        let member = contoso.member.clone();
        assert_eq!(
            tx.member(contoso.workspace, member.id).await.unwrap(),
            Some(member.clone())
        );
        assert_eq!(
            tx.member(fabrikam.workspace, member.id).await.unwrap(),
            None
        );
        assert_eq!(tx.members(contoso.workspace).await.unwrap(), [member]);
    })
    .await;
}

#[tokio::test]
async fn an_address_is_found_in_every_workspace_and_without_case() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let here = world.member(contoso.workspace, "Édith@Example.com");
        let there = world.member(fabrikam.workspace, "édith@example.COM");
        let mut tx = world.write().await;
        tx.create_member(&here).await.unwrap();
        tx.create_member(&there).await.unwrap();
        let found = tx.members_by_email("ÉDITH@example.com").await.unwrap();
        assert_eq!(found, [here, there]);
    })
    .await;
}

#[tokio::test]
async fn an_address_is_taken_once_per_workspace() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let again = world.member(tenant.workspace, &tenant.member.email.to_uppercase());
        let mut tx = world.write().await;
        assert_eq!(
            taken(tx.create_member(&again).await),
            "members.email_folded"
        );
    })
    .await;
}

#[tokio::test]
async fn a_password_is_set_in_its_own_workspace_only() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let id = contoso.member.id;
        let mut tx = world.write().await;
        assert!(
            !tx.set_password_hash(fabrikam.workspace, id, "$argon2id$x")
                .await
                .unwrap()
        );
        assert!(
            tx.set_password_hash(contoso.workspace, id, "$argon2id$y")
                .await
                .unwrap()
        );
        let member = tx.member(contoso.workspace, id).await.unwrap().unwrap();
        assert_eq!(member.password_hash.as_deref(), Some("$argon2id$y"));
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_link_works_once_however_many_try() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let link = link(&world, &tenant);
        let mut tx = world.write().await;
        tx.create_sign_in_link(&link).await.unwrap();
        tx.commit().await.unwrap();

        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (world, hash) = (world.clone(), link.secret_hash);
            tasks.spawn(async move {
                let mut tx = world.write().await;
                let taken = tx.take_sign_in_link(hash, world.now()).await.unwrap();
                tx.commit().await.unwrap();
                taken
            });
        }
        let taken: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
        assert_eq!(taken, [link]);
    })
    .await;
}

#[tokio::test]
async fn an_expired_sign_in_link_does_not_work() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let link = link(&world, &tenant);
        let mut tx = world.write().await;
        tx.create_sign_in_link(&link).await.unwrap();
        let taken = tx
            .take_sign_in_link(link.secret_hash, link.expires_at)
            .await
            .unwrap();
        assert_eq!(taken, None);
    })
    .await;
}

#[tokio::test]
async fn a_session_is_found_by_its_hash_and_ended_in_its_own_workspace_only() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let session = session(&world, &contoso);
        let mut tx = world.write().await;
        tx.create_session(&session).await.unwrap();
        let hash = session.secret_hash;
        assert_eq!(
            tx.session_by_hash(hash).await.unwrap(),
            Some(session.clone())
        );
        assert!(
            !tx.delete_session(fabrikam.workspace, session.id)
                .await
                .unwrap()
        );
        assert!(
            tx.delete_session(contoso.workspace, session.id)
                .await
                .unwrap()
        );
        assert_eq!(tx.session_by_hash(hash).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_members_sign_ins_end_but_for_one_and_nobody_elses() {
    on_every_database(async |world| {
        let (ours, theirs) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let (this, other) = (session(&world, &ours), session(&world, &ours));
        let (foreign, link) = (session(&world, &theirs), link(&world, &ours));
        let mut tx = world.write().await;
        for session in [&this, &other, &foreign] {
            tx.create_session(session).await.unwrap();
        }
        tx.create_sign_in_link(&link).await.unwrap();
        let (workspace, member) = (ours.workspace, ours.member.id);
        let ended = tx.end_sign_ins(workspace, member, Some(this.id)).await;
        assert_eq!(ended.unwrap(), 2);
        for (session, stays) in [(&this, true), (&other, false), (&foreign, true)] {
            let found = tx.session_by_hash(session.secret_hash).await.unwrap();
            assert_eq!(found.is_some(), stays);
        }
        let taken = tx.take_sign_in_link(link.secret_hash, world.now()).await;
        assert_eq!(taken.unwrap(), None);
        assert_eq!(tx.end_sign_ins(workspace, member, None).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn purging_removes_ended_sessions_and_links_and_no_others() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (session, link) = (session(&world, &tenant), link(&world, &tenant));
        let mut tx = world.write().await;
        tx.create_session(&session).await.unwrap();
        tx.create_sign_in_link(&link).await.unwrap();
        assert_eq!(tx.purge_sessions(world.now()).await.unwrap(), 0);
        assert_eq!(tx.purge_sessions(world.later(601)).await.unwrap(), 1);
        assert!(
            tx.session_by_hash(session.secret_hash)
                .await
                .unwrap()
                .is_some()
        );
        assert_eq!(tx.purge_sessions(world.later(3601)).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_api_key_is_read_back_with_its_scope_and_revoked_once() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let key = api_key(&world, &contoso);
        let mut tx = world.write().await;
        tx.create_api_key(&key).await.unwrap();
        assert_eq!(
            tx.api_key_by_hash(key.secret_hash).await.unwrap(),
            Some(key.clone())
        );
        let listed = tx.api_keys(contoso.workspace).await.unwrap();
        assert_eq!(listed, std::slice::from_ref(&key));
        assert!(tx.api_keys(fabrikam.workspace).await.unwrap().is_empty());

        let at = world.later(5);
        assert!(
            !tx.revoke_api_key(fabrikam.workspace, key.id, at)
                .await
                .unwrap()
        );
        assert!(
            tx.revoke_api_key(contoso.workspace, key.id, at)
                .await
                .unwrap()
        );
        assert!(
            !tx.revoke_api_key(contoso.workspace, key.id, world.later(9))
                .await
                .unwrap()
        );
        let revoked = tx.api_key_by_hash(key.secret_hash).await.unwrap().unwrap();
        assert_eq!(revoked.revoked_at, Some(at));
    })
    .await;
}
