//! The directory: tenants, people, applications, and what was granted to them.

pub(crate) mod app_role;
pub(crate) mod deleted;
pub(crate) mod first_party;
pub(crate) mod group;
pub(crate) mod watched;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use deleted::Deleted;
use group::Group;
use watched::Watched;

/// All directory objects. Lists keep the order in which objects were made, as pages show them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Directory {
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) users: Vec<User>,
    #[serde(default)]
    pub(crate) rooms: Vec<Room>,
    pub(crate) applications: Vec<Application>,
    pub(crate) service_principals: Vec<ServicePrincipal>,
    pub(crate) delegated_grants: Vec<DelegatedGrant>,
    pub(crate) role_grants: Vec<RoleGrant>,
    #[serde(default)]
    pub(crate) groups: Vec<Group>,
    /// Roles of applications that people, groups and other applications hold, beside [`RoleGrant`]'s.
    #[serde(default)]
    pub(crate) role_assignments: Vec<RoleAssignment>,
    /// The recycle bin, oldest first.
    #[serde(default)]
    pub(crate) deleted: Vec<Deleted>,
    /// What delta queries have told so far.
    #[serde(default)]
    pub(crate) watched: Watched,
}

/// An organisation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tenant {
    /// Lower-case GUID.
    pub(crate) id: String,
    /// Its verified domain, lower case: `contoso.example`.
    pub(crate) domain: String,
    pub(crate) display_name: String,
}

/// A work account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the user principal name is Microsoft's own term"
)]
pub(crate) struct User {
    /// Object id, lower-case GUID.
    pub(crate) id: String,
    pub(crate) tenant_id: String,
    pub(crate) user_principal_name: String,
    /// None for an account without a mailbox.
    pub(crate) mail: Option<String>,
    pub(crate) display_name: String,
    pub(crate) given_name: String,
    pub(crate) surname: String,
    pub(crate) job_title: Option<String>,
    pub(crate) department: Option<String>,
    pub(crate) office_location: Option<String>,
    pub(crate) mobile_phone: Option<String>,
    pub(crate) business_phones: Vec<String>,
    pub(crate) password: String,
    /// Global administrator: may consent for the organisation.
    pub(crate) is_admin: bool,
    pub(crate) disabled: bool,
    /// Refresh tokens and sessions older than this are refused (revoked sessions, changed password).
    pub(crate) tokens_valid_from: Option<Timestamp>,
    /// For a guest: the object id of the same person in their own tenant.
    #[serde(default)]
    pub(crate) guest_of: Option<String>,
    /// Somebody from outside whose own tenant is not here.
    #[serde(default)]
    pub(crate) is_guest: bool,
    /// Object id of whom they report to.
    #[serde(default)]
    pub(crate) manager: Option<String>,
    #[serde(default)]
    pub(crate) city: Option<String>,
    #[serde(default)]
    pub(crate) country: Option<String>,
    #[serde(default)]
    pub(crate) company_name: Option<String>,
    #[serde(default)]
    pub(crate) second_factor: SecondFactor,
}

/// Whether somebody signs in with more than a password, whatever conditional access demands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// A password will do.
    #[default]
    NotDemanded,
    /// Demanded, and registered: without it AADSTS50076.
    Registered,
    /// Demanded, and not registered yet, which the next sign-in does: without it AADSTS50079.
    ToRegister,
}

/// A room that can be booked: what is known of it besides its account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Room {
    /// Id of the place, which is not that of the account.
    pub(crate) id: String,
    /// Object id of the account that has its mailbox.
    pub(crate) user_id: String,
    pub(crate) building: String,
    pub(crate) floor: i32,
    pub(crate) capacity: i32,
}

