//! A world in which both ways of connecting have every permission that the catalogue knows of.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use connections::{Apps, Federation, NewApp, NewConnection, NewSecret};
use jiff::SignedDuration;
use microsoft::{Budgets, RetryPolicy, TransportOptions};
use model::{Api, AppRegistrationId, Connection, ConnectionMethod, Permission, Policy, Service};
use operations::Runner;
use sandbox::NewApplication;
use store::Store;

use crate::hook::Hook;
use crate::world::{ANA, BEN, PUBLIC_URL, World};
use serde_json::{Value, json};

/// Owns the site that cases use.
const ELENA: &str = "elena.petrova@contoso.com";
/// The permission set that lets an application do everything in Business Central.
const EVERYTHING: &str = "D365 BUS FULL ACCESS";
/// The security role that lets an application do everything in Dataverse.
const ADMINISTRATOR: &str = "System Administrator";

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) runner: Runner,
    connections: BTreeMap<(Service, ConnectionMethod), Connection>,
    services: Vec<Service>,
    /// Counts the cases.
    numbers: AtomicU32,
    hook: Hook,
}

impl Stage {
    pub(crate) async fn start(services: &[Service]) -> Self {
        Box::pin(Self::on(World::start().await, services)).await
    }

    /// For meeting faults: pauses last milliseconds, and no budget makes a call wait for what another was refused.
    pub(crate) async fn in_a_hurry(services: &[Service]) -> Self {
        let pause = Duration::from_millis(4);
        let options = TransportOptions {
            retry: RetryPolicy {
                first_pause: pause,
                longest_pause: pause,
                ..RetryPolicy::default()
            },
            budgets: Budgets::off(),
            ..TransportOptions::default()
        };
        // SQLite only: each operation keeps the same few rows, and the promises beside this hold them on both databases.
        let store = Store::in_memory().await.unwrap();
        let world = World::with(store, options, |_| Federation::default()).await;
        Box::pin(Self::on(world, services)).await
    }

