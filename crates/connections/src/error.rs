use std::sync::Arc;

use model::{ConnectionState, Diagnosis, RemoteIds};
use secrecy::SecretString;
use store::GaveWay;

/// What a person who connects something can do about a failure.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("there is no {what} `{id}` here")]
    NotFound { what: &'static str, id: String },
    #[error("{what} exists already")]
    Exists { what: String },
    #[error("`{field}`: {message}")]
    Invalid {
        field: &'static str,
        message: String,
    },
    /// The method, or what was asked, is not to be had for this service.
    #[error("{reason}")]
    Unsupported { reason: String, instead: String },
    #[error("{reason}")]
    Forbidden { reason: String },
    /// An API key with limits of its own, which might change what limits it.
    #[error("this API key is limited, and a limited key changes nothing")]
    LimitedKey,
    /// Entra said no. Nothing was changed.
    #[error("{}", .0.cause)]
    Refused(Box<Diagnosis>),
    /// Entra gave no answer. Nothing was changed.
    #[error("{}", .0.cause)]
    Unanswered(Box<Diagnosis>),
    /// Whoever was asked to consent said no. Nothing was changed.
    #[error("{}", .0.cause)]
    ConsentRefused(Box<Diagnosis>),
    /// The connection's state allows no call until somebody acts.
    #[error("the connection is `{state}`{}", because(.diagnosis.as_deref()))]
    NotUsable {
        state: ConnectionState,
        diagnosis: Option<Box<Diagnosis>>,
    },
    /// Somebody else changed it meanwhile: read it again.
    #[error("it was changed by somebody else meanwhile")]
    Conflict,
    #[error(transparent)]
    Attempt(#[from] AttemptError),
    #[error(transparent)]
    SetUp(#[from] SetUpError),
    /// Only an administrator of Microsoft's tenant may consent. The person may wait where the secret leads.
    #[error("an administrator of the Microsoft tenant has to consent: {}", .diagnosis.cause)]
    ApprovalNeeded {
        diagnosis: Box<Diagnosis>,
        waiting: SecretString,
    },
    /// Microsoft, or the way there, did not answer: try again later.
    #[error("Microsoft could not be reached: {0}")]
    Unreachable(String),
    #[error("a secret could not be opened")]
    Vault(#[from] vault::Error),
    #[error("a record could not be read or written")]
    Store(#[source] Arc<store::Error>),
    /// What Microsoft answered makes no sense.
    #[error("Microsoft's answer could not be used: {0}")]
    Unexpected(String),
}

/// What the database says is there already, in words: it names a column, or a constraint.
fn taken(what: &str) -> String {
    let known = [
        ("app_registrations", "an app registration of this name"),
        ("connections", "a connection of this name"),
    ];
    let found = known.into_iter().find(|(table, _)| what.starts_with(table));
    found.map_or(what, |(_, words)| words).to_owned()
}

fn because(diagnosis: Option<&Diagnosis>) -> String {
    diagnosis.map_or_else(String::new, |diagnosis| format!(": {}", diagnosis.cause))
}

/// Why a browser's way through consent ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttemptError {
    #[error("this connect link is not known; it may have been mistyped or used already")]
    Unknown,
    #[error("this connect link has expired; it was good for ten minutes")]
    Expired,
    #[error("this connect link was used already")]
    Used,
    #[error("the answer does not belong to any sign-in that was started here")]
    StateMismatch,
    #[error("this sign-in was started in another browser")]
    WrongBrowser,
    #[error("`{got}` signed in, but this connection belongs to `{expected}`")]
    AccountMismatch { expected: String, got: String },
}

/// Why a set-up without the portal does not go on here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetUpError {
    #[error("the administrator of this set-up is not known to the process that was asked")]
    NeedsSignIn,
    #[error(
        "somebody signed in for another set-up of the same name, which goes on instead of this one"
    )]
    TakenOver,
}

impl SetUpError {
    pub fn code(self) -> &'static str {
        match self {
            Self::NeedsSignIn => "set_up_needs_sign_in",
            Self::TakenOver => "set_up_taken_over",
        }
    }
}

impl AttemptError {
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "attempt_unknown",
            Self::Expired => "attempt_expired",
            Self::Used => "attempt_used",
            Self::StateMismatch => "state_mismatch",
            Self::WrongBrowser => "wrong_browser",
            Self::AccountMismatch { .. } => "account_mismatch",
        }
    }
}

impl Error {
    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound {
                what: "connection", ..
            } => "connection_not_found",
            Self::NotFound { .. } => "not_found",
            Self::Exists { .. } => "name_taken",
            Self::Invalid { .. } => "invalid_input",
            Self::Unsupported { .. } => "unsupported_method",
            Self::Forbidden { .. } | Self::LimitedKey => "forbidden",
            Self::Refused(_) => "refused_by_entra",
            Self::ConsentRefused(_) => "consent_refused",
            Self::ApprovalNeeded { .. } => "approval_needed",
            Self::NotUsable { .. } => "connection_unusable",
            Self::Conflict => "version_conflict",
            Self::Attempt(attempt) => attempt.code(),
            Self::SetUp(set_up) => set_up.code(),
            Self::Unreachable(_) | Self::Unanswered(_) => "unreachable",
            Self::Store(_) if self.is_database_gone() => "database_unavailable",
            Self::Vault(_) | Self::Store(_) | Self::Unexpected(_) => "internal",
        }
    }

    /// Whether the database does not answer, or takes no change; it may tomorrow.
    pub fn is_database_gone(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient())
    }

    /// The diagnosis, where the failure has one.
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        match self {
            Self::Refused(diagnosis)
            | Self::Unanswered(diagnosis)
            | Self::ConsentRefused(diagnosis)
            | Self::ApprovalNeeded { diagnosis, .. } => Some(diagnosis),
            Self::NotUsable { diagnosis, .. } => diagnosis.as_deref(),
            _ => None,
        }
    }

    /// Microsoft's code where it said one, else ours: for the activity log.
    pub(crate) fn evidence_code(&self) -> String {
        self.diagnosis()
            .map(|diagnosis| diagnosis.evidence.code.clone())
            .filter(|code| !code.is_empty())
            .unwrap_or_else(|| self.code().to_owned())
    }

    pub(crate) fn remote_ids(&self) -> RemoteIds {
        self.diagnosis()
            .map_or_else(RemoteIds::default, |diagnosis| {
                diagnosis.evidence.remote_ids()
            })
    }

    pub(crate) fn no_connection(id: &(impl ToString + ?Sized)) -> Self {
        Self::NotFound {
            what: "connection",
            id: id.to_string(),
        }
    }
}

impl GaveWay for Error {
    fn gave_way(&self) -> bool {
        matches!(self, Self::Store(error) if error.gave_way())
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Exists { what } => Self::Exists { what: taken(&what) },
            store::Error::Dangling(_) => Self::Conflict,
            other => Self::Store(Arc::new(other)),
        }
    }
}
