//! Contoso's sites, and connections that are limited to one of them.

use catalog::Operation;
use connections::NewConnection;
use model::{Connection, ConnectionMethod, Permission, Policy, Service};
use sandbox::LoggedRequest;
use serde_json::{Value, json};

use crate::stage::world_with;
use crate::world::{ANA, World};

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

/// Of these only the first is listed.
pub(crate) struct Sites {
    pub(crate) allowed: Site,
    pub(crate) other: Site,
    /// Below the listed one.
    pub(crate) subsite: Site,
}

pub(crate) type Stage = crate::stage::Stage<Sites>;

impl Stage {
    /// With connections that may use `permissions`, by both methods.
    pub(crate) async fn start(permissions: &[&str], policy: &Policy) -> Self {
        Box::pin(Self::set_up(permissions, policy)).await
    }

    async fn set_up(permissions: &[&str], policy: &Policy) -> Self {
        let names: Vec<String> = permissions.iter().map(ToString::to_string).collect();
        let world = world_with("Sites", names.clone(), names.clone()).await;
        let scene = Sites {
            allowed: site(&world, "sites/projects").await,
            other: site(&world, "sites/hr").await,
            subsite: site(&world, "sites/projects/fabrikam").await,
        };
        let mut stage = Self::new(world, scene);
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
            let made = stage.world.follow(&invitation.connect_url, ELENA).await;
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

    /// What reached Microsoft Graph besides the lookups of the listed site, since the log was cleared.
    pub(crate) fn reached(&self) -> Vec<LoggedRequest> {
        self.reached_besides(|request| self.is_lookup(request))
    }

    /// One of the requests by which the listed site is looked up, and no other.
    fn is_lookup(&self, request: &LoggedRequest) -> bool {
        let query = request.query.as_deref().unwrap_or_default();
        let site = format!("/v1.0/sites/{HOST}:/{}", self.scene.allowed.path);
        let drives = format!("/v1.0/sites/{}/drives", self.scene.allowed.id);
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
