//! What will be done, said before anybody signs in.

use catalog::manifest;
use microsoft::AZURE_CLI;
use model::{Api, Permission};
use serde::Serialize;

use super::wanted::{Wanted, WantedProof};
use crate::{Context, Result};

/// The scopes that what is wanted is done with at Microsoft Graph.
fn needed(wanted: &Wanted) -> Vec<&'static str> {
    let mut scopes = vec!["Application.ReadWrite.All"];
    let is_granting = !wanted.roles().is_empty();
    scopes.extend(is_granting.then_some("AppRoleAssignment.ReadWrite.All"));
    scopes.extend(
        wanted
            .admin_consent
            .then_some("DelegatedPermissionGrant.ReadWrite.All"),
    );
    scopes
}

/// The whole of it, for people and for programs.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    pub name: String,
    pub sign_in: SignInPlan,
    pub steps: Vec<PlannedStep>,
}

/// Who signs in, to what, and with which rights.
#[derive(Debug, Clone, Serialize)]
pub struct SignInPlan {
    pub cloud: String,
    /// `organizations` when the account decides.
    pub tenant: String,
    /// The public client that the administrator sees at Microsoft.
    pub client_id: String,
    pub client_name: String,
    pub scopes: Vec<String>,
    /// Names of permissions that the token has to carry.
    pub needs: Vec<&'static str>,
    /// Roles in the directory, and in the environment, that the account needs.
    pub roles: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Consentry,
    /// A person, after everything else.
    Administrator,
}

#[derive(Debug, Clone, Serialize)]
pub struct PlannedStep {
    pub id: String,
    pub by: By,
    pub text: String,
    /// Names of permissions, of a role, of what is to be entered where.
    pub details: Vec<String>,
    /// Where a person does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// The closed list of what is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Application,
    ServicePrincipal,
    /// Application permissions of one API.
    Consent(Api),
    /// Delegated permissions of Microsoft Graph, of everybody.
    ConsentForUsers,
    /// The application becomes an owner of itself.
    Owner,
    /// What Consentry keeps of it.
    Registration,
    Proof,
    /// The proof is seen to work, and the permissions to have arrived.
    Verify,
    ApplicationUser,
    /// By its place in the list.
    Connection(usize),
    BusinessCentral,
}

impl Step {
    pub(super) fn all(wanted: &Wanted) -> Vec<Self> {
        let mut steps = vec![Self::Application, Self::ServicePrincipal];
        let apis = [Api::Graph, Api::BusinessCentral];
        let asked = apis
            .into_iter()
            .filter(|api| !of_api(wanted, *api).is_empty());
        steps.extend(asked.map(Self::Consent));
        steps.extend(wanted.admin_consent.then_some(Self::ConsentForUsers));
        steps.extend(wanted.auto_rotate.then_some(Self::Owner));
        steps.extend([Self::Registration, Self::Proof, Self::Verify]);
        steps.extend(wanted.uses_dataverse().then_some(Self::ApplicationUser));
        steps.extend((0..wanted.connections.len()).map(Self::Connection));

        let mut services = wanted.connections.iter().map(|one| one.service);
        steps.extend(
            services
                .any(|service| service.api() == Api::BusinessCentral)
                .then_some(Self::BusinessCentral),
        );
        steps
    }

    /// For programs, and for the activity log.
    pub(super) fn id(&self, wanted: &Wanted) -> String {
        match self {
            Self::Application => "application".to_owned(),
            Self::ServicePrincipal => "service_principal".to_owned(),
            Self::Consent(Api::BusinessCentral) => "consent_business_central".to_owned(),
            Self::Consent(_) => "consent".to_owned(),
            Self::ConsentForUsers => "consent_for_users".to_owned(),
            Self::Owner => "owner".to_owned(),
            Self::Registration => "registration".to_owned(),
            Self::Proof => "proof".to_owned(),
            Self::Verify => "verify".to_owned(),
            Self::ApplicationUser => "application_user".to_owned(),
            Self::Connection(at) => format!("connection_{}", wanted.connections[*at].service),
            Self::BusinessCentral => "business_central".to_owned(),
        }
    }

