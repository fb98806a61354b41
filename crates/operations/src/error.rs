use bytes::Bytes;
use connections::BrokerError;
use microsoft::{CallError, TransportError};
use model::{ActivityId, Diagnosis};

use crate::policy::Deed;

/// What the caller of an operation can do about a failure.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("there is no operation `{id}`")]
    OperationNotFound {
        id: String,
        nearest: Vec<&'static str>,
    },
    /// The input does not fit the operation's schema. Nothing was sent.
    #[error("{message}")]
    Input {
        code: &'static str,
        field: Option<String>,
        message: String,
    },
    /// Consentry does not let it. Nothing was sent.
    #[error("{reason}")]
    Denied { reason: String, instead: String },
    /// Microsoft does not offer it to this kind of connection. Nothing was sent.
    #[error("{reason}")]
    Unsupported { reason: String, instead: String },
    /// The token's grant does not cover it. Nothing was sent.
    #[error("{}", .0.cause)]
    PermissionMissing(Box<Diagnosis>),
    #[error(transparent)]
    Connection(connections::Error),
    /// Microsoft answered, and the answer is a refusal.
    #[error("{}", diagnosis.cause)]
    Microsoft {
        status: u16,
        diagnosis: Box<Diagnosis>,
        body: Bytes,
        retry_after: Option<u64>,
    },
    /// Not sent for sure, or a read that can be repeated.
    #[error("Microsoft could not be reached: {0}")]
    Unreachable(String),
    #[error("Microsoft did not answer in time: {0}")]
    TimedOut(String),
    /// Not sent: Microsoft's limits left no room until the deadline.
    #[error("{0}")]
    Held(String),
    /// A write may or may not have happened, and nothing tells.
    #[error("it is not known whether this happened: {message}")]
    Uncertain {
        activity: Option<ActivityId>,
        message: String,
    },
    /// The same key is being worked on right now.
    #[error("a request with this idempotency key is still running")]
    InProgress,
    /// The same key came with another request before.
    #[error("this idempotency key was used for another request")]
    KeyMismatch,
    #[error("the answer is larger than {limit} bytes")]
    TooLarge { limit: usize },
    /// Something answered in Microsoft's place, or an answer is damaged.
    #[error("the answer could not be used: {0}")]
    Unusable(String),
    #[error("something unexpected happened: {0}")]
    Unexpected(String),
}

/// What to do about input that does not fit, where no operation is known that would say what does.
pub const DOES_NOT_FIT: &str = "correct it and send it again";

