//! Consentry as an issuer: it signs short assertions that Entra takes in place of a secret, and publishes the keys to check
//! them with. A new key is published a day before it signs, and an old one until a day after, so that whoever keeps copies of
//! the published keys misses none.
//!
//! Source: <https://learn.microsoft.com/entra/workload-id/workload-identity-federation>

#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use microsoft::{IssuerKey, TOKEN_EXCHANGE_AUDIENCE};
use model::{AppRegistration, IssuerKeyId, Role, random_token};
use secrecy::SecretString;
use serde_json::{Value, json};
use store::{IssuerKeyRow, Removal};
use url::{Host, Url};

use crate::seal::place;
use crate::{Caller, Context, Error, Result};

/// A key signs for so long before another one takes over.
const LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How long a key is published before it signs, and after another one does.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// When a new key begins to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// A day from now: nobody misses it.
    AfterOverlap,
    /// At once, for a key that is known to others: those before it are published no more, and who keeps copies of the
    /// published keys has to fetch them anew.
    Now,
}

impl Context {
    /// `iss` of our assertions, without a slash at its end.
    pub fn issuer_url(&self) -> String {
        let url = self
            .federation
            .issuer_url
            .as_ref()
            .unwrap_or(&self.public_url);
        url.as_str().trim_end_matches('/').to_owned()
    }
}

/// `sub` of the assertions for this application: another workspace cannot have it signed.
pub fn subject(app: &AppRegistration) -> String {
    format!("{}:{}", app.workspace_id, app.client_id)
}

/// The document at `/.well-known/openid-configuration`.
pub fn configuration(context: &Context) -> Value {
    let issuer = context.issuer_url();
    json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })
}

/// The document at `/.well-known/jwks.json`: every key that signs, is about to, or did lately.
pub async fn published_keys(context: &Context) -> Result<Value> {
    let keys = context.store.read().await?.issuer_keys().await?;
    let now = context.now();
    let public: Vec<_> = keys
        .iter()
        .filter(|key| !is_over(&keys, key, now))
        .map(|key| key.public.clone())
        .collect();
    Ok(json!({ "keys": public }))
}

/// Makes a new key. An old one goes on being published until a day after the new one signs, unless others know it.
pub async fn roll(context: &Context, caller: &Caller, begin: Begin) -> Result<()> {
    caller.may_change()?;
    if caller.role < Role::Owner {
        return Err(Error::Forbidden {
            reason: format!(
                "the issuer's key is rolled by the role `{}`; yours is `{}`",
                Role::Owner,
                caller.role
            ),
        });
    }
    let keys = context.store.read().await?.issuer_keys().await?;
    let made = match add(context, &keys, begin).await {
        Ok(()) if begin == Begin::Now => withdraw(context, &keys).await,
        other => other,
    };
    context
        .record(caller, "issuer.roll", None, made.as_ref().err())
        .await?;
    made
}

/// Entra has to fetch our documents from where the issuer's address says.
pub(crate) fn check_reachable(context: &Context, cloud: &str) -> Result<()> {
    let issuer = context
        .federation
        .issuer_url
        .as_ref()
        .unwrap_or(&context.public_url);
    // A stand-in on this machine fetches them here.
    let cloud = context.cloud(cloud)?;
    if is_public(issuer) || cloud.is_local() {
        return Ok(());
    }
    Err(Error::Invalid {
        field: "source",
        message: format!(
            "Microsoft has to reach `{issuer}` by https to read the issuer's keys; start the server with a public https \
             address (`--public-url`), or publish its two documents elsewhere (`--issuer-url`)"
        ),
    })
}

/// Whether others than this machine can fetch documents there, by https.
fn is_public(issuer: &Url) -> bool {
    let is_here = match issuer.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => true,
    };
    issuer.scheme() == "https" && !is_here
}

/// Makes the first key.
pub(crate) async fn begin(context: &Context) -> Result<()> {
    let keys = context.store.read().await?.issuer_keys().await?;
    if keys.is_empty() {
        add(context, &keys, Begin::Now).await?;
    }
    Ok(())
}

