use serde::Deserialize;

/// `[webhooks]`: where events may be sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Lets webhooks reach this machine, by http too: for development. Off, only public https addresses are reached.
    pub allow_loopback: bool,
}
