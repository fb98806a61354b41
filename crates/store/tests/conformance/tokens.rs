use store::{LeaseOutcome, RefreshToken, Store};

use crate::databases::{Schema, on_every_database};
use crate::world::{Tenant, World};

const GRAPH: &str = "https://graph.microsoft.com";

async fn acquire(world: &World, tenant: &Tenant, seen: i64, lease_secs: i64) -> LeaseOutcome {
    let mut tx = world.write().await;
    let outcome = tx
        .acquire_lease(
            tenant.workspace,
            tenant.connection.id,
            GRAPH,
            seen,
            world.writer(),
            lease_secs,
        )
        .await
        .unwrap();
    tx.commit().await.unwrap();
    outcome
}

async fn store_token(world: &World, tenant: &Tenant, seen: i64) -> bool {
    let mut tx = world.write().await;
    let token = world.token();
    let stored = tx
        .store_token(tenant.workspace, tenant.connection.id, GRAPH, seen, &token)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    stored
}

#[tokio::test]
async fn of_a_hundred_callers_one_gets_the_lease() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let (world, tenant) = (world.clone(), tenant.clone());
            tasks.spawn(async move { acquire(&world, &tenant, 0, 30).await });
        }
        let outcomes = tasks.join_all().await;
        let won = outcomes
            .iter()
            .filter(|outcome| **outcome == LeaseOutcome::Acquired)
            .count();
        let held = outcomes
            .iter()
            .filter(|outcome| matches!(outcome, LeaseOutcome::Held(_)))
            .count();
        assert_eq!((won, held), (1, 99));
    })
    .await;
}

#[tokio::test]
async fn a_held_lease_tells_its_owner_and_what_is_left() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (workspace, id, owner) = (tenant.workspace, tenant.connection.id, world.writer());
        let mut tx = world.write().await;
        let outcome = tx
            .acquire_lease(workspace, id, GRAPH, 0, owner, 30)
            .await
            .unwrap();
        assert_eq!(outcome, LeaseOutcome::Acquired);
        tx.commit().await.unwrap();

        let LeaseOutcome::Held(lease) = acquire(&world, &tenant, 0, 30).await else {
            panic!("the lease was not held");
        };
        assert_eq!(lease.owner, owner);
        assert!(
            (1..=30_000).contains(&lease.remaining_ms),
            "{}",
            lease.remaining_ms
        );
        let mut tx = world.read().await;
        let row = tx.token(workspace, id, GRAPH).await.unwrap().unwrap();
        assert_eq!(
            (row.version, row.sealed, row.lease.map(|lease| lease.owner)),
            (0, None, Some(owner))
        );
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_is_over_is_taken_by_the_next() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        assert_eq!(acquire(&world, &tenant, 0, 0).await, LeaseOutcome::Acquired);
        assert_eq!(
            acquire(&world, &tenant, 0, 30).await,
            LeaseOutcome::Acquired
        );
        assert!(matches!(
            acquire(&world, &tenant, 0, 30).await,
            LeaseOutcome::Held(_)
        ));
    })
    .await;
}

#[tokio::test]
async fn a_lease_runs_by_the_clock_of_the_database_however_that_steps() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    schema.step_clock(0).await;
    let store = Store::connect(&schema.url_with_clock()).await.unwrap();
    let world = World::new(store.clone());
    let tenant = world.tenant("contoso").await;
    let first = acquire(&world, &tenant, 0, 20).await;
    assert_eq!(first, LeaseOutcome::Acquired);
    schema.step_clock(60).await;
    let second = acquire(&world, &tenant, 0, 20).await;
    assert_eq!(second, LeaseOutcome::Acquired, "the first one is over");
    schema.step_clock(-60).await;
    let LeaseOutcome::Held(lease) = acquire(&world, &tenant, 0, 20).await else {
        panic!("the second one is not over");
    };
    assert!(lease.remaining_ms > 120_000, "{lease:?}");
    assert!(
        store_token(&world, &tenant, 0).await,
        "its holder is done all the same"
    );
    store.close().await;
    schema.close().await;
}

#[tokio::test]
async fn a_released_lease_is_free_and_only_its_owner_releases_it() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (workspace, id, owner) = (tenant.workspace, tenant.connection.id, world.writer());
        let mut tx = world.write().await;
        tx.acquire_lease(workspace, id, GRAPH, 0, owner, 30)
            .await
            .unwrap();
        assert!(
            !tx.release_lease(workspace, id, GRAPH, world.writer())
                .await
                .unwrap()
        );
        assert!(tx.release_lease(workspace, id, GRAPH, owner).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(
            acquire(&world, &tenant, 0, 30).await,
            LeaseOutcome::Acquired
        );
    })
    .await;
}

#[tokio::test]
async fn who_saw_an_older_version_gets_no_lease() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        assert!(store_token(&world, &tenant, 0).await);
        assert_eq!(
            acquire(&world, &tenant, 0, 30).await,
            LeaseOutcome::Outdated
        );
        assert_eq!(
            acquire(&world, &tenant, 1, 30).await,
            LeaseOutcome::Acquired
        );
    })
    .await;
}

