//! One attempt: what is wanted, how far it is, and the administrator for as long as it goes on.

use jiff::{SignedDuration, Timestamp};
use model::{AppRegistrationId, Diagnosis, Outcome};
use secrecy::SecretString;
use serde::Serialize;

use super::administrator::Administrator;
use super::plan::{Plan, Step};
use super::sign_in::{Pending, SignIn};
use super::steps::{Found, Result as StepResult, Work};
use super::wanted::Wanted;
use crate::{Caller, Context, Created, Error, Lifecycle, Result};

/// How long a step is tried for, while Microsoft's directory learns of what was made.
const PATIENCE: SignedDuration = SignedDuration::from_mins(3);
/// The longest pause between two tries.
const LONGEST_PAUSE: i64 = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The administrator has not signed in yet.
    SigningIn,
    Working,
    Done,
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    Pending,
    Made,
    /// It was there already.
    There,
    /// A person has to do it.
    ByHand,
    Failed,
}

#[derive(Debug, Clone, Serialize)]
pub struct StepProgress {
    pub id: String,
    pub text: String,
    pub state: StepState,
    /// What was made, what it waits for, or what is to be done.
    pub details: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// Why it ended.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    pub code: String,
    pub message: String,
    pub diagnosis: Option<Diagnosis>,
}

/// How far an attempt is, without anything secret.
#[derive(Debug, Clone, Serialize)]
pub struct Progress {
    pub id: String,
    pub state: State,
    /// What the administrator enters at the address below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification_uri: Option<String>,
    /// Or the page to open in the browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorize_url: Option<String>,
    /// When the sign-in has to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Seconds to let pass before asking for more; `None` when it is over.
    pub next_in_secs: Option<i64>,
    pub tenant_id: Option<String>,
    pub client_id: Option<String>,
    pub app_registration_id: Option<AppRegistrationId>,
    pub steps: Vec<StepProgress>,
    pub connections: Vec<Created>,
    pub failure: Option<Failure>,
}

enum Stage {
    SigningIn(Box<Pending>),
    Working {
        administrator: Box<Administrator>,
        at: usize,
        /// Since when the step is tried, and how often it was.
        since: Timestamp,
        tries: i64,
    },
    Done,
    Failed,
}

pub(super) struct Attempt {
    caller: Caller,
    wanted: Wanted,
    list: Vec<Step>,
    steps: Vec<StepProgress>,
    stage: Stage,
    not_before: Timestamp,
    found: Found,
    failure: Option<Failure>,
}

impl Attempt {
    pub(super) async fn begin(
        lifecycle: &Lifecycle,
        caller: &Caller,
        wanted: Wanted,
        plan: &Plan,
        sign_in: SignIn,
    ) -> Result<Self> {
        let pending = Pending::begin(&lifecycle.context, &plan.sign_in, sign_in).await?;
        let steps = plan.steps.iter().map(|step| StepProgress {
            id: step.id.clone(),
            text: step.text.clone(),
            state: StepState::Pending,
            details: step.details.clone(),
            link: step.link.clone(),
        });
        Ok(Self {
            steps: steps.collect(),
            list: Step::all(&wanted),
            not_before: pending.not_before,
            stage: Stage::SigningIn(Box::new(pending)),
            found: Found::new(caller, &wanted),
            caller: caller.clone(),
            wanted,
            failure: None,
        })
    }

    pub(super) fn is_of(&self, caller: &Caller) -> bool {
        self.caller.workspace_id == caller.workspace_id
            && self.caller.member_id == caller.member_id
            && self.caller.scope == caller.scope
    }

    pub(super) fn progress(&self, id: &str, context: &Context) -> Progress {
        let left = self.not_before.duration_since(context.now());
        let wait = left.as_secs() + i64::from(left.subsec_nanos() > 0);
        let (state, over) = match &self.stage {
            Stage::SigningIn(_) => (State::SigningIn, false),
            Stage::Working { .. } => (State::Working, false),
            Stage::Done => (State::Done, true),
            Stage::Failed => (State::Failed, true),
        };
        let pending = match &self.stage {
            Stage::SigningIn(pending) => Some(pending),
            _ => None,
        };
        let shown = pending.map(|pending| pending.shown());
        let text = |text: Option<&str>| text.map(str::to_owned);
        let shown = shown.as_ref();
        Progress {
            id: id.to_owned(),
            state,
            user_code: text(shown.and_then(|shown| shown.user_code)),
            verification_uri: text(shown.and_then(|shown| shown.verification_uri)),
            authorize_url: text(shown.and_then(|shown| shown.authorize_url)),
            expires_at: pending.map(|pending| pending.expires_at),
            next_in_secs: (!over).then_some(wait.max(0)),
            tenant_id: self.found.tenant_id.clone(),
            client_id: self
                .found
                .application
                .as_ref()
                .map(|it| it.client_id.clone()),
            app_registration_id: self.found.registration.as_ref().map(|it| it.id),
            steps: self.steps.clone(),
            connections: self.found.created.clone(),
            failure: self.failure.clone(),
        }
    }

