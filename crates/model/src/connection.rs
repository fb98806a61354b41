use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    AppRegistrationId, ConnectionId, DataKeyId, Diagnosis, MemberId, PermissionSet, Policy,
    Service, WorkspaceId,
};

/// The two ways that Microsoft has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionMethod {
    /// As a user who consents in the browser: delegated permissions.
    #[serde(rename = "oauth")]
    OAuth,
    /// As an application that an administrator consented to: application permissions.
    ServicePrincipal,
}

impl ConnectionMethod {
    pub const ALL: [Self; 2] = [Self::OAuth, Self::ServicePrincipal];

    pub fn id(self) -> &'static str {
        match self {
            Self::OAuth => "oauth",
            Self::ServicePrincipal => "service_principal",
        }
    }
}

impl fmt::Display for ConnectionMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for ConnectionMethod {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|method| method.id() == text)
            .ok_or_else(|| format!("`{text}` is no method; choose `oauth` or `service_principal`"))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Made, but the account that signed in is not confirmed yet: it cannot be used.
    Pending,
    Active,
    /// Transient trouble: retried by itself.
    Degraded,
    /// The user must consent again.
    NeedsReconnect,
    /// An administrator must act: consent, secret, certificate or role.
    NeedsAdmin,
    /// A proof ends soon; still works.
    Expiring,
    Disabled,
}

impl ConnectionState {
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Active,
        Self::Degraded,
        Self::NeedsReconnect,
        Self::NeedsAdmin,
        Self::Expiring,
        Self::Disabled,
    ];

    pub fn id(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Degraded => "degraded",
            Self::NeedsReconnect => "needs_reconnect",
            Self::NeedsAdmin => "needs_admin",
            Self::Expiring => "expiring",
            Self::Disabled => "disabled",
        }
    }

    /// Whether calls are worth trying. A terminal state costs Microsoft no further request.
    pub fn is_usable(self) -> bool {
        matches!(self, Self::Active | Self::Degraded | Self::Expiring)
    }
}

impl fmt::Display for ConnectionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for ConnectionState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.id() == text)
            .ok_or_else(|| format!("`{text}` is no connection state"))
    }
}

/// Who Microsoft said the connection is, read from the tokens it gave.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// The tenant's GUID.
    pub tenant_id: String,
    /// Object id of the user, or of the service principal.
    pub object_id: String,
    /// `preferred_username` of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

/// Where in Dynamics 365 a connection goes. Empty for the services of Microsoft Graph.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// The environment of Dataverse: `https://contoso.crm4.dynamics.com`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment_url: Option<String>,
    /// The environment of Business Central, by its name: `Production`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The company of Business Central that operations act on unless told otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_id: Option<String>,
}

impl Place {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One service, one method, one identity, with what was granted and what is allowed. Its id outlives reconnects and rotations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    pub id: ConnectionId,
    pub workspace_id: WorkspaceId,
    /// Unique in its workspace.
    pub name: String,
    pub service: Service,
    pub method: ConnectionMethod,
    pub app_registration_id: AppRegistrationId,
    /// Who made it. A delegated connection serves this member only, until it is shared.
    pub owner: MemberId,
    pub shared: bool,
    #[serde(flatten)]
    pub place: Place,
    pub identity: Option<Identity>,
    /// Permissions asked for (delegated) or expected (application).
    pub requested: PermissionSet,
    /// Permissions that the last token carried; `None` while unknown.
    pub granted: Option<PermissionSet>,
    pub policy: Policy,
    pub state: ConnectionState,
    /// Why it is not `active`.
    pub diagnosis: Option<Diagnosis>,
    #[serde(skip)]
    pub data_key_id: Option<DataKeyId>,
    /// Counts changes; an update names the version that it read.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
