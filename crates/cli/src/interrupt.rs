//! When to stop.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Notices that somebody asks this process to end: ctrl-c, or a service manager. From when it is made the process no
/// longer ends by itself, so it is made before anything is started that wants an orderly end.
pub(crate) struct Interrupt {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupt {
    pub(crate) fn watch() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Returns once it was asked for.
    pub(crate) async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
