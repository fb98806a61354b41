//! What to register in Entra ID for a choice of services and operations, in every form at once.

use axum::Json;
use axum::extract::State;
use catalog::manifest::{self, Naming, Wanted};
use model::{ConnectionMethod, Service};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::app_registrations::DEFAULT_CLOUD;
use super::input::Asked;
use crate::App;
use crate::openapi;
use crate::problem::Problem;

const DEFAULT_NAME: &str = "Consentry";
const LONGEST_NAME: usize = 120;

/// Lists are written between commas.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    /// Those of the operations, when left out.
    #[serde(default)]
    services: String,
    method: ConnectionMethod,
    /// What a new connection asks for, when left out.
    #[serde(default)]
    operations: String,
    name: Option<String>,
    cloud: Option<String>,
    /// The tenant to consent in; any organisation when left out.
    tenant_id: Option<String>,
    /// Of an application that is there already: then there is an address to consent at.
    client_id: Option<String>,
}

/// The same, as the document tells it.
pub(crate) const CHOICE: [openapi::Asked; 7] = [
    ("method", "string", "`oauth` or `service_principal`; needed"),
    (
        "services",
        "string",
        "Services between commas; those of the operations, when left out",
    ),
    (
        "operations",
        "string",
        "Operations between commas; what a new connection asks for, when left out",
    ),
    ("name", "string", "What to call the application"),
    ("cloud", "string", "`global`, when left out"),
    (
        "tenant_id",
        "string",
        "The tenant to consent in; any organisation, when left out",
    ),
    (
        "client_id",
        "string",
        "Of an application that is there already: then the answer has an address to consent at",
    ),
];

#[derive(Serialize)]
pub(crate) struct Shown {
    method: ConnectionMethod,
    permissions: Vec<ShownPermission>,
    /// Permissions whose ids Microsoft has not published: picked in the portal.
    unlisted: Vec<&'static str>,
    required_resource_access: Value,
    az: String,
    powershell: String,
    terraform: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent_url: Option<String>,
    /// What no consent gives.
    by_hand: Vec<String>,
    /// Operations that the method does not support.
    refused: Vec<Refused>,
}

#[derive(Serialize)]
struct ShownPermission {
    name: &'static str,
    id: &'static str,
    needs_admin_consent: bool,
}

#[derive(Serialize)]
struct Refused {
    operation: &'static str,
    reason: &'static str,
    instead: &'static str,
}

pub(crate) async fn show(
    State(app): State<App>,
    Asked(choice): Asked<Choice>,
) -> Result<Json<Shown>, Problem> {
    let operations = listed(&choice.operations)
        .map(|id| {
            catalog::operation(id).ok_or_else(|| {
                let nearest = catalog::nearest(id, 3);
                let id = id.to_owned();
                ::operations::Error::OperationNotFound { id, nearest }.into()
            })
        })
        .collect::<Result<Vec<_>, Problem>>()?;
    let mut services = listed(&choice.services)
        .map(str::parse::<Service>)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Problem::invalid("services", error.to_string()))?;
    if services.is_empty() {
        services = operations
            .iter()
            .map(|operation| operation.services[0])
            .collect();
    }
    if services.is_empty() {
        return Err(Problem::invalid("services", "name services or operations"));
    }
    let manifest = manifest::manifest(&Wanted {
        services: &services,
        method: choice.method,
        operations: &operations,
    });
    shown(&app, &choice, &manifest).map(Json)
}

fn shown(app: &App, choice: &Choice, manifest: &manifest::Manifest) -> Result<Shown, Problem> {
    let name = choice.name.as_deref().unwrap_or(DEFAULT_NAME);
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains(char::is_control) {
        return Err(Problem::invalid("name", "is one line of up to 120 letters"));
    }
    let redirect = app.context().redirect_uri();
    let naming = Naming {
        name,
        redirect_uri: (manifest.method == ConnectionMethod::OAuth).then_some(redirect.as_str()),
    };
    let permissions = manifest.permissions.iter().map(|entry| {
        let as_user = manifest.method == ConnectionMethod::OAuth;
        let id = if as_user {
            entry.delegated_id
        } else {
            entry.application_id
        };
        ShownPermission {
            name: entry.name,
            id: id.unwrap_or_default(),
            needs_admin_consent: !as_user || entry.needs_admin_consent,
        }
    });
    let refused = manifest
        .refused
        .iter()
        .map(|(operation, reason, instead)| Refused {
            operation,
            reason,
            instead,
        });
    Ok(Shown {
        method: manifest.method,
        permissions: permissions.collect(),
        unlisted: manifest.unlisted.clone(),
        required_resource_access: manifest.required_resource_access(),
        az: manifest.az(&naming),
        powershell: manifest.powershell(&naming),
        terraform: manifest.terraform(&naming),
        consent_url: consent_url(app, choice, manifest)?,
        by_hand: manifest.by_hand.clone(),
        refused: refused.collect(),
    })
}

fn consent_url(
    app: &App,
    choice: &Choice,
    manifest: &manifest::Manifest,
) -> Result<Option<String>, Problem> {
    let cloud = choice.cloud.as_deref().unwrap_or(DEFAULT_CLOUD);
    let cloud = app
        .context()
        .clouds
        .get(cloud)
        .ok_or_else(|| Problem::invalid("cloud", "is no cloud that the server knows"))?;
    let Some(client_id) = &choice.client_id else {
        return Ok(None);
    };
    let tenant = choice.tenant_id.as_deref().unwrap_or("organizations");
    let is_id = |text: &str| {
        let mut bytes = text.bytes();
        !text.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
    };
    if !is_id(client_id) {
        return Err(Problem::invalid("client_id", "is an application's GUID"));
    }
    if !is_id(tenant) {
        return Err(Problem::invalid(
            "tenant_id",
            "is a tenant's GUID or domain",
        ));
    }
    Ok(Some(manifest.consent_url(
        cloud.authority.as_str(),
        tenant,
        client_id,
    )))
}

fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}
