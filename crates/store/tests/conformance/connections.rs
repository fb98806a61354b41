use jiff::Timestamp;
use model::{
    Act, Connection, ConnectionState, Diagnosis, Evidence, Group, Identity, OperationKind,
    Permission, Policy, RemedyStep,
};
use store::{Answer, Deletion, Error, Page, RefreshToken};

use crate::databases::on_every_database;
use crate::world::{World, taken};

/// Every field away from its default.
fn full(connection: &Connection, now: Timestamp) -> Connection {
    Connection {
        name: "renamed".to_owned(),
        shared: true,
        place: model::Place {
            environment_url: Some("https://contoso.crm4.dynamics.com".to_owned()),
            environment: Some("Production".to_owned()),
            company_id: Some("company".to_owned()),
        },
        identity: Some(Identity {
            tenant_id: "tenant".to_owned(),
            object_id: "object".to_owned(),
            username: Some("adele@contoso.example".to_owned()),
            display_name: None,
        }),
        granted: Some([Permission::new("Mail.Read"), Permission::new("User.Read")].into()),
        policy: Policy {
            kinds: Some([OperationKind::Read].into()),
            permissions: None,
            sites: Some(["https://contoso.sharepoint.com/sites/hr".parse().unwrap()].into()),
            sites_selected: true,
            mailboxes: Some(["support@contoso.com".parse().unwrap()].into()),
            tables: Some(["account".parse().unwrap()].into()),
            companies: Some(["CRONUS".parse().unwrap()].into()),
            raw: true,
            tokens: true,
        },
        state: ConnectionState::NeedsAdmin,
        diagnosis: Some(Diagnosis {
            group: Group::TokenRefreshFailed,
            cause: "the client secret has expired".to_owned(),
            act: Act::Administrator,
            remedy: vec![RemedyStep {
                text: "make a new one".to_owned(),
                link: None,
                command: Some("consentry connections rotate mail".to_owned()),
            }],
            evidence: Evidence {
                code: "AADSTS7000222".to_owned(),
                at: Some(now),
                ..Evidence::default()
            },
            known: true,
        }),
        updated_at: now,
        ..connection.clone()
    }
}

#[tokio::test]
async fn a_connection_is_read_back_within_its_workspace() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let mail = contoso.connection;
        let mut tx = world.read().await;
        assert_eq!(
            tx.connection(contoso.workspace, mail.id).await.unwrap(),
            Some(mail.clone())
        );
        assert_eq!(
            tx.connection(fabrikam.workspace, mail.id).await.unwrap(),
            None
        );
        let named = tx
            .connection_by_name(contoso.workspace, "mail")
            .await
            .unwrap();
        assert_eq!(named, Some(mail.clone()));
        assert_eq!(
            tx.connection_by_name(contoso.workspace, "Mail")
                .await
                .unwrap(),
            None
        );
        let of_app = tx
            .connections_of_app(contoso.workspace, contoso.app.id)
            .await
            .unwrap();
        assert_eq!(of_app, [mail]);
        assert!(
            tx.connections_of_app(fabrikam.workspace, contoso.app.id)
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn a_connection_name_is_taken_once_per_workspace() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let mut tx = world.write().await;
        let again = tx
            .create_connection(&world.connection(&tenant.app, "mail"))
            .await;
        assert_eq!(taken(again), "connections.name");
    })
    .await;
}

#[tokio::test]
async fn a_connection_cannot_use_what_another_workspace_owns() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let mut stolen = world.connection(&contoso.app, "stolen");
        stolen.workspace_id = fabrikam.workspace;
        stolen.owner = fabrikam.member.id;
        let mut tx = world.write().await;
        assert!(matches!(
            tx.create_connection(&stolen).await,
            Err(Error::Dangling(_))
        ));
    })
    .await;
}

#[tokio::test]
async fn connections_come_in_pages_without_loss_or_duplicates() {
    on_every_database(async |world| {
        let (contoso, _) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let mut tx = world.write().await;
        let mut expected = vec![contoso.connection.id];
        for n in 0..6 {
            let connection = world.connection(&contoso.app, &format!("mail {n}"));
            tx.create_connection(&connection).await.unwrap();
            expected.push(connection.id);
        }
        let mut found = Vec::new();
        let mut page = Page::first(3);
        loop {
            let connections = tx.connections(contoso.workspace, page).await.unwrap();
            let Some(last) = connections.last() else {
                break;
            };
            page.after = Some(last.id);
            found.extend(connections.iter().map(|connection| connection.id));
        }
        assert_eq!(found, expected);
    })
    .await;
}

