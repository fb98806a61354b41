//! The keys of an outside issuer, fetched when an assertion of it comes, as its metadata says.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use url::{Host, Url};

use super::jwt::{Algorithm, Jwt};

/// Longest wait for each of the two documents.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why an issuer's word could not be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// No metadata or keys could be had from it.
    Unreachable,
    /// It publishes no key of this name.
    UnknownKey,
    /// None of its keys made the signature.
    Signature,
}

/// Whether an issuer's published keys signed this.
pub(super) async fn check(issuer: &str, jwt: &Jwt<'_>) -> Result<(), Failure> {
    let keys = keys(issuer).await.ok_or(Failure::Unreachable)?;
    let wanted = jwt.header("kid");
    let algorithm = Algorithm::parse(jwt.header("alg")).ok_or(Failure::Signature)?;
    let named = |key: &&Value| wanted.is_none() || key["kid"].as_str() == wanted;
    let listed = keys["keys"].as_array();
    let mut candidates = listed.into_iter().flatten().filter(named).peekable();
    if candidates.peek().is_none() {
        return Err(Failure::UnknownKey);
    }
    let is_signed = candidates
        .any(|key| components(key).is_some_and(|(n, e)| jwt.is_signed_by_jwk(&n, &e, algorithm)));
    if is_signed {
        Ok(())
    } else {
        Err(Failure::Signature)
    }
}

async fn keys(issuer: &str) -> Option<Value> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build().ok()?;
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    let metadata = format!("{base}/.well-known/openid-configuration");
    let metadata = document(&client, &metadata).await?;
    document(&client, metadata["jwks_uri"].as_str()?).await
}

async fn document(client: &reqwest::Client, url: &str) -> Option<Value> {
    let url = Url::parse(url).ok().filter(is_allowed)?;
    let response = client.get(url).send().await.ok()?;
    response.error_for_status().ok()?.json().await.ok()
}

/// Entra asks for `https`; on this machine itself there is nobody to listen in.
fn is_allowed(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

fn components(key: &Value) -> Option<(Vec<u8>, Vec<u8>)> {
    let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str()?).ok();
    Some((part("n")?, part("e")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        let allowed = |text| Url::parse(text).is_ok_and(|url| is_allowed(&url));
        assert!(allowed("https://token.actions.example/"));
        assert!(allowed("http://127.0.0.1:4711/keys"));
        assert!(allowed("http://localhost:4711/keys"));
        assert!(!allowed("http://token.actions.example/"));
        assert!(!allowed("file:///etc/passwd"));
    }
}
