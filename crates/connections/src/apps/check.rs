//! Whether what somebody typed can be meant.

use secrecy::{ExposeSecret, SecretString};

use super::NewApp;
use crate::{Context, Error, Result};

pub(crate) fn check(context: &Context, new: &NewApp) -> Result<()> {
    context.cloud(&new.cloud)?;
    check_name("name", &new.name)?;
    check_tenant(&new.tenant_id)?;
    if !is_guid(new.client_id.trim()) {
        return Err(Error::Invalid {
            field: "client_id",
            message:
                "must be the Application (client) ID, a GUID, from the registration's overview page"
                    .to_owned(),
        });
    }
    Ok(())
}

pub(crate) fn check_name(field: &'static str, name: &str) -> Result<()> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Error::Invalid {
            field,
            message: "must have 1 to 100 characters, none of them control".to_owned(),
        });
    }
    Ok(())
}

pub(crate) fn check_tenant(tenant: &str) -> Result<()> {
    let tenant = tenant.trim();
    if is_guid(tenant) || is_domain(tenant) || tenant == "organizations" {
        return Ok(());
    }
    Err(Error::Invalid {
        field: "tenant_id",
        message: "must be the Directory (tenant) ID, a GUID, or a verified domain such as `contoso.onmicrosoft.com`; \
                  `organizations` for a multi-tenant registration that is used with OAuth only"
            .to_owned(),
    })
}

/// Names between dots, none of them empty or with a hyphen at its end; it becomes a part of addresses.
fn is_domain(text: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_name = |name: &str| {
        !name.is_empty()
            && !name.starts_with('-')
            && !name.ends_with('-')
            && name.chars().all(is_inner)
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(is_name)
}

/// A secret's id is a GUID and is what people paste by mistake.
pub(crate) fn check_secret(secret: &SecretString) -> Result<()> {
    let value = secret.expose_secret();
    let message = if value.is_empty() || value.len() > 4096 {
        "must have 1 to 4,096 characters"
    } else if value.chars().any(|c| c.is_whitespace() || c.is_control()) {
        "has blanks or line breaks in it; copy the column Value again"
    } else if is_guid(value) {
        "looks like the Secret ID; paste the column Value, which is shown only once"
    } else {
        return Ok(());
    };
    Err(Error::Invalid {
        field: "client_secret",
        message: message.to_owned(),
    })
}

pub(crate) fn is_guid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups
            .iter()
            .all(|group| group.chars().all(|c| c.is_ascii_hexdigit()))
}