/// An app registration.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the registration's own"
)]
pub(crate) struct Application {
    pub(crate) object_id: String,
    /// The portal's Application (client) ID.
    pub(crate) client_id: String,
    pub(crate) tenant_id: String,
    pub(crate) display_name: String,
    pub(crate) redirect_uris: Vec<String>,
    /// Permissions of Microsoft Graph that it is configured with.
    pub(crate) configured_scopes: Vec<String>,
    pub(crate) configured_roles: Vec<String>,
    /// Roles that it is configured with of other APIs of Microsoft's: app id and role.
    #[serde(default)]
    pub(crate) configured_api_roles: Vec<(String, String)>,
    /// Usable through `common` and `organizations` too.
    #[serde(default)]
    pub(crate) is_multi_tenant: bool,
    /// No secret is asked of it at the token endpoint.
    pub(crate) is_public_client: bool,
    pub(crate) secrets: Vec<ClientSecret>,
    #[serde(default)]
    pub(crate) certificates: Vec<KeyCredential>,
    #[serde(default)]
    pub(crate) federated: Vec<FederatedCredential>,
    /// `api://…`: by what other applications ask for this one's own tokens. Its client id always works.
    #[serde(default)]
    pub(crate) identifier_uris: Vec<String>,
    /// Delegated scopes that this application offers to others.
    #[serde(default)]
    pub(crate) exposed_scopes: Vec<String>,
    /// ID tokens may come from the authorize endpoint.
    #[serde(default)]
    pub(crate) issues_id_tokens: bool,
    /// Set for an identity that the platform manages: nobody signs in to it, and no secret of it exists.
    #[serde(default)]
    pub(crate) managed: bool,
    /// Roles that this application defines for its own users and callers.
    #[serde(default)]
    pub(crate) app_roles: Vec<AppRole>,
    /// Object ids of those who may change it without being administrators.
    #[serde(default)]
    pub(crate) owners: Vec<String>,
    /// The key that whoever made it chose, which no other has.
    #[serde(default)]
    pub(crate) unique_name: Option<String>,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    #[serde(default)]
    pub(crate) notes: Option<String>,
}

/// A role that an application defines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AppRole {
    pub(crate) id: String,
    /// `User`, `Application` or both.
    pub(crate) allowed_member_types: Vec<String>,
    pub(crate) display_name: String,
    pub(crate) description: String,
    pub(crate) is_enabled: bool,
    /// What the claim `roles` says; none for a role that only opens the door.
    pub(crate) value: Option<String>,
}

/// An `appRoleAssignment` of a user or a group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RoleAssignment {
    pub(crate) id: String,
    pub(crate) tenant_id: String,
    /// Object id of the user or group.
    pub(crate) principal_id: String,
    /// App id of the resource.
    pub(crate) resource: String,
    /// All zeros for access without a role.
    pub(crate) role_id: String,
    pub(crate) created_at: Timestamp,
}

/// A certificate by which an application proves itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct KeyCredential {
    pub(crate) key_id: String,
    pub(crate) display_name: String,
    /// The certificate in DER, Base64.
    pub(crate) certificate: String,
    /// SHA-1 of the certificate, URL-safe Base64: the header `x5t`.
    pub(crate) sha1: String,
    /// SHA-256 of the certificate, URL-safe Base64: the header `x5t#S256`.
    pub(crate) sha256: String,
    pub(crate) starts_at: Timestamp,
    pub(crate) ends_at: Timestamp,
}

/// Trust in an outside issuer: its token for this subject proves the application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FederatedCredential {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) audiences: Vec<String>,
    pub(crate) description: Option<String>,
}

/// A password credential. Only its hash is kept, as the text is shown once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ClientSecret {
    pub(crate) key_id: String,
    pub(crate) display_name: String,
    /// First three characters of the text.
    pub(crate) hint: String,
    /// SHA-256 of the text, hexadecimal.
    pub(crate) hash: String,
    pub(crate) starts_at: Timestamp,
    pub(crate) ends_at: Timestamp,
}

/// An application's presence in a tenant, the portal's Enterprise application.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ServicePrincipal {
    /// Object id: `oid` and `sub` of an app-only token.
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) tenant_id: String,
    pub(crate) disabled: bool,
    /// Whether only those with an assignment get in.
    #[serde(default)]
    pub(crate) assignment_required: bool,
    #[serde(default)]
    pub(crate) owners: Vec<String>,
}

/// An `oauth2PermissionGrant`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DelegatedGrant {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) tenant_id: String,
    /// The user who consented; none when an administrator did for all principals.
    pub(crate) user_id: Option<String>,
    /// App id of the resource.
    pub(crate) resource: String,
    pub(crate) scopes: Vec<String>,
}

/// An `appRoleAssignment` of a service principal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RoleGrant {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) tenant_id: String,
    /// App id of the resource.
    pub(crate) resource: String,
    pub(crate) role: String,
}

