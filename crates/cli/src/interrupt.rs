//! When to stop.

use tokio::signal::unix::{SignalKind, signal};

/// Returns once somebody asks this process to end: ctrl-c, or the signal of a service manager.
pub(crate) async fn asked() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        // Without the signal there is still ctrl-c, and without that nothing to wait for.
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
