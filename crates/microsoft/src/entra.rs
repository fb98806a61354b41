//! Microsoft Entra ID, version 2.0 endpoints: sign-in, tokens, and what its refusals mean.
//!
//! Sources: Microsoft Entra docs, `v2-oauth2-auth-code-flow`, `v2-oauth2-client-creds-grant-flow`, `v2-admin-consent`,
//! `refresh-tokens`, `reference-error-codes`.

mod aadsts;
mod authorize;
mod certificate;
mod challenge;
mod claims;
mod client_assertion;
mod device;
mod error;
mod fault;
mod form;
mod grants;
mod id_token;
mod issuer_key;
mod keys;
mod pkce;
mod response;
mod rsa_key;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use model::SharedClock;

pub use self::aadsts::{Aadsts, Category, Class, PortalPage, Retry, all, classify, lookup};
pub use self::authorize::{AuthorizeRequest, Prompt};
pub use self::certificate::{CertificateError, ClientCertificate};
pub(crate) use self::claims::token_id;
pub use self::claims::{AccessClaims, access_claims};
pub use self::device::{DeviceAnswer, DeviceCode};
pub use self::error::EntraError;
pub use self::fault::EntraFault;
pub use self::grants::{ClientCredentials, ClientProof, CodeGrant, RefreshGrant};
pub use self::id_token::IdTokenClaims;
pub use self::issuer_key::{IssuerKey, TOKEN_EXCHANGE_AUDIENCE};
pub use self::pkce::Pkce;
pub use self::response::TokenResponse;
use crate::{Cloud, Transport};

/// Longest wait for one token, repetitions included. A lease on a renewal has to outlast it.
pub const TOKEN_DEADLINE: Duration = Duration::from_secs(15);

/// One cloud's Entra ID. A clone shares connections and signing keys.
#[derive(Clone)]
pub struct Entra {
    transport: Transport,
    cloud: Arc<Cloud>,
    clock: SharedClock,
    keys: Arc<keys::SigningKeys>,
    /// What is said of this client and asked of the tokens, in the parameter `claims`.
    claims: challenge::Claims,
}

impl Entra {
    pub fn new(transport: Transport, cloud: Arc<Cloud>, clock: SharedClock) -> Self {
        Self {
            transport,
            cloud,
            clock,
            keys: Arc::new(keys::SigningKeys::default()),
            claims: challenge::Claims::default(),
        }
    }

    /// Declares that this client answers claims challenges (`cp1`): Entra gives it tokens that live for a day or so, and end at
    /// once with what they stand on.
    #[must_use]
    pub fn answering_challenges(mut self) -> Self {
        self.claims.declare();
        self
    }

    /// The same, asking for tokens and consent that meet `claims`: the JSON of a claims challenge. One that cannot be read asks
    /// for nothing.
    #[must_use]
    pub fn meeting(mut self, claims: Option<&str>) -> Self {
        self.claims.meet(claims);
        self
    }

    pub fn cloud(&self) -> &Arc<Cloud> {
        &self.cloud
    }

    /// `path` below the tenant's segment of the authority.
    fn endpoint(&self, tenant_id: &str, path: &str) -> url::Url {
        let mut url = self.cloud.authority.clone();
        url.path_segments_mut()
            .expect("an authority is http or https, and these have segments")
            .pop_if_empty()
            .push(tenant_id)
            .extend(path.split('/'));
        url
    }
}

impl fmt::Debug for Entra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entra({})", self.cloud.id)
    }
}
