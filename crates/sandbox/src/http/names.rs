//! Microsoft's own host names, under which the sandbox answers when it is reached by them.

/// What one of Microsoft's hosts serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Entra,
    Graph,
    /// Sites, people's own ones among them, where the bytes of files are.
    Sites,
    /// Outlook itself, where large attachments go.
    Outlook,
    BusinessCentral,
    Dataverse,
    /// Where the platform tells a machine who it is.
    InstanceMetadata,
    /// Not a name of Microsoft's: everything, told apart by path.
    All,
}

/// The name that tokens and metadata give the authority, whichever of its names was used.
pub(crate) const LOGIN: &str = "https://login.microsoftonline.com";
/// Microsoft Graph of the global cloud.
pub(crate) const GRAPH: &str = "https://graph.microsoft.com";
/// The link-local address of the instance metadata service.
pub(crate) const INSTANCE_METADATA: &str = "169.254.169.254";

const LOGIN_HOSTS: [&str; 4] = [
    "login.microsoftonline.com",
    "login.windows.net",
    "login.microsoft.com",
    "sts.windows.net",
];
/// Where people enter the code of a device.
const DEVICE_HOSTS: [&str; 2] = ["microsoft.com", "www.microsoft.com"];
const GRAPH_HOST: &str = "graph.microsoft.com";
const OUTLOOK_HOST: &str = "outlook.office.com";
const SITES_HOSTS: [&str; 2] = ["contoso.sharepoint.com", "contoso-my.sharepoint.com"];
const BUSINESS_CENTRAL_HOST: &str = "api.businesscentral.dynamics.com";
/// The environment by both of its names, and the discovery service.
const DATAVERSE_HOSTS: [&str; 3] = [
    "contoso.crm4.dynamics.com",
    "contoso.api.crm4.dynamics.com",
    "globaldisco.crm.dynamics.com",
];

/// Every name that the sandbox answers for, besides its own address.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    LOGIN_HOSTS
        .into_iter()
        .chain(DEVICE_HOSTS)
        .chain([GRAPH_HOST, OUTLOOK_HOST, BUSINESS_CENTRAL_HOST])
        .chain(SITES_HOSTS)
        .chain(DATAVERSE_HOSTS)
}

/// Whether an address is at one of the authority's names.
pub(crate) fn is_login(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("https://") else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    LOGIN_HOSTS.contains(&host.to_ascii_lowercase().as_str())
}

/// Whether a connection to this host is for the sandbox to take.
pub(crate) fn is_ours(host: &str) -> bool {
    service(host) != Service::All
}

/// What is served under a host's name, which may carry a port.
pub(crate) fn service(host: &str) -> Service {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let name = name.to_ascii_lowercase();
    let name = name.as_str();
    if LOGIN_HOSTS.contains(&name) || DEVICE_HOSTS.contains(&name) {
        Service::Entra
    } else if name == GRAPH_HOST {
        Service::Graph
    } else if name == OUTLOOK_HOST {
        Service::Outlook
    } else if SITES_HOSTS.contains(&name) {
        Service::Sites
    } else if name == BUSINESS_CENTRAL_HOST {
        Service::BusinessCentral
    } else if DATAVERSE_HOSTS.contains(&name) {
        Service::Dataverse
    } else if name == INSTANCE_METADATA {
        Service::InstanceMetadata
    } else {
        Service::All
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_by_its_name_in_any_case_and_with_any_port() {
        assert_eq!(service("Login.MicrosoftOnline.com:443"), Service::Entra);
        assert_eq!(service("graph.microsoft.com"), Service::Graph);
        assert_eq!(service("127.0.0.1:8366"), Service::All);
        assert_eq!(service("graph.microsoft.com.example"), Service::All);
        assert!(is_login("https://login.windows.net/common"));
        assert!(!is_login("https://login.windows.net.example/common"));
    }
}
