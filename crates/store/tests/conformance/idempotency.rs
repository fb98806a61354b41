use jiff::SignedDuration;
use store::{Answer, Claim, ClaimOutcome, Error, IdempotencyRow};

use crate::databases::on_every_database;

#[tokio::test]
async fn of_many_that_claim_a_key_one_gets_it_and_the_others_see_whose_it_is() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let (world, tenant) = (world.clone(), tenant.clone());
            tasks.spawn(async move {
                let claim = world.claim(&tenant.connection, "key", world.writer());
                let mut tx = world.write().await;
                let outcome = tx.claim(tenant.workspace, &claim).await.unwrap();
                tx.commit().await.unwrap();
                (claim, outcome)
            });
        }
        let outcomes = tasks.join_all().await;
        let winners: Vec<_> = outcomes
            .iter()
            .filter(|(_, outcome)| *outcome == ClaimOutcome::Claimed)
            .collect();
        assert_eq!(winners.len(), 1);
        let theirs = IdempotencyRow {
            claim: winners[0].0.clone(),
            answer: None,
            progress: None,
        };
        let existing = ClaimOutcome::Existing(theirs);
        assert_eq!(
            outcomes
                .iter()
                .filter(|(_, outcome)| *outcome == existing)
                .count(),
            49
        );
    })
    .await;
}

#[tokio::test]
async fn the_same_key_in_another_workspace_is_another_key() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let (here, there) = (world.writer(), world.writer());
        let mut tx = world.write().await;
        let claim = world.claim(&contoso.connection, "key", here);
        assert_eq!(
            tx.claim(contoso.workspace, &claim).await.unwrap(),
            ClaimOutcome::Claimed
        );
        let claim = world.claim(&fabrikam.connection, "key", there);
        assert_eq!(
            tx.claim(fabrikam.workspace, &claim).await.unwrap(),
            ClaimOutcome::Claimed
        );
        assert!(
            !tx.abandon_claim(fabrikam.workspace, "key", here)
                .await
                .unwrap()
        );
    })
    .await;
}

#[tokio::test]
async fn a_claim_names_a_connection_of_its_own_workspace() {
    on_every_database(async |world| {
        let (contoso, fabrikam) = (
            world.tenant("contoso").await,
            world.tenant("fabrikam").await,
        );
        let claim = world.claim(&contoso.connection, "key", world.writer());
        let mut tx = world.write().await;
        assert!(matches!(
            tx.claim(fabrikam.workspace, &claim).await,
            Err(Error::Dangling(_))
        ));
    })
    .await;
}

#[tokio::test]
async fn progress_is_kept_for_whoever_takes_over_until_there_is_an_answer() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (workspace, writer) = (tenant.workspace, world.writer());
        let claim = world.claim(&tenant.connection, "key", writer);
        let (first, second) = (world.sealed(), world.sealed());
        let mut tx = world.write().await;
        tx.claim(workspace, &claim).await.unwrap();
        for progress in [&first, &second] {
            assert!(
                tx.note_progress(workspace, "key", writer, progress)
                    .await
                    .unwrap()
            );
        }
        let other = world.writer();
        assert!(
            !tx.note_progress(workspace, "key", other, &first)
                .await
                .unwrap()
        );
        let again = world.claim(&tenant.connection, "key", other);
        let existing = IdempotencyRow {
            claim,
            answer: None,
            progress: Some(second),
        };
        assert_eq!(
            tx.claim(workspace, &again).await.unwrap(),
            ClaimOutcome::Existing(existing)
        );
        let answer = Answer {
            status: 201,
            sealed: world.sealed(),
        };
        tx.answer_claim(workspace, "key", writer, &answer)
            .await
            .unwrap();
        assert!(
            !tx.note_progress(workspace, "key", writer, &first)
                .await
                .unwrap()
        );
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_kept_once_and_given_again() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (workspace, writer) = (tenant.workspace, world.writer());
        let claim = world.claim(&tenant.connection, "key", writer);
        let answer = Answer {
            status: 202,
            sealed: world.sealed(),
        };
        let mut tx = world.write().await;
        tx.claim(workspace, &claim).await.unwrap();
        assert!(
            !tx.answer_claim(workspace, "key", world.writer(), &answer)
                .await
                .unwrap()
        );
        assert!(
            tx.answer_claim(workspace, "key", writer, &answer)
                .await
                .unwrap()
        );
        assert!(
            !tx.answer_claim(workspace, "key", writer, &answer)
                .await
                .unwrap()
        );
        assert!(!tx.abandon_claim(workspace, "key", writer).await.unwrap());
        let again = world.claim(&tenant.connection, "key", world.writer());
        let existing = IdempotencyRow {
            claim,
            answer: Some(answer),
            progress: None,
        };
        assert_eq!(
            tx.claim(workspace, &again).await.unwrap(),
            ClaimOutcome::Existing(existing)
        );
    })
    .await;
}