#[tokio::test]
async fn an_update_writes_every_field_and_raises_the_version() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let mut changed = full(&tenant.connection, world.later(5));
        let mut tx = world.write().await;
        assert!(tx.update_connection(&changed).await.unwrap());
        assert!(!tx.update_connection(&changed).await.unwrap());
        changed.version += 1;
        let stored = tx.connection(tenant.workspace, changed.id).await.unwrap();
        assert_eq!(stored, Some(changed));
    })
    .await;
}

#[tokio::test]
async fn of_many_updates_from_one_version_one_wins() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..20 {
            let (world, mut connection) = (world.clone(), tenant.connection.clone());
            connection.name = format!("winner {n}");
            tasks.spawn(async move {
                let mut tx = world.write().await;
                let won = tx.update_connection(&connection).await.unwrap();
                tx.commit().await.unwrap();
                won.then_some(connection.name)
            });
        }
        let winners: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
        let mut tx = world.read().await;
        let stored = tx
            .connection(tenant.workspace, tenant.connection.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((winners, stored.version), (vec![stored.name], 2));
    })
    .await;
}

#[tokio::test]
async fn an_update_does_not_reach_into_another_workspace() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let mut foreign = full(&contoso.connection, world.now());
        foreign.workspace_id = fabrikam.workspace;
        let mut tx = world.write().await;
        assert!(!tx.update_connection(&foreign).await.unwrap());
        assert!(
            !tx.delete_connection(fabrikam.workspace, foreign.id, world.now())
                .await
                .unwrap()
        );
        let stored = tx.connection(contoso.workspace, foreign.id).await.unwrap();
        assert_eq!(stored, Some(contoso.connection));
    })
    .await;
}

/// Gives the connection one of everything that goes with it.
async fn furnish(world: &World, connection: &Connection) -> [u8; 32] {
    let (workspace, id) = (connection.workspace_id, connection.id);
    let writer = world.writer();
    let attempt = world.attempt(connection);
    let refresh = RefreshToken {
        sealed: world.sealed(),
        generation: 1,
        stored_at: world.now(),
    };
    let answer = Answer {
        status: 200,
        sealed: world.sealed(),
    };
    let mut tx = world.write().await;
    tx.create_attempt(&attempt).await.unwrap();
    assert!(
        tx.store_token(workspace, id, "graph", 0, &world.token())
            .await
            .unwrap()
    );
    assert!(
        tx.put_refresh_token(workspace, id, None, &refresh)
            .await
            .unwrap()
    );
    tx.claim(workspace, &world.claim(connection, "key", writer))
        .await
        .unwrap();
    assert!(
        tx.answer_claim(workspace, "key", writer, &answer)
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    attempt.secret_hash
}

#[tokio::test]
async fn removing_a_connection_shreds_all_of_it_and_notes_the_deletion() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let secret = furnish(&world, &contoso.connection).await;
        let (workspace, id) = (contoso.workspace, contoso.connection.id);
        let at = world.later(9);

        let mut tx = world.write().await;
        assert!(tx.delete_connection(workspace, id, at).await.unwrap());
        assert!(!tx.delete_connection(workspace, id, at).await.unwrap());
        tx.commit().await.unwrap();

        let mut tx = world.write().await;
        assert_eq!(tx.connection(workspace, id).await.unwrap(), None);
        assert_eq!(tx.token(workspace, id, "graph").await.unwrap(), None);
        assert_eq!(tx.refresh_token(workspace, id).await.unwrap(), None);
        assert_eq!(tx.attempt_by_secret(secret).await.unwrap(), None);
        assert_eq!(
            tx.data_key(workspace, contoso.data_key.id).await.unwrap(),
            None
        );
        assert_eq!(tx.purge_claims(world.later(1_000_000)).await.unwrap(), 0);
        let noted = Deletion {
            workspace_id: workspace,
            connection_id: id,
            at,
        };
        assert_eq!(tx.deletions(at).await.unwrap(), [noted]);
        assert!(tx.deletions(world.later(10)).await.unwrap().is_empty());
        let other = tx
            .data_key(fabrikam.workspace, fabrikam.data_key.id)
            .await
            .unwrap();
        assert_eq!(other, Some(fabrikam.data_key));
    })
    .await;
}
