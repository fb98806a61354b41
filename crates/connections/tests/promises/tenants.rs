//! People of one organisation, of several, and guests; consent that is taken back, and given again.

use connections::Apps;
use model::{Act, Connection, ConnectionState, Group};
use sandbox::{NewApplication, NewTenant};

use crate::world::{ANA, PUBLIC_URL, World, outlook};

const FABRIKAM: &str = "fabrikam.example";

impl World {
    /// A registration that other organisations may use, in place of the first.
    fn open_to_others(&mut self) {
        let control = self.control();
        self.registered = control
            .register_application(NewApplication {
                display_name: "Consentry".to_owned(),
                redirect_uris: vec![format!("{PUBLIC_URL}oauth/callback")],
                delegated: ["Mail.Read", "Mail.ReadWrite", "Mail.Send"]
                    .map(str::to_owned)
                    .into(),
                is_multi_tenant: true,
                ..NewApplication::default()
            })
            .unwrap();
        let lifetime = std::time::Duration::from_hours(24);
        let secret = control.add_secret(&self.registered.client_id, "test", lifetime);
        self.secret = secret.unwrap().secret_text;
    }

    async fn connect_at(&self, tenant_id: &str, person: &str) -> Connection {
        let mut app = self.new_app("for everybody");
        tenant_id.clone_into(&mut app.tenant_id);
        let apps = Apps::new(self.context.clone());
        let app = apps.create(&self.admin, app).await.unwrap().app.id;
        let (_, invitation) = self
            .life
            .connect_user(&self.admin, outlook("mail"), app)
            .await
            .unwrap();
        self.follow(&invitation.connect_url, person).await
    }

    async fn still_works(&self, connection: &Connection) {
        self.advance_all(2 * 60 * 60);
        let snapshot = self.snapshot(connection).await;
        self.broker.token_for(&snapshot).await.unwrap();
    }
}

fn fabrikam(world: &World) -> sandbox::AddedTenant {
    world
        .control()
        .add_tenant(&NewTenant {
            display_name: "Fabrikam".to_owned(),
            domain: FABRIKAM.to_owned(),
        })
        .unwrap()
}

#[tokio::test]
async fn a_multi_tenant_registration_takes_people_of_other_organisations_and_renews_at_theirs() {
    let mut world = World::start().await;
    world.open_to_others();
    let tenant = fabrikam(&world);
    let person = format!("admin@{FABRIKAM}");
    let connection = world.connect_at("organizations", &person).await;
    let identity = connection.identity.clone().unwrap();
    assert_eq!(identity.tenant_id, tenant.tenant_id);
    assert_ne!(identity.tenant_id, world.registered.tenant_id);
    world.still_works(&connection).await;
    let at_home = format!("/{}/oauth2/v2.0/token", tenant.tenant_id);
    assert!(world.control().count("POST", &at_home) > 0);
    world.stop().await;
}

#[tokio::test]
async fn a_guest_is_who_the_inviting_organisation_knows() {
    let world = World::start().await;
    fabrikam(&world);
    let person = format!("admin@{FABRIKAM}");
    let home = &world.registered.tenant_id;
    let guest = world.control().add_guest(home, &person).unwrap();
    let connection = world.connect_at(home, &person).await;
    let identity = connection.identity.clone().unwrap();
    assert_eq!(&identity.tenant_id, home);
    assert_eq!(identity.object_id, guest.id);
    world.still_works(&connection).await;
    world.stop().await;
}

#[tokio::test]
async fn consent_that_was_taken_back_is_told_and_given_again_under_the_same_id() {
    let world = World::start().await;
    let connection = world.connect_user(ANA).await;
    world
        .control()
        .remove_consent(&world.registered.client_id, None)
        .unwrap();
    world.advance_all(2 * 60 * 60);
    let snapshot = world.snapshot(&connection).await;
    world.broker.token_for(&snapshot).await.unwrap_err();
    let told = world.snapshot(&connection).await.connection.clone();
    assert_eq!(told.state, ConnectionState::NeedsReconnect);
    let diagnosis = told.diagnosis.unwrap();
    assert_eq!(diagnosis.evidence.code, "AADSTS65001");
    assert_eq!(diagnosis.act, Act::User);
    assert_eq!(diagnosis.group, Group::TokenRefreshFailed);
    let invitation = world
        .life
        .reconnect(&world.admin, connection.id)
        .await
        .unwrap();
    let again = world.follow(&invitation.connect_url, ANA).await;
    assert_eq!(again.id, connection.id);
    assert_eq!(again.state, ConnectionState::Active);
    world.still_works(&again).await;
    world.stop().await;
}