/// An assertion for the application, good for five minutes.
pub(crate) async fn assert(context: &Context, app: &AppRegistration) -> Result<SecretString> {
    let mut keys = context.store.read().await?.issuer_keys().await?;
    if keys.is_empty() {
        // A restore leaves none where those of the backup had been withdrawn.
        begin(context).await?;
        keys = context.store.read().await?.issuer_keys().await?;
    }
    let row = signer(&keys, context.now()).ok_or_else(|| Error::NotFound {
        what: "key of the issuer",
        id: context.issuer_url(),
    })?;
    let data_key = context
        .seals
        .key(row.workspace_id, Some(row.data_key_id))
        .await?;
    let kid = row.id.to_string();
    let der = data_key.open(place::issuer_key(&kid), &row.sealed)?;
    IssuerKey::from_pkcs8(kid, &der)
        .and_then(|key| {
            key.assert(
                &context.issuer_url(),
                &subject(app),
                TOKEN_EXCHANGE_AUDIENCE,
                &random_token(&*context.random),
                context.now(),
            )
        })
        .map_err(|error| Error::Unexpected(format!("the issuer's key {error}")))
}

/// Rolls the key when its time has come, and removes keys that nobody needs. Where the documents are published by hand,
/// rolling is by hand too.
pub(crate) async fn tend(context: &Context) -> Result<()> {
    let keys = context.store.read().await?.issuer_keys().await?;
    let now = context.now();
    let is_old = keys.first().is_some_and(|key| key.signs_from + LIFE <= now);
    if is_old && context.federation.issuer_url.is_none() {
        add(context, &keys, Begin::AfterOverlap).await?;
    }
    let over: Vec<_> = keys
        .iter()
        .filter(|key| is_over(&keys, key, now))
        .cloned()
        .collect();
    withdraw(context, &over).await
}

/// Publishes them no more, and forgets them.
async fn withdraw(context: &Context, keys: &[IssuerKeyRow]) -> Result<()> {
    for key in keys {
        let mut tx = context.store.write().await?;
        tx.delete_issuer_key(key).await?;
        let removal = Removal::new(key.workspace_id, key.id, context.now());
        tx.note_removal(&removal).await?;
        tx.commit().await?;
        context.seals.forget(Some(key.data_key_id)).await;
    }
    Ok(())
}

/// Stores a key with the number after the newest; that another replica was faster is as good.
async fn add(context: &Context, keys: &[IssuerKeyRow], begin: Begin) -> Result<()> {
    let id = IssuerKeyId::generate(&*context.clock, &*context.random);
    let kid = id.to_string();
    let made = tokio::task::spawn_blocking(move || IssuerKey::generate(kid)).await;
    let odd = |error: &dyn std::fmt::Display| Error::Unexpected(error.to_string());
    let key = made.map_err(|e| odd(&e))?.map_err(|e| odd(&e))?;
    let now = context.now();
    let mut tx = context.store.write().await?;
    let workspaces = tx.workspaces().await?;
    let workspace = workspaces
        .first()
        .ok_or_else(|| odd(&"there is no workspace"))?;
    let (data_key_id, data_key) = context
        .seals
        .create(&mut *tx, workspace.id, &id.to_string())
        .await?;
    let der = key.to_pkcs8().map_err(|e| odd(&e))?;
    let row = IssuerKeyRow {
        number: keys.first().map_or(0, |newest| newest.number) + 1,
        id,
        workspace_id: workspace.id,
        data_key_id,
        public: key.jwk().map_err(|e| odd(&e))?,
        sealed: data_key.seal(
            place::issuer_key(&id.to_string()),
            secrecy::ExposeSecret::expose_secret(&der),
        ),
        created_at: now,
        signs_from: match begin {
            Begin::Now => now,
            Begin::AfterOverlap => now + OVERLAP,
        },
    };
    match tx.add_issuer_key(&row).await {
        Err(store::Error::Exists { .. }) => Ok(()),
        added => {
            added?;
            Ok(tx.commit().await?)
        }
    }
}

/// The newest whose time has come. `keys` come newest first.
fn signer(keys: &[IssuerKeyRow], now: Timestamp) -> Option<&IssuerKeyRow> {
    keys.iter()
        .find(|key| key.signs_from <= now)
        .or_else(|| keys.last())
}

/// Whether another key has signed for so long that no assertion of this one is good any more.
fn is_over(keys: &[IssuerKeyRow], key: &IssuerKeyRow, now: Timestamp) -> bool {
    keys.iter()
        .filter(|other| other.number > key.number)
        .any(|newer| newer.signs_from + OVERLAP <= now)
}
