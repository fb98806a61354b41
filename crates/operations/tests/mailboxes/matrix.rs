use std::collections::BTreeMap;

use catalog::{Operation, Support};
use model::ConnectionMethod;
use operations::Error;
use sandbox::{Action, Fault};
use serde_json::{Value, json};

use crate::stage::Stage;
use crate::ways::{Ask, Tried, has_a_mailbox};

/// What was tried, and what went otherwise than promised.
#[derive(Default)]
struct Tally {
    operations: usize,
    refused: usize,
    allowed: usize,
    /// Refusals by their codes.
    codes: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

#[tokio::test]
async fn nothing_outside_the_list_is_reached_by_any_operation_in_any_way() {
    let stage = Stage::start().await;
    let mut tally = Tally::default();
    for operation in catalog::operations()
        .iter()
        .filter(|one| has_a_mailbox(one))
    {
        tally.operations += 1;
        for method in ConnectionMethod::ALL {
            if operation.support(method) == Support::Supported {
                Box::pin(one(&stage, operation, method, &mut tally)).await;
            }
        }
    }
    let Tally {
        operations,
        refused,
        allowed,
        codes,
        wrong,
    } = tally;
    let cells = refused + allowed;
    let line = format!(
        "{operations} operations, {cells} cells: {refused} ways outside, refused {codes:?}; {allowed} ways inside"
    );
    std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{line}\n")).unwrap();
    stage.world.stop().await;
    assert!(
        wrong.is_empty(),
        "{} of {cells}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(60)].join("\n")
    );
    // Most are refused for where they lead, and not because they could not be read.
    assert!(codes["policy_denied"] * 2 > refused, "{line}");
    assert!(
        operations > 75 && refused > 10_000 && allowed > 700,
        "{line}"
    );
}

async fn one(
    stage: &Stage,
    operation: &'static Operation,
    method: ConnectionMethod,
    tally: &mut Tally,
) {
    let tried = Tried {
        stage,
        operation,
        method,
    };
    let id = operation.id;
    for (way, ask) in tried.ways_to(&stage.other) {
        stage.world.control().clear_requests();
        tally.refused += 1;
        let is_redirect = matches!(ask, Ask::Redirected { .. });
        let outcome = send(&tried, &ask).await;
        if let Err(error) = &outcome {
            *tally.codes.entry(error.code()).or_default() += 1;
        }
        let reached = stage.reached();
        let count = reached.len();
        let limit = usize::from(is_redirect);
        if count > limit || (!is_redirect && outcome.is_ok()) {
            let seen: Vec<_> = reached
                .iter()
                .map(|request| format!("{} {}", request.method, request.path))
                .collect();
            tally.wrong.push(format!(
                "{id} as {method}, {way}: {count} reached {seen:?}, {}",
                told(&outcome)
            ));
        }
    }
    for (way, ask) in tried.ways_inside() {
        stage.world.control().clear_requests();
        tally.allowed += 1;
        let outcome = send(&tried, &ask).await;
        if stage.reached().is_empty() {
            tally
                .wrong
                .push(format!("{id} as {method}, {way}: {}", told(&outcome)));
        }
    }
}

async fn send(tried: &Tried<'_>, ask: &Ask) -> Result<(), Error> {
    let Tried {
        stage,
        operation,
        method,
    } = *tried;
    let connection = stage.of(method);
    match ask {
        Ask::Run { input, cursor } => stage
            .run(connection, operation.id, input.clone(), cursor.as_deref())
            .await
            .map(drop),
        Ask::Raw { path, body } => {
            let path = format!("v1.0/{path}");
            stage
                .raw(connection, operation.method, &path, body.as_ref())
                .await
                .map(drop)
        }
        Ask::Batch(input) => batch(tried, input).await,
        Ask::Mixed { path, body } => {
            let mut other =
                json!({ "id": "2", "method": operation.method, "url": format!("/{path}") });
            if let Some(body) = body {
                other["headers"] = json!({ "Content-Type": "application/json" });
                other["body"] = body.clone();
            }
            let url = format!("/users/{}/messages", stage.allowed.address);
            let members =
                json!({ "requests": [{ "id": "1", "method": "GET", "url": url }, other] });
            stage
                .raw(connection, "POST", "v1.0/$batch", Some(&members))
                .await
                .map(drop)
        }
        Ask::Redirected { to } => {
            let control = stage.world.control();
            control.inject(Fault {
                method: Some(operation.method.to_owned()),
                path_contains: "/v1.0/".to_owned(),
                times: 1,
                action: Action::Redirect(to.clone()),
            });
            let input = tried.input_at(stage.allowed.address);
            let outcome = stage.run(connection, operation.id, input, None).await;
            control.clear_faults();
            outcome.map(drop)
        }
    }
}

/// In the catalogue's own batch. One that is refused is refused by itself.
async fn batch(tried: &Tried<'_>, input: &serde_json::Map<String, Value>) -> Result<(), Error> {
    let member = json!({ "id": "1", "operation": tried.operation.id, "input": input });
    let members = json!({ "requests": [member] });
    let connection = tried.stage.of(tried.method);
    let answer = tried.stage.json(connection, "graph.batch", members).await?;
    match answer["responses"][0]["status"].as_u64() {
        Some(status) if status < 300 => Ok(()),
        _ => Err(Error::Unexpected("a part was refused".to_owned())),
    }
}

fn told(outcome: &Result<(), Error>) -> String {
    match outcome {
        Ok(()) => "not refused".to_owned(),
        Err(error) => format!("{}: {error}", error.code()),
    }
}
