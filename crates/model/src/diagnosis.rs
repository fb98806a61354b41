use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::RemoteIds;

/// The three groups of the product's troubleshooting page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    ConnectionFailed,
    PermissionDenied,
    TokenRefreshFailed,
}

impl Group {
    pub fn title(self) -> &'static str {
        match self {
            Self::ConnectionFailed => "Connection failed",
            Self::PermissionDenied => "Permission denied",
            Self::TokenRefreshFailed => "Token refresh failed",
        }
    }
}

/// Who must act before it works again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The user whose account is connected.
    User,
    /// An administrator of the Microsoft tenant.
    Administrator,
    /// Whoever runs Consentry.
    Operator,
    /// Nobody: it is retried by itself.
    Nobody,
}

/// What Microsoft said, kept for a support case.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// `AADSTS7000222`, `ErrorAccessDenied`, …
    pub code: String,
    /// Microsoft's own sentence, whole.
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The id that we sent along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_request_id: Option<String>,
    /// Id of the token that was refused, or sent along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uti: Option<String>,
    /// JSON of what Microsoft wants a new token to meet: a claims challenge. The next consent asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// One thing to do, with the link or command that does it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemedyStep {
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

impl Evidence {
    /// The ids in it, for the activity log.
    pub fn remote_ids(&self) -> RemoteIds {
        RemoteIds {
            request_id: self.request_id.clone(),
            client_request_id: self.client_request_id.clone(),
            trace_id: self.trace_id.clone(),
            correlation_id: self.correlation_id.clone(),
            uti: self.uti.clone(),
        }
    }
}

/// A failure explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    pub group: Group,
    /// One sentence for a person.
    pub cause: String,
    pub act: Act,
    pub remedy: Vec<RemedyStep>,
    pub evidence: Evidence,
    /// Whether the code was recognised. An unknown one is shown whole and said to be unknown.
    pub known: bool,
}
