//! Runs what a service has, and says all that went otherwise than promised.

use std::collections::BTreeSet;

use bytes::Bytes;
use catalog::{Operation, Support};
use futures_util::{StreamExt, stream};
use microsoft::Content;
use model::{ConnectionMethod, Outcome, Service};
use operations::{Answer, Call, Error};
use serde_json::{Map, Value};

use crate::cases::{self, Case};
use crate::fill::{Known, fill, look};
use crate::people::Stage;
use crate::world::{ANA, BEN};

type Told<T> = Result<T, String>;

/// Each operation whose id begins with `word`, by both methods.
///
/// Steps may need other services besides: a library's drive is found by OneDrive's operations.
pub(crate) async fn operations_of(word: &str, services: &[Service]) {
    let stage = Box::pin(Stage::start(services)).await;
    let cases = cases::all();
    let unserved = cases::unserved();
    let mut wrong = Vec::new();
    let of_word = |operation: &&Operation| operation.id.split('.').next() == Some(word);
    for operation in catalog::operations().iter().filter(of_word) {
        let methods = ConnectionMethod::ALL.into_iter();
        for method in methods.filter(|method| service_offers(services, *method)) {
            let told = one(
                &stage,
                operation,
                method,
                cases.get(operation.id),
                &unserved,
            )
            .await;
            wrong.extend(
                told.err()
                    .map(|what| format!("{} as {method}: {what}", operation.id)),
            );
        }
    }
    stage.world.stop().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Connections that cannot be made need no operation refused.
fn service_offers(services: &[Service], method: ConnectionMethod) -> bool {
    services.iter().all(|service| service.supports(method))
}

async fn one(
    stage: &Stage,
    operation: &'static Operation,
    method: ConnectionMethod,
    case: Option<&Case>,
    unserved: &BTreeSet<String>,
) -> Told<()> {
    if let Support::Refused { .. } = operation.support(method) {
        return refused(stage, operation, method).await;
    }
    match case {
        Some(case) if case.unserved => {
            let before = unimplemented(stage);
            let told = served(stage, operation, method, case).await;
            match told {
                _ if unimplemented(stage) > before => Ok(()),
                Ok(()) => Err("the sandbox serves it by now; take `unserved` away".to_owned()),
                Err(error) => Err(error),
            }
        }
        Some(case) => served(stage, operation, method, case).await,
        None if unserved.contains(operation.id) => not_served(stage, operation, method).await,
        None => Ok(()),
    }
}

/// What a method does not support is refused before anything is sent.
async fn refused(
    stage: &Stage,
    operation: &'static Operation,
    method: ConnectionMethod,
) -> Told<()> {
    let before = stage.world.control().requests().len();
    let input = operation.example(method);
    match run(stage, operation.id, method, &input, None).await {
        Err(Error::Unsupported { .. }) => {}
        other => return Err(format!("not refused: {}", shown(&other))),
    }
    let sent = stage.world.control().requests().len() - before;
    if sent == 0 {
        Ok(())
    } else {
        Err(format!("refused, and {sent} requests were sent"))
    }
}

async fn not_served(
    stage: &Stage,
    operation: &'static Operation,
    method: ConnectionMethod,
) -> Told<()> {
    let input = operation.example(method);
    let before = unimplemented(stage);
    let result = run(stage, operation.id, method, &input, None).await;
    if unimplemented(stage) > before {
        return Ok(());
    }
    Err(format!(
        "the sandbox serves it by now; give it a case: {}",
        shown(&result)
    ))
}

/// How often something was asked for that the sandbox does not have.
fn unimplemented(stage: &Stage) -> usize {
    let requests = stage.world.control().requests();
    requests
        .iter()
        .filter(|request| request.status == Some(501))
        .count()
}

async fn served(
    stage: &Stage,
    operation: &'static Operation,
    method: ConnectionMethod,
    case: &Case,
) -> Told<()> {
    let mut known = Known::new();
    known.insert("ana".to_owned(), ANA.into());
    known.insert("ben".to_owned(), BEN.into());
    // Names have to differ between cases, which share a world.
    known.insert(
        "case".to_owned(),
        format!("{} {method}", operation.id).into(),
    );
    known.extend(stage.ids());
    known.insert("application".to_owned(), stage.service_principal().into());
    for step in &case.with {
        let input = fill(&step.input, &known)?;
        let by = if step.by_user {
            ConnectionMethod::OAuth
        } else {
            method
        };
        let answer = run(stage, &step.run, by, &input, step.content.as_deref()).await;
        let answer =
            answer.map_err(|error| format!("step `{}`: {}", step.name, shown(&Err(error))))?;
        let mut value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        name_what_was_made(&mut value);
        known.insert(step.name.clone(), value);
    }
    let mut input = match &case.input {
        Some(input) => input.clone(),
        None => operation.example(method),
    };
    let more = match method {
        ConnectionMethod::OAuth => &case.as_user,
        ConnectionMethod::ServicePrincipal => &case.as_application,
    };
    if let Some(fields) = input.as_object_mut() {
        fields.extend(more.clone());
    }
    let input = fill(&input, &known)?;
    let content = case.content.as_ref();
    let content = content.map(|text| text.repeat(case.times.unwrap_or(1)));
    let result = run(stage, operation.id, method, &input, content.as_deref()).await;
    if let Some(expected) = case.refused {
        return match result {
            Err(Error::Microsoft { status, .. }) if status == expected => Ok(()),
            other => Err(format!("not refused with {expected}: {}", shown(&other))),
        };
    }
    let answer = result.map_err(|error| shown(&Err(error)))?;
    judged(operation, case, &answer)?;
    recorded(stage, operation).await
}

/// `/teams('id')/operations('…')` has the id of what is being made.
fn name_what_was_made(value: &mut Value) {
    let location = value["location"].as_str();
    let id = location.and_then(|text| text.split('\'').nth(1));
    if let Some(id) = id.map(Value::from) {
        value["id"] = id;
    }
}

fn judged(operation: &Operation, case: &Case, answer: &Answer) -> Told<()> {
    let status = case.status.unwrap_or(operation.result.status);
    if answer.status != status {
        return Err(format!("answered {} and not {status}", answer.status));
    }
    let value: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    let has_type = operation.result.type_name.is_some();
    if has_type && !operation.result.bytes && !value.is_object() {
        return Err(format!("answered no object: {value}"));
    }
    if operation.paging && !value["value"].is_array() {
        return Err(format!("answered no list: {value}"));
    }
    if operation.result.bytes && answer.body.is_empty() {
        return Err("answered no bytes".to_owned());
    }
    let mut places = case.has.iter();
    match places.find(|place| look(&value, place).is_none_or(Value::is_null)) {
        Some(place) => Err(format!("`{place}` is not in {value}")),
        None => Ok(()),
    }
}

/// Its activity line says that it was done.
async fn recorded(stage: &Stage, operation: &Operation) -> Told<()> {
    let lines = stage.world.activities().await;
    let line = lines.iter().find(|line| line.action == operation.id);
    match line {
        Some(line) if line.outcome == Outcome::Ok => Ok(()),
        Some(line) => Err(format!("its activity line says {:?}", line.outcome)),
        None => Err("there is no activity line".to_owned()),
    }
}

/// As Ana, or as the application in Ana's name where one has to be given.
async fn run(
    stage: &Stage,
    id: &str,
    method: ConnectionMethod,
    input: &Value,
    content: Option<&str>,
) -> Result<Answer, Error> {
    let mut input: Map<String, Value> = input.as_object().cloned().unwrap_or_default();
    let owner = catalog::operation(id).and_then(Operation::owner);
    if let Some(owner) = owner.filter(|_| method == ConnectionMethod::ServicePrincipal) {
        input.insert(owner.name.to_owned(), ANA.into());
    }
    let call = Call {
        caller: &stage.world.admin,
        connection: stage.connection(id, method).id,
        operation: id,
        input,
        cursor: None,
        idempotency_key: None,
    };
    let content = content.map(|text| Content {
        length: text.len() as u64,
        bytes: stream::iter([Ok(Bytes::copy_from_slice(text.as_bytes()))]).boxed(),
    });
    stage.runner.run_with(call, content).await
}

fn shown(result: &Result<Answer, Error>) -> String {
    match result {
        Ok(answer) => format!(
            "{} {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        ),
        Err(Error::Microsoft { status, body, .. }) => {
            format!("{status} {}", String::from_utf8_lossy(body))
        }
        Err(error) => format!("{}: {error}", error.code()),
    }
}