impl Directory {
    /// A tenant by id or one of its verified domains, in any case: the first one, and those of its people's names.
    pub(crate) fn tenant(&self, id_or_domain: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| {
            tenant.id.eq_ignore_ascii_case(id_or_domain)
                || tenant.domain.eq_ignore_ascii_case(id_or_domain)
                || self.has_people_at(tenant, id_or_domain)
        })
    }

    fn has_people_at(&self, tenant: &Tenant, domain: &str) -> bool {
        let mut names = self
            .users
            .iter()
            .filter(|user| user.tenant_id == tenant.id)
            .filter_map(|user| user.user_principal_name.rsplit_once('@'));
        names.any(|(_, own)| own.eq_ignore_ascii_case(domain))
    }

    /// Whether an account is a room's.
    pub(crate) fn is_room(&self, user_id: &str) -> bool {
        self.rooms.iter().any(|room| room.user_id == user_id)
    }

    /// A user by object id, principal name or mail address, in any case.
    pub(crate) fn user(&self, id_or_name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.answers_to(id_or_name))
    }

    pub(crate) fn user_mut(&mut self, id_or_name: &str) -> Option<&mut User> {
        self.users
            .iter_mut()
            .find(|user| user.answers_to(id_or_name))
    }

    /// An application by its client id. Microsoft's own, which people sign in to command lines with, are in every tenant.
    pub(crate) fn application(&self, client_id: &str) -> Option<&Application> {
        let own = self
            .applications
            .iter()
            .find(|application| application.client_id.eq_ignore_ascii_case(client_id));
        own.or_else(|| first_party::client(client_id))
    }

    pub(crate) fn application_mut(&mut self, client_id: &str) -> Option<&mut Application> {
        self.applications
            .iter_mut()
            .find(|application| application.client_id.eq_ignore_ascii_case(client_id))
    }

    /// With what every tenant knows it by, and all that was granted to it.
    pub(crate) fn remove_application(&mut self, client_id: &str) {
        self.applications.retain(|it| it.client_id != client_id);
        self.service_principals
            .retain(|it| it.client_id != client_id);
        self.delegated_grants.retain(|it| it.client_id != client_id);
        self.role_grants.retain(|it| it.client_id != client_id);
    }

    /// An application's presence in a tenant.
    pub(crate) fn service_principal(
        &self,
        client_id: &str,
        tenant_id: &str,
    ) -> Option<&ServicePrincipal> {
        self.service_principals.iter().find(|principal| {
            principal.client_id.eq_ignore_ascii_case(client_id) && principal.tenant_id == tenant_id
        })
    }

    /// Who somebody is inside a tenant: themselves at home, their guest account elsewhere.
    pub(crate) fn in_tenant(&self, user: &User, tenant_id: &str) -> Option<&User> {
        self.users.iter().find(|other| {
            other.tenant_id == tenant_id
                && (other.id == user.id || other.guest_of.as_deref() == Some(&user.id))
        })
    }

    /// The application that offers an API under this identifier: one of its URIs, or its client id. Microsoft's own are among
    /// them.
    pub(crate) fn api(&self, identifier: &str) -> Option<&Application> {
        let own = self.applications.iter().find(|application| {
            application.client_id.eq_ignore_ascii_case(identifier)
                || application
                    .identifier_uris
                    .iter()
                    .any(|uri| uri == identifier)
        });
        own.or_else(|| first_party::api(identifier))
    }

    /// Delegated scopes of a resource that an application holds for a user: their own consent and the organisation's.
    pub(crate) fn granted_scopes(
        &self,
        client_id: &str,
        user: &User,
        resource: &str,
    ) -> Vec<String> {
        let mut scopes = Vec::new();
        let grants = self.delegated_grants.iter().filter(|grant| {
            grant.client_id == client_id
                && grant.resource == resource
                && grant.tenant_id == user.tenant_id
                && grant.user_id.as_deref().is_none_or(|id| id == user.id)
        });
        for scope in grants.flat_map(|grant| &grant.scopes) {
            if !scopes.contains(scope) {
                scopes.push(scope.clone());
            }
        }
        for scope in first_party::preauthorized(client_id, resource) {
            if !scopes.iter().any(|held| held == scope) {
                scopes.push((*scope).to_owned());
            }
        }
        scopes
    }

    /// Application roles of a resource that a service principal holds.
    pub(crate) fn granted_roles(
        &self,
        client_id: &str,
        tenant_id: &str,
        resource: &str,
    ) -> Vec<String> {
        self.role_grants
            .iter()
            .filter(|grant| {
                grant.client_id == client_id
                    && grant.tenant_id == tenant_id
                    && grant.resource == resource
            })
            .map(|grant| grant.role.clone())
            .collect()
    }
}

impl User {
    /// Whether their mail is kept here: neither accounts without an address nor guests have a mailbox.
    pub(crate) fn has_mailbox(&self) -> bool {
        self.mail.is_some() && !self.is_outsider()
    }

    /// Whether the account is of somebody from another organisation.
    pub(crate) fn is_outsider(&self) -> bool {
        self.is_guest || self.guest_of.is_some()
    }

    /// Whether this is the object id, principal name or mail address, in any case.
    pub(crate) fn answers_to(&self, id_or_name: &str) -> bool {
        self.id.eq_ignore_ascii_case(id_or_name)
            || self.user_principal_name.eq_ignore_ascii_case(id_or_name)
            || self
                .mail
                .as_ref()
                .is_some_and(|mail| mail.eq_ignore_ascii_case(id_or_name))
    }
}
