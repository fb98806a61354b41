//! Why a sandbox did not start.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What keeps a sandbox from starting.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is taken or not one of this machine's.
    #[error("the sandbox cannot listen on `{address}`")]
    Listen {
        /// As asked for in [`crate::Options`].
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// The data directory, or a file in it, cannot be read or written.
    #[error("the sandbox cannot use `{}`", path.display())]
    Data {
        /// The file or directory concerned.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file of the data directory is not what an earlier sandbox wrote; removing it starts afresh.
    #[error("`{}` is damaged; remove it to start with a new sandbox", path.display())]
    Damaged {
        /// The file concerned.
        path: PathBuf,
    },
    /// The certificates for TLS could not be made.
    #[error("the sandbox cannot make its certificates for TLS")]
    Certificates(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The system's random source failed while a signing key was made.
    #[error("the sandbox cannot make a signing key")]
    SigningKey,
}
