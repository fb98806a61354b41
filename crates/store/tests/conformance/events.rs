use std::time::Duration;

use jiff::SignedDuration;
use model::{Connection, ConnectionState, Event, EventKind, ProofState, Webhook};
use serde_json::json;
use store::{Page, SealedWebhook};
use tokio::time::timeout;

use crate::databases::{on_every_database, on_shared_databases};
use crate::registrations::proof;
use crate::world::{Tenant, World};

const DAY: i64 = 86_400;

pub(crate) fn event(world: &World, tenant: &Tenant, kind: EventKind) -> Event {
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
async fn a_proof_in_use_is_looked_at_thirty_days_before_its_end_and_warned_of_once_for_each_step() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let other = world.tenant("fabrikam").await.workspace;
        let soon = proof(&world, &tenant);
        let mut retired = proof(&world, &tenant);
        retired.proof.state = ProofState::Retired;
        let mut later = proof(&world, &tenant);
        later.proof.expires_at = Some(world.later(DAY * 90));
        let mut tx = world.write().await;
        for new in [&soon, &retired, &later] {
            tx.add_proof(new).await.unwrap();
        }
        let (workspace, id) = (tenant.workspace, soon.proof.id);
        let due = soon.proof.expires_at.unwrap() - SignedDuration::from_secs(DAY * 30);
        let before = due - SignedDuration::from_secs(1);
        assert!(tx.proofs_to_warn(before, 10).await.unwrap().is_empty());
        assert_eq!(
            tx.proofs_to_warn(due, 10).await.unwrap(),
            [(soon.proof.clone(), None)]
        );
        assert!(tx.mark_warned(workspace, id, None, 30).await.unwrap());
        assert!(!tx.mark_warned(workspace, id, None, 30).await.unwrap());
        assert!(tx.mark_warned(workspace, id, Some(30), 14).await.unwrap());
        assert_eq!(tx.proofs_to_warn(due, 10).await.unwrap()[0].1, Some(14));
        let tomorrow = due + SignedDuration::from_secs(DAY);
        assert!(
            tx.look_at_proof(workspace, id, Some(tomorrow))
                .await
                .unwrap()
        );
        assert!(tx.proofs_to_warn(due, 10).await.unwrap().is_empty());
        assert_eq!(tx.proofs_to_warn(tomorrow, 10).await.unwrap().len(), 1);
        assert!(tx.look_at_proof(workspace, id, None).await.unwrap());
        assert!(tx.proofs_to_warn(tomorrow, 10).await.unwrap().is_empty());
        let end = later.proof.expires_at.unwrap();
        assert!(tx.set_proof_end(workspace, id, end, due).await.unwrap());
        let (learnt, warned) = tx.proofs_to_warn(due, 10).await.unwrap().remove(0);
        assert_eq!((learnt.expires_at, warned), (Some(end), None));
        assert!(!tx.set_proof_end(other, id, end, due).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn only_proofs_of_applications_that_replace_them_are_to_be_replaced() {
    on_every_database(async |world| {
        let (ours, theirs) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let (soon, other) = (proof(&world, &ours), proof(&world, &theirs));
        let mut tx = world.write().await;
        for new in [&soon, &other] {
            tx.add_proof(new).await.unwrap();
        }
        let before = soon.proof.expires_at.unwrap() + SignedDuration::from_secs(60);
        let none = tx.proofs_to_rotate(before, Page::first(10)).await.unwrap();
        assert!(none.is_empty());
        tx.set_auto_rotate(ours.workspace, ours.app.id, true)
            .await
            .unwrap();
        let found = tx.proofs_to_rotate(before, Page::first(10)).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&soon.proof));
        let ending = tx.proofs_ending(before).await.unwrap();
        assert_eq!((ending.len(), ending[0].number), (1, 2));
        assert_eq!(ending[0].kind, soon.proof.kind);
        assert_eq!(Some(ending[0].first), soon.proof.expires_at);
    })
    .await;
}

#[tokio::test]
async fn a_reader_who_keeps_the_last_event_misses_none_however_transactions_overlap() {
    on_shared_databases(async |world| {
        let tenant = world.tenant("contoso").await;
        let early = event(&world, &tenant, EventKind::Degraded);
        let late = event(&world, &tenant, EventKind::Recovered);
        let mut slow = world.write().await;
        slow.add_event(&early).await.unwrap();
        let quick = {
            let (world, late, workspace) = (world.clone(), late.clone(), tenant.workspace);
            async move {
                let mut tx = world.write().await;
                tx.add_event(&late).await.unwrap();
                tx.commit().await.unwrap();
                let mut tx = world.read().await;
                tx.events(workspace, Page::first(10)).await.unwrap()
            }
        };
        let mut running = tokio::task::JoinSet::new();
        running.spawn(quick);
        // Whoever does not wait for the slow one is done long before.
        let first = timeout(Duration::from_millis(300), running.join_next()).await;
        slow.commit().await.unwrap();
        let mut seen = match first {
            Ok(seen) => seen.unwrap().unwrap(),
            Err(_) => running.join_next().await.unwrap().unwrap(),
        };
        let page = Page {
            after: seen.last().map(|event| event.id),
            limit: 10,
        };
        let mut tx = world.read().await;
        seen.extend(tx.events(tenant.workspace, page).await.unwrap());
        assert_eq!(seen, [early, late]);
    })
    .await;
}

#[tokio::test]
async fn after_an_event_that_is_not_kept_any_more_come_all_that_are() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let gone = world.event_id();
        let kept = event(&world, &tenant, EventKind::Created);
        let mut tx = world.write().await;
        tx.add_event(&kept).await.unwrap();
        let page = Page {
            after: Some(gone),
            limit: 10,
        };
        assert_eq!(tx.events(tenant.workspace, page).await.unwrap(), [kept]);
    })
    .await;
}
