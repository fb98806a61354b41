use std::net::SocketAddr;

/// Where a request came in. Every request carries one in its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    Tcp(SocketAddr),
    /// The socket in the data directory, which only its owner can open.
    Socket,
}
