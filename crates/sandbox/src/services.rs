//! Services with memory of their own, in crates of their own.

use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, header};
use sandbox_odata::service;

use crate::business_central::BusinessCentral;
use crate::dataverse::Dataverse;
use crate::entra::tokens::AccessClaims;
use crate::outgoing::Outgoing;
use crate::state::part::{Part, Parts};

/// Handles to each; clones are of the same services.
#[derive(Clone, Default)]
pub(crate) struct Services {
    pub(crate) business_central: BusinessCentral,
    pub(crate) dataverse: Dataverse,
    /// Of all services: what leaves the sandbox.
    pub(crate) outgoing: Outgoing,
}

impl Services {
    /// A line for each: what is saved, in snapshots, and begins anew.
    pub(crate) fn parts(&self) -> Parts {
        let business_central: Arc<Mutex<dyn Part>> = self.business_central.part();
        let dataverse: Arc<Mutex<dyn Part>> = self.dataverse.part();
        Parts::new(vec![business_central, dataverse, self.outgoing.part()])
    }
}

/// The token that a request carries in its header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Who a token speaks for, as these services are told.
pub(crate) fn caller(claims: &AccessClaims) -> service::Caller {
    let is_application = claims.is_app_only();
    let name = if is_application {
        Some(&claims.app_displayname)
    } else {
        claims.upn.as_ref()
    };
    service::Caller {
        tenant_id: claims.tid.clone(),
        object_id: claims.oid.clone(),
        client_id: claims.appid.clone(),
        is_application,
        roles: claims.roles.clone().unwrap_or_default(),
        scopes: claims.scopes().map(str::to_owned).collect(),
        name: name.cloned().unwrap_or_default(),
    }
}
