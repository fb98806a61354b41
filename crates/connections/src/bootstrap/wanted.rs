use std::collections::BTreeSet;

use model::{Api, ConnectionMethod, Permission, PermissionSet, Place, Role, Service};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Caller, Context, Error, Result, apps, issuer, place};

/// What is to be there in the end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Wanted {
    /// Of the application, there and here. With the workspace it is what another attempt finds everything by.
    pub name: String,
    pub cloud: String,
    /// Of the account that signs in, when it is not said.
    pub tenant_id: Option<String>,
    pub connections: Vec<WantedConnection>,
    /// As the application itself, or as users who consent.
    pub method: ConnectionMethod,
    /// Whether the administrator consents to what is asked of users for all of them, so that nobody else is asked.
    pub admin_consent: bool,
    pub proof: WantedProof,
    /// Where in Dynamics 365 the connections go that need it.
    pub place: Place,
    /// The security role that the application is to have in Dataverse. Without one, its user is made by hand.
    pub dataverse_role: Option<String>,
    /// Whether Consentry is to replace client secret or certificate by itself.
    pub auto_rotate: bool,
    /// The public client that the administrator signs in to; the cloud's own when it is not said.
    pub sign_in_client_id: Option<String>,
}

/// One connection by the application.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WantedConnection {
    pub service: Service,
    pub name: String,
    /// What a new connection asks for, when it is not said.
    pub permissions: Option<PermissionSet>,
}

/// How the application is to prove itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WantedProof {
    /// Made by Microsoft.
    Secret,
    /// Its key is made here, and never leaves.
    Certificate,
    /// By assertions of Consentry itself: no secret at all.
    Federated,
}

/// What an application needs to look after its own registration.
pub(super) const OWN_REGISTRATION: &str = "Application.ReadWrite.OwnedBy";

impl WantedConnection {
    pub(super) fn permissions(&self, method: ConnectionMethod) -> PermissionSet {
        let usual = || catalog::permissions::default_for(self.service, method);
        self.permissions.clone().unwrap_or_else(usual)
    }
}

impl Wanted {
    pub(super) fn is_by_users(&self) -> bool {
        self.method == ConnectionMethod::OAuth
    }

    /// Every application permission that is to be granted.
    pub(super) fn roles(&self) -> BTreeSet<Permission> {
        let mut all = if self.is_by_users() {
            BTreeSet::new()
        } else {
            self.asked()
        };
        if self.auto_rotate {
            all.insert(Permission::new(OWN_REGISTRATION));
        }
        all
    }

    /// Every delegated permission that users are asked for.
    pub(super) fn scopes(&self) -> BTreeSet<Permission> {
        if self.is_by_users() {
            self.asked()
        } else {
            BTreeSet::new()
        }
    }

    fn asked(&self) -> BTreeSet<Permission> {
        let all = self.connections.iter();
        all.flat_map(|one| one.permissions(self.method)).collect()
    }

    /// Whether a connection goes to Dataverse.
    pub(super) fn uses_dataverse(&self) -> bool {
        let mut all = self.connections.iter();
        all.any(|one| one.service.api() == Api::Dataverse)
    }

    /// The place as far as the service knows one.
    pub(super) fn place_of(&self, service: Service) -> Place {
        let Place {
            environment_url,
            environment,
            company_id,
        } = self.place.clone();
        match service.api() {
            Api::Graph => Place::default(),
            Api::Dataverse => Place {
                environment_url,
                ..Place::default()
            },
            Api::BusinessCentral => Place {
                environment,
                company_id,
                ..Place::default()
            },
        }
    }

