//! Items of a drive: <https://learn.microsoft.com/graph/api/resources/driveitem>

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::content::FileData;

/// A file or folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) name: String,
    /// None for the root.
    pub(crate) parent: Option<Uuid>,
    pub(crate) kind: Kind,
    pub(crate) created: Timestamp,
    pub(crate) created_by: Author,
    pub(crate) modified: Timestamp,
    pub(crate) modified_by: Author,
    /// What the client says of the file on its own disk.
    pub(crate) times: ItemTimes,
    pub(crate) description: Option<String>,
    /// Counts every change, for `eTag`.
    pub(crate) revision: u32,
    /// Counts changes of content, for `cTag`.
    pub(crate) content_revision: u32,
    /// The drive's number of the last change, for delta.
    pub(crate) changed: u64,
    pub(crate) permissions: Vec<Permission>,
    /// `documents`, when this is a special folder.
    pub(crate) special: Option<String>,
    /// Its number in the list that the drive is; the root has none.
    #[serde(default)]
    pub(crate) number: u32,
    /// Values of the library's columns.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) fields: Map<String, Value>,
    /// Who has checked it out, and from which content on; others can neither change it nor see what is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) checked_out: Option<Checkout>,
}

/// A file that one person works on alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Checkout {
    pub(crate) by: Author,
    /// Number of the last version that everybody sees.
    pub(crate) version: u32,
}

/// What an item is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// Children by their name in lower case, since names differ by more than case.
    Folder(BTreeMap<String, Uuid>),
    /// All versions, the current one last; never empty.
    File(Vec<Version>),
}

/// One state of a file's content.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Version {
    /// Shown as `3.0`.
    pub(crate) number: u32,
    pub(crate) at: Timestamp,
    pub(crate) by: Author,
    pub(crate) file: FileData,
    /// Values of the library's columns at that time.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(crate) fields: Map<String, Value>,
}

/// Who made or changed something, with the name of that time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Author {
    /// Object id of a user or of an application's service principal.
    pub(crate) id: String,
    pub(crate) display_name: String,
    /// None for an application.
    pub(crate) email: Option<String>,
}

/// `fileSystemInfo`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ItemTimes {
    pub(crate) created: Option<Timestamp>,
    pub(crate) modified: Option<Timestamp>,
}

/// Somebody's access to an item and everything below it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Permission {
    pub(crate) id: String,
    /// `read` or `write`.
    pub(crate) roles: Vec<String>,
    /// The people it is for; nobody in particular for a link to everyone.
    pub(crate) people: Vec<Author>,
    pub(crate) link: Option<Link>,
    pub(crate) expires_at: Option<Timestamp>,
}

/// A sharing link.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Link {
    /// `view` or `edit`.
    pub(crate) kind: String,
    /// `anonymous`, `organization` or `users`.
    pub(crate) scope: String,
    pub(crate) web_url: String,
    pub(crate) has_password: bool,
}

impl Item {
    pub(crate) fn versions(&self) -> &[Version] {
        match &self.kind {
            Kind::Folder(_) => &[],
            Kind::File(versions) => versions,
        }
    }

    /// The current content of a file.
    pub(crate) fn file(&self) -> Option<&FileData> {
        self.versions().last().map(|version| &version.file)
    }

    /// Children by name in lower case; none for a file.
    pub(crate) fn children(&self) -> Option<&BTreeMap<String, Uuid>> {
        match &self.kind {
            Kind::Folder(children) => Some(children),
            Kind::File(_) => None,
        }
    }

    pub(crate) fn is_folder(&self) -> bool {
        matches!(self.kind, Kind::Folder(_))
    }
}

impl Permission {
    /// Whether it lets this person read, or write.
    pub(crate) fn admits(&self, user_id: &str, write: bool, now: Timestamp) -> bool {
        let is_current = self.expires_at.is_none_or(|end| end > now);
        let covers = !write || self.roles.iter().any(|role| role == "write");
        is_current && covers && self.people.iter().any(|person| person.id == user_id)
    }
}
