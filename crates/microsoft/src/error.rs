use std::io;
use std::path::PathBuf;

use model::{Api, Service};

/// What was configured, or asked for, does not fit the cloud. Nothing was sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("cloud `{cloud}` has no usable {what}: {reason}")]
    InvalidCloud {
        cloud: String,
        what: &'static str,
        reason: &'static str,
    },
    #[error("{service} is not available in cloud `{cloud}`")]
    ServiceNotInCloud {
        cloud: String,
        service: &'static str,
    },
    #[error("{service} needs an environment URL such as `https://contoso.crm4.dynamics.com`")]
    EnvironmentMissing { service: &'static str },
    /// The URL is kept without user info, query and fragment.
    #[error("`{url}` is no environment of cloud `{cloud}`: {expected}")]
    EnvironmentNotInCloud {
        cloud: String,
        url: String,
        /// How one looks there.
        expected: String,
    },
    #[error("`{name}` is no name of a Business Central environment")]
    EnvironmentName { name: String },
    #[error("cannot use the certificate file `{}`", path.display())]
    CaFile { path: PathBuf, source: io::Error },
    #[error("cannot set up the HTTP client")]
    Client {
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// Stable, for answers, logs and documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidCloud { .. } => "microsoft.invalid_cloud",
            Self::ServiceNotInCloud { .. } => "microsoft.service_not_in_cloud",
            Self::EnvironmentMissing { .. } => "microsoft.environment_missing",
            Self::EnvironmentNotInCloud { .. } => "microsoft.environment_not_in_cloud",
            Self::EnvironmentName { .. } => "microsoft.environment_name",
            Self::CaFile { .. } => "microsoft.ca_file",
            Self::Client { .. } => "microsoft.client",
        }
    }

    /// The next step, for a person.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::InvalidCloud { .. } => {
                "correct the cloud in the server's configuration; every URL is https, or http on this machine"
            }
            Self::ServiceNotInCloud { .. } => {
                "choose the cloud that the organisation's tenant lives in"
            }
            Self::EnvironmentMissing { .. } => {
                "add the environment's URL, as the Power Platform admin center shows it"
            }
            Self::EnvironmentNotInCloud { .. } => {
                "give the environment's URL without path, port or user, and check that the cloud is the right one"
            }
            Self::EnvironmentName { .. } => {
                "give the environment's name as the Business Central admin center shows it, such as `Production`"
            }
            Self::CaFile { .. } => "give a readable file of one or more PEM certificates",
            Self::Client { .. } => "check the certificate file and the machine's own certificates",
        }
    }

    pub(crate) fn not_in_cloud(cloud: &str, service: Service) -> Self {
        Self::ServiceNotInCloud {
            cloud: cloud.to_owned(),
            service: service.title(),
        }
    }

    pub(crate) fn api_not_in_cloud(cloud: &str, api: Api) -> Self {
        Self::ServiceNotInCloud {
            cloud: cloud.to_owned(),
            service: match api {
                Api::Graph => "Microsoft Graph",
                Api::Dataverse => "Dataverse",
                Api::BusinessCentral => Service::BusinessCentral.title(),
            },
        }
    }
}
