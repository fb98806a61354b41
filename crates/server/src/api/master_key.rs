use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::App;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::start::removable_master_keys;

/// The master keys that the server was started with.
#[derive(Serialize)]
pub(crate) struct MasterKeys {
    /// Wraps every data key that is made from now on.
    current: String,
    /// Still open what they wrapped.
    older: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct Done {
    /// Data keys that were under an older master key.
    rewrapped: u64,
    current: String,
    /// Wrap nothing any more, and no process wraps by them: they may be taken out of the configuration.
    removable: Vec<String>,
    /// Older keys by which another process still wraps, or did not say: start it with the current one, and ask again.
    still_needed: Vec<String>,
}

pub(crate) async fn show(State(app): State<App>, _caller: Caller) -> Json<MasterKeys> {
    let mut ids = app.context().seals.master_keys().into_iter();
    Json(MasterKeys {
        current: ids.next().unwrap_or_default(),
        older: ids.collect(),
    })
}

pub(crate) async fn rewrap(State(app): State<App>, caller: Caller) -> Result<Json<Done>, Problem> {
    caller.may_change()?;
    let seals = &app.context().seals;
    let rewrapped = seals.rewrap().await?;
    let mut ids = seals.master_keys().into_iter();
    let current = ids.next().unwrap_or_default();
    let older: Vec<_> = ids.collect();
    let removable = removable_master_keys(app.context(), &older).await?;
    let still_needed = older
        .into_iter()
        .filter(|id| !removable.contains(id))
        .collect();
    app.record_change(&caller, "master_key.rewrap", &current)
        .await?;
    Ok(Json(Done {
        rewrapped,
        current,
        removable,
        still_needed,
    }))
}
