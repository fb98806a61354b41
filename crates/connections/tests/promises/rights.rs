//! Who may change what.

use connections::{Apps, Caller, Change};
use model::{KeyScope, MemberId, OperationKind, Policy, Role};

use crate::world::{ANA, World, outlook};

fn somebody(world: &World, role: Role) -> Caller {
    Caller {
        member_id: MemberId::generate(&*world.context.clock, &*world.context.random),
        role,
        ..world.admin.clone()
    }
}

#[tokio::test]
async fn a_connection_is_shared_by_its_owner_and_nobody_else() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let share = || Change {
        shared: Some(true),
        ..Change::default()
    };
    let administrator = somebody(&world, Role::Admin);
    let refused = world
        .life
        .change(&administrator, connection.id, share())
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "forbidden");
    assert!(!world.snapshot(&connection).await.connection.shared);
    let shared = world
        .life
        .change(&world.admin, connection.id, share())
        .await
        .unwrap();
    assert!(shared.shared);
    world.stop().await;
}

#[tokio::test]
async fn an_owner_who_is_no_administrator_neither_widens_the_policy_nor_enables() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let owner = Caller {
        role: Role::Member,
        ..world.admin.clone()
    };
    let raw = Policy {
        raw: true,
        ..Policy::default()
    };
    let tokens = Policy {
        tokens: true,
        ..Policy::default()
    };
    let app = connection.app_registration_id;
    for wider in [raw, tokens] {
        let new = connections::NewConnection {
            policy: wider.clone(),
            ..outlook("another")
        };
        let refused = world.life.connect_user(&owner, new, app).await;
        assert_eq!(refused.err().map(|error| error.code()), Some("forbidden"));
        let widen = Change {
            policy: Some(wider),
            ..Change::default()
        };
        let refused = world.life.change(&owner, connection.id, widen).await;
        assert_eq!(refused.unwrap_err().code(), "forbidden");
    }
    world.life.disable(&owner, connection.id).await.unwrap();
    let refused = world.life.enable(&owner, connection.id).await.unwrap_err();
    assert_eq!(refused.code(), "forbidden");
    world.stop().await;
}

#[tokio::test]
async fn a_limited_key_changes_nothing() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    let key = Caller {
        scope: KeyScope {
            kinds: Some([OperationKind::Read].into()),
            ..KeyScope::default()
        },
        ..world.admin.clone()
    };
    let renamed = Change {
        name: Some("mine".to_owned()),
        ..Change::default()
    };
    let apps = Apps::new(world.context.clone());
    let refusals = [
        world.life.change(&key, connection.id, renamed).await.err(),
        world.life.disable(&key, connection.id).await.err(),
        world.life.delete(&key, connection.id).await.err(),
        apps.create(&key, world.new_app("another")).await.err(),
    ];
    for refused in refusals {
        assert_eq!(refused.map(|error| error.code()), Some("forbidden"));
    }
    assert_eq!(world.snapshot(&connection).await.connection.name, "reports");
    world.stop().await;
}

#[tokio::test]
async fn a_call_finds_a_connection_by_the_name_that_it_has_now() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    let admin = &world.admin;
    for _ in 0..2 {
        let found = world.live.named(admin, &connection.name).await.unwrap();
        assert_eq!(found.connection.id, connection.id);
    }
    let renamed = Change {
        name: Some("monthly".to_owned()),
        ..Change::default()
    };
    world
        .life
        .change(admin, connection.id, renamed)
        .await
        .unwrap();
    let gone = world.live.named(admin, &connection.name).await.unwrap_err();
    assert_eq!(gone.code(), "connection_not_found");
    let found = world.live.named(admin, "monthly").await.unwrap();
    assert_eq!(found.connection.id, connection.id);
    let elsewhere = world.another_workspace().await;
    let unseen = world.live.named(&elsewhere, "monthly").await.unwrap_err();
    assert_eq!(unseen.code(), "connection_not_found");
    world.stop().await;
}
