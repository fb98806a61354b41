//! The closed list of requests that a connection test may send. They read, and they read little.

mod business_central;
mod dataverse;
mod graph;
mod mailboxes;
mod proofs;
mod sites;
mod tables;

use std::time::Duration;

use microsoft::{AccessToken, ApiCall, ApiClient, GraphFault, Incoming, Repeat, Target};
use model::{Act, Api, ConnectionMethod, ConnectionState, Diagnosis, Group, OperationKind};
use serde_json::Value;

use crate::diagnosis::diagnose_graph;
use crate::test::{Locked, TestStep};
use crate::{Context, Snapshot};

const PATIENCE: Duration = Duration::from_secs(15);
/// Enough for any error that explains itself.
const ANSWER_LIMIT: usize = 64 * 1024;
/// Enough for the privileges of a system administrator, some thousands.
const LIST_LIMIT: usize = 4 * 1024 * 1024;

/// What the probes found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) steps: Vec<TestStep>,
    /// Of the first that failed.
    pub(crate) diagnosis: Option<Diagnosis>,
    /// What the service itself does not give, and which operations want it.
    pub(crate) locked: Vec<Locked>,
    /// Where nothing at all will work until somebody acts: the state that says so.
    pub(crate) state: Option<ConnectionState>,
    /// What Microsoft asks of another token than the one that was shown.
    pub(crate) challenge: Option<String>,
}

impl Findings {
    /// Whether the service answered anything, or there was nothing to ask of it.
    pub(crate) fn lets_in(&self) -> bool {
        self.state.is_none() && (self.steps.is_empty() || self.steps.iter().any(|step| step.ok))
    }
}

/// One question.
struct Probe {
    name: &'static str,
    path: String,
    works: String,
    /// The mailbox, site or table that is meant.
    target: Option<String>,
    /// The operation that asks the same, for what a refusal means.
    operation: Option<&'static str>,
    limit: usize,
}

impl Probe {
    fn new(name: &'static str, path: impl Into<String>, works: impl Into<String>) -> Self {
        Self {
            name,
            path: path.into(),
            works: works.into(),
            target: None,
            operation: None,
            limit: ANSWER_LIMIT,
        }
    }

    fn of(self, target: &str) -> Self {
        Self {
            target: Some(target.to_owned()),
            ..self
        }
    }

    fn like(self, operation: &'static str) -> Self {
        Self {
            operation: Some(operation),
            ..self
        }
    }

    fn up_to(self, limit: usize) -> Self {
        Self { limit, ..self }
    }
}

/// Whoever asks, with the token in hand.
struct Asker<'a> {
    context: &'a Context,
    snapshot: &'a Snapshot,
    token: &'a AccessToken,
    findings: Findings,
}

/// Sends the probes, one after the other.
pub(crate) async fn run(context: &Context, snapshot: &Snapshot, token: &AccessToken) -> Findings {
    let mut asker = Asker {
        context,
        snapshot,
        token,
        findings: Findings::default(),
    };
    match snapshot.connection.service.api() {
        Api::Graph => {
            Box::pin(graph::run(&mut asker)).await;
            proofs::run(&mut asker).await;
        }
        Api::Dataverse => Box::pin(dataverse::run(&mut asker)).await,
        Api::BusinessCentral => Box::pin(business_central::run(&mut asker)).await,
    }
    asker.findings
}

impl Asker<'_> {
    /// Asks and notes a step. The answer when it is one.
    async fn ask(&mut self, probe: Probe) -> Option<Value> {
        let call = self.call(&probe);
        let client = ApiClient::new(self.context.transport.clone());
        match client.send(&self.snapshot.cloud, call).await {
            Ok(answer) if answer.status.is_success() => {
                let body = answer.body.bytes(probe.limit).await;
                self.note(probe.name, true, probe.works);
                Some(body.map_or(Value::Null, |body| {
                    serde_json::from_slice(&body).unwrap_or_default()
                }))
            }
            Ok(answer) => {
                self.refused(&probe, answer).await;
                None
            }
            Err(error) => {
                self.note(probe.name, false, error.to_string());
                None
            }
        }
    }

    /// Asks without a step: a refusal, or no answer, says nothing about the connection.
    async fn wonder(&self, probe: &Probe) -> Option<Value> {
        let client = ApiClient::new(self.context.transport.clone());
        let answer = client.send(&self.snapshot.cloud, self.call(probe)).await;
        let answer = answer.ok().filter(|answer| answer.status.is_success())?;
        let body = answer.body.bytes(probe.limit).await.ok()?;
        serde_json::from_slice(&body).ok()
    }

    /// The same for what nothing works without: who is refused there is refused everywhere.
    async fn enter(&mut self, probe: Probe) -> Option<Value> {
        let had = self.findings.diagnosis.is_some();
        let answer = self.ask(probe).await;
        if let (None, false, Some(diagnosis)) = (&answer, had, &self.findings.diagnosis) {
            self.findings.state = state_after(self.snapshot.connection.method, diagnosis);
        }
        answer
    }

    fn note(&mut self, name: &'static str, ok: bool, detail: impl Into<String>) {
        self.findings.steps.push(TestStep {
            name,
            ok,
            detail: detail.into(),
            diagnosis: None,
        });
    }

    fn call(&self, probe: &Probe) -> ApiCall<'static> {
        let target = Target::Path {
            api: self.snapshot.connection.service.api(),
            environment: self.snapshot.environment.clone(),
            path_and_query: probe.path.clone(),
        };
        let token = self.token.clone();
        let mut call = ApiCall::new(target, http::Method::GET, token, Repeat::Safe);
        call.deadline = PATIENCE;
        call
    }

    /// What Microsoft's refusal means here; its own words are the diagnosis's evidence.
    async fn refused(&mut self, probe: &Probe, answer: Incoming) {
        let (status, headers) = (answer.status, answer.headers);
        let body = answer.body.bytes(ANSWER_LIMIT).await.unwrap_or_default();
        let fault = GraphFault::parse(status, &headers, &body);
        let operation = probe.operation.and_then(catalog::operation);
        let target = probe.target.as_deref();
        let diagnosis = diagnose_graph(self.snapshot, operation, target, &fault);
        self.findings.steps.push(TestStep {
            name: probe.name,
            ok: false,
            detail: format!("{} ({fault})", diagnosis.cause),
            diagnosis: Some(Box::new(diagnosis.clone())),
        });
        if self.findings.challenge.is_none() {
            self.findings
                .challenge
                .clone_from(&diagnosis.evidence.claims);
        }
        self.findings.diagnosis.get_or_insert(diagnosis);
    }

    /// Whether the policy lets this kind through.
    fn allows(&self, kind: OperationKind) -> bool {
        let kinds = self.snapshot.connection.policy.kinds.as_ref();
        kinds.is_none_or(|kinds| kinds.contains(&kind))
    }
}

/// What a refusal at the entrance makes of the connection; `None` where it passes by itself.
pub(crate) fn state_after(
    method: ConnectionMethod,
    diagnosis: &Diagnosis,
) -> Option<ConnectionState> {
    match (diagnosis.act, method, diagnosis.group) {
        (Act::User, ConnectionMethod::OAuth, Group::TokenRefreshFailed) => {
            Some(ConnectionState::NeedsReconnect)
        }
        (Act::Nobody | Act::User, ..) => None,
        (Act::Administrator | Act::Operator, ..) => Some(ConnectionState::NeedsAdmin),
    }
}
