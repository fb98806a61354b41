use model::Permission;

use super::*;

fn cloud(id: &str) -> Cloud {
    let clouds = Clouds::built_in();
    (**clouds.get(id).expect("a built-in cloud")).clone()
}

fn url(text: &str) -> Url {
    text.parse().expect("a URL")
}

#[test]
fn every_host_comes_from_the_cloud() {
    let clouds = Clouds::built_in();
    let ids: Vec<_> = clouds.ids().collect();
    assert_eq!(ids, ["china", "dod", "global", "usgov"]);
    for (id, root) in [
        ("global", "https://graph.microsoft.com/v1.0"),
        ("usgov", "https://graph.microsoft.us/v1.0"),
        ("dod", "https://dod-graph.microsoft.us/v1.0"),
        ("china", "https://microsoftgraph.chinacloudapi.cn/v1.0"),
    ] {
        let cloud = cloud(id);
        let found = cloud.api_root(Api::Graph, None).expect("a root");
        assert_eq!(found.as_str(), root);
        let audience = cloud.audience(Service::Outlook, None).expect("an audience");
        assert_eq!(format!("{audience}/v1.0"), root);
        assert_eq!(cloud.scope_for(&audience), format!("{audience}/.default"));
    }
}

/// Where people are sent, and where environments and sites are: each cloud has its own.
#[test]
fn each_cloud_has_its_own_pages_environments_and_sites() {
    // Id, authority, Azure portal, Entra, Power Platform, My Apps, an environment, a site.
    let clouds = [
        (
            "global",
            "https://login.microsoftonline.com/",
            "https://portal.azure.com/",
            "https://entra.microsoft.com/",
            "https://admin.powerplatform.microsoft.com/",
            Some("https://myapps.microsoft.com/"),
            "https://contoso.crm4.dynamics.com",
            "https://contoso.sharepoint.com/a",
        ),
        (
            "usgov",
            "https://login.microsoftonline.us/",
            "https://portal.azure.us/",
            "https://entra.microsoft.us/",
            "https://high.admin.powerplatform.microsoft.us/",
            Some("https://myapps.microsoft.us/"),
            "https://contoso.crm.microsoftdynamics.us",
            "https://contoso.sharepoint.us/a",
        ),
        (
            "dod",
            "https://login.microsoftonline.us/",
            "https://portal.azure.us/",
            "https://entra.microsoft.us/",
            "https://admin.appsplatform.us/",
            Some("https://myapps.microsoft.us/"),
            "https://contoso.crm.appsplatform.us",
            "https://contoso.sharepoint-mil.us/a",
        ),
        (
            "china",
            "https://login.partner.microsoftonline.cn/",
            "https://portal.azure.cn/",
            "https://entra.microsoftonline.cn/",
            "https://admin.powerplatform.partner.microsoftonline.cn/",
            None,
            "https://contoso.crm.dynamics.cn",
            "https://contoso.sharepoint.cn/a",
        ),
    ];
    for (id, authority, portal, entra, power_platform, my_apps, environment, site) in clouds {
        let cloud = cloud(id);
        assert_eq!(cloud.authority.as_str(), authority);
        assert_eq!(cloud.portal.as_str(), portal);
        assert_eq!(cloud.entra_portal.as_str(), entra);
        let found = cloud.power_platform.as_ref().map(Url::as_str);
        assert_eq!(found, Some(power_platform));
        assert_eq!(cloud.my_apps.as_ref().map(Url::as_str), my_apps);
        for (other, .., its_environment, its_site) in clouds {
            let is_own = other == id;
            assert_eq!(
                cloud.owns(&url(its_environment)),
                is_own,
                "{id}: {its_environment}"
            );
            assert_eq!(cloud.owns_files(&url(its_site)), is_own, "{id}: {its_site}");
        }
        assert!(cloud.owns(&url(environment)) && cloud.owns_files(&url(site)));
    }
}

#[test]
fn every_built_in_cloud_passes_the_check_for_configured_ones() {
    let clouds = Clouds::built_in();
    for id in ["global", "usgov", "dod", "china"] {
        assert!(clouds.clone().with(cloud(id)).is_ok(), "{id}");
    }
}

#[test]
fn a_dataverse_environment_is_its_own_audience() {
    let cloud = cloud("global");
    let environment = url("https://contoso.crm4.dynamics.com");
    let audience = cloud.audience(Service::Crm, Some(&environment));
    assert_eq!(
        audience.expect("an audience"),
        "https://contoso.crm4.dynamics.com"
    );
    let root = cloud
        .api_root(Api::Dataverse, Some(&environment))
        .expect("a root");
    assert_eq!(
        root.as_str(),
        "https://contoso.crm4.dynamics.com/api/data/v9.2"
    );
    let missing = cloud.audience(Service::FieldService, None);
    assert!(matches!(missing, Err(Error::EnvironmentMissing { .. })));
}

