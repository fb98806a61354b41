//! Where in the portal of a cloud an application is set up.

use std::sync::Arc;

use catalog::manifest::Wanted;
use microsoft::Cloud;
use model::{AppRegistration, ConnectionMethod, Service};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::App;
use crate::problem::Problem;
use crate::ui::form::Form;
use crate::ui::integrations::{is_dynamics, permission_lines};
use crate::ui::words;

/// The stand-in that comes with Consentry: it has no portal.
const SANDBOX: &str = "sandbox";
/// Taken when the form names none.
const PREFERRED: [&str; 2] = [SANDBOX, "global"];

/// A cloud to choose.
pub(super) struct CloudChoice {
    pub(super) id: String,
    pub(super) title: String,
}

/// How an application is set up in one cloud for one way to connect.
pub(super) struct Guide {
    pub(super) cloud: CloudChoice,
    pub(super) clouds: Vec<CloudChoice>,
    pub(super) is_sandbox: bool,
    pub(super) is_oauth: bool,
    pub(super) links: Links,
    pub(super) redirect_uri: String,
    /// Names to be ticked in the portal.
    pub(super) permissions: Vec<String>,
    /// The same as the registration's manifest has them, for reading and in one line.
    pub(super) manifest: String,
    pub(super) manifest_line: String,
    pub(super) api_title: &'static str,
    /// `yes`, or `depends` on whether an application is chosen that is registered already.
    pub(super) needed: &'static str,
}

/// Pages of the portal.
pub(super) struct Links {
    pub(super) register: String,
    pub(super) permissions: String,
    /// For this very application, once its ids are known.
    pub(super) consent: Option<String>,
    /// The same with the ids left open.
    pub(super) consent_pattern: String,
}

impl Guide {
    /// In the cloud named, or the likeliest.
    pub(super) fn new(
        app: &App,
        service: Service,
        method: ConnectionMethod,
        wanted: &str,
        form: &Form,
    ) -> Result<Self, Problem> {
        let cloud = cloud(app, wanted)?;
        let manifest = catalog::manifest::manifest(&Wanted {
            services: &[service],
            method,
            operations: &[],
        })
        .required_resource_access();
        Ok(Self {
            clouds: choices(app),
            is_sandbox: is_sandbox(&cloud),
            is_oauth: method == ConnectionMethod::OAuth,
            links: links(&cloud, form),
            redirect_uri: app.context().redirect_uri(),
            permissions: copyable(service, method),
            manifest: serde_json::to_string_pretty(&manifest).unwrap_or_default(),
            manifest_line: manifest.to_string(),
            api_title: words::api_title(service),
            needed: "yes",
            cloud: CloudChoice::from(&*cloud),
        })
    }

    /// There are registered applications to choose instead.
    #[must_use]
    pub(super) fn beside_others(self, are_there: bool) -> Self {
        let needed = if are_there { "depends" } else { "yes" };
        Self { needed, ..self }
    }
}

fn cloud(app: &App, wanted: &str) -> Result<Arc<Cloud>, Problem> {
    let clouds = &app.context().clouds;
    if !wanted.is_empty() {
        return Ok(app.context().cloud(wanted)?);
    }
    PREFERRED
        .into_iter()
        .chain(clouds.ids())
        .find_map(|id| clouds.get(id))
        .cloned()
        .ok_or_else(|| Problem::broken("no cloud is configured"))
}

/// The likeliest first.
fn choices(app: &App) -> Vec<CloudChoice> {
    let clouds = &app.context().clouds;
    let rest = clouds.ids().filter(|id| !PREFERRED.contains(id));
    PREFERRED
        .into_iter()
        .chain(rest)
        .filter_map(|id| clouds.get(id))
        .map(|cloud| CloudChoice::from(&**cloud))
        .collect()
}

fn is_sandbox(cloud: &Cloud) -> bool {
    cloud.id == SANDBOX
}

fn links(cloud: &Cloud, form: &Form) -> Links {
    let portal = &cloud.entra_portal;
    let authority = cloud.authority.as_str().trim_end_matches('/');
    let (tenant, client) = (form.value("tenant_id"), form.value("client_id"));
    let consent = (!tenant.is_empty() && !client.is_empty()).then(|| {
        let [tenant, client] =
            [tenant, client].map(|id| utf8_percent_encode(id, NON_ALPHANUMERIC).to_string());
        // Ids and domains need none of the escapes for `-` and `.`.
        let [tenant, client] =
            [tenant, client].map(|id| id.replace("%2D", "-").replace("%2E", "."));
        format!("{authority}/{tenant}/adminconsent?client_id={client}")
    });
    let permissions = if client.is_empty() {
        format!("{portal}#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade")
    } else {
        blade(cloud, "CallAnAPI", client)
    };
    Links {
        register: format!(
            "{portal}#view/Microsoft_AAD_RegisteredApps/CreateApplicationBlade/isMSAApp~/false"
        ),
        permissions,
        consent,
        consent_pattern: format!("{authority}/TENANT-ID/adminconsent?client_id=CLIENT-ID"),
    }
}

/// Where the registration's secrets are made. `None` in a cloud without a portal.
pub(crate) fn portal_secrets(app: &App, registration: &AppRegistration) -> Option<String> {
    let cloud = app.context().clouds.get(&registration.cloud)?;
    (!is_sandbox(cloud)).then(|| blade(cloud, "Credentials", &registration.client_id))
}

/// Names to be ticked in the portal: those a new connection asks for.
fn copyable(service: Service, method: ConnectionMethod) -> Vec<String> {
    permission_lines(service, method)
        .into_iter()
        .filter(|line| line.is_default)
        .map(|line| line.name)
        .collect()
}

/// What has to be done inside the service itself, beyond Entra.
pub(super) fn inside_service(service: Service) -> Option<&'static str> {
    match service {
        Service::Crm | Service::FieldService => Some(
            "Afterwards, in the Power Platform admin center: open the environment, add an application user for this client id, and give it the security roles that its work needs.",
        ),
        Service::BusinessCentral => Some(
            "Afterwards, inside Business Central: open the page Microsoft Entra Applications, add this client id, set it to Enabled, and give it permission sets for each company.",
        ),
        _ => {
            debug_assert!(
                !is_dynamics(service),
                "each Dynamics service says what is to be done inside it"
            );
            None
        }
    }
}

fn blade(cloud: &Cloud, page: &str, client_id: &str) -> String {
    let client = utf8_percent_encode(client_id, NON_ALPHANUMERIC)
        .to_string()
        .replace("%2D", "-");
    format!(
        "{}#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/{page}/appId/{client}",
        cloud.entra_portal
    )
}

impl From<&Cloud> for CloudChoice {
    fn from(cloud: &Cloud) -> Self {
        Self {
            id: cloud.id.clone(),
            title: cloud.title.clone(),
        }
    }
}