impl Error {
    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OperationNotFound { .. } => "operation_not_found",
            Self::Input { code, .. } => code,
            Self::Denied { .. } => "policy_denied",
            Self::Unsupported { .. } => "unsupported_method",
            Self::PermissionMissing(_) => "permission_missing",
            Self::Connection(error) => error.code(),
            Self::Microsoft { status: 429, .. } | Self::Held(_) => "throttled",
            Self::Microsoft { .. } => "refused_by_microsoft",
            Self::Unreachable(_) => "unreachable",
            Self::TimedOut(_) => "timed_out",
            Self::Uncertain { .. } => "uncertain",
            Self::InProgress => "idempotency_in_progress",
            Self::KeyMismatch => "idempotency_mismatch",
            Self::TooLarge { .. } => "answer_too_large",
            Self::Unusable(_) => "unusable_answer",
            Self::Unexpected(_) => "internal",
        }
    }

    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        match self {
            Self::PermissionMissing(diagnosis) | Self::Microsoft { diagnosis, .. } => {
                Some(diagnosis)
            }
            Self::Connection(error) => error.diagnosis(),
            _ => None,
        }
    }

    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Input { field, .. } => field.as_deref(),
            Self::Connection(connections::Error::Invalid { field, .. }) => Some(field),
            _ => None,
        }
    }

    /// What to do next, where it is more than the message says.
    pub fn next_step(&self) -> Option<String> {
        match self {
            Self::OperationNotFound { nearest, .. } if !nearest.is_empty() => {
                Some(format!("did you mean `{}`?", nearest.join("`, `")))
            }
            Self::OperationNotFound { .. } => Some("list them: `consentry operations list`".to_owned()),
            Self::Input { .. } => {
                Some(DOES_NOT_FIT.to_owned())
            }
            Self::Denied { instead, .. } | Self::Unsupported { instead, .. } => Some(instead.clone()),
            Self::Uncertain { .. } => {
                Some("look at the target whether it happened; repeat it with a new idempotency key if not".to_owned())
            }
            Self::InProgress => Some("repeat the request in a moment with the same key".to_owned()),
            Self::KeyMismatch => Some("use a new key for a new request".to_owned()),
            Self::Unreachable(_) | Self::TimedOut(_) => Some("try again in a moment".to_owned()),
            Self::Unusable(_) => Some(
                "try again; if it lasts, something between this server and Microsoft answers in its place: a proxy, a portal"
                    .to_owned(),
            ),
            Self::Held(_) => Some("spread the work over more time: the limit is Microsoft's".to_owned()),
            Self::TooLarge { .. } => Some("ask for less at a time, with `select` and `top`".to_owned()),
            _ => self.diagnosis()?.remedy.first().map(|step| step.text.clone()),
        }
    }

    /// With the operation and its target in what it says, where they are not yet.
    pub(crate) fn during(self, deed: &Deed) -> Self {
        let place = deed.target.as_deref();
        let place = place.map_or_else(String::new, |target| format!(" in `{target}`"));
        let what = format!("`{}`{place}", deed.action);
        let name = format!("`{}`", deed.action);
        let named = |message: String| {
            if message.contains(&what) {
                message
            } else if message.contains(&name) {
                message.replacen(&name, &what, 1)
            } else {
                format!("{what}: {message}")
            }
        };
        match self {
            Self::Unreachable(message) => Self::Unreachable(named(message)),
            Self::TimedOut(message) => Self::TimedOut(named(message)),
            Self::Held(message) => Self::Held(named(message)),
            Self::Unusable(message) => Self::Unusable(named(message)),
            Self::Unexpected(message) => Self::Unexpected(named(message)),
            Self::Uncertain { activity, message } => Self::Uncertain {
                activity,
                message: named(message),
            },
            Self::Denied { reason, instead } => Self::Denied {
                reason: named(reason),
                instead,
            },
            Self::Microsoft {
                status,
                mut diagnosis,
                body,
                retry_after,
            } => {
                diagnosis.cause = named(diagnosis.cause);
                Self::Microsoft {
                    status,
                    diagnosis,
                    body,
                    retry_after,
                }
            }
            Self::PermissionMissing(mut diagnosis) => {
                diagnosis.cause = named(diagnosis.cause);
                Self::PermissionMissing(diagnosis)
            }
            other => other,
        }
    }

    /// Whether a write that failed so may have happened all the same.
    pub(crate) fn may_have_happened(&self) -> bool {
        match self {
            Self::Uncertain { .. } | Self::TooLarge { .. } => true,
            // 501 says that there is nothing of the kind, and so that nothing was done.
            Self::Microsoft { status, .. } => *status >= 500 && *status != 501,
            _ => false,
        }
    }
}

impl From<connections::Error> for Error {
    fn from(error: connections::Error) -> Self {
        match error {
            connections::Error::Unreachable(message) => Self::Unreachable(message),
            other => Self::Connection(other),
        }
    }
}

impl From<BrokerError> for Error {
    fn from(error: BrokerError) -> Self {
        connections::Error::from(error).into()
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Connection(error.into())
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Transport(error) => error.into(),
            other => Self::Unexpected(other.to_string()),
        }
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::TooLarge { limit, .. } => Self::TooLarge { limit },
            _ if error.may_have_happened() => Self::Uncertain {
                activity: None,
                message: error.to_string(),
            },
            TransportError::TimedOut { .. } => Self::TimedOut(error.to_string()),
            TransportError::Held { .. } => Self::Held(error.to_string()),
            TransportError::Invalid { .. } => Self::Unusable(error.to_string()),
            other => Self::Unreachable(other.to_string()),
        }
    }
}
