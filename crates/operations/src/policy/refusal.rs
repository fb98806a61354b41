//! How a decision against is told, where something is not on one of the policy's lists.

use std::collections::BTreeSet;
use std::fmt::Display;

use connections::Snapshot;

use crate::Error;

/// Shown of a list.
const SHOWN: usize = 3;

/// A list of the policy, in words.
pub(super) struct Listing {
    /// `sites`
    pub(super) all: &'static str,
    /// `site`
    pub(super) one: &'static str,
    /// The option that sets it.
    pub(super) option: &'static str,
    /// How what is listed is named so that it is understood: ` by its address`.
    pub(super) by: &'static str,
    /// What comes before those that Microsoft does not know: `none at`.
    pub(super) unknown: &'static str,
    /// What helps then.
    pub(super) mend: &'static str,
}

/// For one connection and one of its lists.
pub(super) struct Refusal<'a> {
    connection: &'a str,
    listing: &'static Listing,
    shown: Vec<String>,
    count: usize,
}

impl<'a> Refusal<'a> {
    pub(super) fn new<T: Display>(
        snapshot: &'a Snapshot,
        listing: &'static Listing,
        listed: &BTreeSet<T>,
    ) -> Self {
        Self {
            connection: &snapshot.connection.name,
            listing,
            shown: listed.iter().take(SHOWN).map(ToString::to_string).collect(),
            count: listed.len(),
        }
    }

    /// Something that is not on the list.
    pub(super) fn unlisted(&self, what: &str) -> Error {
        let Self {
            connection,
            listing: Listing { all, option, .. },
            ..
        } = self;
        Error::Denied {
            reason: format!("{what} is not among the allowed {all} of `{connection}`"),
            instead: format!(
                "use {}, or ask an administrator to add it: `consentry connections policy {connection} {option} …`",
                self.names()
            ),
        }
    }

    /// The same, where some of those listed are not there: then the list may be what has to be mended.
    pub(super) fn not_found<T: Display>(&self, what: &str, missing: &[T]) -> Error {
        if missing.is_empty() {
            return self.unlisted(what);
        }
        let missing: Vec<String> = missing.iter().map(|one| format!("`{one}`")).collect();
        Error::Denied {
            reason: format!(
                "{what} is not among the allowed {} of `{}`, of which Microsoft knows {} {}",
                self.listing.all,
                self.connection,
                self.listing.unknown,
                missing.join(", ")
            ),
            instead: self.listing.mend.to_owned(),
        }
    }

    /// Something that lists or leads to more than what is listed.
    pub(super) fn beyond(&self, what: &str) -> Error {
        Error::Denied {
            reason: format!("this {what}, and {}", self.limited()),
            instead: format!("use {}{}", self.names(), self.listing.by),
        }
    }

    /// A name that Microsoft may understand, and that does not tell by itself what it means: `tells` is what is missing.
    pub(super) fn unclear(&self, text: &str, tells: &str, instead: &str) -> Error {
        Error::Denied {
            reason: format!("`{text}` does not tell {tells}, and {}", self.limited()),
            instead: instead.to_owned(),
        }
    }

    fn limited(&self) -> String {
        format!(
            "`{}` is limited to some {}",
            self.connection, self.listing.all
        )
    }

    /// What is listed, or as much of it as a sentence holds.
    pub(super) fn names(&self) -> String {
        let shown = self.shown.join("`, `");
        match self.count {
            0 => "another connection".to_owned(),
            count if count > self.shown.len() => {
                format!("`{shown}` or another listed {}", self.listing.one)
            }
            _ => format!("`{shown}`"),
        }
    }
}
