//! Runs what a service has, and says all that went otherwise than promised.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use catalog::{Operation, Support};
use futures_util::{StreamExt, stream};
use microsoft::Content;
use model::{ActivityKind, ConnectionMethod, OperationKind, Outcome, Service};
use operations::{Answer, Call, Error};
use sandbox::LoggedRequest;
use serde_json::{Map, Value};
use url::Url;

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
    let (mut wrong, mut tried) = (Vec::new(), BTreeMap::new());
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
            let how = match (operation.support(method), cases.get(operation.id)) {
                (Support::Refused { .. }, _) => "refused before any call",
                (_, Some(case)) if case.refused.is_some() => "refused by Microsoft",
                (_, Some(_)) => "done",
                (_, None) => "not served",
            };
            *tried.entry(format!("{method}: {how}")).or_insert(0) += 1;
            wrong.extend(
                told.err()
                    .map(|what| format!("{} as {method}: {what}", operation.id)),
            );
        }
    }
    stage.world.stop().await;
    eprintln!("{word} {tried:?}");
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
    if sent > 0 {
        return Err(format!("refused, and {sent} requests were sent"));
    }
    refusal_recorded(stage, operation).await
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

/// What a case asks, in a world where it can be done.
pub(crate) struct Prepared {
    pub(crate) input: Value,
    pub(crate) content: Option<String>,
    pub(crate) known: Known,
}

