use jiff::SignedDuration;
use model::{Connection, ConnectionState, Event, EventKind, ProofState, Webhook};
use serde_json::json;
use store::{Page, SealedProof, SealedWebhook};

use crate::databases::on_every_database;
use crate::registrations::proof;
use crate::world::{Tenant, World};

fn event(world: &World, tenant: &Tenant, kind: EventKind) -> Event {
    Event {
        id: world.event_id(),
        workspace_id: tenant.workspace,
        kind,
        at: world.now(),
        connection_id: tenant.connection.id,
        data: json!({ "state": "active" }),
    }
}

fn webhook(world: &World, tenant: &Tenant, kinds: Option<Vec<EventKind>>) -> SealedWebhook {
    SealedWebhook {
        webhook: Webhook {
            id: world.webhook_id(),
            workspace_id: tenant.workspace,
            url: "https://example.com/hook".to_owned(),
            kinds,
            disabled_at: None,
            data_key_id: tenant.app.data_key_id,
            created_at: world.now(),
        },
        sealed: world.sealed(),
    }
}

#[tokio::test]
async fn an_event_is_read_back_by_page_within_its_workspace_and_goes_with_its_time() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let told = [EventKind::Created, EventKind::Degraded, EventKind::Removed]
            .map(|kind| event(&world, &contoso, kind));
        let mut tx = world.write().await;
        for event in &told {
            tx.add_event(event).await.unwrap();
        }
        let first = tx.events(contoso.workspace, Page::first(2)).await.unwrap();
        assert_eq!(first, told[..2]);
        let page = Page {
            after: Some(first[1].id),
            limit: 2,
        };
        assert_eq!(tx.events(contoso.workspace, page).await.unwrap(), told[2..]);
        assert!(
            tx.events(fabrikam.workspace, Page::first(2))
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(tx.purge_events(world.later(1)).await.unwrap(), 3);
    })
    .await;
}

#[tokio::test]
async fn an_event_goes_to_every_webhook_that_wants_it_and_is_taken_once_at_a_time() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let all = webhook(&world, &tenant, None);
        let some = webhook(&world, &tenant, Some(vec![EventKind::Removed]));
        let off = webhook(&world, &tenant, None);
        let told = event(&world, &tenant, EventKind::Degraded);
        let mut tx = world.write().await;
        for webhook in [&all, &some, &off] {
            tx.create_webhook(webhook).await.unwrap();
        }
        tx.disable_webhook(tenant.workspace, off.webhook.id, world.now())
            .await
            .unwrap();
        tx.add_event(&told).await.unwrap();
        let (now, until) = (world.later(1), world.later(60));
        let taken = tx.take_deliveries(now, until, 10).await.unwrap();
        assert_eq!(taken.len(), 1);
        assert_eq!(
            (&taken[0].webhook, &taken[0].event, taken[0].attempts),
            (&all, &told, 0)
        );
        assert!(tx.take_deliveries(now, until, 10).await.unwrap().is_empty());
        assert!(tx.postpone_delivery(&taken[0], now).await.unwrap());
        let waits = tx
            .deliveries_to(tenant.workspace, all.webhook.id, 10)
            .await
            .unwrap();
        assert_eq!(
            (waits[0].event_id, waits[0].attempts, waits[0].next_at),
            (told.id, 1, now)
        );
        let again = tx.take_deliveries(now, until, 10).await.unwrap();
        assert_eq!(again[0].attempts, 1);
        assert_eq!(tx.count_deliveries().await.unwrap(), 1);
        assert!(tx.end_delivery(&again[0]).await.unwrap());
        assert!(!tx.end_delivery(&again[0]).await.unwrap());
        assert_eq!(tx.count_deliveries().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_webhook_that_is_removed_or_disabled_gets_nothing_more() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (gone, off) = (
            webhook(&world, &tenant, None),
            webhook(&world, &tenant, None),
        );
        let mut tx = world.write().await;
        tx.create_webhook(&gone).await.unwrap();
        tx.create_webhook(&off).await.unwrap();
        tx.add_event(&event(&world, &tenant, EventKind::Created))
            .await
            .unwrap();
        assert_eq!(tx.count_deliveries().await.unwrap(), 2);
        let workspace = tenant.workspace;
        assert!(tx.delete_webhook(workspace, gone.webhook.id).await.unwrap());
        assert!(!tx.delete_webhook(workspace, gone.webhook.id).await.unwrap());
        assert!(
            tx.disable_webhook(workspace, off.webhook.id, world.now())
                .await
                .unwrap()
        );
        assert_eq!(tx.count_deliveries().await.unwrap(), 0);
        let left = tx.webhooks(workspace).await.unwrap();
        assert!(left.len() == 1 && left[0].webhook.disabled_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_job_belongs_to_one_writer_at_a_time() {
    on_every_database(async |world| {
        let (one, two) = (world.writer(), world.writer());
        let mut tx = world.write().await;
        assert!(tx.take_job("sweep", one, 60).await.unwrap());
        assert!(tx.take_job("sweep", one, 60).await.unwrap());
        assert!(!tx.take_job("sweep", two, 60).await.unwrap());
        assert!(tx.take_job("another", two, 60).await.unwrap());
        assert!(tx.take_job("sweep", one, 0).await.unwrap());
        assert!(tx.take_job("sweep", two, 60).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn the_longest_unchecked_connection_comes_first_and_a_check_is_no_change() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let key = |tenant: &Tenant| (tenant.workspace, tenant.connection.id);
        let mut tx = world.write().await;
        for tenant in [&contoso, &fabrikam] {
            let active = Connection {
                state: ConnectionState::Active,
                ..tenant.connection.clone()
            };
            assert!(tx.update_connection(&active).await.unwrap());
        }
        let (workspace, id) = key(&contoso);
        assert!(tx.mark_checked(workspace, id, world.now()).await.unwrap());
        let soon = world.now() + SignedDuration::from_secs(1);
        let due = tx.connections_to_check(soon, 10).await.unwrap();
        assert_eq!(due, [key(&fabrikam), key(&contoso)]);
        let due = tx.connections_to_check(world.now(), 1).await.unwrap();
        assert_eq!(due, [key(&fabrikam)]);
        let read = tx.connection(workspace, id).await.unwrap().unwrap();
        assert_eq!(read.version, contoso.connection.version + 1);
    })
    .await;
}

#[tokio::test]
async fn a_proof_in_use_that_ends_soon_is_warned_of_once_for_each_step() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let soon = proof(&world, &tenant);
        let mut retired = proof(&world, &tenant);
        retired.proof.state = ProofState::Retired;
        let mut later = proof(&world, &tenant);
        later.proof.expires_at = Some(world.later(86_400 * 90));
        let mut tx = world.write().await;
        for SealedProof { proof, sealed } in [&soon, &retired, &later] {
            let new = SealedProof {
                proof: proof.clone(),
                sealed: sealed.clone(),
            };
            tx.add_proof(&new).await.unwrap();
        }
        let before = world.later(86_400 * 30);
        let ending = tx.proofs_ending(before, Page::first(10)).await.unwrap();
        assert_eq!(ending, [(soon.proof.clone(), None)]);
        let (workspace, id) = (tenant.workspace, soon.proof.id);
        assert!(tx.mark_warned(workspace, id, None, 30).await.unwrap());
        assert!(!tx.mark_warned(workspace, id, None, 30).await.unwrap());
        assert!(tx.mark_warned(workspace, id, Some(30), 14).await.unwrap());
        let ending = tx.proofs_ending(before, Page::first(10)).await.unwrap();
        assert_eq!(ending[0].1, Some(14));
    })
    .await;
}
