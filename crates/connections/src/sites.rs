//! Sites that a connection is limited to: what may be listed, and what such a connection asks for.

use std::borrow::Cow;

use microsoft::Cloud;
use model::{Api, Permission, PermissionSet, Policy, Service, SiteUrl};

use crate::{Error, Result};

/// Looking each of them up takes two requests every ten minutes.
const MOST: usize = 100;
const SELECTED: &str = "Sites.Selected";

/// Whether `policy` may be that of a connection to `service` in this cloud.
pub(crate) fn check(policy: &Policy, service: Service, cloud: &Cloud) -> Result<()> {
    let Some(sites) = &policy.sites else {
        return if policy.sites_selected {
            Err(invalid(
                "with `Sites.Selected` nothing at Microsoft tells which sites they are; list their addresses in `sites`",
            ))
        } else {
            Ok(())
        };
    };
    if service.api() != Api::Graph {
        return Err(invalid(format!(
            "{} has no SharePoint sites",
            service.title()
        )));
    }
    if policy.sites_selected && sites.is_empty() {
        return Err(invalid("`Sites.Selected` without a site reaches nothing"));
    }
    if sites.len() > MOST {
        return Err(invalid(format!(
            "more than {MOST} sites are not looked up; use several connections"
        )));
    }
    let is_foreign = |site: &&SiteUrl| !cloud.has_sites(site.host());
    sites.iter().find(is_foreign).map_or(Ok(()), |site| {
        Err(invalid(format!(
            "`{site}` is no address of SharePoint in the cloud `{}`",
            cloud.id
        )))
    })
}

fn invalid(message: impl Into<Cow<'static, str>>) -> Error {
    Error::Invalid {
        field: "policy.sites",
        message: message.into().into_owned(),
    }
}

/// What to ask for by default where `sites` are listed. To look them up takes a permission for sites; with `Sites.Selected`
/// none is asked for that would open others.
pub(crate) fn asked_for(policy: &Policy, mut usual: PermissionSet) -> PermissionSet {
    if policy.sites.is_none() {
        return usual;
    }
    let is_for_sites = |name: &Permission| name.as_str().starts_with("Sites.");
    if policy.sites_selected {
        usual.retain(|name| !is_for_sites(name) && !name.as_str().starts_with("Files."));
        usual.insert(Permission::new(SELECTED));
    } else if !usual.iter().any(is_for_sites) {
        usual.insert(Permission::new("Sites.Read.All"));
    }
    usual
}

#[cfg(test)]
mod tests {
    use microsoft::Clouds;
    use model::{ConnectionMethod, Policy, Service};

    use super::{asked_for, check};

    fn listing(sites: &[&str], sites_selected: bool) -> Policy {
        Policy {
            sites: Some(sites.iter().map(|site| site.parse().unwrap()).collect()),
            sites_selected,
            ..Policy::default()
        }
    }

    #[test]
    fn only_sites_of_the_connections_own_cloud_are_listed() {
        let clouds = Clouds::built_in();
        let cases = [
            ("global", "https://contoso.sharepoint.com/sites/hr", true),
            (
                "global",
                "https://contoso-my.sharepoint.com/personal/ana",
                true,
            ),
            ("global", "https://contoso.sharepoint.us/sites/hr", false),
            ("usgov", "https://contoso.sharepoint.us/sites/hr", true),
            ("global", "https://sharepoint.com/sites/hr", false),
            ("global", "https://evilsharepoint.com/sites/hr", false),
            ("global", "https://a.b.sharepoint.com/sites/hr", false),
            (
                "global",
                "https://contoso.sharepoint.com.evil.example/sites/hr",
                false,
            ),
        ];
        for (cloud, site, allowed) in cases {
            let cloud = clouds.get(cloud).unwrap();
            let checked = check(&listing(&[site], false), Service::SharePoint, cloud);
            assert_eq!(checked.is_ok(), allowed, "{site}");
        }
        let cloud = clouds.get("global").unwrap();
        let one = listing(&["https://contoso.sharepoint.com/sites/hr"], true);
        assert!(check(&one, Service::Crm, cloud).is_err());
        assert!(check(&one, Service::OneDrive, cloud).is_ok());
        assert!(check(&listing(&[], true), Service::SharePoint, cloud).is_err());
        let unlisted = Policy {
            sites_selected: true,
            ..Policy::default()
        };
        assert!(check(&unlisted, Service::SharePoint, cloud).is_err());
    }

    #[test]
    fn with_sites_selected_nothing_is_asked_for_that_opens_other_sites() {
        let method = ConnectionMethod::OAuth;
        let usual = |service| catalog::permissions::default_for(service, method);
        let names = |set: model::PermissionSet| {
            let names = set.iter().map(ToString::to_string);
            names.collect::<Vec<_>>().join(" ")
        };
        let site = ["https://contoso.sharepoint.com/sites/hr"];
        let selected = asked_for(&listing(&site, true), usual(Service::SharePoint));
        assert_eq!(names(selected), "Sites.Selected");
        let listed = asked_for(&listing(&site, false), usual(Service::OneDrive));
        assert_eq!(
            names(listed),
            "Files.Read.All Files.ReadWrite.All Sites.Read.All"
        );
    }
}
