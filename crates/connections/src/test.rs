//! Whether a connection really works: sign in anew, read the grant, compare it with what is needed, and look.

use microsoft::TokenResponse;
use model::{
    Api, Connection, ConnectionMethod, ConnectionState, Diagnosis, Outcome, PermissionSet,
};
use serde::Serialize;

use crate::{BrokerError, Caller, Lifecycle, Result, Snapshot, grant, probe};

#[derive(Debug, Clone, Serialize)]
pub struct TestStep {
    pub name: &'static str,
    pub ok: bool,
    pub detail: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct TestReport {
    pub ok: bool,
    pub steps: Vec<TestStep>,
    pub granted: Option<PermissionSet>,
    /// Asked for or expected, and not granted.
    pub missing: PermissionSet,
    pub diagnosis: Option<Diagnosis>,
}

impl TestReport {
    pub(crate) fn add(&mut self, steps: Vec<TestStep>) {
        self.ok &= steps.iter().all(|step| step.ok);
        self.steps.extend(steps);
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
                let mut report = of_grant(&fresh.connection, "a new token was issued");
                report.add(probe::run(&life.context, &fresh, &token.access).await);
                report
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

/// The report of a sign-in that was just made with the answer at hand.
pub(crate) fn of_token(connection: &Connection, response: &TokenResponse) -> TestReport {
    let connection = Connection {
        granted: grant::granted(response, connection.service),
        ..connection.clone()
    };
    of_grant(&connection, "a token was issued")
}

fn of_grant(connection: &Connection, signed_in: &str) -> TestReport {
    let missing = missing(connection);
    let mut steps = vec![TestStep {
        name: "sign in",
        ok: true,
        detail: signed_in.to_owned(),
    }];
    let names = |set: &PermissionSet| {
        set.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    steps.push(match &connection.granted {
        None if connection.service.api() == Api::Dataverse => TestStep {
            name: "permissions",
            ok: true,
            detail: "the security roles of the application user decide".to_owned(),
        },
        None => TestStep { name: "permissions", ok: true, detail: "the token does not tell".to_owned() },
        Some(granted) if granted.is_empty() && connection.method == ConnectionMethod::ServicePrincipal => TestStep {
            name: "permissions",
            ok: false,
            detail: "the token carries no application permission; an administrator has to grant consent".to_owned(),
        },
        Some(_) if !missing.is_empty() => {
            TestStep { name: "permissions", ok: false, detail: format!("not granted: {}", names(&missing)) }
        }
        Some(granted) => TestStep { name: "permissions", ok: true, detail: names(granted) },
    });
    TestReport {
        ok: steps.iter().all(|step| step.ok),
        steps,
        granted: connection.granted.clone(),
        missing,
        diagnosis: None,
    }
}

/// What was asked for and is not covered by what was granted; nothing while the grant is unknown.
pub fn missing(connection: &Connection) -> PermissionSet {
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
        steps: vec![TestStep {
            name,
            ok: false,
            detail,
        }],
        granted: None,
        missing: PermissionSet::new(),
        diagnosis,
    }
}

/// Names the snapshot's connection in a probe's step.
pub(crate) fn step(snapshot: &Snapshot, ok: bool, detail: String) -> TestStep {
    let name = match snapshot.connection.method {
        ConnectionMethod::OAuth => "read as the user",
        ConnectionMethod::ServicePrincipal => "read as the application",
    };
    TestStep { name, ok, detail }
}
