use std::time::Duration;

use axum::Json;
use axum::extract::State;
use connections::Context;
use http::StatusCode;
use serde::Serialize;
use tokio::time::sleep;

use crate::auth::Caller;
use crate::problem::{Problem, chain};
use crate::start::{is_master_key_shared, reload_keyring, removable_master_keys};
use crate::{App, StartError};

/// How often, and how long apart, it is looked whether every process has the new key: longer than a dead one is waited for.
const LOOKS: u32 = 60;
const PAUSE: Duration = Duration::from_millis(250);

/// The master keys that the server has.
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
    let seals = &app.context().seals;
    let next = seals.next_master_key();
    let mut ids = seals.master_keys().into_iter();
    Json(MasterKeys {
        current: ids.next().unwrap_or_default(),
        older: ids.filter(|id| Some(id) != next.as_ref()).collect(),
    })
}

pub(crate) async fn rewrap(State(app): State<App>, caller: Caller) -> Result<Json<Done>, Problem> {
    caller.may_change()?;
    let context = app.context();
    reload_keyring(app.config(), context)
        .await
        .map_err(|error| unusable(&error))?;
    share(context).await?;
    let seals = &context.seals;
    let rewrapped = seals.rewrap().await?;
    let mut ids = seals.master_keys().into_iter();
    let current = ids.next().unwrap_or_default();
    let older: Vec<_> = ids.collect();
    let removable = removable_master_keys(context, &older).await?;
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

/// Waits until every process wraps by the new key: what is wrapped by it must open everywhere.
async fn share(context: &Context) -> Result<(), Problem> {
    for _ in 0..LOOKS {
        if is_master_key_shared(context).await? {
            return Ok(());
        }
        sleep(PAUSE).await;
    }
    Err(Problem::new(
        StatusCode::CONFLICT,
        "master_key_not_everywhere",
        "another process does not use the current master key yet; nothing was rewrapped",
    )
    .next("give every process the same keyring, the new key first, and ask again"))
}

fn unusable(error: &StartError) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        error.code(),
        format!("the keyring cannot be used: {}", chain(error)),
    )
    .next("give every process a keyring that holds the older keys too, and ask again")
}
