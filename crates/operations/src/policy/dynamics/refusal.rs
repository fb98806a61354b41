//! How a decision against is told.

use std::collections::BTreeSet;

use connections::Snapshot;
use model::{CompanyName, TableName};

use crate::Error;

/// Shown of a list.
const SHOWN: usize = 3;

/// For one connection and one of its lists.
pub(super) struct Refusal<'a> {
    connection: &'a str,
    /// `tables`
    what: &'static str,
    option: &'static str,
    listed: Vec<String>,
    count: usize,
}

impl<'a> Refusal<'a> {
    pub(super) fn of_tables(snapshot: &'a Snapshot, listed: &BTreeSet<TableName>) -> Self {
        Self {
            connection: &snapshot.connection.name,
            what: "tables",
            option: "--table",
            listed: listed.iter().take(SHOWN).map(ToString::to_string).collect(),
            count: listed.len(),
        }
    }

    pub(super) fn of_companies(snapshot: &'a Snapshot, listed: &BTreeSet<CompanyName>) -> Self {
        Self {
            connection: &snapshot.connection.name,
            what: "companies",
            option: "--company",
            listed: listed.iter().take(SHOWN).map(ToString::to_string).collect(),
            count: listed.len(),
        }
    }

    /// Something that is not on the list.
    pub(super) fn unlisted(&self, what: &str) -> Error {
        let Self {
            connection, option, ..
        } = self;
        Error::Denied {
            reason: format!(
                "{what} is not among the allowed {} of `{connection}`",
                self.what
            ),
            instead: format!(
                "use {}, or ask an administrator to add it: `consentry connections policy {connection} {option} …`",
                self.names()
            ),
        }
    }

    /// The same, where some of those listed are not there: then the list may be what has to be mended.
    pub(super) fn not_found(&self, what: &str, missing: &[String]) -> Error {
        if missing.is_empty() {
            return self.unlisted(what);
        }
        Error::Denied {
            reason: format!(
                "{what} is not among the allowed {} of `{}`, of which Microsoft knows no `{}`",
                self.what,
                self.connection,
                missing.join("`, `")
            ),
            instead: "ask an administrator to correct the list".to_owned(),
        }
    }

    /// Something that lists or leads to more than what is listed.
    pub(super) fn beyond(&self, what: &str) -> Error {
        Error::Denied {
            reason: format!(
                "this {what}, and `{}` is limited to some {}",
                self.connection, self.what
            ),
            instead: format!("use {}", self.names()),
        }
    }

    fn names(&self) -> String {
        match self.listed.as_slice() {
            [] => "another connection".to_owned(),
            some if self.count > some.len() => {
                format!("`{}` or another listed one", some.join("`, `"))
            }
            all => format!("`{}`", all.join("`, `")),
        }
    }
}
