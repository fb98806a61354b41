//! Whether a connection really works: sign in anew, read the grant, compare it with what is needed, and look.

use std::sync::Arc;

use microsoft::TokenResponse;
use model::{
    Api, Connection, ConnectionMethod, ConnectionState, Diagnosis, Outcome, PermissionSet, Service,
};
use serde::Serialize;

use crate::probe::Findings;
use crate::{BrokerError, Caller, Lifecycle, Result, Snapshot, Token, diagnosis, exchange, grant};

#[derive(Debug, Clone, Serialize)]
pub struct TestStep {
    pub name: &'static str,
    pub ok: bool,
    pub detail: String,
    /// What to do about it, where Microsoft refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Box<Diagnosis>>,
}

impl TestStep {
    fn new(name: &'static str, ok: bool, detail: impl Into<String>) -> Self {
        Self {
            name,
            ok,
            detail: detail.into(),
            diagnosis: None,
        }
    }
}

/// A permission or privilege that is missing, and the operations that want it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Locked {
    pub permission: String,
    pub operations: Vec<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
pub struct TestReport {
    pub ok: bool,
    pub steps: Vec<TestStep>,
    pub granted: Option<PermissionSet>,
    /// Asked for or expected, and not granted.
    pub missing: PermissionSet,
    /// What each missing permission, or privilege of Dataverse, would open.
    pub locked: Vec<Locked>,
    pub diagnosis: Option<Diagnosis>,
}

impl Locked {
    pub(crate) fn new(permission: impl Into<String>, operations: Vec<&'static str>) -> Self {
        Self {
            permission: permission.into(),
            operations,
        }
    }

    /// `Mail.Send`, which opens `outlook.messages.send` and 3 more
    pub(crate) fn told(&self) -> String {
        let permission = &self.permission;
        match self.operations.as_slice() {
            [] => format!("`{permission}`"),
            [only] => format!("`{permission}`, which opens `{only}`"),
            [first, rest @ ..] => {
                format!(
                    "`{permission}`, which opens `{first}` and {} more",
                    rest.len()
                )
            }
        }
    }
}

impl TestReport {
    /// Takes in what the probes found.
    pub(crate) fn add(&mut self, findings: Findings) {
        self.ok &= findings.steps.iter().all(|step| step.ok);
        self.steps.extend(findings.steps);
        self.locked.extend(findings.locked);
        self.diagnosis = self.diagnosis.take().or(findings.diagnosis);
    }
}

/// Signs in, whatever the state, and probes. A forced try is made once; its outcome sets the state.
pub(crate) async fn run(
    life: &Lifecycle,
    caller: &Caller,
    connection: &Connection,
) -> Result<TestReport> {
    let snapshot = life
        .live
        .reread(connection.workspace_id, connection.id)
        .await?;
    let report = match connection.state {
        ConnectionState::Disabled => failed(
            "sign in",
            "the connection is disabled; enable it first".to_owned(),
            None,
        ),
        ConnectionState::Pending => failed(
            "sign in",
            "nobody has consented yet; open its connect link".to_owned(),
            None,
        ),
        _ => match life.broker.forced(&snapshot).await {
            Ok(token) => {
                let fresh = life
                    .live
                    .reread(connection.workspace_id, connection.id)
                    .await?;
                look(life, &fresh, &token).await?
            }
            Err(BrokerError::Refused(diagnosis)) => {
                failed("sign in", diagnosis.cause.clone(), Some(*diagnosis))
            }
            Err(BrokerError::Transient {
                message, diagnosis, ..
            }) => failed("sign in", message, diagnosis.map(|diagnosis| *diagnosis)),
            Err(other) => return Err(other.into()),
        },
    };
    let mut told = life
        .context
        .line(caller.workspace_id, caller.actor.clone(), "connection.test");
    told.connection_id = Some(connection.id);
    if !report.ok {
        let code = report
            .diagnosis
            .as_ref()
            .map(|diagnosis| diagnosis.evidence.code.clone());
        told.outcome = Outcome::Failed;
        told.code = Some(code.unwrap_or_else(|| "test_failed".to_owned()));
    }
    life.context.journal.record(told).await?;
    Ok(report)
}

/// What the grant and the service itself say, with a good token. Who is refused at the entrance needs somebody to act, and the
/// connection says so.
async fn look(life: &Lifecycle, fresh: &Arc<Snapshot>, token: &Token) -> Result<TestReport> {
    let mut report = of_grant(fresh, &fresh.connection, "a new token was issued");
    let findings = match life.broker.probed(fresh, token).await {
        // What Microsoft asks for, and Entra does not give without a person.
        Err(BrokerError::Refused(diagnosis)) => {
            let cause = diagnosis.cause.clone();
            return Ok(failed("sign in", cause, Some(*diagnosis)));
        }
        found => found?,
    };
    if let (Some(state), Some(diagnosis)) = (findings.state, &findings.diagnosis) {
        life.broker.fail(fresh, state, diagnosis).await?;
    } else if findings.lets_in() {
        life.broker.let_in(fresh).await?;
    }
    report.add(findings);
    Ok(report)
}

