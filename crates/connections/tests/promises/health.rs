//! What a test finds, and the daily look at every connection.

use connections::NewConnection;
use model::{Connection, ConnectionId, Permission, PermissionSet, Service};

use crate::world::{ANA, World, outlook};

fn permissions(names: &[&str]) -> PermissionSet {
    names.iter().map(|name| Permission::new(*name)).collect()
}

impl World {
    async fn look_after(&self) {
        let (context, live, broker) =
            (self.context.clone(), self.live.clone(), self.broker.clone());
        connections::jobs::look_after(context, live, broker)
            .await
            .unwrap();
    }

    async fn checks(&self) -> usize {
        let lines = self.activities().await;
        let checks = lines
            .iter()
            .filter(|line| line.action == "connection.check");
        checks.count()
    }

    /// As a user with these permissions only.
    async fn connect_with(&self, names: &[&str]) -> Connection {
        let app = self.register().await;
        let new = NewConnection {
            permissions: Some(permissions(names)),
            ..outlook("narrow")
        };
        let (_, invitation) = self.life.connect_user(&self.admin, new, app).await.unwrap();
        let (callback, cookie) = self.consent(&invitation.connect_url, ANA).await;
        self.life
            .oauth
            .arrive(callback, Some(&cookie))
            .await
            .unwrap();
        self.life.oauth.confirm(Some(&cookie)).await.unwrap()
    }
}

#[tokio::test]
async fn what_is_missing_is_named_with_what_it_would_open() {
    let world = World::start().await;
    let new = NewConnection {
        permissions: Some(permissions(&["Mail.ReadWrite", "Calendars.ReadWrite"])),
        ..outlook("reports")
    };
    let created = world
        .life
        .connect_new_application(&world.admin, new, world.new_app("reports"))
        .await
        .unwrap();
    let report = created.test;
    assert!(!report.ok, "{report:?}");
    assert_eq!(report.locked.len(), 1, "{report:?}");
    assert_eq!(report.locked[0].permission, "Calendars.ReadWrite");
    assert!(
        report.locked[0]
            .operations
            .contains(&"outlook.events.create")
    );
    let told = report.steps.iter().find(|step| !step.ok).unwrap();
    assert!(told.detail.contains("`Calendars.ReadWrite`, which opens"));
    world.stop().await;
}

#[tokio::test]
async fn a_test_reads_only_what_the_grant_covers() {
    let world = World::start().await;
    let connection = world.connect_with(&["Mail.Read"]).await;
    let report = world.life.test(&world.admin, connection.id).await.unwrap();
    assert!(report.ok, "{report:?}");
    assert_eq!(world.control().count("GET", "/me/mailFolders"), 1);
    world.stop().await;
}

#[tokio::test]
async fn a_mailbox_that_is_gone_is_explained_by_the_test() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let cast = sandbox::Cast {
        user: Some(ANA.to_owned()),
        ..sandbox::Cast::default()
    };
    world.control().play("mailbox_not_found", &cast).unwrap();
    let report = world.life.test(&world.admin, connection.id).await.unwrap();
    assert!(!report.ok);
    let diagnosis = report.diagnosis.unwrap();
    assert_eq!(diagnosis.evidence.code, "MailboxNotEnabledForRESTAPI");
    assert_eq!(diagnosis.act, model::Act::Administrator);
    assert!(diagnosis.evidence.request_id.is_some());
    world.stop().await;
}

#[tokio::test]
async fn the_daily_look_is_spread_and_looks_at_each_connection_once() {
    let world = World::start().await;
    let first = world.connect_application().await;
    assert_eq!(first.service, Service::Outlook);
    let mut tx = world.context.store.write().await.unwrap();
    for n in 0..24 {
        let copy = Connection {
            id: ConnectionId::generate(&*world.context.clock, &*world.context.random),
            name: format!("copy {n}"),
            ..first.clone()
        };
        tx.create_connection(&copy).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut seen = 0;
    for expected in [20, 5, 0] {
        world.look_after().await;
        let now = world.checks().await;
        assert_eq!(now - seen, expected);
        seen = now;
    }
    world.advance_all(25 * 60 * 60);
    world.look_after().await;
    assert_eq!(world.checks().await - seen, 20);
    world.stop().await;
}
