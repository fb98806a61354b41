//! Set-up without the portal: an administrator signs in once, and what an application needs is made in their name.
//!
//! The administrator's tokens are in the memory of the process where they signed in and nowhere else: they are dropped with the
//! attempt's end, with its failure, and half an hour after its beginning. How far it is, is kept in the database, so that every
//! process can tell, and each can go on with it after another sign-in ([`Bootstraps::sign_in`]). It goes on one step at a time and
//! only when it is asked to ([`Bootstraps::next`]), so that nothing runs by itself with an administrator's rights, and waiting
//! costs no task. Whatever stops it: another sign-in, or another attempt with the same name, finds what was made, and makes the
//! rest. Two never go on at once with the same name: the later sign-in stops the other.
//!
//! Sources: <https://learn.microsoft.com/graph/application-provisioning-api>,
//! <https://learn.microsoft.com/graph/permissions-grant-via-msgraph>

mod administrator;
mod at_microsoft;
mod attempt;
mod plan;
mod record;
mod refusal;
mod sign_in;
mod steps;
mod unique_name;
mod wanted;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use model::random_token;
use moka::sync::Cache;
use secrecy::SecretString;
use serde::Serialize;
use store::BootstrapRow;
use tokio::sync::Mutex;

use attempt::{Attempt, Known};
pub use attempt::{Connected, Failure, Progress, State, StepProgress, StepState};
pub use plan::{By, Plan, PlannedStep, SignInPlan};
pub use sign_in::SignIn;
pub use wanted::{Wanted, WantedConnection, WantedProof};

use crate::{Caller, Error, Lifecycle, Result, SetUpError};

/// Attempts that are remembered at a time.
const MOST: u64 = 64;
/// How long one is remembered. A sign-in takes fifteen minutes at most, and a token lives for an hour.
const LIFETIME: Duration = Duration::from_mins(30);

/// Attempts that are listed.
const LISTED: i64 = 50;

/// One attempt among others.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    pub id: String,
    /// Of the application that it makes.
    pub name: String,
    pub state: State,
    pub begun_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Attempts, with the administrators of this process. Cheap to clone.
#[derive(Clone)]
pub struct Bootstraps {
    life: Lifecycle,
    attempts: Cache<String, Arc<Mutex<Attempt>>>,
}

impl Bootstraps {
    pub fn new(life: Lifecycle) -> Self {
        let attempts = Cache::builder()
            .max_capacity(MOST)
            .time_to_live(LIFETIME)
            .build();
        Self { life, attempts }
    }

    /// What would be done, by whom, and who has to sign in. Nobody is asked anything.
    pub fn plan(&self, caller: &Caller, wanted: &Wanted) -> Result<Plan> {
        wanted.check(&self.life.context, caller)?;
        Plan::of(&self.life.context, wanted)
    }

    /// Begins with the sign-in: the code to enter, or the page to open.
    pub async fn begin(
        &self,
        caller: &Caller,
        wanted: Wanted,
        sign_in: SignIn,
    ) -> Result<Progress> {
        let id = random_token(&*self.life.context.random);
        let known = Known { id, begun_at: None };
        self.start(caller, wanted, sign_in, known).await
    }

    /// Goes on with a known one in this process, whatever became of the administrator who signed in before.
    pub async fn sign_in(&self, caller: &Caller, id: &str, sign_in: SignIn) -> Result<Progress> {
        let row = self.row(caller, id).await?;
        let known = Known {
            id: row.id,
            begun_at: Some(row.created_at),
        };
        let wanted = record::read(&row.wanted)?;
        self.start(caller, wanted, sign_in, known).await
    }

