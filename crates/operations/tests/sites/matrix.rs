use std::collections::BTreeMap;

use catalog::{Operation, Support};
use model::ConnectionMethod;
use operations::Error;
use sandbox::{Action, Fault};
use serde_json::json;

use crate::stage::Stage;
use crate::ways::{Ask, Tried, has_a_place, lists_sites};

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
    let stage = Stage::limited().await;
    let mut tally = Tally::default();
    for operation in catalog::operations().iter().filter(|one| has_a_place(one)) {
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
        operations > 70 && refused > 5_000 && allowed > 150,
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
    let outside = [("other", &stage.other), ("subsite", &stage.subsite)];
    let mut ways = tried.expand_ways();
    for (which, site) in outside {
        ways.extend(tried.ways_to(which, site));
    }
    for (way, ask) in ways {
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
        let is_reached = !stage.reached().is_empty();
        if is_reached == lists_sites(operation) {
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
    let connection = stage.connection(operation, method);
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
        Ask::Redirected { to } => {
            let control = stage.world.control();
            control.inject(Fault {
                method: Some(operation.method.to_owned()),
                path_contains: "/v1.0/".to_owned(),
                times: 1,
                action: Action::Redirect(to.clone()),
            });
            let input = tried.input_at(&stage.allowed);
            let outcome = stage.run(connection, operation.id, input, None).await;
            control.clear_faults();
            outcome.map(drop)
        }
    }
}

/// In the catalogue's own batch, where that is offered, and otherwise in Microsoft's through the pass-through.
async fn batch(
    tried: &Tried<'_>,
    input: &serde_json::Map<String, serde_json::Value>,
) -> Result<(), Error> {
    let Tried {
        stage,
        operation,
        method,
    } = *tried;
    let connection = stage.connection(operation, method);
    let id = "graph.batch";
    if catalog::operation(id).is_some_and(|batch| batch.runs_on(connection.service)) {
        let member = json!({ "id": "1", "operation": operation.id, "input": input });
        let members = json!({ "requests": [member] });
        let members = members.as_object().cloned().unwrap();
        let answer = stage.run(connection, id, members, None).await?;
        // One that is refused is refused by itself.
        let answer: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let status = answer["responses"][0]["status"].as_u64();
        return match status {
            Some(status) if status < 300 => Ok(()),
            _ => Err(Error::Unexpected("a part was refused".to_owned())),
        };
    }
    let path = tried.path(input).unwrap_or_default();
    let member = json!({ "id": "1", "method": operation.method, "url": format!("/{path}") });
    let members = json!({ "requests": [member] });
    stage
        .raw(connection, "POST", "v1.0/$batch", Some(&members))
        .await
        .map(drop)
}

fn told(outcome: &Result<(), Error>) -> String {
    match outcome {
        Ok(()) => "not refused".to_owned(),
        Err(error) => format!("{}: {error}", error.code()),
    }
}
