use model::{ConnectionMethod, Service};

use crate::Support;
use crate::compiled::INTEGRATIONS;

/// A service, and the two ways of connecting to it.
#[derive(Debug)]
pub struct Integration {
    pub service: Service,
    pub summary: &'static str,
    pub oauth: Offer,
    pub service_principal: Offer,
}

/// One way of connecting.
#[derive(Debug)]
pub struct Offer {
    pub support: Support,
    /// What it acts as, and what that means. Empty when refused.
    pub why: &'static str,
    /// What it suits, a sentence each.
    pub when: &'static [&'static str],
    pub permissions: &'static [ListedPermission],
}

#[derive(Debug)]
pub struct ListedPermission {
    pub name: &'static str,
    pub unlocks: &'static str,
    /// Whether a new connection asks for it unless told otherwise.
    pub default: bool,
}

/// The seven services, in the order they are shown.
pub fn integrations() -> &'static [Integration] {
    INTEGRATIONS
}

pub fn integration(service: Service) -> &'static Integration {
    INTEGRATIONS
        .iter()
        .find(|integration| integration.service == service)
        .expect("a test sees to it that each service is described")
}

impl Integration {
    pub fn offer(&self, method: ConnectionMethod) -> &Offer {
        match method {
            ConnectionMethod::OAuth => &self.oauth,
            ConnectionMethod::ServicePrincipal => &self.service_principal,
        }
    }
}
