//! What the form asks for.

use connections::bootstrap::{Wanted, WantedConnection, WantedProof};
use model::{ConnectionMethod, Place, Service};

use crate::App;
use crate::problem::Problem;
use crate::ui::form::Fields;

/// Taken first where they are known.
const PREFERRED: [&str; 2] = ["sandbox", "global"];

pub(super) fn read(fields: &Fields) -> Result<Wanted, Problem> {
    let services = Service::ALL
        .into_iter()
        .filter(|service| fields.has("service", service.id()));
    let services: Vec<_> = services.collect();
    if services.is_empty() {
        return Err(Problem::invalid("services", "choose one service at least"));
    }
    let name = fields.get("name");
    let said = |field| Some(fields.get(field).to_owned()).filter(|text| !text.is_empty());
    let connections = services.iter().map(|service| WantedConnection {
        service: *service,
        name: match services.as_slice() {
            [_] => name.to_owned(),
            _ => format!("{name}-{service}"),
        },
        permissions: None,
    });
    Ok(Wanted {
        name: name.to_owned(),
        cloud: fields.get("cloud").to_owned(),
        tenant_id: said("tenant_id"),
        connections: connections.collect(),
        method: match fields.get("method") {
            "oauth" => ConnectionMethod::OAuth,
            _ => ConnectionMethod::ServicePrincipal,
        },
        admin_consent: fields.has("admin_consent", "yes"),
        proof: match fields.get("proof") {
            "certificate" => WantedProof::Certificate,
            "federated" => WantedProof::Federated,
            _ => WantedProof::Secret,
        },
        place: Place {
            environment_url: said("environment_url"),
            environment: said("environment"),
            company_id: None,
        },
        dataverse_role: said("dataverse_role"),
        auto_rotate: fields.has("auto_rotate", "yes"),
        sign_in_client_id: said("sign_in_client_id"),
    })
}

pub(super) struct CloudChoice {
    pub(super) id: String,
    pub(super) title: String,
}

/// The likeliest first.
pub(super) fn clouds(app: &App) -> Vec<CloudChoice> {
    let clouds = &app.context().clouds;
    let preferred = PREFERRED.into_iter().filter(|id| clouds.get(id).is_some());
    let rest = clouds.ids().filter(|id| !PREFERRED.contains(id));
    let all = preferred.chain(rest).filter_map(|id| clouds.get(id));
    all.map(|cloud| CloudChoice {
        id: cloud.id.clone(),
        title: cloud.title.clone(),
    })
    .collect()
}
