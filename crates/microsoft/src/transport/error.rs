use std::fmt;
use std::time::Duration;

use http::Method;

/// What was tried. Its URL has lost query and fragment, and the path too where that is a secret.
#[derive(Debug, Clone)]
pub struct Attempted {
    pub method: Method,
    pub url: String,
    /// Zero when nothing was tried.
    pub attempts: u32,
    pub elapsed: Duration,
    /// The id under which Microsoft may know it.
    pub client_request_id: Option<String>,
}

impl fmt::Display for Attempted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{} {}`", self.method, self.url)?;
        if self.attempts > 1 {
            write!(f, " ({} attempts)", self.attempts)?;
        }
        Ok(())
    }
}

type Source = Box<dyn std::error::Error + Send + Sync>;

/// No answer, or none that could be read. The variants differ in what the caller may do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// For sure not sent: it can be tried again.
    #[error("{request} cannot be reached")]
    Unreachable {
        request: Box<Attempted>,
        source: Source,
    },
    /// The connection broke after sending had begun: it may have happened.
    #[error("{request} broke off before its answer was complete")]
    Interrupted {
        request: Box<Attempted>,
        source: Source,
    },
    /// `sent` is false only where it is certain that nothing was.
    #[error("{request} got no answer within {} ms", request.elapsed.as_millis())]
    TimedOut { request: Box<Attempted>, sent: bool },
    /// Not sent: what Microsoft allows was used up until the deadline.
    #[error("{request} waited {} ms for its turn: {budget} are used up", request.elapsed.as_millis())]
    Held {
        request: Box<Attempted>,
        /// What it waited for, with the published limit.
        budget: String,
    },
    /// An answer came, and is larger than the caller takes.
    #[error("{request} was answered with more than {limit} bytes")]
    TooLarge {
        request: Box<Attempted>,
        limit: usize,
    },
    /// Refused before sending (no attempts), or answered with what cannot be read.
    #[error("{request} is not valid: {reason}")]
    Invalid {
        request: Box<Attempted>,
        reason: &'static str,
    },
}

impl TransportError {
    pub fn request(&self) -> &Attempted {
        match self {
            Self::Unreachable { request, .. }
            | Self::Interrupted { request, .. }
            | Self::TimedOut { request, .. }
            | Self::Held { request, .. }
            | Self::TooLarge { request, .. }
            | Self::Invalid { request, .. } => request,
        }
    }

    /// Whether Microsoft may have done what was asked.
    pub fn may_have_happened(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Held { .. } => false,
            Self::TimedOut { sent, .. } => *sent,
            Self::Interrupted { .. } | Self::TooLarge { .. } => true,
            Self::Invalid { request, .. } => request.attempts > 0,
        }
    }

    /// Whether the same may well work a little later.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Interrupted { .. }
                | Self::TimedOut { .. }
                | Self::Held { .. }
        )
    }

    /// Stable, for answers, logs and documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "transport.unreachable",
            Self::Interrupted { .. } => "transport.interrupted",
            Self::TimedOut { .. } => "transport.timed_out",
            Self::Held { .. } => "transport.held",
            Self::TooLarge { .. } => "transport.too_large",
            Self::Invalid { .. } => "transport.invalid",
        }
    }

    /// The next step, for a person.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => {
                "check name resolution, proxy, firewall and certificates of the machine that Consentry runs on"
            }
            Self::Interrupted { .. } | Self::TimedOut { sent: true, .. } => {
                "look whether it happened before repeating it"
            }
            Self::TimedOut { .. } => "try again, or allow more time",
            Self::Held { .. } => {
                "spread the work over more time, or allow a longer deadline: the limit is Microsoft's"
            }
            Self::TooLarge { .. } => "ask for fewer items or fields, or stream the answer",
            Self::Invalid { .. } => {
                "report it with the request's id if it happens with an unchanged catalogue"
            }
        }
    }
}
