//! The tenant segment of a path, and the application that a request names.

use uuid::Uuid;

use super::error::EntraError;
use crate::state::State;
use crate::state::directory::{Application, Tenant, first_party};

/// The tenant of all personal Microsoft accounts.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Who may sign in, by the first segment of the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Authority {
    /// Accounts of one tenant, named by id or domain.
    Tenant { id: String, name: String },
    /// Any work or personal account.
    Common,
    /// Any work account.
    Organizations,
    /// Personal accounts, of which the sandbox has none.
    Consumers,
}

impl Authority {
    /// Reads the segment; what names no tenant is refused as Entra does, by its form.
    pub(crate) fn parse(state: &State, segment: &str) -> Result<Self, EntraError> {
        let lower = segment.to_ascii_lowercase();
        match lower.as_str() {
            "common" => return Ok(Self::Common),
            "organizations" => return Ok(Self::Organizations),
            "consumers" | CONSUMERS => return Ok(Self::Consumers),
            _ => {}
        }
        if let Some(tenant) = state.directory.tenant(&lower) {
            return Ok(Self::Tenant {
                id: tenant.id.clone(),
                name: tenant.display_name.clone(),
            });
        }
        match Uuid::try_parse(&lower) {
            Ok(id) if id.is_nil() => Err(EntraError::empty_tenant_id(segment)),
            Ok(_) => Err(EntraError::tenant_not_found(segment)),
            Err(_) if is_domain(&lower) => Err(EntraError::tenant_not_found(segment)),
            Err(_) => Err(EntraError::tenant_malformed(segment)),
        }
    }

    /// The segment of URLs in metadata: a domain is replaced by its tenant's id.
    pub(crate) fn segment(&self) -> &str {
        match self {
            Self::Tenant { id, .. } => id,
            Self::Common => "common",
            Self::Organizations => "organizations",
            Self::Consumers => "consumers",
        }
    }

    /// The tenant part of the issuer, a template where the token decides.
    pub(crate) fn issuer_tenant(&self) -> &str {
        match self {
            Self::Tenant { id, .. } => id,
            Self::Common | Self::Organizations => "{tenantid}",
            Self::Consumers => CONSUMERS,
        }
    }

    /// Whether the account decides on the tenant.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Self::Common | Self::Organizations)
    }

    /// The application that a request through this authority names, and the tenant that it is used in: until the account
    /// has decided, its own.
    pub(crate) fn application<'a>(
        &self,
        state: &'a State,
        client_id: &str,
    ) -> Result<(&'a Application, &'a Tenant), EntraError> {
        if Uuid::try_parse(client_id).is_ok_and(|id| id.is_nil()) {
            return Err(EntraError::client_id_invalid(client_id));
        }
        let found = state.directory.application(client_id).and_then(|found| {
            let used_in = match self {
                Self::Tenant { id, .. } => id,
                _ => &found.tenant_id,
            };
            // Microsoft's own tenant is not here: until the account has decided, the first one stands in for it.
            let tenant = state.directory.tenant(used_in);
            let first = || state.directory.tenants.first();
            let tenant = match first_party::client(client_id) {
                Some(_) => tenant.or_else(first),
                None => tenant,
            };
            Some((found, tenant?))
        });
        let (application, tenant) =
            found.ok_or_else(|| EntraError::application_not_found(client_id, self.name()))?;
        match self {
            Self::Tenant { id, name }
                if *id != application.tenant_id && !application.is_multi_tenant =>
            {
                return Err(EntraError::application_not_found(client_id, name));
            }
            Self::Tenant { .. } => {}
            Self::Consumers => {
                return Err(EntraError::application_not_found(client_id, "consumers"));
            }
            Self::Common | Self::Organizations if application.is_multi_tenant => {}
            Self::Common | Self::Organizations => {
                let name = &application.display_name;
                return Err(EntraError::not_multi_tenant(client_id, name));
            }
        }
        let principal = state.directory.service_principal(client_id, &tenant.id);
        if principal.is_some_and(|principal| principal.disabled) {
            let name = &application.display_name;
            return Err(EntraError::application_disabled(client_id, name));
        }
        Ok((application, tenant))
    }

    fn name(&self) -> &str {
        match self {
            Self::Tenant { name, .. } => name,
            other => other.segment(),
        }
    }
}

/// At least two labels of letters, digits and hyphens.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.contains('.') && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        let mut state = State::default();
        state.directory.tenants.push(Tenant {
            id: "11111111-2222-4333-8444-555555555555".to_owned(),
            domain: "contoso.example".to_owned(),
            display_name: "Contoso".to_owned(),
        });
        state
    }

    fn code(segment: &str) -> Option<u32> {
        Authority::parse(&state(), segment)
            .err()
            .map(|error| error.code)
    }

    #[test]
    fn a_tenant_is_found_by_id_and_by_domain_in_any_case() {
        let by_id = Authority::parse(&state(), "11111111-2222-4333-8444-555555555555");
        let by_domain = Authority::parse(&state(), "Contoso.EXAMPLE");
        assert!(matches!(by_id, Ok(Authority::Tenant { .. })));
        assert_eq!(by_id, by_domain);
    }

    #[test]
    fn what_names_no_tenant_is_refused_by_its_form() {
        let unknown = "99999999-2222-4333-8444-555555555555";
        assert_eq!(code(unknown), Some(90002));
        assert_eq!(code("fabrikam.example"), Some(90002));
        assert_eq!(code("00000000-0000-0000-0000-000000000000"), Some(900_021));
        assert_eq!(code("nonsense"), Some(900_023));
        assert_eq!(code("a..b"), Some(900_023));
    }
}