    pub(super) async fn next(&mut self, lifecycle: &Lifecycle) -> Result<()> {
        let now = lifecycle.context.now();
        if now < self.not_before {
            return Ok(());
        }
        match &mut self.stage {
            Stage::Done | Stage::Failed => Ok(()),
            Stage::SigningIn(pending) => {
                let asked = pending.ask(&lifecycle.context).await;
                self.not_before = pending.not_before;
                match asked {
                    Ok(None) => Ok(()),
                    Ok(Some(administrator)) => self.signed_in(lifecycle, administrator).await,
                    Err(error) => self.fail(lifecycle, error).await,
                }
            }
            Stage::Working { .. } => self.work(lifecycle).await,
        }
    }

    pub(super) async fn redeem(
        &mut self,
        lifecycle: &Lifecycle,
        code: &SecretString,
        state: &str,
    ) -> Result<()> {
        let Stage::SigningIn(pending) = &self.stage else {
            return Err(crate::AttemptError::Used.into());
        };
        match pending.redeem(&lifecycle.context, code, state).await {
            Ok(administrator) => self.signed_in(lifecycle, administrator).await,
            // Somebody else's answer ends nothing.
            Err(Error::Attempt(error)) => Err(error.into()),
            Err(error) => self.fail(lifecycle, error).await,
        }
    }

    async fn signed_in(
        &mut self,
        lifecycle: &Lifecycle,
        administrator: Administrator,
    ) -> Result<()> {
        let now = lifecycle.context.now();
        self.found.tenant_id = Some(administrator.tenant_id.clone());
        let mut line = lifecycle.context.line(
            self.caller.workspace_id,
            self.caller.actor.clone(),
            "bootstrap.signed_in",
        );
        line.target = Some(format!(
            "{}/{}",
            administrator.tenant_id, administrator.object_id
        ));
        self.stage = Stage::Working {
            administrator: Box::new(administrator),
            at: 0,
            since: now,
            tries: 0,
        };
        self.not_before = now;
        Ok(lifecycle.context.journal.record(line).await?)
    }

    /// One step, or one more try of it.
    async fn work(&mut self, lifecycle: &Lifecycle) -> Result<()> {
        let now = lifecycle.context.now();
        let Stage::Working {
            administrator,
            at,
            since,
            tries,
        } = &mut self.stage
        else {
            return Ok(());
        };
        let here = *at;
        let step = self.list[here].clone();
        let is_late = now.duration_since(*since) >= PATIENCE;
        let mut work = Work {
            life: lifecycle,
            caller: &self.caller,
            wanted: &self.wanted,
            administrator,
            found: &mut self.found,
            is_late,
        };
        let refusal = match work.step(&step).await {
            StepResult::Ok(outcome) => {
                (*at, *since, *tries) = (here + 1, now, 0);
                self.not_before = now;
                let told = &mut self.steps[here];
                told.state = outcome.state;
                if !outcome.details.is_empty() {
                    told.details = outcome.details;
                }
                let is_made = outcome.state == StepState::Made;
                let target = outcome.target;
                if is_made {
                    self.note(lifecycle, here, target).await?;
                }
                return self.finish_if_over(lifecycle).await;
            }
            StepResult::Err(refusal) => refusal,
        };
        if is_late || !refusal.may_pass(&step) {
            self.steps[here].state = StepState::Failed;
            return self.fail(lifecycle, refusal.into_error(&step)).await;
        }
        *tries += 1;
        let pause = (*tries * 2).min(LONGEST_PAUSE);
        self.not_before = now + SignedDuration::from_secs(pause);
        self.steps[here].details = vec![format!("waiting: {}", refusal.reason())];
        Ok(())
    }

    async fn finish_if_over(&mut self, lifecycle: &Lifecycle) -> Result<()> {
        let is_over = matches!(&self.stage, Stage::Working { at, .. } if *at == self.list.len());
        if !is_over {
            return Ok(());
        }
        // The administrator goes with the stage.
        self.stage = Stage::Done;
        let done = lifecycle
            .context
            .record(&self.caller, "bootstrap.done", None, None);
        done.await
    }

    async fn note(&self, lifecycle: &Lifecycle, at: usize, target: Option<String>) -> Result<()> {
        let action = format!("bootstrap.{}", self.list[at].id(&self.wanted));
        let mut line =
            lifecycle
                .context
                .line(self.caller.workspace_id, self.caller.actor.clone(), &action);
        line.target = target;
        line.outcome = Outcome::Ok;
        Ok(lifecycle.context.journal.record(line).await?)
    }

    async fn fail(&mut self, lifecycle: &Lifecycle, error: Error) -> Result<()> {
        self.stage = Stage::Failed;
        self.failure = Some(Failure {
            code: error.code().to_owned(),
            message: told(&error),
            diagnosis: error.diagnosis().cloned(),
        });
        lifecycle
            .context
            .record(&self.caller, "bootstrap.failed", None, Some(&error))
            .await
    }
}

/// The sentence, and what helps where the error says it apart.
fn told(error: &Error) -> String {
    match error {
        Error::Unsupported { reason, instead } => format!("{reason}; {instead}"),
        other => other.to_string(),
    }
}
