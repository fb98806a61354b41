use model::{ConsentRequestId, PermissionSet};
use store::{ConsentAnswer, ConsentRequest};

use crate::databases::on_every_database;
use crate::world::World;

fn asked(world: &World, connection: &model::Connection, state: &str) -> ConsentRequest {
    ConsentRequest {
        id: ConsentRequestId::generate(&*world.clock, &*world.random),
        workspace_id: connection.workspace_id,
        connection_id: connection.id,
        requested_by: connection.owner,
        secret_hash: Some(world.hash()),
        state: state.to_owned(),
        permissions: PermissionSet::from_iter([model::Permission::new("User.Read.All")]),
        code: "AADSTS90094".to_owned(),
        answer: ConsentAnswer::Waiting,
        created_at: world.now(),
        answered_at: None,
        expires_at: world.later(600),
    }
}

#[tokio::test]
async fn a_request_is_found_by_what_each_side_knows_of_it() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let request = asked(&world, &tenant.connection, "one");
        let mut tx = world.write().await;
        tx.put_consent_request(&request).await.unwrap();
        let found = [
            tx.consent_request_by_secret(request.secret_hash.unwrap())
                .await
                .unwrap(),
            tx.consent_request_by_state("one").await.unwrap(),
            tx.consent_request(request.workspace_id, request.connection_id)
                .await
                .unwrap(),
            tx.consent_requests(request.workspace_id, 10)
                .await
                .unwrap()
                .pop(),
        ];
        assert_eq!(
            found,
            [const { None::<ConsentRequest> }; 4].map(|_| Some(request.clone()))
        );
        assert_eq!(tx.consent_request_by_state("two").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_later_request_replaces_the_one_before_it() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let (first, second) = (
            asked(&world, &tenant.connection, "one"),
            asked(&world, &tenant.connection, "two"),
        );
        let mut tx = world.write().await;
        tx.put_consent_request(&first).await.unwrap();
        tx.put_consent_request(&second).await.unwrap();
        let workspace = first.workspace_id;
        assert_eq!(
            tx.consent_requests(workspace, 10).await.unwrap(),
            std::slice::from_ref(&second)
        );
        let at = world.later(5);
        let granted = ConsentAnswer::Granted;
        assert!(
            !tx.answer_consent_request(workspace, first.id, granted, at)
                .await
                .unwrap()
        );
        assert!(
            tx.answer_consent_request(workspace, second.id, granted, at)
                .await
                .unwrap()
        );
        let answered = tx.consent_request_by_state("two").await.unwrap().unwrap();
        assert_eq!((answered.answer, answered.answered_at), (granted, Some(at)));
        assert!(
            tx.delete_consent_request(workspace, second.connection_id)
                .await
                .unwrap()
        );
        assert_eq!(tx.consent_requests(workspace, 10).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn purging_removes_requests_that_ended_and_no_others() {
    on_every_database(async |world| {
        let tenant = world.tenant("contoso").await;
        let request = asked(&world, &tenant.connection, "one");
        let mut tx = world.write().await;
        tx.put_consent_request(&request).await.unwrap();
        assert_eq!(
            tx.purge_consent_requests(world.later(599)).await.unwrap(),
            0
        );
        assert_eq!(
            tx.purge_consent_requests(request.expires_at).await.unwrap(),
            1
        );
    })
    .await;
}
