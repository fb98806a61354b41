//! People of Contoso, and connections that are limited to the mailbox of one of them.

use std::time::Duration;

use bytes::Bytes;
use connections::{Change, NewConnection};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, Method};
use microsoft::Content;
use model::{Api, Connection, ConnectionMethod, Permission, Policy, Service};
use operations::{Answer, Call, Error, ProxyAnswer, ProxyCall, RawBody, Runner};
use sandbox::{LoggedRequest, NewApplication};
use serde_json::{Map, Value};

use crate::world::{ANA, BEN, PUBLIC_URL, World};

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

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) runner: Runner,
    pub(crate) user: Connection,
    pub(crate) application: Connection,
    /// The only one that is listed, and the one who is signed in.
    pub(crate) allowed: Person,
    pub(crate) other: Person,
}

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
        let mut world = World::start().await;
        let names = |some: &[&str]| -> Vec<String> {
            let all = BOTH.iter().chain(more).chain(some);
            all.map(ToString::to_string).collect()
        };
        let (delegated, application) = (names(&SHARED), names(&[]));
        let control = world.control();
        world.registered = control
            .register_application(NewApplication {
                display_name: "Mailboxes".to_owned(),
                redirect_uris: vec![format!("{PUBLIC_URL}oauth/callback")],
                delegated: delegated.clone(),
                application: application.clone(),
                admin_consent: true,
                ..NewApplication::default()
            })
            .unwrap();
        let year = Duration::from_hours(24 * 365);
        let secret = control.add_secret(&world.registered.client_id, "test", year);
        world.secret = secret.unwrap().secret_text;
        let runner = Runner::new(
            world.context.clone(),
            world.live.clone(),
            world.broker.clone(),
        );
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
        let (callback, cookie) = world.consent(&invitation.connect_url, person).await;
        life.oauth.arrive(callback, Some(&cookie)).await.unwrap();
        let user = life.oauth.confirm(Some(&cookie)).await.unwrap();
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
        Self {
            allowed: person(ANA),
            other: person(BEN),
            world,
            runner,
            user,
            application,
        }
    }

    pub(crate) fn of(&self, method: ConnectionMethod) -> &Connection {
        match method {
            ConnectionMethod::OAuth => &self.user,
            ConnectionMethod::ServicePrincipal => &self.application,
        }
    }

    pub(crate) async fn change(&self, connection: &Connection, policy: Policy) {
        let change = Change {
            policy: Some(policy),
            ..Change::default()
        };
        let admin = &self.world.admin;
        let changed = self.world.life.change(admin, connection.id, change).await;
        changed.unwrap();
    }

    /// With a small file where the operation takes one.
    pub(crate) async fn run(
        &self,
        connection: &Connection,
        operation: &str,
        input: Map<String, Value>,
        cursor: Option<&str>,
    ) -> Result<Answer, Error> {
        let call = Call {
            caller: &self.world.admin,
            connection: connection.id,
            operation,
            input,
            cursor,
            idempotency_key: None,
        };
        let takes_file = catalog::operation(operation)
            .and_then(|operation| operation.behavior)
            .is_some_and(|behavior| behavior.contains("upload_session"));
        let content = takes_file.then(|| Content {
            length: 5,
            bytes: stream::iter([Ok(Bytes::from_static(b"bytes"))]).boxed(),
        });
        self.runner.run_with(call, content).await
    }

    pub(crate) async fn json(
        &self,
        connection: &Connection,
        operation: &str,
        input: Value,
    ) -> Result<Value, Error> {
        let input = input.as_object().cloned().unwrap();
        let answer = self.run(connection, operation, input, None).await?;
        Ok(serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
    }

    pub(crate) async fn raw(
        &self,
        connection: &Connection,
        method: &str,
        path_and_query: &str,
        body: Option<&Value>,
    ) -> Result<ProxyAnswer, Error> {
        let text = body.map_or_else(Bytes::new, |body| body.to_string().into());
        self.raw_as(connection, method, path_and_query, "application/json", text)
            .await
    }

    pub(crate) async fn raw_as(
        &self,
        connection: &Connection,
        method: &str,
        path_and_query: &str,
        content_type: &str,
        body: Bytes,
    ) -> Result<ProxyAnswer, Error> {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", content_type.parse().unwrap());
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_and_query, None),
        };
        self.runner
            .proxy(ProxyCall {
                caller: &self.world.admin,
                connection: connection.id,
                api: Api::Graph,
                method: Method::from_bytes(method.as_bytes()).unwrap(),
                path,
                query,
                headers: &headers,
                body: RawBody::whole(body),
                body_limit: 1 << 20,
                idempotency_key: None,
            })
            .await
    }

    /// What reached Microsoft Graph besides the lookups of the listed mailbox, since the log was cleared.
    pub(crate) fn reached(&self) -> Vec<LoggedRequest> {
        let mut requests = self.world.control().requests();
        requests.retain(|request| !request.path.ends_with("/token") && !self.is_lookup(request));
        requests
    }

    /// One of the requests by which the listed mailbox is looked up, and no other.
    fn is_lookup(&self, request: &LoggedRequest) -> bool {
        let query = request.query.as_deref().unwrap_or_default();
        let listed = format!("/v1.0/users/{}", self.allowed.address);
        request.method == "GET"
            && query == "$select=id,userPrincipalName,mail"
            && (request.path == listed || request.path == "/v1.0/me")
    }
}