/// The report of a sign-in that was just made with the answer at hand.
pub(crate) fn of_token(
    snapshot: &Snapshot,
    connection: &Connection,
    response: &TokenResponse,
) -> TestReport {
    let connection = Connection {
        granted: grant::granted(response, connection.service),
        ..connection.clone()
    };
    of_grant(snapshot, &connection, "a token was issued")
}

/// Of `connection` as it is now: `snapshot` says what it belongs to.
fn of_grant(snapshot: &Snapshot, connection: &Connection, signed_in: &str) -> TestReport {
    let missing = missing(connection);
    let left = exchange::left_to_exchange(connection);
    let locked = locked(connection, &missing);
    let mut steps = vec![TestStep::new("sign in", true, signed_in)];
    let names = |set: &PermissionSet| {
        set.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (ok, told) = match &connection.granted {
        None if connection.service.api() == Api::Dataverse => (
            true,
            "the security roles of the application user decide".to_owned(),
        ),
        None => (true, "the token does not tell".to_owned()),
        Some(granted)
            if granted.is_empty()
                && left.is_empty()
                && connection.method == ConnectionMethod::ServicePrincipal =>
        {
            (false, without_any(connection).to_owned())
        }
        Some(_) if !missing.is_empty() => {
            let told: Vec<_> = locked.iter().map(Locked::told).collect();
            (false, format!("not granted: {}", told.join("; ")))
        }
        Some(granted) if !left.is_empty() => {
            let carried = if granted.is_empty() {
                "no application permission".to_owned()
            } else {
                names(granted)
            };
            let told = format!(
                "the token carries {carried}; roles in Exchange may give {}, which the listed mailboxes tell",
                names(&left)
            );
            (true, told)
        }
        Some(granted) => (true, names(granted)),
    };
    let mut step = TestStep::new("permissions", ok, told);
    // Business Central says more about it itself when it is asked.
    if !ok && connection.service.api() == Api::Graph {
        step.diagnosis = Some(Box::new(diagnosis::not_granted(snapshot, &missing)));
    }
    steps.push(step);
    TestReport {
        ok: steps.iter().all(|step| step.ok),
        steps,
        granted: connection.granted.clone(),
        missing,
        locked,
        diagnosis: None,
    }
}

/// What to do about an application token that opens nothing, as far as it tells.
fn without_any(connection: &Connection) -> &'static str {
    if connection.service == Service::Outlook {
        "the token carries no application permission; an administrator has to grant consent, or, where Exchange gives the \
         application roles of its own, list its mailboxes in the policy, so that they are looked at"
    } else {
        "the token carries no application permission; an administrator has to grant consent"
    }
}

/// What each missing permission would open, as far as the policy lets it through.
pub(crate) fn locked(connection: &Connection, missing: &PermissionSet) -> Vec<Locked> {
    let kinds = connection.policy.kinds.as_ref();
    let is_allowed = |id: &&'static str| {
        catalog::operation(id)
            .zip(kinds)
            .is_none_or(|(operation, kinds)| kinds.contains(&operation.kind))
    };
    missing
        .iter()
        .map(|permission| {
            let name = permission.as_str();
            let opens = catalog::permissions::opens(connection.service, connection.method, name);
            Locked::new(name, opens.into_iter().filter(is_allowed).collect())
        })
        .collect()
}

/// What was asked for and is not covered by what was granted; nothing while the grant is unknown. Where Exchange may have given it, it
/// is not missing until a mailbox says so.
pub fn missing(connection: &Connection) -> PermissionSet {
    let mut missing = not_carried(connection);
    missing.retain(|permission| !exchange::may_give(connection, permission));
    missing
}

/// What was asked for and stands in no token.
pub(crate) fn not_carried(connection: &Connection) -> PermissionSet {
    let Some(granted) = &connection.granted else {
        return PermissionSet::new();
    };
    connection
        .requested
        .iter()
        .filter(|wanted| {
            !granted
                .iter()
                .any(|held| catalog::permissions::satisfies(held, wanted))
        })
        .cloned()
        .collect()
}

fn failed(name: &'static str, detail: String, diagnosis: Option<Diagnosis>) -> TestReport {
    TestReport {
        ok: false,
        steps: vec![TestStep::new(name, false, detail)],
        granted: None,
        missing: PermissionSet::new(),
        locked: Vec::new(),
        diagnosis,
    }
}
