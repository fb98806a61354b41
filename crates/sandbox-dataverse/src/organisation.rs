//! What the environment is called, who is in it, and its application users, as an administrator sets them up.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Dataverse;
use crate::cell::Cell;
use crate::schema::stable_id;
use crate::write::Actor;

/// Names of the environment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Organisation {
    /// `contoso`, which is in its host's name.
    pub url_name: String,
    /// What people call it.
    pub friendly_name: String,
    /// Of its directory.
    pub tenant_id: String,
    /// `https://contoso.crm4.dynamics.com`
    pub url: String,
    /// `https://contoso.api.crm4.dynamics.com`
    pub api_url: String,
}

impl Organisation {
    /// `OrganizationId`, which follows from the name.
    pub(crate) fn id(&self) -> Uuid {
        stable_id(&["organization", &self.url_name])
    }
}

/// A member of the directory who is to be a user.
#[derive(Debug, Clone)]
pub struct Person {
    /// Object id in the directory.
    pub object_id: String,
    /// What they sign in with.
    pub user_principal_name: String,
    /// Given name.
    pub given_name: String,
    /// Surname.
    pub surname: String,
    /// Title.
    pub job_title: String,
    /// Names of security roles.
    pub roles: Vec<String>,
}

/// An application user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApplicationUser {
    /// `systemuserid`
    pub id: String,
    /// The application's client id.
    pub application_id: String,
    /// What people see.
    pub name: String,
    /// Names of its security roles.
    pub roles: Vec<String>,
    /// Whether it may not come in.
    pub disabled: bool,
}

/// Why an application user cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserError {
    /// No GUID.
    BadId(String),
    /// No role of this name.
    UnknownRole(String),
    /// No application user for this application.
    UnknownUser(String),
}

impl std::fmt::Display for UserError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BadId(id) => write!(formatter, "`{id}` is no GUID"),
            Self::UnknownRole(name) => write!(formatter, "there is no security role `{name}`"),
            Self::UnknownUser(id) => write!(formatter, "`{id}` has no application user"),
        }
    }
}

impl std::error::Error for UserError {}

impl Dataverse {
    /// Every application user.
    pub fn application_users(&self) -> Vec<ApplicationUser> {
        let table = self.tables.user;
        let rows = self.store.rows(table);
        rows.filter_map(|row| {
            let application = self.cell(table, row, "applicationid")?.as_guid()?;
            let names = self.peers("systemuserroles_association", false, row.id);
            let mut roles: Vec<String> = names
                .into_iter()
                .filter_map(|role| self.name_of(self.tables.role, role))
                .collect();
            roles.sort();
            Some(ApplicationUser {
                id: row.id.to_string(),
                application_id: application.to_string(),
                name: self.name_of(table, row.id).unwrap_or_default(),
                roles,
                disabled: self.cell(table, row, "isdisabled") == Some(&Cell::Flag(true)),
            })
        })
        .collect()
    }

    /// Adds an application user, or gives the one that is there these roles instead of its own.
    pub fn add_application_user(
        &mut self,
        application_id: &str,
        object_id: &str,
        name: &str,
        roles: &[&str],
        now: Timestamp,
    ) -> Result<ApplicationUser, UserError> {
        let application: Uuid = application_id
            .parse()
            .map_err(|_| UserError::BadId(application_id.to_owned()))?;
        let roles: Vec<Uuid> = roles
            .iter()
            .map(|role| {
                self.role_named(role)
                    .ok_or_else(|| UserError::UnknownRole((*role).to_owned()))
            })
            .collect::<Result<_, _>>()?;
        let user = match self.user_by("applicationid", application_id) {
            Some(user) => user,
            None => self.new_application_user(application, object_id, name, now),
        };
        let relationship = self.schema.find_many_to_many("systemuserroles_association");
        if let Some(relationship) = relationship {
            for old in self.peers("systemuserroles_association", false, user) {
                self.store.unpair(relationship, user, old);
            }
            for role in roles {
                self.store.pair(relationship, user, role);
            }
        }
        self.metadata_version += 1;
        self.application_users()
            .into_iter()
            .find(|it| it.id == user.to_string())
            .ok_or_else(|| UserError::UnknownUser(application_id.to_owned()))
    }