    async fn start(
        &self,
        caller: &Caller,
        wanted: Wanted,
        sign_in: SignIn,
        known: Known,
    ) -> Result<Progress> {
        let plan = self.plan(caller, &wanted)?;
        let attempt = Attempt::begin(&self.life, caller, wanted, &plan, sign_in, known);
        // It holds a sign-in and a plan at once, which makes every future above it large.
        let begun = Box::pin(attempt).await;
        self.life
            .context
            .record(caller, "bootstrap.begin", None, begun.as_ref().err())
            .await?;
        let attempt = begun?;
        let progress = attempt.progress(&self.life.context);
        let id = attempt.id().to_owned();
        self.attempts.insert(id, Arc::new(Mutex::new(attempt)));
        Ok(progress)
    }

    /// Those that the caller began, the latest first.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<Listed>> {
        let mut tx = self.life.context.store.read().await?;
        let rows = tx
            .bootstraps(caller.workspace_id, caller.member_id, LISTED)
            .await?;
        drop(tx);
        let mut all = Vec::new();
        for row in rows {
            let state = match self.here(caller, &row.id).await {
                Some(attempt) => attempt.lock().await.state(),
                None => record::state(&row),
            };
            all.push(Listed {
                id: row.id,
                name: row.name,
                state,
                begun_at: row.created_at,
                updated_at: row.updated_at,
            });
        }
        Ok(all)
    }

    /// How far it is, wherever it goes on.
    pub async fn look(&self, caller: &Caller, id: &str) -> Result<Progress> {
        if let Some(attempt) = self.here(caller, id).await {
            return Ok(attempt.lock().await.progress(&self.life.context));
        }
        let row = self.row(caller, id).await?;
        record::progress(&self.life.context.store, &row).await
    }

    /// Goes on by one question to Entra, or by one step; nothing happens before it is time again.
    pub async fn next(&self, caller: &Caller, id: &str) -> Result<Progress> {
        let Some(attempt) = self.here(caller, id).await else {
            let seen = self.look(caller, id).await?;
            return match seen.state {
                State::NeedsSignIn => Err(SetUpError::NeedsSignIn.into()),
                _ => Ok(seen),
            };
        };
        let mut attempt = attempt.lock().await;
        attempt.next(&self.life).await?;
        Ok(attempt.progress(&self.life.context))
    }

    /// The code that the browser brought back from Microsoft, with the state that it left with.
    pub async fn redeem(
        &self,
        caller: &Caller,
        id: &str,
        code: &SecretString,
        state: &str,
    ) -> Result<Progress> {
        let Some(attempt) = self.here(caller, id).await else {
            self.row(caller, id).await?;
            return Err(SetUpError::NeedsSignIn.into());
        };
        let mut attempt = attempt.lock().await;
        attempt.redeem(&self.life, code, state).await?;
        Ok(attempt.progress(&self.life.context))
    }

    /// Ends it where it is, and forgets the administrator. A process that goes on with it stops before its next step.
    pub async fn cancel(&self, caller: &Caller, id: &str) -> Result<()> {
        caller.may_change()?;
        self.row(caller, id).await?;
        self.attempts.invalidate(id);
        let mut tx = self.life.context.store.write().await?;
        tx.delete_bootstrap(caller.workspace_id, id).await?;
        tx.commit().await?;
        self.life
            .context
            .record(caller, "bootstrap.cancel", None, None)
            .await
    }

    /// One whose administrator signed in here.
    async fn here(&self, caller: &Caller, id: &str) -> Option<Arc<Mutex<Attempt>>> {
        self.attempts.run_pending_tasks();
        let found = self.attempts.get(id)?;
        let is_theirs = found.lock().await.is_of(caller);
        is_theirs.then_some(found)
    }

    /// What is kept of one that the caller began.
    async fn row(&self, caller: &Caller, id: &str) -> Result<BootstrapRow> {
        let mut tx = self.life.context.store.read().await?;
        let found = tx.bootstrap(caller.workspace_id, id).await?;
        found
            .filter(|row| row.begun_by == caller.member_id)
            .ok_or_else(|| Error::NotFound {
                what: "set-up",
                id: id.to_owned(),
            })
    }
}
