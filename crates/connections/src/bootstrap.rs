//! Set-up without the portal: an administrator signs in once, and what an application needs is made in their name.
//!
//! An attempt lives in the memory of the process that began it, and the administrator's tokens in it and nowhere else: they are
//! dropped with its end, with its failure, and half an hour after its beginning. It goes on one step at a time and only when it
//! is asked to ([`Bootstraps::next`]), so that nothing runs by itself with an administrator's rights, and waiting costs no task.
//! Whatever stops it: another attempt with the same name finds what was made, and makes the rest.
//!
//! Sources: <https://learn.microsoft.com/graph/application-provisioning-api>,
//! <https://learn.microsoft.com/graph/permissions-grant-via-msgraph>

mod administrator;
mod at_microsoft;
mod attempt;
mod plan;
mod refusal;
mod sign_in;
mod steps;
mod wanted;

use std::sync::Arc;
use std::time::Duration;

use model::random_token;
use moka::sync::Cache;
use secrecy::SecretString;
use tokio::sync::Mutex;

use attempt::Attempt;
pub use attempt::{Failure, Progress, State, StepProgress, StepState};
pub use plan::{By, Plan, PlannedStep, SignInPlan};
pub use sign_in::SignIn;
pub use wanted::{Wanted, WantedConnection, WantedProof};

use crate::{Caller, Error, Lifecycle, Result};

/// Attempts that are remembered at a time.
const MOST: u64 = 64;
/// How long one is remembered. A sign-in takes fifteen minutes at most, and a token lives for an hour.
const LIFETIME: Duration = Duration::from_mins(30);

/// The attempts of this process. Cheap to clone.
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
        let plan = self.plan(caller, &wanted)?;
        let begun = Attempt::begin(&self.life, caller, wanted, &plan, sign_in).await;
        self.life
            .context
            .record(caller, "bootstrap.begin", None, begun.as_ref().err())
            .await?;
        let id = random_token(&*self.life.context.random);
        let attempt = begun?;
        let progress = attempt.progress(&id, &self.life.context);
        self.attempts.insert(id, Arc::new(Mutex::new(attempt)));
        Ok(progress)
    }

    /// How far it is.
    pub async fn look(&self, caller: &Caller, id: &str) -> Result<Progress> {
        let attempt = self.find(caller, id).await?;
        let attempt = attempt.lock().await;
        Ok(attempt.progress(id, &self.life.context))
    }

    /// Goes on by one question to Entra, or by one step; nothing happens before it is time again.
    pub async fn next(&self, caller: &Caller, id: &str) -> Result<Progress> {
        let attempt = self.find(caller, id).await?;
        let mut attempt = attempt.lock().await;
        attempt.next(&self.life).await?;
        Ok(attempt.progress(id, &self.life.context))
    }

    /// The code that the browser brought back from Microsoft, with the state that it left with.
    pub async fn redeem(
        &self,
        caller: &Caller,
        id: &str,
        code: &SecretString,
        state: &str,
    ) -> Result<Progress> {
        let attempt = self.find(caller, id).await?;
        let mut attempt = attempt.lock().await;
        attempt.redeem(&self.life, code, state).await?;
        Ok(attempt.progress(id, &self.life.context))
    }

    /// Ends it where it is, and forgets the administrator.
    pub async fn cancel(&self, caller: &Caller, id: &str) -> Result<()> {
        self.find(caller, id).await?;
        self.attempts.invalidate(id);
        self.life
            .context
            .record(caller, "bootstrap.cancel", None, None)
            .await
    }

    async fn find(&self, caller: &Caller, id: &str) -> Result<Arc<Mutex<Attempt>>> {
        self.attempts.run_pending_tasks();
        let missing = || Error::NotFound {
            what: "set-up",
            id: id.to_owned(),
        };
        let found = self.attempts.get(id).ok_or_else(missing)?;
        let is_theirs = found.lock().await.is_of(caller);
        if is_theirs { Ok(found) } else { Err(missing()) }
    }
}
