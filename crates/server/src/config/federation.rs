use std::collections::BTreeMap;
use std::path::PathBuf;

use connections::{RequestToken, Source};
use microsoft::ManagedIdentity;
use secrecy::SecretString;
use serde::Deserialize;
use url::{Host, Url};

use super::ConfigError;
use crate::secret;

/// `[federation]`: how applications prove themselves without a secret. Sources come from here only, never over the API: they
/// read files and run programs of this machine.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Federation {
    /// Where the two documents of Consentry as an issuer are published, when that is not under the public URL.
    pub issuer_url: Option<String>,
    /// Whether this machine is a virtual machine of Azure with a managed identity. App Service and its like are noticed.
    pub managed_identity: bool,
    /// Where the metadata service is, if it is a stand-in on this machine.
    pub metadata_url: Option<String>,
    /// `[federation.sources.NAME]`: where assertions come from.
    pub sources: BTreeMap<String, FederationSource>,
    /// `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`, as App Service sets them.
    #[serde(skip)]
    pub(super) app_service: Option<(String, SecretString)>,
}

/// One of the three.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FederationSource {
    /// A file that the platform keeps fresh.
    pub token_file: Option<PathBuf>,
    /// A program and its arguments; it prints the token. No shell reads it.
    pub command: Option<Vec<String>>,
    /// An address that answers with the token: https, or http on this machine.
    pub url: Option<String>,
    /// What the address asks for as a bearer, as those of build services do.
    #[serde(deserialize_with = "secret::optional")]
    pub request_token: Option<SecretString>,
    /// A file that holds it, read anew each time.
    pub request_token_file: Option<PathBuf>,
}

impl Federation {
    pub(crate) fn resolve(&self) -> Result<connections::Federation, ConfigError> {
        let issuer_url = self.issuer_url.as_deref();
        let issuer_url = issuer_url.map(|text| url("federation.issuer_url", text));
        let sources = self.sources.iter().map(|(name, source)| {
            check_name(name)?;
            Ok((name.clone(), source.resolve()?))
        });
        Ok(connections::Federation {
            issuer_url: issuer_url.transpose()?,
            sources: sources.collect::<Result<_, ConfigError>>()?,
            platform: self.platform()?,
        })
    }

    fn platform(&self) -> Result<Option<ManagedIdentity>, ConfigError> {
        if let Some((endpoint, header)) = &self.app_service {
            return Ok(Some(ManagedIdentity::AppService {
                endpoint: beside("IDENTITY_ENDPOINT", endpoint)?,
                header: header.clone(),
            }));
        }
        if let Some(text) = &self.metadata_url {
            let base = beside("federation.metadata_url", text)?;
            return Ok(Some(ManagedIdentity::Metadata { base }));
        }
        Ok(self.managed_identity.then(ManagedIdentity::metadata))
    }
}

impl FederationSource {
    fn resolve(&self) -> Result<Source, ConfigError> {
        if self.url.is_none() && self.request_token()?.is_some() {
            return Err(ConfigError::value(
                "federation.sources",
                "`request_token` goes with `url` only",
            ));
        }
        match (&self.token_file, &self.command, &self.url) {
            (Some(path), None, None) => Ok(Source::TokenFile(path.clone())),
            (None, Some(command), None) if !command.is_empty() => {
                Ok(Source::Command(command.clone()))
            }
            (None, None, Some(text)) => Ok(Source::Url {
                url: url("federation.sources", text)?,
                token: self.request_token()?,
            }),
            _ => Err(ConfigError::value(
                "federation.sources",
                "each needs exactly one of `token_file`, `command` and `url`",
            )),
        }
    }
}

impl FederationSource {
    fn request_token(&self) -> Result<Option<RequestToken>, ConfigError> {
        match (&self.request_token, &self.request_token_file) {
            (None, None) => Ok(None),
            (Some(text), None) => Ok(Some(RequestToken::Text(text.clone()))),
            (None, Some(path)) => Ok(Some(RequestToken::File(path.clone()))),
            _ => Err(ConfigError::value(
                "federation.sources",
                "one of `request_token` and `request_token_file`, not both",
            )),
        }
    }
}

fn check_name(name: &str) -> Result<(), ConfigError> {
    let reserved = [connections::CONSENTRY, connections::MANAGED_IDENTITY];
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) || reserved.contains(&name) {
        return Err(ConfigError::value(
            "federation.sources",
            "a name has 1 to 64 letters, digits, `-` or `_`, and is neither `consentry` nor `managed_identity`",
        ));
    }
    Ok(())
}

fn url(key: &str, text: &str) -> Result<Url, ConfigError> {
    let parsed = Url::parse(text).map_err(|error| ConfigError::value(key, error.to_string()))?;
    let is_plain_local = parsed.scheme() == "http" && is_loopback(&parsed);
    if parsed.scheme() == "https" || is_plain_local {
        return Ok(parsed);
    }
    Err(ConfigError::value(
        key,
        "has to be https, or http on this machine",
    ))
}

/// An address on this machine, or beside it: no router passes these on.
fn beside(key: &str, text: &str) -> Result<Url, ConfigError> {
    let parsed = Url::parse(text).map_err(|error| ConfigError::value(key, error.to_string()))?;
    let link_local = matches!(parsed.host(), Some(Host::Ipv4(address)) if address.is_link_local());
    if link_local || is_loopback(&parsed) {
        return Ok(parsed);
    }
    Err(ConfigError::value(
        key,
        "has to be an address of this machine",
    ))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
