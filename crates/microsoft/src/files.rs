//! Bytes of files. They travel by addresses that carry their own proof: Microsoft Graph hands one out for each upload,
//! download and copy, it is as good as a token while it lasts, and no token is ever sent to it.
//!
//! Sources: Microsoft Graph docs, `driveitem-createuploadsession`, `driveitem-get-content`, `long-running-actions-overview`.

mod download;
mod proof_url;
mod quick_xor;
mod tally;
#[cfg(test)]
mod tests;
mod upload;

pub use self::download::{Download, Opened};
pub use self::proof_url::ProofUrl;
use self::quick_xor::QuickXor;
pub use self::tally::Tally;
pub use self::upload::{Content, Mark, Note, Sequence, UploadError, UploadSession, Uploaded};
