//! One attempt: what is wanted, how far it is, and the administrator for as long as it goes on.

use jiff::{SignedDuration, Timestamp};
use model::{AppRegistrationId, Connection, ConnectionState, Diagnosis, Outcome, random_token};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use store::{BootstrapRow, BootstrapState};

use super::administrator::Administrator;
use super::plan::{Plan, Step};
use super::record::Record;
use super::sign_in::{Pending, SignIn};
use super::steps::{Found, Result as StepResult, Work};
use super::unique_name;
use super::wanted::Wanted;
use crate::oauth::Invitation;
use crate::{Caller, Context, Error, Lifecycle, Result, SetUpError, TestReport};

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
    /// This process knows no administrator for it: it goes on where they signed in, or after another sign-in.
    NeedsSignIn,
    Done,
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

#[derive(Debug, Clone, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Failure {
    pub code: String,
    pub message: String,
    pub diagnosis: Option<Diagnosis>,
}

impl Failure {
    pub(super) fn of(error: &Error) -> Self {
        Self {
            code: error.code().to_owned(),
            message: told(error),
            diagnosis: error.diagnosis().cloned(),
        }
    }
}

/// A connection that was made or found.
#[derive(Debug, Clone, Serialize)]
pub struct Connected {
    pub connection: Connection,
    /// As the application. Absent for users, and where another process tested it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<TestReport>,
    /// For whoever's account it is to be.
    #[serde(flatten)]
    pub invitation: Option<Invitation>,
}

impl Connected {
    pub(super) fn untested(connection: Connection) -> Self {
        Self {
            connection,
            test: None,
            invitation: None,
        }
    }

    /// As far as is known.
    pub fn works(&self) -> bool {
        let is_active = self.connection.state == ConnectionState::Active;
        self.test.as_ref().map_or(is_active, |test| test.ok)
    }
}

/// How far an attempt is, without anything secret.
#[derive(Debug, Clone, Serialize)]
pub struct Progress {
    pub id: String,
    /// Of the application that it makes.
    pub name: String,
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
    pub connections: Vec<Connected>,
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

/// Which attempt it is, and since when, where it was begun before.
pub(super) struct Known {
    pub(super) id: String,
    pub(super) begun_at: Option<Timestamp>,
}

pub(super) struct Attempt {
    caller: Caller,
    row: BootstrapRow,
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
        known: Known,
    ) -> Result<Self> {
        let pending = Pending::begin(&lifecycle.context, &plan.sign_in, sign_in).await?;
        let steps = plan.steps.iter().map(|step| StepProgress {
            id: step.id.clone(),
            text: step.text.clone(),
            state: StepState::Pending,
            details: step.details.clone(),
            link: step.link.clone(),
        });
        let steps: Vec<_> = steps.collect();
        let context = &lifecycle.context;
        let unique_name = unique_name::of(context, caller.workspace_id, &wanted.name);
        let found = Found::new(unique_name.await?);
        let now = lifecycle.context.now();
        let row = BootstrapRow {
            workspace_id: caller.workspace_id,
            id: known.id,
            begun_by: caller.member_id,
            name: wanted.name.trim().to_owned(),
            state: BootstrapState::SigningIn,
            holder: random_token(&*lifecycle.context.random),
            wanted: serde_json::to_value(&wanted).unwrap_or_default(),
            progress: Record::of(&found, &steps, None),
            created_at: known.begun_at.unwrap_or(now),
            updated_at: now,
        };
        let mut tx = lifecycle.context.store.write().await?;
        tx.put_bootstrap(&row).await?;
        tx.commit().await?;
        Ok(Self {
            row,
            steps,
            list: Step::all(&wanted),
            not_before: pending.not_before,
            stage: Stage::SigningIn(Box::new(pending)),
            found,
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

    pub(super) fn id(&self) -> &str {
        &self.row.id
    }

    pub(super) fn progress(&self, context: &Context) -> Progress {
        let left = self.not_before.duration_since(context.now());
        let wait = left.as_secs() + i64::from(left.subsec_nanos() > 0);
        let state = self.state();
        let over = matches!(state, State::Done | State::Failed);
        let pending = match &self.stage {
            Stage::SigningIn(pending) => Some(pending),
            _ => None,
        };
        let shown = pending.map(|pending| pending.shown());
        let text = |text: Option<&str>| text.map(str::to_owned);
        let shown = shown.as_ref();
        Progress {
            id: self.row.id.clone(),
            name: self.row.name.clone(),
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

    pub(super) fn state(&self) -> State {
        match &self.stage {
            Stage::SigningIn(_) => State::SigningIn,
            Stage::Working { .. } => State::Working,
            Stage::Done => State::Done,
            Stage::Failed => State::Failed,
        }
    }

    pub(super) async fn next(&mut self, lifecycle: &Lifecycle) -> Result<()> {
        let now = lifecycle.context.now();
        if now < self.not_before || matches!(self.stage, Stage::Done | Stage::Failed) {
            return Ok(());
        }
        if !self.is_held(lifecycle).await? {
            return self.fail(lifecycle, SetUpError::TakenOver.into()).await;
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
        lifecycle.context.journal.record(line).await?;
        self.row.updated_at = now;
        let mut tx = lifecycle.context.store.write().await?;
        tx.supersede_bootstraps(&self.row).await?;
        tx.commit().await?;
        self.keep(lifecycle).await
    }

    /// Whether it is this sign-in that goes on with it. It is not after another one for the same attempt, wherever that was, after
    /// the sign-in of another attempt of the same name, and when it was ended from elsewhere.
    async fn is_held(&self, lifecycle: &Lifecycle) -> Result<bool> {
        let mut tx = lifecycle.context.store.read().await?;
        let now = tx.bootstrap(self.row.workspace_id, &self.row.id).await?;
        Ok(now.is_some_and(|now| {
            now.holder == self.row.holder && now.state != BootstrapState::Superseded
        }))
    }

    /// Where it is, for whoever asks when this process is gone.
    async fn keep(&mut self, lifecycle: &Lifecycle) -> Result<()> {
        self.row.state = match &self.stage {
            Stage::SigningIn(_) => BootstrapState::SigningIn,
            Stage::Working { .. } => BootstrapState::Working,
            Stage::Done => BootstrapState::Done,
            Stage::Failed => BootstrapState::Failed,
        };
        self.row.progress = Record::of(&self.found, &self.steps, self.failure.as_ref());
        self.row.updated_at = lifecycle.context.now();
        let mut tx = lifecycle.context.store.write().await?;
        // Whoever took over tells of it from then on.
        tx.save_bootstrap(&self.row).await?;
        Ok(tx.commit().await?)
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
                self.finish_if_over(lifecycle).await?;
                return self.keep(lifecycle).await;
            }
            StepResult::Err(refusal) => refusal,
        };
        if is_late || !refusal.may_pass(&step) {
            self.steps[here].state = StepState::Failed;
            let cloud = lifecycle.context.cloud(&self.wanted.cloud)?;
            let error = refusal.into_error(&cloud, &step);
            return self.fail(lifecycle, error).await;
        }
        *tries += 1;
        let pause = (*tries * 2).min(LONGEST_PAUSE);
        self.not_before = now + SignedDuration::from_secs(pause);
        self.steps[here].details = vec![format!("waiting: {}", refusal.reason())];
        self.keep(lifecycle).await
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
        self.failure = Some(Failure::of(&error));
        self.keep(lifecycle).await?;
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
