//! One card for each way to connect a service.

use catalog::{Integration, Offer, Support, permissions};
use model::{ConnectionMethod, Role, Service};

use crate::App;
use crate::ui::prose::Prose;
use crate::ui::viewer::Viewer;

pub(super) struct Way {
    pub(super) method: ConnectionMethod,
    pub(super) title: &'static str,
    pub(super) icon: &'static str,
    pub(super) slug: &'static str,
    pub(super) button: &'static str,
    pub(super) why: Prose,
    pub(super) when: Vec<Prose>,
    pub(super) permissions_title: &'static str,
    pub(super) permissions: Vec<PermissionLine>,
    pub(super) refused: Option<Refused>,
    pub(super) nature: &'static str,
    /// Why this viewer gets no button.
    pub(super) obstacle: Option<Prose>,
}

pub(super) struct Refused {
    pub(super) reason: &'static str,
    pub(super) instead: &'static str,
}

/// A permission in plain words.
pub(crate) struct PermissionLine {
    pub(crate) name: String,
    pub(crate) unlocks: &'static str,
    pub(crate) is_default: bool,
    pub(crate) needs_admin: bool,
}

pub(super) fn both(app: &App, viewer: &Viewer, integration: &'static Integration) -> [Way; 2] {
    ConnectionMethod::ALL.map(|method| way(app, viewer, integration, method))
}

fn way(
    app: &App,
    viewer: &Viewer,
    integration: &'static Integration,
    method: ConnectionMethod,
) -> Way {
    let offer = integration.offer(method);
    let is_oauth = method == ConnectionMethod::OAuth;
    Way {
        method,
        title: if is_oauth {
            "OAuth"
        } else {
            "Service principal"
        },
        icon: if is_oauth { "user" } else { "app" },
        slug: slug(method),
        button: if is_oauth {
            "Connect as a user"
        } else {
            "Connect as an application"
        },
        why: Prose::new(offer.why),
        when: offer.when.iter().copied().map(Prose::new).collect(),
        permissions_title: if is_oauth {
            "Delegated, with OAuth"
        } else {
            "Application, with a service principal"
        },
        permissions: permission_lines(integration.service, method),
        refused: refused(offer),
        nature: if is_oauth {
            "Acts as a user"
        } else {
            "Acts as the application"
        },
        obstacle: obstacle(app, viewer, integration.service, method),
    }
}

pub(crate) fn slug(method: ConnectionMethod) -> &'static str {
    match method {
        ConnectionMethod::OAuth => "oauth",
        ConnectionMethod::ServicePrincipal => "service-principal",
    }
}

/// The permissions that a page lists, with what each unlocks.
pub(crate) fn permission_lines(service: Service, method: ConnectionMethod) -> Vec<PermissionLine> {
    catalog::integration(service)
        .offer(method)
        .permissions
        .iter()
        .map(|listed| PermissionLine {
            name: listed.name.to_owned(),
            unlocks: listed.unlocks,
            is_default: listed.default,
            needs_admin: needs_admin(listed.name, method),
        })
        .collect()
}

/// Application permissions always need an administrator, which their page says once; of delegated ones some do.
pub(crate) fn needs_admin(name: &str, method: ConnectionMethod) -> bool {
    method == ConnectionMethod::OAuth
        && permissions::describe(name).is_some_and(|entry| entry.needs_admin_consent)
}

/// What a permission means, where the page of the service says it; empty otherwise.
pub(crate) fn unlocks(service: Service, method: ConnectionMethod, name: &str) -> &'static str {
    let listed = catalog::integration(service).offer(method).permissions;
    listed
        .iter()
        .find(|listed| listed.name == name)
        .map_or("", |listed| listed.unlocks)
}

fn refused(offer: &Offer) -> Option<Refused> {
    match offer.support {
        Support::Supported => None,
        Support::Refused { reason, instead } => Some(Refused { reason, instead }),
    }
}

fn obstacle(
    app: &App,
    viewer: &Viewer,
    service: Service,
    method: ConnectionMethod,
) -> Option<Prose> {
    let needed = match method {
        ConnectionMethod::OAuth => Role::Member,
        ConnectionMethod::ServicePrincipal => Role::Admin,
    };
    if viewer.caller.role < needed {
        return Some(Prose::new(match method {
            ConnectionMethod::OAuth => {
                "As an auditor you can look at everything, and connect nothing."
            }
            ConnectionMethod::ServicePrincipal => {
                "An administrator of this workspace can set this up."
            }
        }));
    }
    cannot_address(app, service)
}

/// Why no cloud that is configured here can issue a token for the service: Dataverse has an audience for each environment.
pub(crate) fn cannot_address(app: &App, service: Service) -> Option<Prose> {
    let clouds = &app.context().clouds;
    let mut reason = None;
    for cloud in clouds.ids().filter_map(|id| clouds.get(id)) {
        match cloud.audience(service, None) {
            // What is missing is asked for in the form.
            Ok(_) | Err(microsoft::Error::EnvironmentMissing { .. }) => return None,
            Err(error) => reason = Some(error.to_string()),
        }
    }
    reason.map(|reason| {
        Prose::new(format!(
            "Cannot be connected with this version yet: {reason}."
        ))
    })
}