#[tokio::test]
async fn an_expired_claim_is_replaced_with_its_answer() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (workspace, writer) = (tenant.workspace, world.writer());
        let old = world.claim(&tenant.connection, "key", writer);
        let answer = Answer {
            status: 200,
            sealed: world.sealed(),
        };
        let mut new = world.claim(&tenant.connection, "key", writer);
        new.created_at = old.expires_at;
        new.expires_at = world.later(200_000);
        let mut tx = world.write().await;
        tx.claim(workspace, &old).await.unwrap();
        assert!(
            tx.answer_claim(workspace, "key", writer, &answer)
                .await
                .unwrap()
        );
        assert_eq!(
            tx.claim(workspace, &new).await.unwrap(),
            ClaimOutcome::Claimed
        );
        let existing = IdempotencyRow {
            claim: new,
            answer: None,
            progress: None,
        };
        assert_eq!(
            tx.claim(workspace, &old).await.unwrap(),
            ClaimOutcome::Existing(existing)
        );
    })
    .await;
}

#[tokio::test]
async fn a_dead_writers_claim_is_taken_over_once() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let workspace = tenant.workspace;
        let [dead, mut ours, theirs] =
            std::array::from_fn(|_| world.claim(&tenant.connection, "key", world.writer()));
        ours.created_at = dead.created_at + SignedDuration::from_mins(1);
        ours.expires_at = dead.expires_at + SignedDuration::from_mins(1);
        let mut tx = world.write().await;
        tx.claim(workspace, &dead).await.unwrap();
        assert!(tx.reclaim(workspace, &dead, &ours).await.unwrap());
        assert!(!tx.reclaim(workspace, &dead, &theirs).await.unwrap());
        // What was sent is recognised by the time of the first claim.
        let existing = IdempotencyRow {
            claim: Claim {
                created_at: dead.created_at,
                ..ours
            },
            answer: None,
            progress: None,
        };
        assert_eq!(
            tx.claim(workspace, &theirs).await.unwrap(),
            ClaimOutcome::Existing(existing)
        );
    })
    .await;
}

#[tokio::test]
async fn an_abandoned_key_can_be_claimed_again() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (workspace, writer) = (tenant.workspace, world.writer());
        let claim = world.claim(&tenant.connection, "key", writer);
        let mut tx = world.write().await;
        tx.claim(workspace, &claim).await.unwrap();
        assert!(
            !tx.abandon_claim(workspace, "key", world.writer())
                .await
                .unwrap()
        );
        assert!(tx.abandon_claim(workspace, "key", writer).await.unwrap());
        assert_eq!(
            tx.claim(workspace, &claim).await.unwrap(),
            ClaimOutcome::Claimed
        );
    })
    .await;
}

#[tokio::test]
async fn purging_removes_expired_claims_and_no_others() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let claim = world.claim(&tenant.connection, "key", world.writer());
        let mut tx = world.write().await;
        tx.claim(tenant.workspace, &claim).await.unwrap();
        assert_eq!(tx.purge_claims(world.now()).await.unwrap(), 0);
        assert_eq!(tx.purge_claims(claim.expires_at).await.unwrap(), 1);
    })
    .await;
}
