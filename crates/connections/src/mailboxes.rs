//! Mailboxes that a connection is limited to: what may be listed.

use model::{Api, Policy, Service};

use crate::{Error, Result};

/// Telling whose an id is takes a request or two for each of them, every ten minutes.
const MOST: usize = 100;

/// Whether `policy` may be that of a connection to `service`.
pub(crate) fn check(policy: &Policy, service: Service) -> Result<()> {
    let Some(mailboxes) = &policy.mailboxes else {
        return Ok(());
    };
    if service.api() != Api::Graph {
        return Err(invalid(format!("{} has no mailboxes", service.title())));
    }
    if mailboxes.len() > MOST {
        return Err(invalid(format!(
            "more than {MOST} mailboxes are not looked up; use several connections"
        )));
    }
    Ok(())
}

fn invalid(message: String) -> Error {
    Error::Invalid {
        field: "policy.mailboxes",
        message,
    }
}

#[cfg(test)]
mod tests {
    use model::{Policy, Service};

    use super::{MOST, check};

    #[test]
    fn mailboxes_are_listed_where_there_are_some_and_not_too_many() {
        let listing = |count: usize| Policy {
            mailboxes: Some(
                (0..count)
                    .map(|n| format!("m{n}@contoso.com").parse().unwrap())
                    .collect(),
            ),
            ..Policy::default()
        };
        for service in [Service::Outlook, Service::Teams, Service::OneDrive] {
            assert!(check(&listing(1), service).is_ok());
        }
        assert!(check(&listing(1), Service::Crm).is_err());
        assert!(check(&listing(MOST), Service::Outlook).is_ok());
        assert!(check(&listing(MOST + 1), Service::Outlook).is_err());
        assert!(check(&Policy::default(), Service::Crm).is_ok());
    }
}
