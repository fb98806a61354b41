use std::sync::Arc;
use std::time::Duration;

use model::{ConnectionState, Diagnosis};
use store::GaveWay;

/// Why there is no token. Cheap to clone: everybody who waited for one renewal gets the same.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum BrokerError {
    /// The connection waits for somebody; nothing was sent.
    #[error("the connection is `{state}`")]
    Unusable {
        state: ConnectionState,
        diagnosis: Option<Box<Diagnosis>>,
    },
    /// Entra refused, and will until somebody acts. The state is set.
    #[error("{}", .0.cause)]
    Refused(Box<Diagnosis>),
    /// Entra, or the way there, has trouble: try again later.
    #[error("{message}")]
    Transient {
        message: String,
        diagnosis: Option<Box<Diagnosis>>,
        /// As Entra asked, where it did.
        retry_after: Option<Duration>,
    },
    /// Another replica renews this token and has not finished.
    #[error("another replica is renewing this token; try again in a moment")]
    Busy,
    #[error("the token could not be read or stored")]
    Internal(#[source] Arc<crate::Error>),
}

impl BrokerError {
    /// Whether the database did not answer; it may tomorrow.
    pub(super) fn is_database_gone(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_database_gone())
    }
}

impl GaveWay for BrokerError {
    fn gave_way(&self) -> bool {
        matches!(self, Self::Internal(error) if error.gave_way())
    }
}

impl From<store::Error> for BrokerError {
    fn from(error: store::Error) -> Self {
        crate::Error::from(error).into()
    }
}

impl From<crate::Error> for BrokerError {
    fn from(error: crate::Error) -> Self {
        match error {
            crate::Error::NotUsable { state, diagnosis } => Self::Unusable { state, diagnosis },
            other => Self::Internal(Arc::new(other)),
        }
    }
}

impl From<BrokerError> for crate::Error {
    fn from(error: BrokerError) -> Self {
        match error {
            BrokerError::Unusable { state, diagnosis } => Self::NotUsable { state, diagnosis },
            BrokerError::Refused(diagnosis) => Self::Refused(diagnosis),
            BrokerError::Transient { message, .. } => Self::Unreachable(message),
            BrokerError::Busy => Self::Unreachable(BrokerError::Busy.to_string()),
            BrokerError::Internal(error) => match &*error {
                Self::Invalid { field, message } => Self::Invalid {
                    field,
                    message: message.clone(),
                },
                Self::NotFound { what, id } => Self::NotFound {
                    what,
                    id: id.clone(),
                },
                Self::Conflict => Self::Conflict,
                Self::Store(error) => Self::Store(Arc::clone(error)),
                other => Self::Unexpected(other.to_string()),
            },
        }
    }
}
