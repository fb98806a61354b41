//! The keys that sign id tokens, and who issues them. Microsoft changes keys without notice, so that an unknown one means
//! to look again, but not for every forged token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use url::Url;

use super::{Entra, EntraError, TOKEN_DEADLINE, response};
use crate::Outgoing;

/// A day, as Microsoft's signing key rollover page advises.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(24);
/// The shortest time between two looks because of an unknown key.
const MIN_AGE: SignedDuration = SignedDuration::from_mins(1);
/// Tenants whose keys are kept at once.
const MOST_TENANTS: usize = 256;
const LARGEST_DOCUMENT: usize = 1024 * 1024;

/// Keys by tenant.
#[derive(Default)]
pub(super) struct SigningKeys(Mutex<HashMap<String, Arc<TenantKeys>>>);

pub(super) struct TenantKeys {
    /// May hold `{tenantid}`, at endpoints that serve many tenants.
    pub(super) issuer: String,
    keys: Vec<Key>,
    fetched_at: Timestamp,
}

struct Key {
    jwk: Jwk,
    issuer: Option<String>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl TenantKeys {
    /// The key named `kid`, unless it belongs to another issuer than `issuer` of tenant `tid`.
    pub(super) fn find(&self, kid: &str, issuer: &str, tid: &str) -> Option<&Jwk> {
        self.keys
            .iter()
            .filter(|key| {
                key.issuer
                    .as_ref()
                    .is_none_or(|of_key| for_tenant(of_key, tid) == issuer)
            })
            .map(|key| &key.jwk)
            .find(|jwk| jwk.common.key_id.as_deref() == Some(kid))
    }

    fn knows(&self, kid: &str) -> bool {
        self.keys
            .iter()
            .any(|key| key.jwk.common.key_id.as_deref() == Some(kid))
    }

    fn is_good_for(&self, kid: &str, now: Timestamp) -> bool {
        let age = now.duration_since(self.fetched_at);
        age < MIN_AGE || (age < MAX_AGE && self.knows(kid))
    }
}

/// An issuer with its tenant filled in.
pub(super) fn for_tenant(issuer: &str, tid: &str) -> String {
    issuer.replace("{tenantid}", tid)
}

impl Entra {
    /// The tenant's keys, fetched if need be.
    pub(super) async fn keys_for(
        &self,
        tenant_id: &str,
        kid: &str,
    ) -> Result<Arc<TenantKeys>, EntraError> {
        let now = self.clock.now();
        if let Some(keys) = self.keys.get(tenant_id)
            && keys.is_good_for(kid, now)
        {
            return Ok(keys);
        }
        let keys = Arc::new(self.fetch_keys(tenant_id, now).await?);
        self.keys.put(tenant_id, Arc::clone(&keys));
        Ok(keys)
    }

    /// The issuer of a tenant, by its id or one of its domains, as its own public document says. A tenant that does not exist
    /// is refused by its code, `AADSTS90002`.
    pub async fn find_tenant(&self, tenant: &str) -> Result<String, EntraError> {
        let url = self.endpoint(tenant, "v2.0/.well-known/openid-configuration");
        let discovery: Discovery = self.document(url).await?;
        Ok(discovery.issuer)
    }

    async fn fetch_keys(&self, tenant_id: &str, now: Timestamp) -> Result<TenantKeys, EntraError> {
        let url = self.endpoint(tenant_id, "v2.0/.well-known/openid-configuration");
        let discovery: Discovery = self.document(url).await?;
        let keys_url = Url::parse(&discovery.jwks_uri)
            .ok()
            .filter(|url| self.cloud.is_authority(url))
            .ok_or(EntraError::Untrusted {
                reason: "its keys are said to be at a host outside of the cloud",
            })?;
        let document: serde_json::Value = self.document(keys_url).await?;
        Ok(TenantKeys {
            issuer: discovery.issuer,
            keys: read_keys(&document),
            fetched_at: now,
        })
    }

    async fn document<T: serde::de::DeserializeOwned>(&self, url: Url) -> Result<T, EntraError> {
        let answer = self
            .transport
            .send(Outgoing::get(url).deadline(TOKEN_DEADLINE))
            .await?;
        if !answer.status.is_success() {
            return Err(response::refusal(answer, str::to_owned).await);
        }
        Ok(answer.body.json(LARGEST_DOCUMENT).await?)
    }
}

impl SigningKeys {
    fn get(&self, tenant_id: &str) -> Option<Arc<TenantKeys>> {
        self.lock().get(tenant_id).cloned()
    }

    fn put(&self, tenant_id: &str, keys: Arc<TenantKeys>) {
        let mut tenants = self.lock();
        if tenants.len() >= MOST_TENANTS && !tenants.contains_key(tenant_id) {
            let oldest = tenants
                .iter()
                .min_by_key(|(_, keys)| keys.fetched_at)
                .map(|(tenant, _)| tenant.clone());
            if let Some(oldest) = oldest {
                tenants.remove(&oldest);
            }
        }
        tenants.insert(tenant_id.to_owned(), keys);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<TenantKeys>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keys of a kind that is not known are left out, so that a new kind does not hide the others.
fn read_keys(document: &serde_json::Value) -> Vec<Key> {
    let keys = document["keys"].as_array().into_iter().flatten();
    keys.filter_map(|key| {
        let jwk = serde_json::from_value(key.clone()).ok()?;
        Some(Key {
            jwk,
            issuer: key["issuer"].as_str().map(str::to_owned),
        })
    })
    .collect()
}
