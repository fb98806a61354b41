//! Tables and companies that a connection is limited to: what may be listed.

use model::{Api, CompanyName, Place, Policy, Service};

use crate::{Error, Result};

/// Each of them is looked up every ten minutes where it is needed.
const MOST: usize = 100;
const TABLES: &str = "policy.tables";
const COMPANIES: &str = "policy.companies";

/// Whether `policy` may be that of a connection to `service`, which goes to `place`.
pub(crate) fn check(policy: &Policy, service: Service, place: &Place) -> Result<()> {
    if let Some(tables) = &policy.tables {
        fits(TABLES, "tables of Dataverse", service, Api::Dataverse)?;
        few(TABLES, tables.len())?;
    }
    let Some(companies) = &policy.companies else {
        return Ok(());
    };
    fits(COMPANIES, "companies", service, Api::BusinessCentral)?;
    few(COMPANIES, companies.len())?;
    let own = place.company_id.as_deref().map(str::to_ascii_lowercase);
    let Some(own) = own else {
        return Ok(());
    };
    // Whether one that is listed by its name is the connection's own only Business Central tells.
    let may_be = |company: &CompanyName| match company {
        CompanyName::Id(id) => *id == own,
        CompanyName::Named(_) => true,
    };
    if companies.iter().any(may_be) {
        return Ok(());
    }
    Err(Error::Invalid {
        field: COMPANIES,
        message: format!(
            "`{own}`, in which the connection works unless told otherwise, is not among them"
        ),
    })
}

fn fits(field: &'static str, what: &str, service: Service, api: Api) -> Result<()> {
    if service.api() == api {
        return Ok(());
    }
    Err(Error::Invalid {
        field,
        message: format!("{} has no {what}", service.title()),
    })
}

fn few(field: &'static str, count: usize) -> Result<()> {
    if count <= MOST {
        return Ok(());
    }
    Err(Error::Invalid {
        field,
        message: format!("more than {MOST} are not looked up; use several connections"),
    })
}

#[cfg(test)]
mod tests {
    use model::{Place, Policy, Service};

    use super::check;

    #[test]
    fn a_list_is_for_the_service_that_has_such_things() {
        let tables = Policy {
            tables: Some(["account".parse().unwrap()].into()),
            ..Policy::default()
        };
        let id = "6c8bb1b4-2fd4-4b8e-9a56-3c1f1d2a7b10";
        let companies = |names: &[&str]| Policy {
            companies: Some(names.iter().map(|name| name.parse().unwrap()).collect()),
            ..Policy::default()
        };
        let cronus = companies(&["CRONUS"]);
        for service in Service::ALL {
            let has_tables = matches!(service, Service::Crm | Service::FieldService);
            let place = Place::default();
            assert_eq!(check(&tables, service, &place).is_ok(), has_tables);
            let is_books = service == Service::BusinessCentral;
            assert_eq!(check(&cronus, service, &place).is_ok(), is_books);
            assert!(check(&Policy::default(), service, &place).is_ok());
        }
        let place = Place {
            company_id: Some(id.to_uppercase()),
            ..Place::default()
        };
        let other = "7c8bb1b4-2fd4-4b8e-9a56-3c1f1d2a7b10";
        for (listed, is_ok) in [
            (&[id][..], true),
            (&[other], false),
            (&[other, "CRONUS"], true),
            (&[], false),
        ] {
            let checked = check(&companies(listed), Service::BusinessCentral, &place);
            assert_eq!(checked.is_ok(), is_ok, "{listed:?}");
        }
        let many: Vec<String> = (0..101).map(|number| format!("t{number}")).collect();
        let many = Policy {
            tables: Some(many.iter().map(|name| name.parse().unwrap()).collect()),
            ..Policy::default()
        };
        assert!(check(&many, Service::Crm, &Place::default()).is_err());
    }
}
