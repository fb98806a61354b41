//! Environments of a tenant, and in each of them companies, registered applications and subscriptions.

pub(crate) mod access;
pub(crate) mod changes;
pub(crate) mod company;
pub(crate) mod limits;
pub(crate) mod platform;
pub(crate) mod subscriptions;

use serde::{Deserialize, Serialize};

use crate::books::Books;
use access::Application;
use changes::Pending;
use company::Company;
use limits::Meter;
use platform::SecurityGroup;
use subscriptions::Subscription;

/// What an environment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Type {
    Production,
    Sandbox,
}

impl Type {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Production => "Production",
            Self::Sandbox => "Sandbox",
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Environment {
    pub(crate) name: String,
    pub(crate) type_: Type,
    pub(crate) country: String,
    pub(crate) companies: Vec<Company>,
    pub(crate) applications: Vec<Application>,
    pub(crate) subscriptions: Vec<Subscription>,
    /// Changes that subscribers have not been told of.
    pub(crate) pending: Vec<Pending>,
    #[serde(default)]
    pub(crate) security_groups: Vec<SecurityGroup>,
    /// Users, their permissions, extensions, jobs; made when they are first looked at.
    #[serde(default)]
    pub(crate) platform: Option<Books>,
    #[serde(skip)]
    pub(crate) meter: Meter,
}

impl Environment {
    /// A company by id or name.
    pub(crate) fn company(&self, name: &str) -> Option<usize> {
        self.companies
            .iter()
            .position(|it| it.id == name || it.name.eq_ignore_ascii_case(name))
    }
}
