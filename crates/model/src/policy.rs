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
    /// Whether those who may use the connection may have its access token itself. Nothing can be held against a token that has
    /// left, so that no policy has this together with a limit.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tokens: bool,
}

impl Policy {
    /// Whether some list says which places may be touched. What a request reaches then has to be known before it is sent.
    pub fn is_held_to_places(&self) -> bool {
        self.sites.is_some()
            || self.mailboxes.is_some()
            || self.tables.is_some()
            || self.companies.is_some()
    }

    /// The limits that it has, by their names here.
    pub fn limits(&self) -> Vec<&'static str> {
        // Field by field, so that whoever adds one has to say whether it is a limit.
        let Self {
            kinds,
            permissions,
            sites,
            // Microsoft keeps to it, and it comes with `sites`.
            sites_selected: _,
            mailboxes,
            tables,
            companies,
            raw: _,
            tokens: _,
        } = self;
        let limits = [
            ("kinds", kinds.is_some()),
            ("permissions", permissions.is_some()),
            ("sites", sites.is_some()),
            ("mailboxes", mailboxes.is_some()),
            ("tables", tables.is_some()),
            ("companies", companies.is_some()),
        ];
        limits
            .into_iter()
            .filter_map(|(name, is_there)| is_there.then_some(name))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_is_named_and_nothing_else() {
        let open = Policy {
            raw: true,
            tokens: true,
            ..Policy::default()
        };
        assert!(open.limits().is_empty());
        // An empty list allows nothing, which is a limit too.
        let closed = Policy {
            kinds: Some(BTreeSet::new()),
            permissions: Some(PermissionSet::new()),
            sites: Some(BTreeSet::new()),
            mailboxes: Some(BTreeSet::new()),
            tables: Some(BTreeSet::new()),
            companies: Some(BTreeSet::new()),
            ..Policy::default()
        };
        let all = [
            "kinds",
            "permissions",
            "sites",
            "mailboxes",
            "tables",
            "companies",
        ];
        assert_eq!(closed.limits(), all);
    }

    #[test]
    fn a_policy_without_tokens_reads_as_it_was_written_before_there_were_any() {
        let written = serde_json::to_string(&Policy::default()).unwrap();
        assert_eq!(written, r#"{"raw":false}"#);
        let read: Policy = serde_json::from_str(r#"{"raw":false,"tokens":true}"#).unwrap();
        assert!(read.tokens);
    }
}
