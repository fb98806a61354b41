use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{CompanyName, MailAddress, PermissionSet, SiteUrl, TableName};

/// What an operation does, by effect and not by HTTP method: some POSTs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OperationKind {
    Read,
    Write,
    Delete,
    Action,
}

impl OperationKind {
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Delete, Self::Action];

    pub fn id(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::Action => "action",
        }
    }
}

impl fmt::Display for OperationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for OperationKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.id() == text)
            .ok_or_else(|| format!("`{text}` is no kind; choose of read, write, delete, action"))
    }
}

/// What a connection may do at most, whatever Microsoft granted. Absent limits do not limit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Kinds of operation that are allowed; every kind when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kinds: Option<BTreeSet<OperationKind>>,
    /// Permissions that may be used; every granted one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<PermissionSet>,
    /// The sites whose content may be touched, and the drives in them; every one when absent. A subsite counts only where it is
    /// listed itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sites: Option<BTreeSet<SiteUrl>>,
    /// Whether the application has the permission `Sites.Selected` and sees no site but those that it was granted: then `sites`
    /// says which they are, since nothing at Microsoft does.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sites_selected: bool,
    /// The mailboxes whose content may be touched, by user principal name or mail address; every one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailboxes: Option<BTreeSet<MailAddress>>,
    /// The tables of Dataverse whose rows may be touched, by logical name; every one when absent. Rows that those of a
    /// listed table lead to have to be of a listed one themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tables: Option<BTreeSet<TableName>>,
    /// The companies of Business Central whose records may be touched; every one of the environment when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub companies: Option<BTreeSet<CompanyName>>,
    /// Whether pass-through requests that match no operation of the catalogue are let through.
    pub raw: bool,
}

impl Policy {
    /// Whether some list says which places may be touched. What a request reaches then has to be known before it is sent.
    pub fn is_held_to_places(&self) -> bool {
        self.sites.is_some()
            || self.mailboxes.is_some()
            || self.tables.is_some()
            || self.companies.is_some()
    }
}
