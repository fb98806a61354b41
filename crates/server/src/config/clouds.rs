use microsoft::Cloud;
use serde::Deserialize;
use url::Url;

use super::ConfigError;

/// `[clouds]`: clouds beside Microsoft's own four. They come from here only, never over the API: a cloud says where
/// secrets are sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Clouds {
    /// `[[clouds.custom]]`, one table each.
    pub custom: Vec<CustomCloud>,
}

/// A local stand-in, or a cloud described address by address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustomCloud {
    /// What app registrations call it.
    pub id: String,
    pub title: Option<String>,
    /// The address of a sandbox. Everything else follows from it.
    pub sandbox_url: Option<String>,
    /// Where sign-in happens, when it is no sandbox.
    pub authority: Option<String>,
    /// Microsoft Graph's root, without the version.
    pub graph_url: Option<String>,
    /// What a token for Graph is issued to; the root itself unless given.
    pub graph_audience: Option<String>,
    /// Host suffixes of Dataverse environments, such as `crm4.dynamics.com`.
    pub dataverse_suffixes: Vec<String>,
    pub business_central_url: Option<String>,
    pub business_central_audience: Option<String>,
    /// Host suffixes of SharePoint sites and file links.
    pub sharepoint_suffixes: Vec<String>,
    /// Host suffixes of other pre-authenticated addresses of files.
    pub file_suffixes: Vec<String>,
    pub portal: Option<String>,
    pub entra_portal: Option<String>,
    /// Where environments of Dataverse are administered.
    pub power_platform: Option<String>,
    /// Where people take back what they consented to.
    pub my_apps: Option<String>,
    /// The public client that an administrator signs in to when an application is made; Microsoft Azure CLI unless given.
    pub administrator_client_id: Option<String>,
}

impl Clouds {
    /// Microsoft's own and the custom ones.
    pub(crate) fn resolve(&self) -> Result<microsoft::Clouds, ConfigError> {
        self.custom
            .iter()
            .try_fold(microsoft::Clouds::built_in(), |clouds, custom| {
                let cloud = custom.to_cloud()?;
                clouds
                    .with(cloud)
                    .map_err(|error| ConfigError::value("clouds.custom", error.to_string()))
            })
    }
}

impl CustomCloud {
    /// A sandbox that listens on `url`, under the id `sandbox`.
    pub fn sandbox(url: &str) -> Self {
        Self {
            id: "sandbox".to_owned(),
            sandbox_url: Some(url.to_owned()),
            ..Self::default()
        }
    }

    fn to_cloud(&self) -> Result<Cloud, ConfigError> {
        if let Some(base) = &self.sandbox_url {
            let base = url("clouds.custom.sandbox_url", base)?;
            let cloud = microsoft::Clouds::sandbox(base.as_str());
            return Ok(Cloud {
                id: self.id.clone(),
                title: self.title.clone().unwrap_or(cloud.title),
                administrator_client_id: self.administrator_client(),
                ..cloud
            });
        }
        let authority = required("clouds.custom.authority", self.authority.as_ref())?;
        let graph_url = required("clouds.custom.graph_url", self.graph_url.as_ref())?;
        let graph_audience = self.graph_audience.clone();
        Ok(Cloud {
            id: self.id.clone(),
            title: self.title.clone().unwrap_or_else(|| self.id.clone()),
            graph_audience: graph_audience
                .unwrap_or_else(|| graph_url.as_str().trim_end_matches('/').to_owned()),
            dataverse_suffixes: self.dataverse_suffixes.clone(),
            business_central_url: optional(
                "clouds.custom.business_central_url",
                self.business_central_url.as_ref(),
            )?,
            business_central_audience: self.business_central_audience.clone(),
            sharepoint_suffixes: self.sharepoint_suffixes.clone(),
            file_suffixes: self.file_suffixes.clone(),
            portal: optional("clouds.custom.portal", self.portal.as_ref())?
                .unwrap_or_else(|| authority.clone()),
            entra_portal: optional("clouds.custom.entra_portal", self.entra_portal.as_ref())?
                .unwrap_or_else(|| authority.clone()),
            power_platform: optional("clouds.custom.power_platform", self.power_platform.as_ref())?,
            my_apps: optional("clouds.custom.my_apps", self.my_apps.as_ref())?,
            authority_aliases: Vec::new(),
            authority,
            graph_url,
            administrator_client_id: self.administrator_client(),
        })
    }

    fn administrator_client(&self) -> String {
        let given = self.administrator_client_id.as_deref();
        given.unwrap_or(microsoft::AZURE_CLI).to_owned()
    }
}

fn required(key: &str, text: Option<&String>) -> Result<Url, ConfigError> {
    let text = text.ok_or_else(|| {
        ConfigError::value(
            key,
            "is needed, unless `sandbox_url` says that it is a sandbox",
        )
    })?;
    url(key, text)
}

fn optional(key: &str, text: Option<&String>) -> Result<Option<Url>, ConfigError> {
    text.map(|text| url(key, text)).transpose()
}

fn url(key: &str, text: &str) -> Result<Url, ConfigError> {
    let parsed = Url::parse(text).map_err(|error| ConfigError::value(key, error.to_string()))?;
    if parsed.has_host() {
        Ok(parsed)
    } else {
        Err(ConfigError::value(key, "has no host"))
    }
}
