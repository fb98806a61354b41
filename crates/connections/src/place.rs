//! Where in Dynamics 365 a connection goes: checked when it is made, and made an address of when it is used.

use microsoft::Cloud;
use model::{Api, AppRegistration, Connection, Place, Service};
use url::Url;

use crate::{Error, Result};

/// Whether `place` says what `service` needs, and nothing that it does not know.
pub(crate) fn check(service: Service, place: &Place) -> Result<()> {
    let (needs_url, needs_name) = match service.api() {
        Api::Graph => (false, false),
        Api::Dataverse => (true, false),
        Api::BusinessCentral => (false, true),
    };
    let url = place.environment_url.as_deref();
    let name = place.environment.as_deref();
    is_said("environment_url", needs_url, url, service)?;
    is_said("environment", needs_name, name, service)?;
    match place.company_id.as_deref() {
        Some(company) if !needs_name || !is_guid(company) => Err(Error::Invalid {
            field: "company_id",
            message: "is the id (a GUID) of a company of Business Central".to_owned(),
        }),
        _ => Ok(()),
    }
}

fn is_said(field: &'static str, needed: bool, value: Option<&str>, service: Service) -> Result<()> {
    let message = match (needed, value) {
        (true, None) if field == "environment_url" => {
            "is missing; give the environment's URL, such as `https://contoso.crm4.dynamics.com`"
                .to_owned()
        }
        (true, None) => "is missing; give the environment's name, such as `Production`".to_owned(),
        (false, Some(_)) => format!("is nothing that {} has", service.title()),
        _ => return Ok(()),
    };
    Err(Error::Invalid { field, message })
}

/// The environment's address; `None` for the services of Microsoft Graph.
pub(crate) fn environment(
    cloud: &Cloud,
    connection: &Connection,
    app: &AppRegistration,
) -> Result<Option<Url>> {
    let Place {
        environment_url,
        environment,
        ..
    } = &connection.place;
    if let Some(url) = environment_url {
        let parsed = Url::parse(url).map_err(|_| Error::Invalid {
            field: "environment_url",
            message: format!("`{url}` is no URL"),
        })?;
        return Ok(Some(parsed));
    }
    let Some(name) = environment else {
        return Ok(None);
    };
    let tenant = connection
        .identity
        .as_ref()
        .map(|identity| identity.tenant_id.as_str())
        .filter(|tenant| !tenant.is_empty())
        .unwrap_or(&app.tenant_id);
    cloud
        .business_central_environment(tenant, name)
        .map(Some)
        .map_err(|error| Error::Invalid {
            field: "environment",
            message: error.to_string(),
        })
}

fn is_guid(text: &str) -> bool {
    let lengths: Vec<_> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12]
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(url: Option<&str>, name: Option<&str>, company: Option<&str>) -> Place {
        Place {
            environment_url: url.map(str::to_owned),
            environment: name.map(str::to_owned),
            company_id: company.map(str::to_owned),
        }
    }

    #[test]
    fn each_service_is_told_where_it_goes_and_nothing_more() {
        let url = Some("https://contoso.crm4.dynamics.com");
        let (name, company) = (
            Some("Production"),
            Some("6c8bb1b4-2fd4-4b8e-9a56-3c1f1d2a7b10"),
        );
        for (service, place, wrong) in [
            (Service::Outlook, place(None, None, None), None),
            (Service::Crm, place(url, None, None), None),
            (Service::BusinessCentral, place(None, name, None), None),
            (Service::BusinessCentral, place(None, name, company), None),
            (
                Service::Outlook,
                place(url, None, None),
                Some("environment_url"),
            ),
            (
                Service::Crm,
                place(None, None, None),
                Some("environment_url"),
            ),
            (
                Service::FieldService,
                place(url, name, None),
                Some("environment"),
            ),
            (Service::Crm, place(url, None, company), Some("company_id")),
            (
                Service::BusinessCentral,
                place(None, None, None),
                Some("environment"),
            ),
            (
                Service::BusinessCentral,
                place(None, name, Some("CRONUS")),
                Some("company_id"),
            ),
        ] {
            let field = match check(service, &place) {
                Ok(()) => None,
                Err(Error::Invalid { field, .. }) => Some(field),
                Err(other) => panic!("{other}"),
            };
            assert_eq!(field, wrong, "{service}: {place:?}");
        }
    }
}
