use axum::Json;
use catalog::{Integration, ListedPermission, Offer, Support, permissions};
use model::{Api, ConnectionMethod, Service};
use serde::Serialize;

use super::input::At;
use super::list::List;
use crate::problem::Problem;

#[derive(Serialize)]
pub(crate) struct Shown {
    service: Service,
    title: &'static str,
    api: Api,
    summary: &'static str,
    methods: Vec<ShownOffer>,
}

#[derive(Serialize)]
struct ShownOffer {
    method: ConnectionMethod,
    supported: bool,
    /// Why it is refused, or what it acts as.
    why: &'static str,
    /// What to do instead where it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    instead: Option<&'static str>,
    when: &'static [&'static str],
    permissions: Vec<ShownPermission>,
}

#[derive(Serialize)]
struct ShownPermission {
    name: &'static str,
    unlocks: &'static str,
    /// Whether a new connection asks for it unless told otherwise.
    default: bool,
    needs_admin_consent: bool,
    /// Ids of the operations that it opens by itself; told of one service at a time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    operations: Vec<&'static str>,
}

pub(crate) async fn list() -> Json<List<Shown>> {
    Json(List::whole(
        catalog::integrations()
            .iter()
            .map(|integration| shown(integration, Detail::Short))
            .collect(),
    ))
}

pub(crate) async fn show(At(service): At<String>) -> Result<Json<Shown>, Problem> {
    let service: Service = service.parse().map_err(|error: model::ParseServiceError| {
        Problem::not_found("service", &service).next(error.to_string())
    })?;
    Ok(Json(shown(catalog::integration(service), Detail::Whole)))
}

/// How much is told of permissions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// The usual ones.
    Short,
    /// Every one that an operation asks for, with what it opens.
    Whole,
}

fn shown(integration: &Integration, detail: Detail) -> Shown {
    Shown {
        service: integration.service,
        title: integration.service.title(),
        api: integration.service.api(),
        summary: integration.summary,
        methods: ConnectionMethod::ALL
            .map(|method| {
                let mut offered = offer(method, integration.offer(method));
                if detail == Detail::Whole && offered.supported {
                    tell_all(integration.service, method, &mut offered.permissions);
                }
                offered
            })
            .into(),
    }
}

fn offer(method: ConnectionMethod, offer: &Offer) -> ShownOffer {
    let (why, instead) = match offer.support {
        Support::Supported => (offer.why, None),
        Support::Refused { reason, instead } => (reason, Some(instead)),
    };
    ShownOffer {
        method,
        supported: instead.is_none(),
        why,
        instead,
        when: offer.when,
        permissions: offer
            .permissions
            .iter()
            .map(|listed| permission(method, listed))
            .collect(),
    }
}

/// An application's permission always needs an administrator.
fn permission(method: ConnectionMethod, listed: &ListedPermission) -> ShownPermission {
    let delegated =
        || permissions::describe(listed.name).is_some_and(|known| known.needs_admin_consent);
    ShownPermission {
        name: listed.name,
        unlocks: listed.unlocks,
        default: listed.default,
        needs_admin_consent: method == ConnectionMethod::ServicePrincipal || delegated(),
        operations: Vec::new(),
    }
}

/// Adds the permissions that are not listed, and to each the operations that it opens.
fn tell_all(service: Service, method: ConnectionMethod, permissions: &mut Vec<ShownPermission>) {
    for name in permissions::asked_by(service, method) {
        if permissions.iter().all(|known| known.name != name) {
            let listed = ListedPermission {
                name,
                unlocks: "",
                default: false,
            };
            permissions.push(permission(method, &listed));
        }
    }
    for permission in permissions {
        permission.operations = permissions::opens(service, method, permission.name);
    }
}
