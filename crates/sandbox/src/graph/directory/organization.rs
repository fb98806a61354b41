//! `/organization` and `/domains`: the tenant about itself.
//! Source: <https://learn.microsoft.com/graph/api/resources/organization>, <https://learn.microsoft.com/graph/api/resources/domain>

use axum::http::Method;
use serde_json::{Value, json};

use super::{Row, rows};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::schema::{EntityType, boolean, related, text, texts, time};
use crate::state::directory::{Directory, Tenant};

const SERVICES: [&str; 3] = ["Email", "OfficeCommunicationsOnline", "Intune"];

static ORGANIZATION: EntityType = EntityType {
    name: "microsoft.graph.organization",
    properties: &[
        text("id"),
        text("displayName"),
        text("city"),
        text("countryLetterCode"),
        text("preferredLanguage"),
        text("tenantType"),
        time("createdDateTime"),
        related("verifiedDomains"),
    ],
};

static DOMAIN: EntityType = EntityType {
    name: "microsoft.graph.domain",
    properties: &[
        text("id"),
        text("authenticationType"),
        boolean("isAdminManaged"),
        boolean("isDefault"),
        boolean("isInitial"),
        boolean("isRoot"),
        boolean("isVerified"),
        texts("supportedServices"),
    ],
};

/// `/organization`, `/organization/{id}`
pub(super) fn dispatch(call: &Call, rest: &[&str]) -> Result<Reply, Fault> {
    read_only(call)?;
    require(
        call,
        &[
            "User.Read",
            "User.Read.All",
            "Organization.Read.All",
            "Organization.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
    )?;
    let tenant_id = call.caller.tenant_id();
    let row = call.shared.read(|state| {
        let tenant = state.directory.tenant(tenant_id)?;
        Some(organization(&state.directory, tenant))
    });
    let row = row.ok_or_else(|| Fault::user_not_found(tenant_id))?;
    match rest {
        [] => rows::list(call, "organization", &ORGANIZATION, vec![row]),
        [id] if id.eq_ignore_ascii_case(tenant_id) => {
            rows::one(call, "organization", &ORGANIZATION, row)
        }
        [id] => Err(Fault::user_not_found(id)),
        [_, below, ..] => Err(Fault::not_implemented(&format!("organization/{below}"))),
    }
}

/// `/domains`, `/domains/{name}`
pub(super) fn domains(call: &Call, rest: &[&str]) -> Result<Reply, Fault> {
    read_only(call)?;
    require(
        call,
        &[
            "Domain.Read.All",
            "Domain.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
    )?;
    let tenant_id = call.caller.tenant_id();
    let all: Vec<Row> = call.shared.read(|state| {
        let tenant = state.directory.tenant(tenant_id);
        let names = tenant.map(|it| state.directory.domains(it));
        names.unwrap_or_default().iter().map(domain).collect()
    });
    match rest {
        [] => rows::list(call, "domains", &DOMAIN, all),
        [name] => {
            let mut all = all.into_iter();
            let found = all.find(|it| {
                it["id"]
                    .as_str()
                    .is_some_and(|id| id.eq_ignore_ascii_case(name))
            });
            rows::one(
                call,
                "domains",
                &DOMAIN,
                found.ok_or_else(|| Fault::user_not_found(name))?,
            )
        }
        [_, below, ..] => Err(Fault::not_implemented(&format!("domains/{below}"))),
    }
}

fn read_only(call: &Call) -> Result<(), Fault> {
    match call.method {
        Method::GET => Ok(()),
        _ => Err(Fault::not_implemented(
            "changes of the organization and its domains",
        )),
    }
}

/// An application's `User.Read` does not exist, so the name in a list opens nothing to it.
fn require(call: &Call, permissions: &[&str]) -> Result<(), Fault> {
    if call.caller.has_any(permissions) {
        Ok(())
    } else {
        Err(Fault::request_denied())
    }
}

/// A verified domain and what it is to the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnDomain {
    pub(crate) name: String,
    /// New addresses end in it.
    pub(crate) is_default: bool,
    /// The one that the tenant was made with.
    pub(crate) is_initial: bool,
}

impl Directory {
    /// The first domain of a tenant and those of its people's names.
    pub(crate) fn domains(&self, tenant: &Tenant) -> Vec<OwnDomain> {
        let default = self.default_domain(&tenant.id);
        let people = self.users.iter().filter(|it| it.tenant_id == tenant.id);
        let own = people.filter(|it| it.guest_of.is_none());
        let of_people =
            own.filter_map(|it| Some(it.user_principal_name.rsplit_once('@')?.1.to_owned()));
        let mut names = vec![tenant.domain.clone()];
        for name in of_people {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
            .into_iter()
            .map(|name| OwnDomain {
                is_default: Some(&name) == default.as_ref(),
                is_initial: name == tenant.domain,
                name,
            })
            .collect()
    }
}

fn organization(directory: &Directory, tenant: &Tenant) -> Row {
    let domains: Vec<Value> = directory
        .domains(tenant)
        .iter()
        .map(|domain| {
            json!({
                "capabilities": SERVICES[..2].join(", "),
                "isDefault": domain.is_default,
                "isInitial": domain.is_initial,
                "name": domain.name,
                "type": "Managed",
            })
        })
        .collect();
    let value = json!({
        "id": tenant.id,
        "deletedDateTime": null,
        "businessPhones": [],
        "city": null,
        "country": null,
        "countryLetterCode": "PT",
        "createdDateTime": "2020-01-01T00:00:00Z",
        "defaultUsageLocation": null,
        "displayName": tenant.display_name,
        "marketingNotificationEmails": [],
        "onPremisesLastSyncDateTime": null,
        "onPremisesSyncEnabled": null,
        "partnerTenantType": null,
        "postalCode": null,
        "preferredLanguage": "en",
        "securityComplianceNotificationMails": [],
        "securityComplianceNotificationPhones": [],
        "state": null,
        "street": null,
        "technicalNotificationMails": [],
        "tenantType": "AAD",
        "assignedPlans": [],
        "provisionedPlans": [],
        "privacyProfile": null,
        "verifiedDomains": domains,
    });
    value.as_object().cloned().unwrap_or_default()
}

fn domain(domain: &OwnDomain) -> Row {
    let value = json!({
        "id": domain.name,
        "authenticationType": "Managed",
        "availabilityStatus": null,
        "isAdminManaged": true,
        "isDefault": domain.is_default,
        "isInitial": domain.is_initial,
        "isRoot": true,
        "isVerified": true,
        "passwordNotificationWindowInDays": null,
        "passwordValidityPeriodInDays": null,
        "state": null,
        "supportedServices": SERVICES,
    });
    value.as_object().cloned().unwrap_or_default()
}
