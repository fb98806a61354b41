//! Contoso's sites, and connections that are limited to one of them.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use catalog::Operation;
use connections::{Change, NewConnection};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, Method};
use microsoft::Content;
use model::{Api, Connection, ConnectionMethod, Permission, Policy, Service};
use operations::{Answer, Call, Error, ProxyAnswer, ProxyCall, RawBody, Runner};
use sandbox::{LoggedRequest, NewApplication};
use serde_json::{Map, Value, json};

use crate::world::{ANA, PUBLIC_URL, World};

pub(crate) const HOST: &str = "contoso.sharepoint.com";
/// Who owns the listed site.
const ELENA: &str = "elena.petrova@contoso.com";

/// A site with its first library.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) path: &'static str,
    /// `host,guid,guid`
    pub(crate) id: String,
    pub(crate) drive: String,
    /// Of the library, as it stands in links.
    pub(crate) library: String,
}

impl Site {
    pub(crate) fn url(&self) -> String {
        format!("https://{HOST}/{}", self.path)
    }

    /// The GUIDs in its id.
    pub(crate) fn guids(&self) -> (&str, &str) {
        let mut parts = self.id.split(',').skip(1);
        (parts.next().unwrap(), parts.next().unwrap())
    }
}

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) runner: Runner,
    connections: BTreeMap<(Service, ConnectionMethod), Connection>,
    /// The only one that is listed.
    pub(crate) allowed: Site,
    pub(crate) other: Site,
    /// Below the listed one.
    pub(crate) subsite: Site,
}

impl Stage {
    /// With connections that may use `permissions`, by both methods.
    pub(crate) async fn start(permissions: &[&str], policy: &Policy) -> Self {
        Box::pin(Self::set_up(permissions, policy)).await
    }

    async fn set_up(permissions: &[&str], policy: &Policy) -> Self {
        let mut world = World::start().await;
        let names: Vec<String> = permissions.iter().map(ToString::to_string).collect();
        let control = world.control();
        world.registered = control
            .register_application(NewApplication {
                display_name: "Sites".to_owned(),
                redirect_uris: vec![format!("{PUBLIC_URL}oauth/callback")],
                delegated: names.clone(),
                application: names.clone(),
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
        let mut stage = Self {
            allowed: site(&world, "sites/projects").await,
            other: site(&world, "sites/hr").await,
            subsite: site(&world, "sites/projects/fabrikam").await,
            world,
            runner,
            connections: BTreeMap::new(),
        };
        let app = stage.world.register().await;
        for service in [Service::SharePoint, Service::OneDrive, Service::Teams] {
            let new = |method: ConnectionMethod| NewConnection {
                name: format!("{service} {method}"),
                service,
                permissions: Some(names.iter().map(Permission::new).collect()),
                policy: policy.clone(),
                shared: false,
                place: model::Place::default(),
            };
            let life = &stage.world.life;
            let admin = &stage.world.admin;
            let method = ConnectionMethod::ServicePrincipal;
            let made = life.connect_application(admin, new(method), app).await;
            let key = (service, method);
            stage.connections.insert(key, made.unwrap().connection);
            let method = ConnectionMethod::OAuth;
            let (_, invitation) = life.connect_user(admin, new(method), app).await.unwrap();
            let (callback, cookie) = stage.world.consent(&invitation.connect_url, ELENA).await;
            life.oauth.arrive(callback, Some(&cookie)).await.unwrap();
            let made = life.oauth.confirm(Some(&cookie)).await.unwrap();
            stage.connections.insert((service, method), made);
        }
        stage
    }

    pub(crate) async fn limited() -> Self {
        let policy = Policy {
            sites: Some([format!("https://{HOST}/sites/projects").parse().unwrap()].into()),
            // It must not help.
            raw: true,
            ..Policy::default()
        };
        Self::start(
            &[
                "Sites.FullControl.All",
                "Sites.Manage.All",
                "Sites.ReadWrite.All",
                "Sites.Read.All",
                "Files.ReadWrite.All",
                "Files.Read.All",
                "User.Read.All",
                "Channel.ReadBasic.All",
                "TeamSettings.ReadWrite.All",
            ],
            &policy,
        )
        .await
    }

    /// A connection that the operation runs on.
    pub(crate) fn connection(
        &self,
        operation: &Operation,
        method: ConnectionMethod,
    ) -> &Connection {
        let services = [Service::SharePoint, Service::OneDrive, Service::Teams];
        let service = services
            .into_iter()
            .find(|service| operation.runs_on(*service))
            .unwrap();
        &self.connections[&(service, method)]
    }

    pub(crate) fn of(&self, service: Service, method: ConnectionMethod) -> &Connection {
        &self.connections[&(service, method)]
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
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/json".parse().unwrap());
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
                body: RawBody::whole(body.map_or_else(Bytes::new, |body| body.to_string().into())),
                body_limit: 1 << 20,
                idempotency_key: None,
            })
            .await
    }

    /// What reached Microsoft Graph besides the lookups of the listed site, since the log was cleared.
    pub(crate) fn reached(&self) -> Vec<LoggedRequest> {
        let mut requests = self.world.control().requests();
        requests.retain(|request| !request.path.ends_with("/token") && !self.is_lookup(request));
        requests
    }

    /// One of the requests by which the listed site is looked up, and no other.
    fn is_lookup(&self, request: &LoggedRequest) -> bool {
        let query = request.query.as_deref().unwrap_or_default();
        let site = format!("/v1.0/sites/{HOST}:/{}", self.allowed.path);
        let drives = format!("/v1.0/sites/{}/drives", self.allowed.id);
        request.method == "GET"
            && ((request.path == site && query == "$select=id")
                || (request.path == drives && query == "$select=id,webUrl"))
    }
}

async fn site(world: &World, path: &'static str) -> Site {
    let token = world
        .control()
        .issue_access_token(
            &world.registered.client_id,
            None,
            &["Sites.FullControl.All", "Files.ReadWrite.All"],
        )
        .unwrap();
    let get = async |path: &str| -> Value {
        let url = format!("{}/v1.0/{path}", world.sandbox.url());
        let client = reqwest::Client::builder().build().unwrap();
        let answer = client.get(url).bearer_auth(&token).send().await.unwrap();
        let text = answer.text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let site = get(&format!("sites/{HOST}:/{path}")).await;
    let id = site["id"].as_str().unwrap().to_owned();
    let drives = get(&format!("sites/{id}/drives")).await;
    let drive = &drives["value"][0];
    Site {
        path,
        id,
        drive: drive["id"].as_str().unwrap().to_owned(),
        library: drive["webUrl"].as_str().unwrap().to_owned(),
    }
}

/// Whose own drive is meant where somebody has to be named.
pub(crate) fn somebody() -> Value {
    json!(ANA)
}
