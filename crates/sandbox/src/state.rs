//! Everything a sandbox remembers, in one place, so that it can be saved, loaded and reasoned about.

pub(crate) mod calendar;
pub(crate) mod changes;
pub(crate) mod contacts;
pub(crate) mod directory;
pub(crate) mod drive;
pub(crate) mod exchange;
pub(crate) mod ids;
pub(crate) mod mail;
pub(crate) mod part;
pub(crate) mod saved;
pub(crate) mod sign_in;
pub(crate) mod sites;
pub(crate) mod snapshot;
pub(crate) mod subscriptions;
pub(crate) mod teams;

use serde::{Deserialize, Serialize};

use changes::Changes;
use directory::Directory;
use drive::Drives;
use exchange::Exchange;
use ids::Ids;
use mail::Mail;
use sign_in::{Settings, SignIn};
use sites::Sites;
use subscriptions::Subscriptions;
use teams::Teams;

/// The sandbox's whole memory. [`crate::shared::Shared`] guards it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    /// Tenants, users, applications and what was granted to them.
    pub(crate) directory: Directory,
    /// Mailboxes by user id.
    pub(crate) mail: Mail,
    /// Which of them applications open.
    #[serde(default)]
    pub(crate) exchange: Exchange,
    /// OneDrive and document libraries.
    #[serde(default)]
    pub(crate) drives: Drives,
    /// SharePoint.
    #[serde(default)]
    pub(crate) sites: Sites,
    /// Teams, chats, meetings and presence.
    #[serde(default)]
    pub(crate) teams: Teams,
    /// Who is told of what.
    #[serde(default)]
    pub(crate) subscriptions: Subscriptions,
    /// What has happened and nobody was told of yet.
    #[serde(default)]
    pub(crate) changes: Changes,
    /// Codes, refresh tokens and browser sessions.
    pub(crate) sign_in: SignIn,
    /// What the control API may set.
    pub(crate) settings: Settings,
    /// Source of repeatable identifiers.
    pub(crate) ids: Ids,
    /// How far the clock had been advanced when this was saved.
    pub(crate) clock_offset_micros: i64,
}