    fn planned(&self, context: &Context, wanted: &Wanted) -> PlannedStep {
        let (text, details, link) = match self {
            Self::ApplicationUser if wanted.dataverse_role.is_none() => {
                by_hand_in_dataverse(wanted)
            }
            Self::BusinessCentral => by_hand_in_business_central(wanted),
            Self::Application => (self.text(wanted), registered(context, wanted), None),
            _ => (self.text(wanted), self.details(wanted), None),
        };
        PlannedStep {
            id: self.id(wanted),
            by: match self {
                Self::BusinessCentral => By::Administrator,
                Self::ApplicationUser if wanted.dataverse_role.is_none() => By::Administrator,
                _ => By::Consentry,
            },
            text,
            details,
            link,
        }
    }

    fn text(&self, wanted: &Wanted) -> String {
        let name = wanted.name.trim();
        match self {
            Self::Application => format!("register the application `{name}` in this directory only"),
            Self::ServicePrincipal => "make it known in the directory (service principal)".to_owned(),
            Self::Consent(Api::BusinessCentral) => {
                "grant it application permissions of Dynamics 365 Business Central, for the organisation".to_owned()
            }
            Self::Consent(_) => {
                "grant it application permissions of Microsoft Graph, for the organisation".to_owned()
            }
            Self::ConsentForUsers => {
                "consent to delegated permissions of Microsoft Graph for everybody in the organisation".to_owned()
            }
            Self::Owner => "make it an owner of its own registration, so that it can replace its secret".to_owned(),
            Self::Registration => format!("register it in Consentry as `{name}`"),
            Self::Proof => match wanted.proof {
                WantedProof::Secret => "have a client secret made, and seal it here".to_owned(),
                WantedProof::Certificate => "make a key here, and register its certificate".to_owned(),
                WantedProof::Federated => {
                    "have Consentry's own assertions trusted (federated credential): no secret at all".to_owned()
                }
            },
            Self::Verify => "sign in as the application".to_owned(),
            Self::ApplicationUser => "make its application user in Dataverse".to_owned(),
            Self::Connection(at) => {
                let one = &wanted.connections[*at];
                let (title, name) = (one.service.title(), one.name.trim());
                if wanted.is_by_users() {
                    format!("make the connection `{name}` to {title}, and a link for whoever's account it is to be")
                } else {
                    format!("connect {title} as `{name}`")
                }
            }
            Self::BusinessCentral => String::new(),
        }
    }

