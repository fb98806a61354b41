//! Privileges by name and depth.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::schema::stable_id;

/// What somebody does to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Create,
    Write,
    Delete,
    Append,
    AppendTo,
    Assign,
    Share,
}

/// How far a privilege reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Depth {
    /// The caller's own rows.
    Basic,
    /// Those of the business unit.
    Local,
    /// And of the units below it.
    Deep,
    /// All.
    Global,
}

impl Depth {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Local => "Local",
            Self::Deep => "Deep",
            Self::Global => "Global",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Basic, Self::Local, Self::Deep, Self::Global]
            .into_iter()
            .find(|depth| depth.name().eq_ignore_ascii_case(name))
    }
}

impl Access {
    pub(crate) const ALL: [Self; 8] = [
        Self::Read,
        Self::Create,
        Self::Write,
        Self::Delete,
        Self::Append,
        Self::AppendTo,
        Self::Assign,
        Self::Share,
    ];

    /// As in the name of a privilege.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Read => "Read",
            Self::Create => "Create",
            Self::Write => "Write",
            Self::Delete => "Delete",
            Self::Append => "Append",
            Self::AppendTo => "AppendTo",
            Self::Assign => "Assign",
            Self::Share => "Share",
        }
    }

    /// As in a message about one row, and in what sharing answers.
    pub(crate) fn right_name(self) -> &'static str {
        match self {
            Self::Read => "ReadAccess",
            Self::Create => "CreateAccess",
            Self::Write => "WriteAccess",
            Self::Delete => "DeleteAccess",
            Self::Append => "AppendAccess",
            Self::AppendTo => "AppendToAccess",
            Self::Assign => "AssignAccess",
            Self::Share => "ShareAccess",
        }
    }

    /// Its bit in `AccessRights`.
    pub(crate) fn mask(self) -> u32 {
        match self {
            Self::Read => 1,
            Self::Write => 2,
            Self::Append => 4,
            Self::AppendTo => 16,
            Self::Create => 32,
            Self::Delete => 65_536,
            Self::Share => 262_144,
            Self::Assign => 524_288,
        }
    }
}

/// `prvReadAccount`
pub(crate) fn privilege_name(access: Access, word: &str) -> String {
    format!("prv{}{word}", access.word())
}

/// The same in every environment of the sandbox.
pub(crate) fn privilege_id(name: &str) -> Uuid {
    stable_id(&["privilege", name])
}