    fn new_application_user(
        &mut self,
        application: Uuid,
        object_id: &str,
        name: &str,
        now: Timestamp,
    ) -> Uuid {
        let actor = Actor::system(now);
        let unit = self.root_unit();
        let object = object_id.parse().ok().map(Cell::Guid);
        let id = self.ids.uuid();
        self.insert(
            actor,
            self.tables.user,
            id,
            vec![
                ("firstname", Some(Cell::text("#"))),
                ("lastname", Some(Cell::text(name))),
                ("fullname", Some(Cell::text(&format!("# {name}")))),
                (
                    "domainname",
                    Some(Cell::text(&format!(
                        "{application}@{}",
                        self.organisation.url_name
                    ))),
                ),
                ("applicationid", Some(Cell::Guid(application))),
                ("azureactivedirectoryobjectid", object),
                ("accessmode", Some(Cell::Whole(4))),
                (
                    "businessunitid",
                    Some(Cell::link(self.tables.business_unit, unit)),
                ),
            ],
        );
        id
    }

    /// Gives application users that are not known by name yet the object id and name that their application has in the
    /// directory.
    pub fn name_application_users(&mut self, look: impl Fn(&str) -> Option<(String, String)>) {
        let table = self.tables.user;
        let rows = self.store.rows(table);
        let nameless: Vec<(Uuid, Uuid)> = rows
            .filter(|row| {
                self.cell(table, row, "azureactivedirectoryobjectid")
                    .is_none()
            })
            .filter_map(|row| Some((row.id, self.cell(table, row, "applicationid")?.as_guid()?)))
            .collect();
        for (user, application) in nameless {
            let Some((object_id, name)) = look(&application.to_string()) else {
                continue;
            };
            let values = vec![
                (
                    "azureactivedirectoryobjectid",
                    object_id.parse().ok().map(Cell::Guid),
                ),
                ("lastname", Some(Cell::text(&name))),
                ("fullname", Some(Cell::text(&format!("# {name}")))),
            ];
            self.change(table, user, values);
        }
    }

    /// Enables or disables an application user.
    pub fn disable_application_user(
        &mut self,
        application_id: &str,
        disabled: bool,
    ) -> Result<(), UserError> {
        let unknown = || UserError::UnknownUser(application_id.to_owned());
        let user = self
            .user_by("applicationid", application_id)
            .ok_or_else(unknown)?;
        self.change(
            self.tables.user,
            user,
            vec![("isdisabled", Some(Cell::Flag(disabled)))],
        );
        Ok(())
    }

    /// Takes an application user away.
    pub fn remove_application_user(&mut self, application_id: &str) -> Result<(), UserError> {
        let unknown = || UserError::UnknownUser(application_id.to_owned());
        let user = self
            .user_by("applicationid", application_id)
            .ok_or_else(unknown)?;
        if let Some(relationship) = self.schema.find_many_to_many("systemuserroles_association") {
            for role in self.peers("systemuserroles_association", false, user) {
                self.store.unpair(relationship, user, role);
            }
        }
        self.store.remove(self.tables.user, user);
        Ok(())
    }

    /// The environment as the discovery service tells of it; none for a person who is no user of it.
    pub fn instance_for(&self, object_id: &str) -> Option<Value> {
        self.user_by("azureactivedirectoryobjectid", object_id)?;
        let organisation = &self.organisation;
        let id = organisation.id();
        Some(json!({
            "Id": id.to_string(),
            "UniqueName": format!("unq{}", id.simple()),
            "UrlName": organisation.url_name,
            "FriendlyName": organisation.friendly_name,
            "State": 0,
            "StatusMessage": 0,
            "Version": crate::actions::VERSION,
            "Url": organisation.url,
            "ApiUrl": organisation.api_url,
            "LastUpdated": null,
            "SchemaType": "Full",
            "Region": "EMEA",
            "EnvironmentId": id.to_string(),
            "TenantId": organisation.tenant_id,
            "OrganizationType": 6,
            "IsUserSysAdmin": false,
            "DatacenterId": Uuid::nil().to_string(),
            "DatacenterName": "",
            "TrialExpirationDate": null,
            "Purpose": null,
        }))
    }

    /// Names of the security roles of the environment.
    pub fn roles(&self) -> Vec<String> {
        let rows = self.store.rows(self.tables.role);
        rows.filter_map(|row| self.name_of(self.tables.role, row.id))
            .collect()
    }

    pub(crate) fn role_named(&self, name: &str) -> Option<Uuid> {
        let rows = self.store.rows(self.tables.role);
        rows.map(|row| row.id).find(|id| {
            self.name_of(self.tables.role, *id)
                .is_some_and(|it| it.eq_ignore_ascii_case(name))
        })
    }

    /// The business unit that has no other above it.
    pub(crate) fn root_unit(&self) -> Uuid {
        let table = self.tables.business_unit;
        self.store
            .rows(table)
            .find(|row| self.cell(table, row, "parentbusinessunitid").is_none())
            .map(|row| row.id)
            .unwrap_or_default()
    }
}
