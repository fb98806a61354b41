//! Microsoft's clouds as data: one resolver gives every host, audience and scope, and says which hosts may see a token.
//!
//! Sources: Microsoft Entra docs, `authentication-national-cloud`; Microsoft Graph docs, `deployments`; Power Platform
//! docs, datacenter regions.

mod built_in;
mod clouds;
mod host;
#[cfg(test)]
mod tests;

use model::{Api, PermissionSet, Service};
use url::Url;

pub use self::clouds::Clouds;
pub(crate) use self::host::{append, is_link_local, is_loopback, is_safe_scheme};
use crate::{Error, redacted};

/// Asked for along with every delegated permission: who signed in, and a refresh token.
const SIGN_IN_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// One of Microsoft's clouds, or a stand-in for one. Tokens, apps and consent never cross clouds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cloud {
    pub id: String,
    pub title: String,
    /// Where sign-in happens: `https://login.microsoftonline.com/`.
    pub authority: Url,
    /// Other hosts that the authority's own documents may name.
    pub authority_aliases: Vec<String>,
    /// Microsoft Graph's root, without the version.
    pub graph_url: Url,
    /// What a token for Graph is issued to; without a slash at its end.
    pub graph_audience: String,
    /// An environment is one label, or one label and `api`, in front of one of these.
    pub dataverse_suffixes: Vec<String>,
    pub business_central_url: Option<Url>,
    pub business_central_audience: Option<String>,
    /// Where sites and pre-authenticated file links live. No token is ever sent there.
    pub sharepoint_suffixes: Vec<String>,
    /// Where else addresses lead that Graph hands out for the bytes of files, attachments and pictures. No token either.
    pub file_suffixes: Vec<String>,
    pub portal: Url,
    pub entra_portal: Url,
    /// Where environments of Dataverse are administered.
    pub power_platform: Option<Url>,
    /// Where people see the applications that they use, and take back what they consented to.
    pub my_apps: Option<Url>,
    /// The client that an administrator signs in to when an application is to be made: a public one of Microsoft's own that
    /// may do so without being consented to first.
    pub administrator_client_id: String,
}

/// Microsoft Azure CLI, in every cloud.
///
/// Source: <https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in>
pub const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

impl Cloud {
    /// What a token for `service` is issued to. Dataverse has an audience for each environment, the other two have one.
    pub fn audience(&self, service: Service, environment: Option<&Url>) -> Result<String, Error> {
        match service.api() {
            Api::Graph => Ok(self.graph_audience.clone()),
            Api::BusinessCentral => self
                .business_central_audience
                .clone()
                .ok_or_else(|| Error::not_in_cloud(&self.id, service)),
            Api::Dataverse => {
                let environment = environment.ok_or(Error::EnvironmentMissing {
                    service: service.title(),
                })?;
                self.environment(environment)
                    .map(|url| host::origin(&url))
                    .ok_or_else(|| self.foreign(environment))
            }
        }
    }

    /// The root that an operation's path is appended to, without a slash at its end: `https://graph.microsoft.com/v1.0`.
    /// An environment of Business Central is what [`business_central_environment`](Self::business_central_environment) makes;
    /// without one, the root ends where tenant and environment follow.
    pub fn api_root(&self, api: Api, environment: Option<&Url>) -> Result<Url, Error> {
        let (base, version) = match api {
            Api::Graph => (self.graph_url.clone(), "v1.0"),
            Api::BusinessCentral => {
                let base = self
                    .business_central_url
                    .clone()
                    .ok_or_else(|| Error::api_not_in_cloud(&self.id, api))?;
                match environment {
                    None => (base, "v2.0"),
                    Some(one) if host::same_origin(one, &base) => (one.clone(), "api/v2.0"),
                    Some(one) => return Err(self.foreign(one)),
                }
            }
            Api::Dataverse => {
                let environment = environment.ok_or(Error::EnvironmentMissing {
                    service: "Dataverse",
                })?;
                let base = self
                    .environment(environment)
                    .ok_or_else(|| self.foreign(environment))?;
                (base, "api/data/v9.2")
            }
        };
        Ok(host::append(&base, version))
    }

    /// `https://api.businesscentral.dynamics.com/v2.0/{tenant}/{name}`, which Business Central calls an environment.
    ///
    /// Source: <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0/endpoints-apis-for-dynamics>.
    pub fn business_central_environment(&self, tenant_id: &str, name: &str) -> Result<Url, Error> {
        let is_name = |text: &str| {
            !text.is_empty()
                && text.len() <= 253
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
                && !text.starts_with('.')
        };
        if !is_name(name) || !is_name(tenant_id) {
            return Err(Error::EnvironmentName {
                name: name.to_owned(),
            });
        }
        let root = self.api_root(Api::BusinessCentral, None)?;
        Ok(host::append(&root, &format!("{tenant_id}/{name}")))
    }