#[test]
fn an_environment_of_business_central_is_a_tenant_and_a_name() {
    let cloud = cloud("global");
    let environment = cloud
        .business_central_environment("11111111-1111-1111-1111-111111111111", "Production")
        .expect("an environment");
    let root = cloud.api_root(Api::BusinessCentral, Some(&environment));
    assert_eq!(
        root.expect("a root").as_str(),
        "https://api.businesscentral.dynamics.com/v2.0/11111111-1111-1111-1111-111111111111/Production/api/v2.0"
    );
    for name in ["", "..", "a/b", "a?b", "a%2fb", "Prod uction"] {
        let wrong = cloud.business_central_environment("contoso.com", name);
        assert!(
            matches!(wrong, Err(Error::EnvironmentName { .. })),
            "{name}"
        );
    }
    let foreign = url("https://elsewhere.example/v2.0/t/Production");
    assert!(
        cloud
            .api_root(Api::BusinessCentral, Some(&foreign))
            .is_err()
    );
}

#[test]
fn only_environments_of_the_cloud_are_taken() {
    let cloud = cloud("global");
    for good in [
        "https://contoso.crm.dynamics.com",
        "https://a-b.api.crm11.dynamics.com/",
    ] {
        assert!(
            cloud.audience(Service::Crm, Some(&url(good))).is_ok(),
            "{good}"
        );
    }
    for bad in [
        "http://contoso.crm4.dynamics.com",
        "https://crm4.dynamics.com",
        "https://contosocrm4.dynamics.com",
        "https://a.b.crm4.dynamics.com",
        "https://api.crm4.dynamics.com.evil.example",
        "https://contoso.crm4.dynamics.com:444",
        "https://u@contoso.crm4.dynamics.com",
        "https://contoso.crm4.dynamics.com/main.aspx",
        "https://contoso.crm4.dynamics.com/?a=b",
        "https://contoso.crm.dynamics.cn",
        "https://10.0.0.1",
    ] {
        let error = cloud
            .audience(Service::Crm, Some(&url(bad)))
            .expect_err(bad);
        assert!(
            matches!(error, Error::EnvironmentNotInCloud { .. }),
            "{bad}"
        );
    }
}

#[test]
fn business_central_is_where_microsoft_offers_it() {
    let global = cloud("global");
    let audience = global.audience(Service::BusinessCentral, None);
    assert_eq!(
        audience.expect("an audience"),
        "https://api.businesscentral.dynamics.com"
    );
    let root = global.api_root(Api::BusinessCentral, None).expect("a root");
    assert_eq!(
        root.as_str(),
        "https://api.businesscentral.dynamics.com/v2.0"
    );
    let error = cloud("china").audience(Service::BusinessCentral, None);
    assert!(matches!(error, Err(Error::ServiceNotInCloud { .. })));
}

#[test]
fn delegated_scopes_are_qualified_and_ask_for_a_refresh_token() {
    let permissions = ["Mail.Read", "offline_access", "Mail.Send"].map(Permission::new);
    let scopes = cloud("usgov").delegated_scopes("https://graph.microsoft.us", &permissions.into());
    assert_eq!(
        scopes,
        [
            "https://graph.microsoft.us/Mail.Read",
            "https://graph.microsoft.us/Mail.Send",
            "openid",
            "profile",
            "email",
            "offline_access"
        ]
    );
}

#[test]
fn a_configured_cloud_speaks_https_or_stays_on_this_machine() {
    let with = |change: fn(&mut Cloud)| {
        let mut cloud = cloud("global");
        "mine".clone_into(&mut cloud.id);
        change(&mut cloud);
        Clouds::built_in().with(cloud)
    };
    assert!(with(|_| ()).is_ok());
    assert!(with(|cloud| cloud.authority = url("http://[::1]:1/")).is_ok());
    let bad: [fn(&mut Cloud); 6] = [
        |cloud| cloud.authority = url("http://login.example"),
        |cloud| cloud.graph_url = url("ftp://localhost"),
        |cloud| cloud.graph_url = url("https://u:p@graph.example"),
        |cloud| cloud.business_central_url = Some(url("https://bc.example?a=b")),
        |cloud| cloud.business_central_audience = None,
        |cloud| cloud.id.clear(),
    ];
    for change in bad {
        let error = with(change).expect_err("a refusal");
        assert_eq!(error.code(), "microsoft.invalid_cloud");
    }
}

#[test]
fn the_sandbox_is_one_more_cloud_with_microsofts_audiences() {
    let base = "http://127.0.0.1:4000";
    let clouds = Clouds::built_in()
        .with(Clouds::sandbox(base))
        .expect("clouds");
    let sandbox = clouds.get("sandbox").expect("the sandbox");
    let audience = sandbox.audience(Service::Teams, None).expect("an audience");
    assert_eq!(audience, "https://graph.microsoft.com");
    let root = sandbox.api_root(Api::Graph, None).expect("a root");
    assert_eq!(root.as_str(), "http://127.0.0.1:4000/v1.0");
    assert!(sandbox.owns(&url("http://127.0.0.1:4000/v1.0/me")));
    for foreign in [
        "http://127.0.0.1:4001/v1.0/me",
        "https://graph.microsoft.com/v1.0/me",
        "https://contoso.crm4.dynamics.com/",
    ] {
        assert!(!sandbox.owns(&url(foreign)), "{foreign}");
    }
}
