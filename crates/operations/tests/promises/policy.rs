use connections::{Caller, Change};
use model::{ActivityKind, Actor, KeyScope, MemberId, OperationKind, Outcome, Policy, Role};
use operations::Error;
use serde_json::json;

use crate::stage::{Stage, mail};
use crate::world::{ANA, BEN};

fn only(kinds: &[OperationKind]) -> Policy {
    Policy {
        kinds: Some(kinds.iter().copied().collect()),
        ..Policy::default()
    }
}

#[tokio::test]
async fn what_the_policy_does_not_allow_is_explained_recorded_and_never_sent() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let policy = only(&[OperationKind::Read]);
    stage.world.limit(&connection, policy).await;
    stage.world.control().clear_requests();
    let denied = stage
        .run(&connection, "outlook.messages.send", mail("x", BEN))
        .await
        .unwrap_err();
    assert_eq!(denied.code(), "policy_denied");
    assert!(denied.next_step().is_some());
    assert!(stage.world.control().requests().is_empty());
    stage
        .run(&connection, "outlook.messages.list", json!({}))
        .await
        .unwrap();
    let lines = stage.world.activities().await;
    let line = lines
        .iter()
        .find(|line| line.action == "outlook.messages.send")
        .unwrap();
    assert_eq!(
        (line.outcome, line.code.as_deref()),
        (Outcome::Denied, Some("policy_denied"))
    );
    stage.world.stop().await;
}

#[tokio::test]
async fn a_delegated_connection_serves_its_owner_until_it_is_shared() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let somebody = |role| Caller {
        member_id: MemberId::generate(&*stage.world.context.clock, &*stage.world.context.random),
        role,
        actor: Actor::Member("somebody".to_owned()),
        ..stage.world.admin.clone()
    };
    let builder = somebody(Role::Builder);
    let hidden = stage
        .run_as(&builder, &connection, "outlook.messages.list", json!({}))
        .await
        .unwrap_err();
    assert_eq!(hidden.code(), "connection_not_found");
    let admin = somebody(Role::Admin);
    let denied = stage
        .run_as(&admin, &connection, "outlook.messages.list", json!({}))
        .await
        .unwrap_err();
    assert!(
        matches!(denied, Error::Denied { .. }),
        "an administrator sees it, and does not read the mail behind it"
    );
    let change = Change {
        shared: Some(true),
        ..Change::default()
    };
    stage
        .world
        .life
        .change(&stage.world.admin, connection.id, change)
        .await
        .unwrap();
    stage
        .run_as(&builder, &connection, "outlook.messages.list", json!({}))
        .await
        .unwrap();
    let auditor = somebody(Role::Auditor);
    let refused = stage
        .run_as(&auditor, &connection, "outlook.messages.list", json!({}))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "policy_denied");
    stage.world.stop().await;
}

#[tokio::test]
async fn a_key_reaches_no_further_than_its_scope() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    let scope = KeyScope {
        kinds: Some([OperationKind::Read].into()),
        connections: Some([connection.id].into()),
    };
    let key = Caller {
        scope,
        ..stage.world.admin.clone()
    };
    stage
        .run_as(&key, &connection, "outlook.messages.list", json!({}))
        .await
        .unwrap();
    let denied = stage
        .run_as(&key, &connection, "outlook.messages.send", mail("x", BEN))
        .await
        .unwrap_err();
    assert_eq!(denied.code(), "policy_denied");
    let other = Caller {
        scope: KeyScope {
            connections: Some(std::collections::BTreeSet::new()),
            kinds: None,
        },
        ..stage.world.admin.clone()
    };
    let hidden = stage
        .run_as(&other, &connection, "outlook.messages.list", json!({}))
        .await
        .unwrap_err();
    assert_eq!(hidden.code(), "connection_not_found");
    stage.world.stop().await;
}

#[tokio::test]
async fn a_permission_that_the_user_did_not_grant_is_named_before_any_call() {
    let stage = Stage::start().await;
    let app = stage.world.register().await;
    let new = connections::NewConnection {
        permissions: Some([model::Permission::new("Mail.Read")].into()),
        ..crate::world::outlook("reads only")
    };
    stage
        .world
        .control()
        .remove_consent(&stage.world.registered.client_id, None)
        .unwrap();
    let (connection, invitation) = stage
        .world
        .life
        .connect_user(&stage.world.admin, new, app)
        .await
        .unwrap();
    stage.world.follow(&invitation.connect_url, ANA).await;
    stage.world.control().clear_requests();
    let refused = stage
        .run(&connection, "outlook.messages.send", mail("x", BEN))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "permission_missing");
    assert!(refused.diagnosis().unwrap().cause.contains("Mail.Send"));
    assert!(stage.world.control().requests().is_empty());
    stage.world.stop().await;
}

#[tokio::test]
async fn bad_input_is_refused_with_the_fields_name() {
    let stage = Stage::start().await;
    let connection = stage.world.connect_user(ANA).await;
    stage.world.control().clear_requests();
    let cases = [
        (
            "outlook.messages.sned",
            json!({}),
            "operation_not_found",
            None,
        ),
        (
            "outlook.messages.get",
            json!({}),
            "missing_field",
            Some("messageId"),
        ),
        (
            "outlook.messages.get",
            json!({ "messageId": "x", "colour": 1 }),
            "unknown_field",
            Some("colour"),
        ),
        (
            "outlook.messages.list",
            json!({ "top": "many" }),
            "invalid_input",
            Some("top"),
        ),
        (
            "outlook.messages.get",
            json!({ "messageId": "../users" }),
            "invalid_input",
            Some("messageId"),
        ),
        (
            "outlook.messages.get",
            json!({ "messageId": "a%2Fb" }),
            "invalid_input",
            Some("messageId"),
        ),
        (
            "outlook.messages.send",
            json!({ "message": { "subjct": "x" } }),
            "unknown_field",
            Some("message.subjct"),
        ),
    ];
    for (operation, input, code, field) in cases {
        let refused = stage
            .run(&connection, operation, input.clone())
            .await
            .unwrap_err();
        assert_eq!(
            (refused.code(), refused.field()),
            (code, field),
            "{operation} {input}"
        );
        assert!(refused.next_step().is_some());
    }
    let nearest = stage
        .run(&connection, "outlook.messages.sned", json!({}))
        .await
        .unwrap_err();
    assert!(
        nearest
            .next_step()
            .unwrap()
            .contains("outlook.messages.send")
    );
    assert!(stage.world.control().requests().is_empty());
    let operations = |line: &&model::Activity| matches!(line.kind, ActivityKind::Operation(_));
    assert!(
        stage
            .world
            .activities()
            .await
            .iter()
            .filter(operations)
            .count()
            >= 6
    );
    stage.world.stop().await;
}
