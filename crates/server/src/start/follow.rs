//! A process follows the others to another master key: it reads its keyring anew when it sees that it is behind.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::keyring;
use crate::App;

/// How often it is looked whether another process has another master key.
const LOOK: Duration = Duration::from_secs(1);
/// A keyring that did not help is not read again for so long: a command behind it may be slow, or counted.
const REST: Duration = Duration::from_secs(5);

pub(super) fn start(app: &App, stop: &CancellationToken) {
    let (app, stop) = (app.clone(), stop.clone());
    app.context().tasks.clone().spawn(async move {
        let mut turns = interval(LOOK);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = turns.tick() => {
                    if !look(&app).await {
                        turns.reset_after(REST);
                    }
                }
            }
        }
    });
}

/// False when this process is behind, and stays so.
async fn look(app: &App) -> bool {
    // A database that does not answer is others' business.
    if keyring::advance(app.context()).await.is_err() {
        return true;
    }
    if !matches!(keyring::is_behind(app.context()).await, Ok(true)) {
        return true;
    }
    match keyring::reload(app.config(), app.context()).await {
        Ok(differs) => differs,
        Err(error) => {
            tracing::warn!(error = %error, "another process uses a master key that this one cannot get");
            false
        }
    }
}