/// Does what a case has done before. `label` keeps names apart, which share a world.
pub(crate) async fn prepare(
    stage: &Stage,
    operation: &'static Operation,
    method: ConnectionMethod,
    case: &Case,
    label: &str,
) -> Told<Prepared> {
    let mut known = Known::new();
    known.insert("ana".to_owned(), ANA.into());
    known.insert("ben".to_owned(), BEN.into());
    known.insert("case".to_owned(), label.into());
    known.extend(stage.ids());
    known.insert("application".to_owned(), stage.service_principal().into());
    for step in &case.with {
        let input = fill(&step.input, &known)?;
        let by = match (step.by_user, step.by_application) {
            (true, _) => ConnectionMethod::OAuth,
            (_, true) => ConnectionMethod::ServicePrincipal,
            _ => method,
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
        None => without_owner(operation, operation.example(method)),
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
    Ok(Prepared {
        input,
        content,
        known,
    })
}

async fn served(
    stage: &Stage,
    operation: &'static Operation,
    method: ConnectionMethod,
    case: &Case,
) -> Told<()> {
    let label = format!("{} {method}", operation.id);
    let Prepared { input, content, .. } = prepare(stage, operation, method, case, &label).await?;
    let planned = plan(stage, operation, method, &input).await?;
    let before = stage
        .world
        .control()
        .requests()
        .last()
        .map_or(0, |last| last.seq);
    let result = run(stage, operation.id, method, &input, content.as_deref()).await;
    was_made(stage, operation, &planned, before)?;
    if let Some(expected) = case.refused {
        return match result {
            Err(Error::Microsoft { status, .. }) if status == expected => Ok(()),
            other => Err(format!("not refused with {expected}: {}", shown(&other))),
        };
    }
    let answer = result.map_err(|error| shown(&Err(error)))?;
    judged(operation, case, &answer)?;
    recorded(stage, operation, method, &answer).await
}

/// Method and path of what will be asked.
async fn plan(
    stage: &Stage,
    operation: &'static Operation,
    method: ConnectionMethod,
    input: &Value,
) -> Told<(String, String)> {
    let mut input = in_whose_name(operation.id, method, input);
    if let Some(field) = operation.content_field() {
        // A file that comes beside the input is a part of it by then.
        input.entry(field).or_insert_with(|| "QQ==".into());
    }
    let plan = stage
        .runner
        .plan(call(stage, operation.id, method, input))
        .await;
    let plan = plan.map_err(|error| format!("no plan: {}", shown(&Err(error))))?;
    let url: Url = plan
        .url
        .parse()
        .map_err(|_| format!("no address: {}", plan.url))?;
    Ok((plan.method, url.path().to_owned()))
}

/// Microsoft saw the request that the plan told of.
fn was_made(
    stage: &Stage,
    operation: &Operation,
    (method, path): &(String, String),
    before: u64,
) -> Told<()> {
    let requests = stage.world.control().requests();
    let new: Vec<_> = requests
        .iter()
        .filter(|request| request.seq > before)
        .collect();
    // What is found is updated, what is not is made: the plan knows of one of the two.
    let is_upsert = operation.behavior == Some("find_then_write") && !new.is_empty();
    let was_seen = |seen: &&LoggedRequest| &seen.method == method && &seen.path == path;
    if is_upsert || new.iter().copied().any(|seen| was_seen(&seen)) {
        return Ok(());
    }
    let seen: Vec<_> = new
        .iter()
        .map(|seen| format!("{} {}", seen.method, seen.path))
        .collect();
    Err(format!("`{method} {path}` was not asked, but {seen:?}"))
}

/// `/teams('id')/operations('…')` has the id of what is being made, and a message's text those of its images.
fn name_what_was_made(value: &mut Value) {
    let text = value["body"]["content"].as_str().unwrap_or_default();
    let hosted = text.split("hostedContents/").nth(1);
    if let Some(id) = hosted.and_then(|rest| rest.split('/').next()) {
        value["hostedContentId"] = id.into();
    }
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

/// Its activity line says what was done, through which connection, and what Microsoft answered; of what changes something
/// another line said so before.
async fn recorded(
    stage: &Stage,
    operation: &Operation,
    method: ConnectionMethod,
    answer: &Answer,
) -> Told<()> {
    let lines = stage.world.activities().await;
    let mut ours = lines.iter().filter(|line| line.action == operation.id);
    let line = ours.next().ok_or("there is no activity line")?;
    let connection = stage.connection(operation.id, method).id;
    // A batch is told of by the lines of its requests too, and is of the kind that they are.
    let whole = operation.behavior.is_none_or(|name| !is_batch(name));
    let is_right = line.outcome == Outcome::Ok
        && line.connection_id == Some(connection)
        && (!whole || line.kind == ActivityKind::Operation(operation.kind))
        && (!whole || line.status == Some(answer.status) && Some(line.id) == answer.activity);
    if !is_right {
        return Err(format!("its activity line is not of this: {line:?}"));
    }
    let intent = ours
        .next()
        .filter(|before| line.intent_id == Some(before.id));
    let is_announced = intent.is_some_and(|before| before.outcome == Outcome::Started);
    if whole && is_announced == (operation.kind == OperationKind::Read) {
        return Err(format!("an intent was recorded: {is_announced}"));
    }
    Ok(())
}

fn is_batch(behavior: &str) -> bool {
    behavior.ends_with("_batch") || behavior.ends_with("_changeset")
}

/// What a method does not support leaves a line that says who wanted it.
async fn refusal_recorded(stage: &Stage, operation: &Operation) -> Told<()> {
    let lines = stage.world.activities().await;
    let line = lines.iter().find(|line| line.action == operation.id);
    match line {
        Some(line) if line.outcome == Outcome::Denied && line.code.is_some() => Ok(()),
        other => Err(format!("its refusal's activity line: {other:?}")),
    }
}

/// The example names somebody who is not there.
fn without_owner(operation: &Operation, mut example: Value) -> Value {
    if let (Some(owner), Some(fields)) = (operation.owner(), example.as_object_mut()) {
        fields.remove(owner.name);
    }
    example
}

fn in_whose_name(id: &str, method: ConnectionMethod, input: &Value) -> Map<String, Value> {
    let mut input: Map<String, Value> = input.as_object().cloned().unwrap_or_default();
    let owner = catalog::operation(id).and_then(Operation::owner);
    if let Some(owner) = owner.filter(|_| method == ConnectionMethod::ServicePrincipal) {
        input.entry(owner.name).or_insert_with(|| ANA.into());
    }
    input
}

fn call<'a>(
    stage: &'a Stage,
    operation: &'a str,
    method: ConnectionMethod,
    input: Map<String, Value>,
) -> Call<'a> {
    Call {
        caller: &stage.world.admin,
        connection: stage.connection(operation, method).id,
        operation,
        input,
        cursor: None,
        idempotency_key: None,
    }
}

/// As Ana, or as the application in Ana's name where one has to be given.
pub(crate) async fn run(
    stage: &Stage,
    id: &str,
    method: ConnectionMethod,
    input: &Value,
    content: Option<&str>,
) -> Result<Answer, Error> {
    let input = in_whose_name(id, method, input);
    let call = call(stage, id, method, input);
    let content = content.map(|text| Content {
        length: text.len() as u64,
        bytes: stream::iter([Ok(Bytes::copy_from_slice(text.as_bytes()))]).boxed(),
    });
    stage.runner.run_with(call, content).await
}

pub(crate) fn shown(result: &Result<Answer, Error>) -> String {
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
