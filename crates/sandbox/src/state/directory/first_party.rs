//! APIs of Microsoft's own beside Graph: applications of a tenant of Microsoft's, which every tenant may ask tokens for.

use std::sync::LazyLock;

use super::{AppRole, Application};

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

static ALL: LazyLock<Vec<Application>> =
    LazyLock::new(|| vec![business_central(), common_data_service()]);

/// The API with this app id or URI; a slash at the URI's end changes nothing.
pub(crate) fn api(identifier: &str) -> Option<&'static Application> {
    let identifier = identifier.trim_end_matches('/');
    ALL.iter().find(|it| {
        let mut uris = it.identifier_uris.iter();
        it.client_id.eq_ignore_ascii_case(identifier)
            || uris.any(|uri| uri.eq_ignore_ascii_case(identifier))
    })
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
