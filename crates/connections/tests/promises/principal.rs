use connections::{Error, NewSecret};
use model::{ConnectionMethod, ConnectionState, Service};
use sandbox::{Action, Fault};

use crate::world::{World, outlook};

#[tokio::test]
async fn an_application_is_tested_before_anything_is_stored() {
    let world = World::start().await;
    let created = world
        .life
        .connect_new_application(&world.admin, outlook("reports"), world.new_app("reports"))
        .await
        .unwrap();
    assert!(created.test.ok, "{:?}", created.test);
    assert_eq!(created.connection.state, ConnectionState::Active);
    assert_eq!(
        created.connection.identity.unwrap().tenant_id,
        world.registered.tenant_id
    );
    world.stop().await;
}

#[tokio::test]
async fn wrong_details_are_explained_and_store_nothing() {
    let world = World::start().await;
    let cases = [
        ("tenant", "AADSTS90002"),
        ("client", "AADSTS700016"),
        ("secret", "AADSTS7000215"),
    ];
    for (wrong, code) in cases {
        let mut app = world.new_app("reports");
        match wrong {
            "tenant" => app.tenant_id = "11111111-2222-4333-8444-555555555555".to_owned(),
            "client" => app.client_id = "11111111-2222-4333-8444-555555555555".to_owned(),
            _ => {
                let wrong = NewSecret {
                    value: "wrong~secret".to_owned().into(),
                    expires_at: None,
                };
                app.proof = Some(wrong.into());
            }
        }
        let refused = world
            .life
            .connect_new_application(&world.admin, outlook("reports"), app)
            .await
            .unwrap_err();
        let diagnosis = refused
            .diagnosis()
            .unwrap_or_else(|| panic!("{wrong}: {refused}"));
        assert_eq!(diagnosis.evidence.code, code);
        assert_eq!(diagnosis.group, model::Group::ConnectionFailed);
        assert!(!diagnosis.remedy.is_empty() && diagnosis.known);
    }
    let (connections, _) = world
        .life
        .list(&world.admin, store::Page::first(10))
        .await
        .unwrap();
    assert!(connections.is_empty());
    let failed = world
        .activities()
        .await
        .into_iter()
        .filter(|line| line.code.is_some())
        .count();
    assert_eq!(failed, cases.len());
    world.stop().await;
}

#[tokio::test]
async fn an_entra_that_does_not_answer_is_out_of_reach_and_no_refusal() {
    let world = World::start().await;
    world.control().inject(Fault {
        method: Some("POST".to_owned()),
        path_contains: "/oauth2/v2.0/token".to_owned(),
        times: 20,
        action: Action::Reset,
    });
    let error = world
        .life
        .connect_new_application(&world.admin, outlook("reports"), world.new_app("reports"))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "unreachable");
    assert_eq!(error.diagnosis().unwrap().act, model::Act::Nobody);
    world.stop().await;
}

#[tokio::test]
async fn dynamics_is_refused_to_users_with_the_alternative() {
    let world = World::start().await;
    let app = world.register().await;
    let mut new = outlook("crm");
    new.service = Service::Crm;
    let refused = world
        .life
        .connect_user(&world.admin, new, app)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, Error::Unsupported { instead, .. } if instead.contains(ConnectionMethod::ServicePrincipal.id()))
    );
    world.stop().await;
}

#[tokio::test]
async fn a_new_secret_is_verified_before_it_replaces_the_old_one() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    world
        .control()
        .expire_secrets(&world.registered.client_id)
        .unwrap();
    let snapshot = world.snapshot(&connection).await;
    world.broker.token_for(&snapshot).await.unwrap_err();
    let wrong = NewSecret {
        value: "wrong~secret".to_owned().into(),
        expires_at: None,
    };
    let refused = world
        .life
        .rotate(&world.admin, connection.id, wrong.into())
        .await
        .unwrap_err();
    assert_eq!(refused.diagnosis().unwrap().evidence.code, "AADSTS7000215");
    let secret = world
        .control()
        .add_secret(
            &world.registered.client_id,
            "new",
            std::time::Duration::from_hours(24 * 365),
        )
        .unwrap()
        .secret_text;
    let right = NewSecret {
        value: secret.into(),
        expires_at: None,
    };
    let (rotated, proof) = world
        .life
        .rotate(&world.admin, connection.id, right.into())
        .await
        .unwrap();
    assert_eq!(
        (rotated.id, rotated.state),
        (connection.id, ConnectionState::Active)
    );
    assert_eq!(proof.generation, 2);
    world
        .broker
        .token_for(&world.snapshot(&connection).await)
        .await
        .unwrap();
    world.stop().await;
}

#[tokio::test]
async fn a_disabled_connection_hands_out_nothing_until_it_is_enabled() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    world
        .broker
        .token_for(&world.snapshot(&connection).await)
        .await
        .unwrap();
    world
        .life
        .disable(&world.admin, connection.id)
        .await
        .unwrap();
    let refused = world
        .broker
        .token_for(&world.snapshot(&connection).await)
        .await;
    assert!(refused.is_err());
    world
        .life
        .enable(&world.admin, connection.id)
        .await
        .unwrap();
    world
        .broker
        .token_for(&world.snapshot(&connection).await)
        .await
        .unwrap();
    world.stop().await;
}

#[tokio::test]
async fn a_removed_connection_leaves_its_activity_and_nothing_sealed() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    world
        .broker
        .token_for(&world.snapshot(&connection).await)
        .await
        .unwrap();
    world
        .life
        .delete(&world.admin, connection.id)
        .await
        .unwrap();
    let mut tx = world.context.store.read().await.unwrap();
    let key = connection.data_key_id.unwrap();
    assert!(
        tx.data_key(connection.workspace_id, key)
            .await
            .unwrap()
            .is_none()
    );
    let audience = "https://graph.microsoft.com";
    assert!(
        tx.token(connection.workspace_id, connection.id, audience)
            .await
            .unwrap()
            .is_none()
    );
    drop(tx);
    let kept = world
        .activities()
        .await
        .into_iter()
        .filter(|line| line.connection_id == Some(connection.id))
        .count();
    assert!(kept >= 3);
    world.stop().await;
}