    /// Everything that an administrator consented to for the audience. A resource that ends in a slash keeps it, so that
    /// the scope has two, as Entra wants it.
    pub fn scope_for(&self, audience: &str) -> String {
        format!("{audience}/.default")
    }

    /// The scopes to ask a user's consent for: each permission in front of its audience, and what signs a person in.
    pub fn delegated_scopes(&self, audience: &str, permissions: &PermissionSet) -> Vec<String> {
        let qualified = permissions
            .iter()
            .map(model::Permission::as_str)
            .filter(|name| !SIGN_IN_SCOPES.contains(name))
            .map(|name| {
                if name.contains("://") {
                    name.to_owned()
                } else {
                    format!("{audience}/{name}")
                }
            });
        qualified.chain(SIGN_IN_SCOPES.map(str::to_owned)).collect()
    }

    /// Whether `url` is one of this cloud's APIs, and so may be sent a token. The authority and the hosts
    /// of files and sites are not: nothing that is sent there carries one.
    pub fn owns(&self, url: &Url) -> bool {
        let fixed = [Some(&self.graph_url), self.business_central_url.as_ref()];
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        fixed
            .into_iter()
            .flatten()
            .any(|own| host::same_origin(own, url))
            || self.is_environment_host(url)
    }

    /// Whether `url` is where this cloud keeps the bytes of files. Such an address carries its own proof, and never a token.
    pub fn owns_files(&self, url: &Url) -> bool {
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        // A stand-in on this machine keeps them at its own address, beside the API.
        if is_loopback(&self.graph_url) && host::same_origin(&self.graph_url, url) {
            let mut versions = ["/v1.0/", "/beta/"].into_iter();
            return !versions.any(|version| url.path().starts_with(version));
        }
        let mut suffixes = self.sharepoint_suffixes.iter().chain(&self.file_suffixes);
        url.scheme() == "https"
            && url.port().is_none()
            && url
                .domain()
                .is_some_and(|host| suffixes.any(|suffix| host::is_at_or_below(host, suffix)))
    }

    /// Whether `host` may have SharePoint sites: `contoso.sharepoint.com`, or `contoso-my.sharepoint.com` for OneDrive.
    pub fn has_sites(&self, host: &str) -> bool {
        // A stand-in on this machine gives its sites Microsoft's names, and answers for them at its own address.
        let stand_in = is_loopback(&self.graph_url).then_some(built_in::SITES);
        let suffixes = self.sharepoint_suffixes.iter().map(String::as_str);
        suffixes.chain(stand_in).any(|suffix| {
            let name = host.strip_suffix(suffix);
            let name = name.and_then(|rest| rest.strip_suffix('.'));
            name.is_some_and(|name| !name.is_empty() && !name.contains('.'))
        })
    }

    /// Whether it is a stand-in on this machine.
    pub fn is_local(&self) -> bool {
        is_loopback(&self.authority)
    }

    /// Whether `url` is served by this cloud's authority.
    pub fn is_authority(&self, url: &Url) -> bool {
        host::same_origin(&self.authority, url)
            || (url.scheme() == "https"
                && url.port().is_none()
                && url
                    .host_str()
                    .is_some_and(|host| self.authority_aliases.iter().any(|alias| alias == host)))
    }

    /// The environment's root, where `url` is nothing but an environment of this cloud.
    fn environment(&self, url: &Url) -> Option<Url> {
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        (bare && self.is_environment_host(url)).then(|| url.clone())
    }

    fn is_environment_host(&self, url: &Url) -> bool {
        // A stand-in on this machine answers for its environments at its own address.
        if is_loopback(&self.graph_url) && host::same_origin(&self.graph_url, url) {
            return true;
        }
        url.scheme() == "https"
            && url.port().is_none()
            && url.domain().is_some_and(|host| {
                self.dataverse_suffixes
                    .iter()
                    .any(|suffix| host::is_organisation_of(host, suffix))
            })
    }

    fn foreign(&self, environment: &Url) -> Error {
        Error::EnvironmentNotInCloud {
            cloud: self.id.clone(),
            url: redacted(environment),
            expected: self.environments(),
        }
    }

    /// How its environments are addressed, for people.
    fn environments(&self) -> String {
        if is_loopback(&self.graph_url) {
            let here = self.graph_url.as_str().trim_end_matches('/');
            return format!("its environment is `{here}`");
        }
        match self.dataverse_suffixes.as_slice() {
            [] => "it has none".to_owned(),
            [only] => format!("one is `https://NAME.{only}`"),
            [first, .., last] => {
                format!("one is `https://NAME.{first}`, up to `https://NAME.{last}`")
            }
        }
    }
}