    async fn on(mut world: World, services: &[Service]) -> Self {
        let asked = |method| {
            let names = services
                .iter()
                .flat_map(|service| catalog::permissions::asked_by(*service, method));
            let of_graph = names.filter(|name| {
                let known = catalog::permissions::describe(name);
                known.is_some_and(|entry| entry.api == Api::Graph)
            });
            of_graph.map(str::to_owned).collect::<Vec<_>>()
        };
        let delegated = asked(ConnectionMethod::OAuth);
        let control = world.control();
        world.registered = control
            .register_application(NewApplication {
                display_name: "Everything".to_owned(),
                redirect_uris: vec![format!("{PUBLIC_URL}oauth/callback")],
                delegated: delegated.clone(),
                application: asked(ConnectionMethod::ServicePrincipal),
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
        let mut connections = BTreeMap::new();
        let app = world.register().await;
        for service in services.iter().copied() {
            let client_id = &world.registered.client_id;
            match service.api() {
                Api::Graph => {}
                Api::BusinessCentral => {
                    control
                        .enable_business_central(client_id, &[EVERYTHING])
                        .unwrap();
                }
                Api::Dataverse => {
                    control
                        .add_application_user(client_id, &[ADMINISTRATOR])
                        .unwrap();
                }
            }
            if service.supports(ConnectionMethod::OAuth) {
                let name = format!("{service} of a person");
                let who = person(services[0]);
                let as_user = user(&world, app, &name, service, &delegated, who).await;
                connections.insert((service, ConnectionMethod::OAuth), as_user);
            }
            let as_application = application(&world, app, service).await;
            let key = (service, ConnectionMethod::ServicePrincipal);
            connections.insert(key, as_application);
        }
        let of_dataverse = |key: &&(Service, _)| key.0.api() == Api::Dataverse;
        if let Some(key) = connections.keys().find(of_dataverse) {
            customise(&world, &connections[key]).await;
        }
        Self {
            world,
            runner,
            connections,
            services: services.to_vec(),
            numbers: AtomicU32::new(1000),
            hook: Hook::start().await,
        }
    }

    /// A connection of Ana's through a registration that asks for these permissions and no more.
    pub(crate) async fn user_with(&self, service: Service, permissions: &[&str]) -> Connection {
        let delegated: Vec<_> = permissions.iter().map(|&name| name.to_owned()).collect();
        let control = self.world.control();
        let new = NewApplication {
            display_name: "Narrow".to_owned(),
            redirect_uris: vec![format!("{PUBLIC_URL}oauth/callback")],
            delegated: delegated.clone(),
            ..NewApplication::default()
        };
        let registered = control.register_application(new).unwrap();
        let year = Duration::from_hours(24 * 365);
        let secret = control.add_secret(&registered.client_id, "test", year);
        let secret = NewSecret {
            value: secret.unwrap().secret_text.into(),
            expires_at: None,
        };
        let new = NewApp {
            client_id: registered.client_id,
            proof: Some(secret.into()),
            ..self.world.new_app("Narrow")
        };
        let apps = Apps::new(self.world.context.clone());
        let app = apps.create(&self.world.admin, new).await.unwrap().app.id;
        user(&self.world, app, "narrow", service, &delegated, ANA).await
    }

    /// The first connection that the operation runs on.
    pub(crate) fn connection(&self, operation: &str, method: ConnectionMethod) -> &Connection {
        let runs_on = |service: &&Service| {
            catalog::operation(operation).is_some_and(|known| known.runs_on(**service))
        };
        let service = self.services.iter().find(runs_on);
        let service = *service.unwrap_or(&self.services[0]);
        // What a service does not offer is refused by whichever connection there is.
        let wanted = self.connections.get(&(service, method));
        wanted.unwrap_or(&self.connections[&(service, ConnectionMethod::ServicePrincipal)])
    }

    /// What cases name: people by their object ids, the API's address, and a number of its own for each case.
    pub(crate) fn ids(&self) -> BTreeMap<String, Value> {
        let control = self.world.control();
        let users = control.users();
        let id = |name: &str| {
            let user = users.iter().find(|user| user.user_principal_name == name);
            Value::from(user.map(|user| user.id.clone()).unwrap_or_default())
        };
        let third = users
            .iter()
            .find(|user| ![ANA, BEN, ELENA].contains(&user.user_principal_name.as_str()));
        let third = third.map(|user| user.id.clone()).unwrap_or_default();
        let from_now = |hours| {
            let at = control.now() + SignedDuration::from_hours(hours);
            Value::from(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
        };
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        BTreeMap::from([
            ("anaid".to_owned(), id(ANA)),
            ("benid".to_owned(), id(BEN)),
            ("carlaid".to_owned(), third.into()),
            ("elenaid".to_owned(), id(ELENA)),
            (
                "client".to_owned(),
                self.world.registered.client_id.clone().into(),
            ),
            (
                "api".to_owned(),
                format!("{}/v1.0", self.world.sandbox.url()).into(),
            ),
            ("number".to_owned(), number.to_string().into()),
            ("hook".to_owned(), self.hook.url.clone().into()),
            ("tomorrow".to_owned(), from_now(24)),
            ("later".to_owned(), from_now(36)),
        ])
    }

    /// Object id of the application's service principal.
    pub(crate) fn service_principal(&self) -> String {
        let key = (self.services[0], ConnectionMethod::ServicePrincipal);
        let identity = self.connections[&key].identity.clone();
        identity.unwrap().object_id
    }
}

/// What a customiser adds to the table of accounts: no table has a file column or an alternate key of its own.
async fn customise(world: &World, connection: &Connection) {
    let snapshot = world.snapshot(connection).await;
    let token = world.broker.token_for(&snapshot).await.unwrap();
    let label =
        |text: &str| json!({ "LocalizedLabels": [{ "Label": text, "LanguageCode": 1033 }] });
    let column = json!({
        "@odata.type": "Microsoft.Dynamics.CRM.FileAttributeMetadata",
        "SchemaName": "new_Contract",
        "DisplayName": label("Contract"),
    });
    let key = json!({
        "SchemaName": "new_AccountNumber",
        "DisplayName": label("Account number"),
        "KeyAttributes": ["accountnumber"],
    });
    let account = format!(
        "{}/api/data/v9.2/EntityDefinitions(LogicalName='account')",
        world.sandbox.url()
    );
    let client = reqwest::Client::builder().build().unwrap();
    for (part, body) in [("Attributes", column), ("Keys", key)] {
        let request = client
            .post(format!("{account}/{part}"))
            .bearer_auth(token.access.expose())
            .json(&body);
        let answer = request.send().await.unwrap();
        let status = answer.status();
        assert!(
            status.is_success(),
            "{part}: {}",
            answer.text().await.unwrap()
        );
    }
}

fn new(world: &World, name: &str, service: Service, permissions: &[String]) -> NewConnection {
    let environment_url = world.sandbox.url().to_owned();
    NewConnection {
        name: name.to_owned(),
        service,
        permissions: Some(permissions.iter().map(Permission::new).collect()),
        policy: Policy::default(),
        shared: false,
        place: model::Place {
            environment: (service == Service::BusinessCentral).then(|| "Production".to_owned()),
            environment_url: (service.api() == Api::Dataverse).then_some(environment_url),
            ..model::Place::default()
        },
    }
}

/// Who signs in: somebody who may do everything in a site owns it.
fn person(service: Service) -> &'static str {
    match service {
        Service::SharePoint => ELENA,
        _ => ANA,
    }
}

async fn user(
    world: &World,
    app: AppRegistrationId,
    name: &str,
    service: Service,
    permissions: &[String],
    person: &str,
) -> Connection {
    let new = new(world, name, service, permissions);
    let (_, invitation) = world
        .life
        .connect_user(&world.admin, new, app)
        .await
        .unwrap();
    world.follow(&invitation.connect_url, person).await
}

async fn application(world: &World, app: AppRegistrationId, service: Service) -> Connection {
    let new = new(world, &format!("{service} of an application"), service, &[]);
    let created = world.life.connect_application(&world.admin, new, app).await;
    created.unwrap().connection
}
