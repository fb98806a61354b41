use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ConnectionMethod;

/// One of the seven Microsoft services a connection can be made to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    Outlook,
    Teams,
    OneDrive,
    SharePoint,
    Crm,
    FieldService,
    BusinessCentral,
}

/// The web API that a service is reached through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Api {
    Graph,
    Dataverse,
    BusinessCentral,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no service; choose one of outlook, teams, onedrive, sharepoint, crm, fieldservice, businesscentral"
)]
pub struct ParseServiceError(String);

impl Service {
    pub const ALL: [Self; 7] = [
        Self::Outlook,
        Self::Teams,
        Self::OneDrive,
        Self::SharePoint,
        Self::Crm,
        Self::FieldService,
        Self::BusinessCentral,
    ];

    /// The id in URLs, commands and the catalogue.
    pub fn id(self) -> &'static str {
        match self {
            Self::Outlook => "outlook",
            Self::Teams => "teams",
            Self::OneDrive => "onedrive",
            Self::SharePoint => "sharepoint",
            Self::Crm => "crm",
            Self::FieldService => "fieldservice",
            Self::BusinessCentral => "businesscentral",
        }
    }

    /// The name a person reads.
    pub fn title(self) -> &'static str {
        match self {
            Self::Outlook => "Outlook",
            Self::Teams => "Microsoft Teams",
            Self::OneDrive => "OneDrive",
            Self::SharePoint => "SharePoint",
            Self::Crm => "Dynamics 365 CRM",
            Self::FieldService => "Dynamics 365 Field Service",
            Self::BusinessCentral => "Dynamics 365 Business Central",
        }
    }

    pub fn api(self) -> Api {
        match self {
            Self::Outlook | Self::Teams | Self::OneDrive | Self::SharePoint => Api::Graph,
            Self::Crm | Self::FieldService => Api::Dataverse,
            Self::BusinessCentral => Api::BusinessCentral,
        }
    }

    /// Dynamics 365 is connected by service principal only; the other four by either method.
    pub fn supports(self, method: ConnectionMethod) -> bool {
        method == ConnectionMethod::ServicePrincipal || self.api() == Api::Graph
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Service {
    type Err = ParseServiceError;

    fn from_str(text: &str) -> Result<Self, ParseServiceError> {
        Self::ALL
            .into_iter()
            .find(|service| service.id() == text)
            .ok_or_else(|| ParseServiceError(text.to_owned()))
    }
}

impl Api {
    /// The segment that names it in pass-through URLs.
    pub fn id(self) -> &'static str {
        match self {
            Self::Graph => "graph",
            Self::Dataverse => "dataverse",
            Self::BusinessCentral => "businesscentral",
        }
    }
}

impl FromStr for Api {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Graph, Self::Dataverse, Self::BusinessCentral]
            .into_iter()
            .find(|api| api.id() == text)
            .ok_or_else(|| {
                format!("`{text}` is no api; choose `graph`, `dataverse` or `businesscentral`")
            })
    }
}
