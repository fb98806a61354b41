use serde_json::json;
use store::{BootstrapRow, BootstrapState};

use crate::databases::on_every_database;
use crate::world::{Tenant, World};

pub(crate) fn row(world: &World, tenant: &Tenant, id: &str) -> BootstrapRow {
    BootstrapRow {
        workspace_id: tenant.workspace,
        id: id.to_owned(),
        begun_by: tenant.member.id,
        name: "contoso".to_owned(),
        state: BootstrapState::SigningIn,
        holder: format!("sign-in of {id}"),
        wanted: json!({ "name": "contoso" }),
        progress: json!({ "steps": [] }),
        created_at: world.now(),
        updated_at: world.now(),
    }
}

#[tokio::test]
async fn progress_is_saved_by_whoever_holds_it_and_by_nobody_else() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let first = row(&world, &tenant, "one");
        let mut tx = world.write().await;
        tx.put_bootstrap(&first).await.unwrap();
        let further = BootstrapRow {
            state: BootstrapState::Working,
            progress: json!({ "steps": ["application"] }),
            updated_at: world.later(5),
            ..first.clone()
        };
        assert!(tx.save_bootstrap(&further).await.unwrap());
        let found = tx.bootstrap(tenant.workspace, "one").await.unwrap();
        assert_eq!(found, Some(further.clone()));

        let again = BootstrapRow {
            holder: "another sign-in".to_owned(),
            ..further.clone()
        };
        tx.put_bootstrap(&again).await.unwrap();
        assert!(!tx.save_bootstrap(&further).await.unwrap());
        assert!(tx.save_bootstrap(&again).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn one_of_a_name_goes_on_and_the_others_are_stopped() {
    on_every_database(async |world| {
        let (tenant, other) = (world.tenant("contoso").await, world.tenant("other").await);
        let (first, second) = (row(&world, &tenant, "one"), row(&world, &tenant, "two"));
        let done = BootstrapRow {
            state: BootstrapState::Done,
            ..row(&world, &tenant, "three")
        };
        let elsewhere = row(&world, &other, "one");
        let mut tx = world.write().await;
        for row in [&first, &second, &done, &elsewhere] {
            tx.put_bootstrap(row).await.unwrap();
        }
        assert_eq!(tx.supersede_bootstraps(&second).await.unwrap(), 1);
        assert!(!tx.save_bootstrap(&first).await.unwrap());
        assert!(tx.save_bootstrap(&second).await.unwrap());
        assert!(tx.save_bootstrap(&elsewhere).await.unwrap());
        let states: Vec<_> = tx
            .bootstraps(tenant.workspace, tenant.member.id, 10)
            .await
            .unwrap()
            .into_iter()
            .map(|row| (row.id, row.state))
            .collect();
        assert_eq!(
            states,
            [
                ("two".to_owned(), BootstrapState::SigningIn),
                ("three".to_owned(), BootstrapState::Done),
                ("one".to_owned(), BootstrapState::Superseded),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn purging_removes_what_nobody_touched_for_long() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let mut tx = world.write().await;
        tx.put_bootstrap(&row(&world, &tenant, "one"))
            .await
            .unwrap();
        assert_eq!(tx.purge_bootstraps(world.now()).await.unwrap(), 0);
        assert_eq!(tx.purge_bootstraps(world.later(1)).await.unwrap(), 1);
        assert_eq!(tx.bootstrap(tenant.workspace, "one").await.unwrap(), None);
    })
    .await;
}