    fn details(&self, wanted: &Wanted) -> Vec<String> {
        match self {
            Self::Consent(api) => of_api(wanted, *api)
                .iter()
                .map(ToString::to_string)
                .collect(),
            Self::ConsentForUsers => wanted.scopes().iter().map(ToString::to_string).collect(),
            Self::ApplicationUser => {
                let role = wanted.dataverse_role.iter().cloned();
                wanted
                    .place
                    .environment_url
                    .iter()
                    .cloned()
                    .chain(role)
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}

/// What the registration is for, where users sign in with it.
fn registered(context: &Context, wanted: &Wanted) -> Vec<String> {
    if !wanted.is_by_users() {
        return Vec::new();
    }
    let back = format!("redirect URI (web)  {}", context.redirect_uri());
    let asked = wanted
        .scopes()
        .into_iter()
        .map(|name| format!("delegated  {name}"));
    std::iter::once(back).chain(asked).collect()
}

/// The application permissions of one API that are to be granted.
pub(super) fn of_api(wanted: &Wanted, api: Api) -> Vec<Permission> {
    let of_it = |name: &Permission| {
        catalog::permissions::describe(name.as_str()).is_some_and(|entry| entry.api == api)
    };
    wanted.roles().into_iter().filter(of_it).collect()
}

/// `requiredResourceAccess` of the registration: the same as is granted, and what users are asked for.
pub(super) fn required_access(wanted: &Wanted) -> serde_json::Value {
    let mut resources = Vec::new();
    for api in [Api::Graph, Api::BusinessCentral] {
        let names = of_api(wanted, api);
        let ids = names
            .iter()
            .filter_map(|name| catalog::permissions::describe(name.as_str())?.application_id);
        let mut access: Vec<_> = ids
            .map(|id| serde_json::json!({ "id": id, "type": "Role" }))
            .collect();
        if api == Api::Graph {
            let scopes = wanted.scopes();
            let ids = scopes
                .iter()
                .filter_map(|name| catalog::permissions::describe(name.as_str())?.delegated_id);
            access.extend(ids.map(|id| serde_json::json!({ "id": id, "type": "Scope" })));
        }
        if !access.is_empty() {
            resources.push(serde_json::json!({
                "resourceAppId": manifest::resource_app_id(api), "resourceAccess": access,
            }));
        }
    }
    resources.into()
}

type ByHand = (String, Vec<String>, Option<String>);

/// <https://learn.microsoft.com/power-platform/admin/manage-application-users>
fn by_hand_in_dataverse(wanted: &Wanted) -> ByHand {
    let text = "make its application user in Dataverse by hand: Power Platform admin center, the environment, Settings, Users + \
                permissions, Application users; or name a security role to have it made";
    (
        text.to_owned(),
        wanted.place.environment_url.iter().cloned().collect(),
        Some(
            "https://learn.microsoft.com/power-platform/admin/manage-application-users".to_owned(),
        ),
    )
}

/// Business Central lets an application in by a card of its own, which only a person makes.
///
/// <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/administration/automation-apis-using-s2s-authentication>
pub(super) fn by_hand_in_business_central(wanted: &Wanted) -> ByHand {
    let text = "let it into Business Central by hand: page Microsoft Entra Applications, New, the client id, State Enabled, and \
                permission sets";
    let environment = wanted.place.environment.clone().unwrap_or_default();
    let link = "https://learn.microsoft.com/dynamics365/business-central/dev-itpro/administration/automation-apis-using-s2s-authentication";
    (text.to_owned(), vec![environment], Some(link.to_owned()))
}

impl Plan {
    pub(super) fn of(context: &Context, wanted: &Wanted) -> Result<Self> {
        let cloud = context.cloud(&wanted.cloud)?;
        let client_id = wanted
            .sign_in_client_id
            .as_ref()
            .unwrap_or(&cloud.administrator_client_id);
        let mut roles =
            vec!["Application Administrator or Cloud Application Administrator".to_owned()];
        if !wanted.roles().is_empty() {
            roles.push(
                "Privileged Role Administrator, to grant permissions of Microsoft Graph".to_owned(),
            );
        }
        if wanted.uses_dataverse() && wanted.dataverse_role.is_some() {
            roles.push("System Administrator in the environment of Dataverse".to_owned());
        }
        let steps = Step::all(wanted);
        let needs = needed(wanted);
        Ok(Self {
            name: wanted.name.trim().to_owned(),
            sign_in: SignInPlan {
                cloud: wanted.cloud.clone(),
                tenant: tenant(wanted).to_owned(),
                client_id: client_id.clone(),
                client_name: client_name(client_id).to_owned(),
                scopes: scopes(&cloud.graph_audience, client_id, &needs),
                needs,
                roles,
            },
            steps: steps
                .iter()
                .map(|step| step.planned(context, wanted))
                .collect(),
        })
    }
}

pub(super) fn tenant(wanted: &Wanted) -> &str {
    wanted
        .tenant_id
        .as_deref()
        .map_or("organizations", str::trim)
}

/// Azure CLI holds what it may have without being asked for it by name; others are asked to be consented to.
fn scopes(audience: &str, client_id: &str, needs: &[&str]) -> Vec<String> {
    let mut scopes: Vec<String> = if client_id == AZURE_CLI {
        vec![format!("{audience}/.default")]
    } else {
        let all = needs.iter();
        all.map(|scope| format!("{audience}/{scope}")).collect()
    };
    scopes.extend(["openid", "offline_access"].map(str::to_owned));
    scopes
}

fn client_name(client_id: &str) -> &str {
    match client_id {
        AZURE_CLI => "Microsoft Azure CLI",
        "14d82eec-204b-4c2f-b7e8-296a70dab67e" => "Microsoft Graph Command Line Tools",
        _ => "a public client of the organisation's own",
    }
}
