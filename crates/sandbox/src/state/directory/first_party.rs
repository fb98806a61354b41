//! APIs of Microsoft's own beside Graph: applications of a tenant of Microsoft's, which every tenant may ask tokens for; and
//! clients of Microsoft's own, which every tenant's people may sign in to.

use std::sync::LazyLock;

use super::{AppRole, Application};
use crate::entra::tokens::GRAPH_APP_ID;

/// Tenant of Microsoft's own applications.
const MICROSOFT_SERVICES: &str = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";

/// App id of Dynamics 365 Business Central.
pub(crate) const BUSINESS_CENTRAL_APP_ID: &str = "996def3d-b36c-4153-8607-a6fd3c01b89f";
/// Audience of Business Central's API.
pub(crate) const BUSINESS_CENTRAL: &str = "https://api.businesscentral.dynamics.com";

/// App id of Dataverse, Microsoft's *Common Data Service*.
pub(crate) const DATAVERSE_APP_ID: &str = "00000007-0000-0000-c000-000000000000";
/// Contoso's environment, by the name that people use and that of the Web API.
pub(crate) const ENVIRONMENT: [&str; 2] = [
    "https://contoso.crm4.dynamics.com",
    "https://contoso.api.crm4.dynamics.com",
];
/// The service that tells which environments there are.
pub(crate) const DISCOVERY: &str = "https://globaldisco.crm.dynamics.com";

/// Microsoft Azure CLI.
pub(crate) const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
/// Microsoft Graph Command Line Tools.
pub(crate) const GRAPH_TOOLS: &str = "14d82eec-204b-4c2f-b7e8-296a70dab67e";

static ALL: LazyLock<Vec<Application>> =
    LazyLock::new(|| vec![business_central(), common_data_service()]);
static CLIENTS: LazyLock<Vec<Application>> = LazyLock::new(|| {
    vec![
        native(AZURE_CLI, "Microsoft Azure CLI"),
        native(GRAPH_TOOLS, "Microsoft Graph Command Line Tools"),
    ]
});

/// What Azure CLI holds of Microsoft Graph without anybody's consent, as its tokens show.
const AZURE_CLI_OF_GRAPH: [&str; 3] = [
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
];

/// A client of Microsoft's own.
/// Source: <https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in>
pub(crate) fn client(client_id: &str) -> Option<&'static Application> {
    CLIENTS
        .iter()
        .find(|it| it.client_id.eq_ignore_ascii_case(client_id))
}

/// Scopes of a resource, by its app id, that a client of Microsoft's own holds of everybody without being consented to.
pub(crate) fn preauthorized(client_id: &str, resource: &str) -> &'static [&'static str] {
    match (client_id, resource) {
        (AZURE_CLI, GRAPH_APP_ID) => &AZURE_CLI_OF_GRAPH,
        (AZURE_CLI, DATAVERSE_APP_ID) => &["user_impersonation"],
        _ => &[],
    }
}

/// Whether nobody can consent to more than [`preauthorized`] says: between Microsoft's own applications only Microsoft does.
/// Microsoft Graph Command Line Tools is made to be consented to permissions of Microsoft Graph.
/// Source: <https://learn.microsoft.com/troubleshoot/entra/entra-id/app-integration/error-code-aadsts65002-consent-between-first-party-applications-and-resources>
pub(crate) fn is_closed(client_id: &str, resource: &str) -> bool {
    let is_of_microsoft = resource == GRAPH_APP_ID || api(resource).is_some();
    client(client_id).is_some()
        && is_of_microsoft
        && (client_id, resource) != (GRAPH_TOOLS, GRAPH_APP_ID)
}

/// The API with this app id or URI; a slash at the URI's end changes nothing.
pub(crate) fn api(identifier: &str) -> Option<&'static Application> {
    let identifier = identifier.trim_end_matches('/');
    ALL.iter().find(|it| {
        let mut uris = it.identifier_uris.iter();
        it.client_id.eq_ignore_ascii_case(identifier)
            || uris.any(|uri| uri.eq_ignore_ascii_case(identifier))
    })
}

/// A client that runs on people's own machines, and keeps no secret.
fn native(client_id: &str, name: &str) -> Application {
    Application {
        client_id: client_id.to_owned(),
        tenant_id: MICROSOFT_SERVICES.to_owned(),
        display_name: name.to_owned(),
        is_multi_tenant: true,
        is_public_client: true,
        redirect_uris: vec!["http://localhost".to_owned()],
        configured_scopes: preauthorized(client_id, GRAPH_APP_ID)
            .iter()
            .map(|&scope| scope.to_owned())
            .collect(),
        ..Application::default()
    }
}

/// Source: <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/administration/automation-apis-using-s2s-authentication>
fn business_central() -> Application {
    let roles = [
        (
            "a42b0b75-311e-488d-b67e-8fe84f924341",
            "API.ReadWrite.All",
            "Full access to web services API",
        ),
        (
            "d365bc00-a990-0000-00bc-160000000001",
            "Automation.ReadWrite.All",
            "Full access to automation",
        ),
        (
            "b1e8c3c0-7c52-4d1f-9d3c-0b8f4b0b7a11",
            "app_access",
            "Access according to the application's permissions",
        ),
        (
            "2c2f7a2e-8b0c-4cde-a1c1-8b8f2f0f5b7c",
            "AdminCenter.ReadWrite.All",
            "Full access to the administration center",
        ),
    ];
    Application {
        client_id: BUSINESS_CENTRAL_APP_ID.to_owned(),
        tenant_id: MICROSOFT_SERVICES.to_owned(),
        display_name: "Dynamics 365 Business Central".to_owned(),
        is_multi_tenant: true,
        identifier_uris: vec![BUSINESS_CENTRAL.to_owned()],
        exposed_scopes: ["Financials.ReadWrite.All", "user_impersonation"]
            .map(str::to_owned)
            .to_vec(),
        app_roles: roles
            .map(|(id, value, name)| role(id, value, name))
            .to_vec(),
        ..Application::default()
    }
}

/// It offers no application roles: what an application may do is decided by the roles of its user in the environment.
/// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/authenticate-oauth>
fn common_data_service() -> Application {
    let [environment, api] = ENVIRONMENT;
    Application {
        client_id: DATAVERSE_APP_ID.to_owned(),
        tenant_id: MICROSOFT_SERVICES.to_owned(),
        display_name: "Common Data Service".to_owned(),
        identifier_uris: [environment, api, DISCOVERY].map(str::to_owned).to_vec(),
        exposed_scopes: vec!["user_impersonation".to_owned()],
        ..Application::default()
    }
}

fn role(id: &str, value: &str, name: &str) -> AppRole {
    AppRole {
        id: id.to_owned(),
        allowed_member_types: vec!["Application".to_owned()],
        display_name: name.to_owned(),
        description: name.to_owned(),
        is_enabled: true,
        value: Some(value.to_owned()),
    }
}
