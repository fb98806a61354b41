use url::Url;

use super::{AZURE_CLI, Cloud};

/// A region's digit, as the Power Platform's list of regions has them; 9 is GCC.
const DATAVERSE_GLOBAL: [&str; 18] = [
    "crm.dynamics.com",
    "crm2.dynamics.com",
    "crm3.dynamics.com",
    "crm4.dynamics.com",
    "crm5.dynamics.com",
    "crm6.dynamics.com",
    "crm7.dynamics.com",
    "crm8.dynamics.com",
    "crm9.dynamics.com",
    "crm11.dynamics.com",
    "crm12.dynamics.com",
    "crm14.dynamics.com",
    "crm15.dynamics.com",
    "crm16.dynamics.com",
    "crm17.dynamics.com",
    "crm19.dynamics.com",
    "crm20.dynamics.com",
    "crm21.dynamics.com",
];

const GRAPH_AUDIENCE: &str = "https://graph.microsoft.com";
const BUSINESS_CENTRAL: &str = "https://api.businesscentral.dynamics.com";

pub(super) fn all() -> [Cloud; 4] {
    [global(), usgov(), dod(), china()]
}

/// What the sites of the global cloud are below.
pub(super) const SITES: &str = "sharepoint.com";

fn global() -> Cloud {
    Cloud {
        id: "global".to_owned(),
        title: "Microsoft 365 (worldwide and GCC)".to_owned(),
        authority: url("https://login.microsoftonline.com"),
        authority_aliases: owned(&[
            "login.windows.net",
            "login.microsoft.com",
            "sts.windows.net",
        ]),
        graph_url: url(GRAPH_AUDIENCE),
        graph_audience: GRAPH_AUDIENCE.to_owned(),
        dataverse_suffixes: owned(&DATAVERSE_GLOBAL),
        business_central_url: Some(url(BUSINESS_CENTRAL)),
        business_central_audience: Some(BUSINESS_CENTRAL.to_owned()),
        sharepoint_suffixes: owned(&[SITES]),
        file_suffixes: owned(&[
            "svc.ms",
            "1drv.com",
            "microsoftpersonalcontent.com",
            "outlook.office.com",
            "outlook.office365.com",
        ]),
        portal: url("https://portal.azure.com"),
        entra_portal: url("https://entra.microsoft.com"),
        power_platform: Some(url("https://admin.powerplatform.microsoft.com")),
        my_apps: Some(url("https://myapps.microsoft.com")),
        administrator_client_id: AZURE_CLI.to_owned(),
    }
}

fn usgov() -> Cloud {
    let graph = "https://graph.microsoft.us";
    Cloud {
        id: "usgov".to_owned(),
        title: "US Government GCC High".to_owned(),
        authority: url("https://login.microsoftonline.us"),
        authority_aliases: owned(&["login.usgovcloudapi.net"]),
        graph_url: url(graph),
        graph_audience: graph.to_owned(),
        dataverse_suffixes: owned(&["crm.microsoftdynamics.us"]),
        business_central_url: None,
        business_central_audience: None,
        sharepoint_suffixes: owned(&["sharepoint.us"]),
        file_suffixes: owned(&["outlook.office365.us"]),
        portal: url("https://portal.azure.us"),
        entra_portal: url("https://entra.microsoft.us"),
        power_platform: Some(url("https://high.admin.powerplatform.microsoft.us")),
        my_apps: Some(url("https://myapps.microsoft.us")),
        administrator_client_id: AZURE_CLI.to_owned(),
    }
}

fn dod() -> Cloud {
    let graph = "https://dod-graph.microsoft.us";
    Cloud {
        id: "dod".to_owned(),
        title: "US Government DoD".to_owned(),
        graph_url: url(graph),
        graph_audience: graph.to_owned(),
        dataverse_suffixes: owned(&["crm.appsplatform.us"]),
        sharepoint_suffixes: owned(&["sharepoint-mil.us"]),
        file_suffixes: owned(&["outlook-dod.office365.us"]),
        power_platform: Some(url("https://admin.appsplatform.us")),
        ..usgov()
    }
}

fn china() -> Cloud {
    let graph = "https://microsoftgraph.chinacloudapi.cn";
    Cloud {
        id: "china".to_owned(),
        title: "China, operated by 21Vianet".to_owned(),
        authority: url("https://login.partner.microsoftonline.cn"),
        authority_aliases: owned(&["login.chinacloudapi.cn"]),
        graph_url: url(graph),
        graph_audience: graph.to_owned(),
        dataverse_suffixes: owned(&["crm.dynamics.cn"]),
        business_central_url: None,
        business_central_audience: None,
        sharepoint_suffixes: owned(&["sharepoint.cn"]),
        file_suffixes: owned(&["partner.outlook.cn"]),
        portal: url("https://portal.azure.cn"),
        entra_portal: url("https://entra.microsoftonline.cn"),
        power_platform: Some(url(
            "https://admin.powerplatform.partner.microsoftonline.cn",
        )),
        my_apps: None,
        administrator_client_id: AZURE_CLI.to_owned(),
    }
}

/// No suffix of Microsoft's is kept, so that a sandbox's token can never reach Microsoft.
pub(super) fn sandbox(base: &Url) -> Cloud {
    Cloud {
        id: "sandbox".to_owned(),
        title: "Local sandbox".to_owned(),
        authority: base.clone(),
        authority_aliases: Vec::new(),
        graph_url: base.clone(),
        dataverse_suffixes: Vec::new(),
        business_central_url: Some(base.clone()),
        sharepoint_suffixes: Vec::new(),
        file_suffixes: Vec::new(),
        portal: base.clone(),
        entra_portal: base.clone(),
        power_platform: Some(base.clone()),
        my_apps: Some(base.clone()),
        ..global()
    }
}

fn url(text: &str) -> Url {
    text.parse().expect("a constant that the tests parse")
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}
