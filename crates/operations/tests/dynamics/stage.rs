//! Contoso's Dynamics 365, and connections to it that can be held to tables or companies.

use std::collections::BTreeMap;

use bytes::Bytes;
use catalog::Operation;
use connections::{Change, NewConnection};
use http::{HeaderMap, Method};
use model::{Api, Connection, Policy, Service};
use operations::{Answer, Call, Error, ProxyAnswer, ProxyCall, RawBody, Runner};
use percent_encoding::percent_decode_str;
use sandbox::LoggedRequest;
use serde_json::{Map, Value};

use crate::world::{World, outlook};

const SERVICES: [Service; 3] = [
    Service::Crm,
    Service::FieldService,
    Service::BusinessCentral,
];

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) runner: Runner,
    connections: BTreeMap<Service, Connection>,
}

impl Stage {
    /// With an application that may do everything everywhere, so that it is not Microsoft who refuses.
    pub(crate) async fn start() -> Self {
        Box::pin(Self::set_up()).await
    }

    async fn set_up() -> Self {
        let world = World::start().await;
        let control = world.control();
        let client_id = &world.registered.client_id;
        control
            .add_application_user(client_id, &["System Administrator"])
            .unwrap();
        control
            .enable_business_central(client_id, &["D365 BUS FULL ACCESS"])
            .unwrap();
        let runner = Runner::new(
            world.context.clone(),
            world.live.clone(),
            world.broker.clone(),
        );
        let mut connections = BTreeMap::new();
        for service in SERVICES {
            let is_books = service == Service::BusinessCentral;
            let new = NewConnection {
                service,
                place: model::Place {
                    environment_url: (!is_books).then(|| world.sandbox.url().to_owned()),
                    environment: is_books.then(|| "Production".to_owned()),
                    company_id: None,
                },
                ..outlook(service.id())
            };
            let app = world.new_app(service.id());
            let made = world
                .life
                .connect_new_application(&world.admin, new, app)
                .await;
            connections.insert(service, made.unwrap().connection);
        }
        Self {
            world,
            runner,
            connections,
        }
    }

    pub(crate) fn of(&self, service: Service) -> &Connection {
        &self.connections[&service]
    }

    /// A connection that the operation runs on.
    pub(crate) fn connection(&self, operation: &Operation) -> &Connection {
        let mut services = SERVICES.into_iter();
        let service = services.find(|service| operation.runs_on(*service));
        self.of(service.unwrap())
    }

    /// Holds the connection to these tables; it must not help that it may send raw requests.
    pub(crate) async fn hold_to_tables(&self, connection: &Connection, tables: &[&str]) {
        let tables = tables.iter().map(|table| table.parse().unwrap()).collect();
        let policy = Policy {
            tables: Some(tables),
            raw: true,
            ..Policy::default()
        };
        self.change(connection, policy).await;
    }

    pub(crate) async fn hold_to_companies(&self, companies: &[&str]) {
        let companies = companies.iter().map(|name| name.parse().unwrap()).collect();
        let policy = Policy {
            companies: Some(companies),
            raw: true,
            ..Policy::default()
        };
        self.change(self.of(Service::BusinessCentral), policy).await;
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
        self.runner.run(call).await
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

    /// Through the pass-through, below the version.
    pub(crate) async fn raw(
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
        let version = match connection.service.api() {
            Api::Dataverse => "v9.2",
            _ => "v2.0",
        };
        self.runner
            .proxy(ProxyCall {
                caller: &self.world.admin,
                connection: connection.id,
                api: connection.service.api(),
                method: Method::from_bytes(method.as_bytes()).unwrap(),
                path: &format!("{version}/{path}"),
                query,
                headers: &headers,
                body: RawBody::whole(body),
                body_limit: 1 << 20,
                idempotency_key: None,
            })
            .await
    }

    /// The address of an API, with its version and no slash at its end.
    pub(crate) fn root(&self, api: Api) -> String {
        let base = self.world.sandbox.url();
        match api {
            Api::Dataverse => format!("{base}/api/data/v9.2"),
            _ => format!(
                "{base}/v2.0/{}/Production/api/v2.0",
                self.world.registered.tenant_id
            ),
        }
    }

    /// What reached the service since the log was cleared, besides lookups of what is listed.
    pub(crate) fn reached(&self, listed: &[&str]) -> Vec<LoggedRequest> {
        let mut requests = self.world.control().requests();
        requests.retain(|request| !request.path.ends_with("/token") && !is_lookup(request, listed));
        requests
    }
}

/// Asks for what a listed table is, or a listed company, and for nothing that is not listed.
fn is_lookup(request: &LoggedRequest, listed: &[&str]) -> bool {
    let query = decoded(request.query.as_deref().unwrap_or_default());
    let path = decoded(&request.path);
    let last = path.rsplit("/v9.2/").next().unwrap_or_default();
    let is_of_listed = |text: &str| {
        let mut names = text.split('\'').skip(1).step_by(2);
        names.all(|name| listed.contains(&name))
    };
    let is_definition = last.starts_with("EntityDefinitions")
        && !query.contains("Prefer")
        && is_of_listed(last)
        && is_of_listed(query.split("&$expand").next().unwrap_or_default())
        && (last.contains('\'') || query.contains("$filter=LogicalName eq '"));
    let company = path.rsplit("/api/v2.0/").next().unwrap_or_default();
    let is_company = listed
        .iter()
        .any(|id| company == format!("companies({id})") && query == "$select=id,name")
        || (company == "companies"
            && query.starts_with("$select=id,name&")
            && is_of_listed(&query));
    request.method == "GET" && (is_definition || is_company)
}

pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

pub(crate) fn fields(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}
