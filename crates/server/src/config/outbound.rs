use std::path::PathBuf;
use std::time::Duration;

use connections::Entras;
use microsoft::{Budgets, TransportOptions};
use serde::Deserialize;

/// `[outbound]`: how requests to Microsoft travel.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outbound {
    /// PEM certificates that are trusted besides the machine's own: a company's proxy, for one.
    pub ca_file: Option<PathBuf>,
    /// Longest wait for a connection, in seconds. 10.
    pub connect_timeout_secs: Option<u64>,
    /// Longest wait of one attempt for an answer to begin, in seconds. 30.
    pub request_timeout_secs: Option<u64>,
    /// Whether calls wait in line for Microsoft's published limits. Without it they are sent at once, and Microsoft refuses
    /// what is too much. True.
    pub budgets: Option<bool>,
    /// Whether Microsoft is told that claims challenges are answered (continuous access evaluation). Access then ends within
    /// minutes of a revoked session, and access tokens, raw ones among them, are good for a day otherwise. False.
    pub continuous_access: bool,
}

impl Outbound {
    pub(crate) fn entras(&self) -> Entras {
        if self.continuous_access {
            Entras::answering_challenges()
        } else {
            Entras::default()
        }
    }

    pub(crate) fn options(&self) -> TransportOptions {
        let defaults = TransportOptions::default();
        let seconds = |given: Option<u64>, or| given.map_or(or, Duration::from_secs);
        TransportOptions {
            ca_file: self.ca_file.clone(),
            connect_timeout: seconds(self.connect_timeout_secs, defaults.connect_timeout),
            request_timeout: seconds(self.request_timeout_secs, defaults.request_timeout),
            budgets: match self.budgets {
                Some(false) => Budgets::off(),
                _ => defaults.budgets,
            },
            ..defaults
        }
    }
}
