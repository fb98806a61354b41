use std::path::PathBuf;
use std::time::Duration;

use super::RetryPolicy;
use crate::Budgets;

/// How an installation's requests are sent. Beyond this machine the usual proxy variables, `HTTPS_PROXY` and `NO_PROXY`,
/// hold.
#[derive(Debug, Clone)]
pub struct TransportOptions {
    /// PEM certificates that are trusted besides the machine's own: a company's, or the sandbox's.
    pub ca_file: Option<PathBuf>,
    /// Longest wait for a connection, TLS included. Ten seconds unless configured.
    pub connect_timeout: Duration,
    /// Longest wait of one attempt for the answer's headers, and for each further piece of its body. Thirty seconds
    /// unless configured. An attempt that uploads a megabyte or more has until the request's deadline instead.
    pub request_timeout: Duration,
    /// In the form `NONISV|Company|App/1.0`, by which sites and drives throttle less.
    pub user_agent: String,
    pub retry: RetryPolicy,
    /// Microsoft's limits, shared by everything that sends with these options.
    pub budgets: Budgets,
}

impl Default for TransportOptions {
    fn default() -> Self {
        Self {
            ca_file: None,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            user_agent: "NONISV|Consentry|Consentry/0.0".to_owned(),
            retry: RetryPolicy::default(),
            budgets: Budgets::published(),
        }
    }
}
