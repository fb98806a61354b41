//! Mailboxes.

use serde::{Deserialize, Serialize};

/// Every mailbox of the sandbox.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Mail {}