    /// Everything that can be checked before anybody signs in.
    pub(super) fn check(&self, context: &Context, caller: &Caller) -> Result<()> {
        if caller.role < Role::Admin {
            return Err(Error::Forbidden {
                reason: format!(
                    "this needs the role `{}`; yours is `{}`",
                    Role::Admin,
                    caller.role
                ),
            });
        }
        caller.may_change()?;
        apps::check_name("name", &self.name)?;
        if let Some(tenant) = &self.tenant_id {
            apps::check_tenant(tenant)?;
        }
        self.check_sign_in()?;
        self.check_connections(context)?;
        self.check_proof(context)?;
        self.check_method()?;
        for (kind, names) in [("application", self.roles()), ("delegated", self.scopes())] {
            let unknown = names.iter().find(|name| !is_known(name, kind));
            if let Some(name) = unknown {
                return Err(Error::Invalid {
                    field: "permissions",
                    message: format!("`{name}` is no {kind} permission that is known here"),
                });
            }
        }
        Ok(())
    }

    fn check_method(&self) -> Result<()> {
        if self.admin_consent && !self.is_by_users() {
            return Err(Error::Invalid {
                field: "admin_consent",
                message: "is for connections as users; an application's permissions are always granted by an administrator"
                    .to_owned(),
            });
        }
        let mut services = self.connections.iter().map(|one| one.service);
        match services.find(|service| !service.supports(self.method)) {
            None => Ok(()),
            Some(service) => Err(Error::Unsupported {
                reason: format!("{} is connected as an application only", service.title()),
                instead: "use the method `service_principal` for it".to_owned(),
            }),
        }
    }

    fn check_sign_in(&self) -> Result<()> {
        let client = self.sign_in_client_id.as_deref();
        if client.is_none_or(apps::is_guid) {
            return Ok(());
        }
        Err(Error::Invalid {
            field: "sign_in_client_id",
            message: "is the Application (client) ID of a public client, a GUID".to_owned(),
        })
    }

    fn check_connections(&self, context: &Context) -> Result<()> {
        let cloud = context.cloud(&self.cloud)?;
        let mut names = BTreeSet::new();
        for one in &self.connections {
            apps::check_name("connections", &one.name)?;
            if !names.insert(one.name.trim()) {
                return Err(Error::Invalid {
                    field: "connections",
                    message: format!("two are called `{}`", one.name.trim()),
                });
            }
            let place = self.place_of(one.service);
            place::check(one.service, &place)?;
            if one.service.api() == Api::BusinessCentral {
                // Without a tenant yet: any will do to see that the name is one and the cloud has the service.
                let name = place.environment.as_deref().unwrap_or_default();
                cloud
                    .business_central_environment("common", name)
                    .map_err(|error| invalid("environment", &error))?;
                continue;
            }
            let environment = environment_url(&place)?;
            cloud
                .audience(one.service, environment.as_ref())
                .map_err(|error| invalid("environment_url", &error))?;
        }
        if self.connections.is_empty() {
            return Err(Error::Invalid {
                field: "connections",
                message: "name one service at least".to_owned(),
            });
        }
        Ok(())
    }

    fn check_proof(&self, context: &Context) -> Result<()> {
        if self.auto_rotate && self.proof == WantedProof::Federated {
            return Err(Error::Invalid {
                field: "auto_rotate",
                message:
                    "is for client secrets and certificates; a federated credential has no end"
                        .to_owned(),
            });
        }
        match self.proof {
            WantedProof::Federated => issuer::check_reachable(context, &self.cloud),
            _ => Ok(()),
        }
    }
}

/// The environment of Dataverse that a place says, if any.
pub(super) fn environment_url(place: &Place) -> Result<Option<Url>> {
    let parsed = place.environment_url.as_deref().map(Url::parse);
    parsed.transpose().map_err(|error| Error::Invalid {
        field: "environment_url",
        message: error.to_string(),
    })
}

fn is_known(name: &Permission, kind: &str) -> bool {
    let entry = catalog::permissions::describe(name.as_str());
    let id = entry.and_then(|entry| match kind {
        "application" => entry.application_id,
        _ => entry.delegated_id.filter(|_| entry.api == Api::Graph),
    });
    id.is_some()
}

fn invalid(field: &'static str, error: &microsoft::Error) -> Error {
    Error::Invalid {
        field,
        message: error.to_string(),
    }
}