#[tokio::test]
async fn there_is_no_lease_on_a_connection_of_another_workspace_or_of_nobody() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let mut foreign = contoso.clone();
        foreign.workspace = fabrikam.workspace;
        assert_eq!(
            acquire(&world, &foreign, 0, 30).await,
            LeaseOutcome::Outdated
        );
        assert!(!store_token(&world, &foreign, 0).await);
        foreign.connection.id = world.connection_id();
        assert_eq!(
            acquire(&world, &foreign, 0, 30).await,
            LeaseOutcome::Outdated
        );
        assert_eq!(
            acquire(&world, &contoso, 0, 30).await,
            LeaseOutcome::Acquired
        );
    })
    .await;
}

#[tokio::test]
async fn of_two_results_for_one_version_the_first_is_kept() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (workspace, id) = (tenant.workspace, tenant.connection.id);
        let token = world.token();
        let mut tx = world.write().await;
        tx.acquire_lease(workspace, id, GRAPH, 0, world.writer(), 30)
            .await
            .unwrap();
        assert!(
            tx.store_token(workspace, id, GRAPH, 0, &token)
                .await
                .unwrap()
        );
        assert!(
            !tx.store_token(workspace, id, GRAPH, 0, &world.token())
                .await
                .unwrap()
        );
        let row = tx.token(workspace, id, GRAPH).await.unwrap().unwrap();
        assert_eq!(row.version, 1);
        assert_eq!(row.sealed, Some(token.sealed));
        assert_eq!(
            (row.expires_at, row.renew_at),
            (Some(token.expires_at), Some(token.renew_at))
        );
        assert_eq!(row.lease, None);
    })
    .await;
}

#[tokio::test]
async fn a_token_is_dropped_by_its_version_only_and_the_version_stays() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (workspace, id) = (tenant.workspace, tenant.connection.id);
        assert!(store_token(&world, &tenant, 0).await);
        assert!(store_token(&world, &tenant, 1).await);
        let mut tx = world.write().await;
        assert!(!tx.drop_token(workspace, id, GRAPH, 1).await.unwrap());
        assert!(tx.drop_token(workspace, id, GRAPH, 2).await.unwrap());
        assert!(!tx.drop_token(workspace, id, GRAPH, 2).await.unwrap());
        let row = tx.token(workspace, id, GRAPH).await.unwrap().unwrap();
        assert_eq!((row.version, row.sealed, row.renew_at), (2, None, None));
    })
    .await;
}

#[tokio::test]
async fn dropping_every_token_defeats_a_renewal_under_way() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        assert!(store_token(&world, &contoso, 0).await);
        assert!(store_token(&world, &fabrikam, 0).await);
        assert_eq!(
            acquire(&world, &contoso, 1, 30).await,
            LeaseOutcome::Acquired
        );
        let mut tx = world.write().await;
        let id = contoso.connection.id;
        assert_eq!(tx.drop_tokens(fabrikam.workspace, id).await.unwrap(), 0);
        assert_eq!(tx.drop_tokens(contoso.workspace, id).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert!(!store_token(&world, &contoso, 1).await);
        assert_eq!(
            acquire(&world, &contoso, 2, 30).await,
            LeaseOutcome::Acquired
        );
        let mut tx = world.read().await;
        let other = tx
            .token(fabrikam.workspace, fabrikam.connection.id, GRAPH)
            .await
            .unwrap()
            .unwrap();
        assert!(other.sealed.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_refresh_token_is_replaced_only_by_a_higher_generation_of_the_one_seen() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (workspace, id) = (tenant.workspace, tenant.connection.id);
        let refresh = |generation| RefreshToken {
            sealed: world.sealed(),
            generation,
            stored_at: world.now(),
        };
        let (first, second) = (refresh(1), refresh(2));
        let mut tx = world.write().await;
        assert_eq!(tx.refresh_token(workspace, id).await.unwrap(), None);
        assert!(
            !tx.put_refresh_token(workspace, id, Some(1), &second)
                .await
                .unwrap()
        );
        assert!(
            tx.put_refresh_token(workspace, id, None, &first)
                .await
                .unwrap()
        );
        assert!(
            !tx.put_refresh_token(workspace, id, None, &second)
                .await
                .unwrap()
        );
        assert!(
            !tx.put_refresh_token(workspace, id, Some(1), &refresh(1))
                .await
                .unwrap()
        );
        assert!(
            tx.put_refresh_token(workspace, id, Some(1), &second)
                .await
                .unwrap()
        );
        assert!(
            !tx.put_refresh_token(workspace, id, Some(1), &refresh(3))
                .await
                .unwrap()
        );
        assert_eq!(tx.refresh_token(workspace, id).await.unwrap(), Some(second));
        assert!(tx.delete_refresh_token(workspace, id).await.unwrap());
        assert!(!tx.delete_refresh_token(workspace, id).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn refresh_tokens_stay_within_their_workspace() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let id = contoso.connection.id;
        let token = RefreshToken {
            sealed: world.sealed(),
            generation: 1,
            stored_at: world.now(),
        };
        let mut tx = world.write().await;
        assert!(
            !tx.put_refresh_token(fabrikam.workspace, id, None, &token)
                .await
                .unwrap()
        );
        assert!(
            tx.put_refresh_token(contoso.workspace, id, None, &token)
                .await
                .unwrap()
        );
        assert_eq!(
            tx.refresh_token(fabrikam.workspace, id).await.unwrap(),
            None
        );
        assert!(
            !tx.delete_refresh_token(fabrikam.workspace, id)
                .await
                .unwrap()
        );
    })
    .await;
}
