//! Contoso's Dynamics 365, and connections to it that can be held to tables or companies.

use bytes::Bytes;
use catalog::Operation;
use connections::NewConnection;
use model::{Api, Connection, ConnectionMethod, Policy, Service};
use operations::{Error, ProxyAnswer};
use percent_encoding::percent_decode_str;
use sandbox::LoggedRequest;

use crate::world::{World, outlook};

const SERVICES: [Service; 3] = [
    Service::Crm,
    Service::FieldService,
    Service::BusinessCentral,
];

/// What is listed differs from test to test.
pub(crate) struct Dynamics;

pub(crate) type Stage = crate::stage::Stage<Dynamics>;

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
        let mut stage = Self::new(world, Dynamics);
        for service in SERVICES {
            let is_books = service == Service::BusinessCentral;
            let new = NewConnection {
                service,
                place: model::Place {
                    environment_url: (!is_books).then(|| stage.world.sandbox.url().to_owned()),
                    environment: is_books.then(|| "Production".to_owned()),
                    company_id: None,
                },
                ..outlook(service.id())
            };
            let app = stage.world.new_app(service.id());
            let made = stage
                .world
                .life
                .connect_new_application(&stage.world.admin, new, app)
                .await;
            let key = (service, ConnectionMethod::ServicePrincipal);
            stage.connections.insert(key, made.unwrap().connection);
        }
        stage
    }

    pub(crate) fn of(&self, service: Service) -> &Connection {
        &self.connections[&(service, ConnectionMethod::ServicePrincipal)]
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
        self.world.limit(connection, policy).await;
    }

    pub(crate) async fn hold_to_companies(&self, companies: &[&str]) {
        let companies = companies.iter().map(|name| name.parse().unwrap()).collect();
        let policy = Policy {
            companies: Some(companies),
            raw: true,
            ..Policy::default()
        };
        self.world
            .limit(self.of(Service::BusinessCentral), policy)
            .await;
    }

    /// Through the pass-through, below the version.
    pub(crate) async fn below_version(
        &self,
        connection: &Connection,
        method: &str,
        path_and_query: &str,
        content_type: &str,
        body: Bytes,
    ) -> Result<ProxyAnswer, Error> {
        let version = match connection.service.api() {
            Api::Dataverse => "v9.2",
            _ => "v2.0",
        };
        let path = format!("{version}/{path_and_query}");
        self.raw_as(connection, method, &path, content_type, body)
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
        self.reached_besides(|request| is_lookup(request, listed))
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
