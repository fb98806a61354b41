//! What a test finds, and the daily look at every connection.

use std::time::Duration;

use connections::{NewApp, NewConnection, NewSecret};
use jiff::Timestamp;
use model::{Connection, ConnectionId, ConnectionState, Permission, PermissionSet, Service};
use sandbox::NewApplication;

use crate::world::{ANA, World, outlook};

fn permissions(names: &[&str]) -> PermissionSet {
    names.iter().map(|name| Permission::new(*name)).collect()
}

impl World {
    pub(crate) async fn look_after(&self) {
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
        self.follow(&invitation.connect_url, ANA).await
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
    let diagnosis = told.diagnosis.as_deref().unwrap();
    assert_eq!(diagnosis.act, model::Act::Administrator);
    let links = diagnosis
        .remedy
        .iter()
        .filter_map(|step| step.link.as_deref());
    assert!(links.into_iter().any(|link| link.contains("/adminconsent")));
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

/// Applications with these permissions and a secret that is good for so many days, of which nobody said.
async fn with_secret(world: &World, permissions: &[&str], days: u64) -> Connection {
    let control = world.control();
    let new = NewApplication {
        display_name: "Reports".to_owned(),
        application: permissions.iter().map(ToString::to_string).collect(),
        admin_consent: true,
        ..NewApplication::default()
    };
    let client_id = control.register_application(new).unwrap().client_id;
    let life = Duration::from_hours(24 * days);
    let secret = control.add_secret(&client_id, "reports", life).unwrap();
    let app = NewApp {
        client_id,
        proof: Some(
            NewSecret {
                value: secret.secret_text.into(),
                expires_at: None,
            }
            .into(),
        ),
        ..world.new_app("reports")
    };
    let new = NewConnection {
        permissions: Some(self::permissions(&permissions[..1])),
        ..outlook("reports")
    };
    let made = world.life.connect_new_application(&world.admin, new, app);
    made.await.unwrap().connection
}

async fn end_of_secret(world: &World, connection: &Connection) -> Option<Timestamp> {
    let mut tx = world.context.store.read().await.unwrap();
    let app = connection.app_registration_id;
    let proofs = tx.proofs(connection.workspace_id, app).await.unwrap();
    proofs[0].proof.expires_at
}

#[tokio::test]
async fn an_end_that_nobody_said_is_read_from_microsoft_and_warned_of() {
    let world = World::start().await;
    let connection = with_secret(&world, &["Mail.Read", "Application.Read.All"], 20).await;
    assert_eq!(end_of_secret(&world, &connection).await, None);
    world.look_after().await;
    let end = end_of_secret(&world, &connection).await.unwrap();
    let left = end.duration_since(world.context.now());
    assert_eq!(left.as_hours() / 24, 19);
    let (context, live, broker) = (&world.context, &world.live, &world.broker);
    let warned = connections::jobs::warn(context.clone(), live.clone(), broker.clone());
    warned.await.unwrap();
    let told = world.snapshot(&connection).await;
    assert_eq!(told.connection.state, ConnectionState::Expiring);
    world.stop().await;
}

#[tokio::test]
async fn an_application_that_may_not_read_itself_is_not_asked_when_its_secret_ends() {
    let world = World::start().await;
    let connection = with_secret(&world, &["Mail.Read"], 20).await;
    world.look_after().await;
    assert_eq!(world.control().count("GET", "/applications"), 0);
    assert_eq!(end_of_secret(&world, &connection).await, None);
    assert!(
        world
            .life
            .test(&world.admin, connection.id)
            .await
            .unwrap()
            .ok
    );
    world.stop().await;
}
