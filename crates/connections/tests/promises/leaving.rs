//! What goes with a connection is named before, and consent is taken back only when asked and allowed.

use connections::{Apps, Error};
use model::{ApiKey, ApiKeyId, Connection, KeyScope, Role};

use sandbox::NewApplication;

use crate::world::{ANA, BEN, PUBLIC_URL, World, outlook};

/// What it takes for an application to take consent back.
const ENOUGH: [&str; 2] = [
    "DelegatedPermissionGrant.ReadWrite.All",
    "Application.Read.All",
];

impl World {
    /// The application that people consent to may take their consent back.
    fn may_take_back(&mut self) {
        let control = self.control();
        self.registered = control
            .register_application(NewApplication {
                display_name: "Consentry".to_owned(),
                redirect_uris: vec![format!("{PUBLIC_URL}oauth/callback")],
                // Delegated permissions are what each person consents to, and none for everybody.
                application: ENOUGH.map(str::to_owned).into(),
                ..NewApplication::default()
            })
            .unwrap();
        let client_id = &self.registered.client_id;
        control.grant_admin_consent(client_id).unwrap();
        let lifetime = std::time::Duration::from_hours(24);
        let secret = control.add_secret(client_id, "test", lifetime).unwrap();
        self.secret = secret.secret_text;
    }

    async fn key(&self, name: &str, connections: &[&Connection]) {
        let key = ApiKey {
            id: ApiKeyId::generate(&*self.context.clock, &*self.context.random),
            workspace_id: self.admin.workspace_id,
            member_id: self.admin.member_id,
            name: name.to_owned(),
            role: Role::Builder,
            scope: KeyScope {
                connections: Some(connections.iter().map(|one| one.id).collect()),
                kinds: None,
            },
            secret_hash: model::sha256(name.as_bytes()),
            expires_at: None,
            revoked_at: None,
            created_at: self.context.now(),
        };
        let mut tx = self.context.store.write().await.unwrap();
        tx.create_api_key(&key).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Another connection with the registration of the first.
    async fn connect_again(&self, first: &Connection, name: &str, person: &str) -> Connection {
        let (_, invitation) = self
            .life
            .connect_user(&self.admin, outlook(name), first.app_registration_id)
            .await
            .unwrap();
        self.follow(&invitation.connect_url, person).await
    }

    async fn is_there(&self, connection: &Connection) -> bool {
        let id = connection.id.to_string();
        self.life.find(&self.admin, &id).await.is_ok()
    }

    fn deletions_at_microsoft(&self) -> usize {
        self.control().count("DELETE", "/oauth2PermissionGrants/")
    }
}

#[tokio::test]
async fn keys_registration_and_what_stays_at_microsoft_are_named() {
    let world = World::start().await;
    let first = world.connect_user(ANA).await;
    let same = world.connect_again(&first, "also of Ana", ANA).await;
    let other = world.connect_again(&first, "of Ben", BEN).await;
    world.key("nightly", &[&first]).await;
    world.key("reports", &[&first, &other]).await;
    world.key("unrelated", &[&other]).await;
    let dependents = world.life.dependents(&world.admin, first.id).await.unwrap();
    let keys: Vec<_> = dependents
        .keys
        .iter()
        .map(|key| (key.name.as_str(), key.only))
        .collect();
    assert_eq!(keys.len(), 2);
    assert!(keys.contains(&("nightly", true)) && keys.contains(&("reports", false)));
    let others: Vec<_> = dependents
        .app_registration
        .other_connections
        .iter()
        .map(|other| (other.id, other.same_consent))
        .collect();
    assert_eq!(others.len(), 2);
    assert!(others.contains(&(same.id, true)) && others.contains(&(other.id, false)));
    assert!(dependents.at_microsoft[0].link.is_some());
    assert!(world.is_there(&first).await);
    world.stop().await;
}

#[tokio::test]
async fn consent_stays_at_microsoft_unless_somebody_asks() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    world
        .life
        .delete(&world.admin, connection.id)
        .await
        .unwrap();
    assert!(!world.is_there(&connection).await);
    assert_eq!(world.deletions_at_microsoft(), 0);
    world.stop().await;
}

#[tokio::test]
async fn consent_that_the_application_may_not_take_back_is_explained_and_nothing_is_removed() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let refused = world
        .life
        .delete_with_consent(&world.admin, connection.id)
        .await
        .unwrap_err();
    let diagnosis = refused.diagnosis().unwrap();
    assert_eq!(diagnosis.act, model::Act::Administrator);
    assert!(
        diagnosis.remedy[0]
            .text
            .contains("DelegatedPermissionGrant.ReadWrite.All")
    );
    assert!(world.is_there(&connection).await);
    world.stop().await;
}

