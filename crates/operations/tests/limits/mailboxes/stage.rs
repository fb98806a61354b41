//! People of Contoso, and connections that are limited to the mailbox of one of them.

use connections::NewConnection;
use model::{Connection, ConnectionMethod, Permission, Policy, Service};
use sandbox::LoggedRequest;

use crate::stage::world_with;
use crate::world::{ANA, BEN};

/// In a mailbox that was shared a user needs these.
const SHARED: [&str; 4] = [
    "Mail.ReadWrite.Shared",
    "Mail.Send.Shared",
    "Calendars.ReadWrite.Shared",
    "Contacts.ReadWrite.Shared",
];
const BOTH: [&str; 6] = [
    "Mail.ReadWrite",
    "Mail.Send",
    "Calendars.ReadWrite",
    "Contacts.ReadWrite",
    "MailboxSettings.ReadWrite",
    "Place.Read.All",
];

/// Somebody with a mailbox.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) address: &'static str,
    pub(crate) id: String,
}

/// Of these only the first is listed.
pub(crate) struct People {
    pub(crate) allowed: Person,
    pub(crate) other: Person,
}

pub(crate) type Stage = crate::stage::Stage<People>;

pub(crate) fn only(address: &str) -> Policy {
    Policy {
        mailboxes: Some([address.parse().unwrap()].into()),
        // It must not help.
        raw: true,
        ..Policy::default()
    }
}

impl Stage {
    /// Where people may be looked up.
    pub(crate) async fn start() -> Self {
        Box::pin(Self::set_up(&["User.Read.All"], ANA)).await
    }

    /// With `more` permissions; `person` signs in.
    pub(crate) async fn with(more: &[&str], person: &str) -> Self {
        Box::pin(Self::set_up(more, person)).await
    }

    async fn set_up(more: &[&str], person: &str) -> Self {
        let names = |some: &[&str]| -> Vec<String> {
            let all = BOTH.iter().chain(more).chain(some);
            all.map(ToString::to_string).collect()
        };
        let (delegated, application) = (names(&SHARED), names(&[]));
        let world = world_with("Mailboxes", delegated.clone(), application.clone()).await;
        let app = world.register().await;
        let new = |method: ConnectionMethod, permissions: &[String]| NewConnection {
            name: format!("mail {method}"),
            service: Service::Outlook,
            permissions: Some(permissions.iter().map(Permission::new).collect()),
            policy: only(ANA),
            shared: false,
            place: model::Place::default(),
        };
        let new_application = new(ConnectionMethod::ServicePrincipal, &application);
        let (life, admin) = (&world.life, &world.admin);
        let made = life.connect_application(admin, new_application, app).await;
        let application = made.unwrap().connection;
        let new_user = new(ConnectionMethod::OAuth, &delegated);
        let (_, invitation) = life.connect_user(admin, new_user, app).await.unwrap();
        let user = world.follow(&invitation.connect_url, person).await;
        let accounts = world.control().users();
        let person = |address: &'static str| Person {
            address,
            id: accounts
                .iter()
                .find(|account| account.user_principal_name == address)
                .unwrap()
                .id
                .clone(),
        };
        let scene = People {
            allowed: person(ANA),
            other: person(BEN),
        };
        let mut stage = Self::new(world, scene);
        for made in [user, application] {
            let key = (Service::Outlook, made.method);
            stage.connections.insert(key, made);
        }
        stage
    }

    pub(crate) fn of(&self, method: ConnectionMethod) -> &Connection {
        &self.connections[&(Service::Outlook, method)]
    }

    /// What reached Microsoft Graph besides the lookups of the listed mailbox, since the log was cleared.
    pub(crate) fn reached(&self) -> Vec<LoggedRequest> {
        self.reached_besides(|request| self.is_lookup(request))
    }

    /// One of the requests by which the listed mailbox is looked up, and no other.
    fn is_lookup(&self, request: &LoggedRequest) -> bool {
        let query = request.query.as_deref().unwrap_or_default();
        let listed = format!("/v1.0/users/{}", self.scene.allowed.address);
        request.method == "GET"
            && query == "$select=id,userPrincipalName,mail"
            && (request.path == listed || request.path == "/v1.0/me")
    }
}
