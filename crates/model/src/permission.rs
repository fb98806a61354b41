use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A permission by Microsoft's name: `Mail.Read`. Whether it is delegated or application follows from where it is used.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permission(String);

/// Permissions, sorted by name.
pub type PermissionSet = BTreeSet<Permission>;

impl Permission {
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
