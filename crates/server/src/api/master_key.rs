use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::App;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::start::forget_master_keys;

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
    /// Wrap nothing any more: they may be taken out of the configuration.
    removable: Vec<String>,
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
    let removable: Vec<_> = ids.collect();
    forget_master_keys(app.store(), &current).await?;
    app.record_change(&caller, "master_key.rewrap", &current)
        .await?;
    Ok(Json(Done {
        rewrapped,
        current,
        removable,
    }))
}