#[tokio::test]
async fn consent_is_taken_back_for_this_user_alone_where_the_application_may() {
    let mut world = World::start().await;
    world.may_take_back();
    let ana = world.connect_user(ANA).await;
    let ben = world.connect_again(&ana, "of Ben", BEN).await;
    let again = world.connect_again(&ana, "also of Ana", ANA).await;
    let refused = world
        .life
        .delete_with_consent(&world.admin, ana.id)
        .await
        .unwrap_err();
    assert!(
        matches!(&refused, Error::Invalid { message, .. } if message.contains("also of Ana")),
        "{refused}"
    );
    assert!(world.is_there(&ana).await);
    world.life.delete(&world.admin, again.id).await.unwrap();
    world
        .life
        .delete_with_consent(&world.admin, ana.id)
        .await
        .unwrap();
    assert!(!world.is_there(&ana).await);
    assert!(world.deletions_at_microsoft() > 0);
    let actions = world.actions().await;
    assert!(actions.contains(&"connection.revoke_consent".to_owned()));
    // Ben's consent is another.
    world.advance_all(2 * 60 * 60);
    let snapshot = world.snapshot(&ben).await;
    world.broker.token_for(&snapshot).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn an_application_has_no_consent_of_a_user_to_take_back() {
    let world = World::start().await;
    let connection = world.connect_application().await;
    let refused = world
        .life
        .delete_with_consent(&world.admin, connection.id)
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::Unsupported { .. }));
    assert!(world.is_there(&connection).await);
    world.stop().await;
}

#[tokio::test]
async fn places_of_delta_queries_and_webhooks_are_named_and_the_places_go_with_it() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    let same = world.connect_again(&connection, "also of Ana", ANA).await;
    let now = world.context.now();
    let seals = &world.context.seals;
    let sealed = seals.seal_cursor(&connection, "inbox", "a place").await;
    let row = store::CursorRow {
        name: "inbox".to_owned(),
        operation: "outlook.messages.delta".to_owned(),
        round: 1,
        sealed: sealed.unwrap(),
        created_at: now,
        updated_at: now,
    };
    let (workspace, id) = (connection.workspace_id, connection.id);
    let mut tx = world.context.store.write().await.unwrap();
    assert!(tx.move_cursor(workspace, id, &row).await.unwrap());
    tx.commit().await.unwrap();
    let hooks = connections::Webhooks::new(world.context.clone());
    let kinds = Some(vec![model::EventKind::NeedsAdmin]);
    for (url, kinds) in [
        ("https://all.example.com/x?key=secret", None),
        ("https://some.example.com/", kinds),
    ] {
        hooks.create(&world.admin, url, kinds).await.unwrap();
    }

    let told = world.life.dependents(&world.admin, id).await.unwrap();
    let places: Vec<_> = told.cursors.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(places, ["inbox"]);
    let mut heard: Vec<_> = told
        .webhooks
        .iter()
        .map(|hook| (hook.host.as_str(), hook.hears_of_removal))
        .collect();
    heard.sort_unstable();
    assert_eq!(
        heard,
        [("all.example.com", true), ("some.example.com", false)]
    );
    let consent = told.consent.unwrap();
    assert_eq!(consent.account.as_deref(), Some(ANA));
    assert_eq!(consent.held_by, [same.name.as_str()]);
    assert_eq!(consent.needs, ENOUGH);

    world.life.delete(&world.admin, id).await.unwrap();
    let mut tx = world.context.store.read().await.unwrap();
    assert!(tx.cursors(workspace, id).await.unwrap().is_empty());
    drop(tx);
    world.stop().await;
}

#[tokio::test]
async fn a_consent_that_a_second_registration_of_the_application_stands_on_is_not_taken_back() {
    let mut world = World::start().await;
    world.may_take_back();
    let first = world.connect_user(ANA).await;
    let apps = Apps::new(world.context.clone());
    let second = apps.create(&world.admin, world.new_app("the same")).await;
    let second = Connection {
        app_registration_id: second.unwrap().app.id,
        ..first.clone()
    };
    let second = world.connect_again(&second, "by the second", ANA).await;
    let dependents = world.life.dependents(&world.admin, first.id).await.unwrap();
    assert_eq!(dependents.consent.unwrap().held_by, ["by the second"]);
    assert_eq!(dependents.app_registration.other_connections, []);
    let refused = world.life.delete_with_consent(&world.admin, first.id).await;
    assert!(refused.unwrap_err().to_string().contains("by the second"));
    assert_eq!(world.deletions_at_microsoft(), 0);
    assert!(world.is_there(&first).await && world.is_there(&second).await);
    world.stop().await;
}
