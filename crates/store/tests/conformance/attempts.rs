use store::AttemptState;

use crate::databases::on_every_database;

#[tokio::test]
async fn an_attempt_is_found_by_its_secret_and_by_its_state() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let mut attempt = world.attempt(&tenant.connection);
        let mut tx = world.write().await;
        tx.create_attempt(&attempt).await.unwrap();
        assert_eq!(
            tx.attempt_by_secret(attempt.secret_hash).await.unwrap(),
            Some(attempt.clone())
        );

        let state = world.hash();
        assert_eq!(tx.attempt_by_state(state).await.unwrap(), None);
        attempt.state_hash = Some(state);
        attempt.cookie_hash = Some(world.hash());
        attempt.sealed = Some(world.sealed());
        attempt.state = AttemptState::Sent;
        attempt.note = Some("{}".to_owned());
        assert!(
            tx.advance_attempt(AttemptState::Open, &attempt)
                .await
                .unwrap()
        );
        assert_eq!(tx.attempt_by_state(state).await.unwrap(), Some(attempt));
    })
    .await;
}

#[tokio::test]
async fn each_step_of_an_attempt_is_taken_once() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let attempt = world.attempt(&tenant.connection);
        let mut tx = world.write().await;
        tx.create_attempt(&attempt).await.unwrap();
        tx.commit().await.unwrap();

        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (world, mut attempt) = (world.clone(), attempt.clone());
            attempt.state = AttemptState::Redeeming;
            tasks.spawn(async move {
                let mut tx = world.write().await;
                let won = tx
                    .advance_attempt(AttemptState::Open, &attempt)
                    .await
                    .unwrap();
                tx.commit().await.unwrap();
                won
            });
        }
        let won = tasks
            .join_all()
            .await
            .into_iter()
            .filter(|won| *won)
            .count();
        assert_eq!(won, 1);
    })
    .await;
}

#[tokio::test]
async fn purging_removes_ended_attempts_and_no_others() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let attempt = world.attempt(&tenant.connection);
        let mut tx = world.write().await;
        tx.create_attempt(&attempt).await.unwrap();
        assert_eq!(tx.purge_attempts(world.later(599)).await.unwrap(), 0);
        assert_eq!(tx.purge_attempts(attempt.expires_at).await.unwrap(), 1);
        assert_eq!(
            tx.attempt_by_secret(attempt.secret_hash).await.unwrap(),
            None
        );
    })
    .await;
}
