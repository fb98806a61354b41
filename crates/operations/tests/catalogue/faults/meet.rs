//! Runs an operation into a fault, and holds all that can be seen of it against what is promised.

use bytes::Bytes;
use catalog::Operation;
use futures_util::{StreamExt, stream};
use microsoft::Content;
use model::{Activity, ConnectionMethod, Outcome, Phase};
use operations::{Answer, Call, Error};
use sandbox::Fault;
use serde_json::{Map, Value};

use super::expected::{self, Expected, Meeting, Sort, otherwise};
use super::rows::{Left, Page, Place, Promise, Row};
use crate::cases;
use crate::fill::{Known, fill};
use crate::people::Stage;
use crate::walk::{self, Prepared, shown};
use crate::world::ANA;

type Told<T> = Result<T, String>;

/// Each fault at each place of a behaviour: how many, and what went otherwise than promised.
pub(crate) async fn each(stage: &Stage, row: &Row) -> (usize, Vec<String>) {
    let (mut met, mut wrong) = (0, Vec::new());
    for place in &row.at {
        for meeting in expected::all() {
            met += 1;
            let told = Box::pin(one(stage, row, place, &meeting, met)).await;
            stage.world.control().clear_faults();
            let name = format!(
                "{} ({} as {}), {} {}, {}",
                row.behavior, row.operation, row.method, place.method, place.path, meeting.name
            );
            wrong.extend(told.err().map(|what| format!("{name}: {what}")));
        }
    }
    (met, wrong)
}

/// What was seen of one call.
struct Seen {
    result: Result<Option<Answer>, Error>,
    requests: usize,
    line: Option<Activity>,
    intent: bool,
    more: Option<i64>,
    /// What is left, by id.
    ids: Vec<String>,
}

async fn one(
    stage: &Stage,
    row: &Row,
    place: &Place,
    meeting: &Meeting,
    number: usize,
) -> Told<()> {
    let operation = catalog::operation(&row.operation).ok_or("there is no such operation")?;
    let case = cases::all()
        .remove(&row.operation)
        .ok_or("it has no case")?;
    let label = format!("F{number} {} {}", row.behavior, place.method);
    let prepared = walk::prepare(stage, operation, row.method, &case, &label).await?;
    let mut expected = expected::expected(place.promise, meeting);
    if expected.code.is_none() {
        expected.requests = expected.requests.map(|requests| requests + place.more);
    }
    if let Some(code) = place.unless.get(meeting.name) {
        expected = otherwise(code);
    }
    let seen = Box::pin(meet(stage, row, place, meeting, operation, &prepared)).await?;
    judged(operation, place, meeting, &expected, &seen)
}

async fn meet(
    stage: &Stage,
    row: &Row,
    place: &Place,
    meeting: &Meeting,
    operation: &'static Operation,
    prepared: &Prepared,
) -> Told<Seen> {
    let before = left(stage, row, &prepared.known).await?;
    let control = stage.world.control();
    let inject = || {
        control.clear_requests();
        control.inject(Fault {
            method: Some(place.method.clone()),
            path_contains: place.path.clone(),
            times: meeting.times,
            action: meeting.action.clone(),
        });
    };
    let newest = stage.world.activities().await.first().map(|line| line.id);
    let result = call(stage, row, operation, prepared, inject).await;
    let requests = control.count(&place.method, &place.path);
    control.clear_faults();
    let lines = stage.world.activities().await;
    let ours: Vec<_> = lines
        .into_iter()
        .take_while(|line| Some(line.id) != newest)
        .filter(|line| line.action == operation.id)
        .collect();
    let after = left(stage, row, &prepared.known).await?;
    let count = |ids: &Vec<String>| i64::try_from(ids.len()).unwrap_or_default();
    let more = before.as_ref().zip(after.as_ref());
    Ok(Seen {
        result,
        requests,
        intent: ours.iter().any(|line| line.phase == Phase::Intent),
        line: ours.into_iter().find(|line| line.phase == Phase::Result),
        more: more.map(|(before, after)| count(after) - count(before)),
        ids: after.unwrap_or_default(),
    })
}

/// Runs it, with `inject` just before the request that is to meet the fault.
async fn call(
    stage: &Stage,
    row: &Row,
    operation: &'static Operation,
    prepared: &Prepared,
    inject: impl FnOnce(),
) -> Result<Option<Answer>, Error> {
    let mut input: Map<String, Value> = prepared.input.as_object().cloned().unwrap_or_default();
    if let Some(owner) = operation.owner()
        && row.method == ConnectionMethod::ServicePrincipal
    {
        input.insert(owner.name.to_owned(), ANA.into());
    }
    let connection = stage.connection(operation.id, row.method).id;
    let call = |cursor| Call {
        caller: &stage.world.admin,
        connection,
        operation: operation.id,
        input: input.clone(),
        cursor,
        idempotency_key: None,
    };
    let content = prepared.content.as_ref().map(|text| Content {
        length: text.len() as u64,
        bytes: stream::iter([Ok(Bytes::copy_from_slice(text.as_bytes()))]).boxed(),
    });
    match row.page {
        Page::First => {
            inject();
            stage.runner.run_with(call(None), content).await.map(Some)
        }
        Page::Second => {
            let first = stage.runner.run(call(None)).await?;
            inject();
            stage
                .runner
                .run(call(first.cursor.as_deref()))
                .await
                .map(Some)
        }
        Page::All => {
            let mut pages = Box::pin(stage.runner.run_all(&call(None)));
            let first = pages.next().await.transpose()?;
            inject();
            let second = pages.next().await.transpose()?;
            assert!(first.is_some() && second.is_some(), "there are two pages");
            Ok(None)
        }
    }
}

/// Ids of what the row's list shows.
async fn left(stage: &Stage, row: &Row, known: &Known) -> Told<Option<Vec<String>>> {
    let Some(Left { run, input }) = &row.left else {
        return Ok(None);
    };
    let input = fill(input, known)?;
    let answer = walk::run(stage, run, row.method, &input, None).await;
    let answer = answer.map_err(|error| format!("what is left: {}", shown(&Err(error))))?;
    let page: Value = serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
    let items = page["value"].as_array().ok_or("what is left is no list")?;
    let id = |item: &Value| item["id"].as_str().unwrap_or_default().to_owned();
    Ok(Some(items.iter().map(id).collect()))
}

fn judged(
    operation: &Operation,
    place: &Place,
    meeting: &Meeting,
    expected: &Expected,
    seen: &Seen,
) -> Told<()> {
    let code = seen.result.as_ref().err().map(Error::code);
    if code != expected.code {
        let shown = match &seen.result {
            Ok(Some(answer)) => format!(
                "{} {:.120}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            ),
            Ok(None) => "a page".to_owned(),
            Err(error) => error.to_string(),
        };
        return Err(format!("{code:?} and not {:?}: {shown}", expected.code));
    }
    if expected
        .requests
        .is_some_and(|requests| requests != seen.requests)
    {
        return Err(format!(
            "{} requests and not {:?}",
            seen.requests, expected.requests
        ));
    }
    let line = seen
        .line
        .as_ref()
        .ok_or("there is no activity line of its result")?;
    if let Err(error) = &seen.result {
        told(operation, meeting, expected, error, line)?;
    }
    recorded(operation, expected, seen, line)?;
    nothing_half_done(place, expected, seen)
}

/// The error says what was asked of whom, why it failed, and what to do.
fn told(
    operation: &Operation,
    meeting: &Meeting,
    expected: &Expected,
    error: &Error,
    line: &Activity,
) -> Told<()> {
    let text = error.to_string();
    for part in [Some(operation.id), line.target.as_deref()]
        .into_iter()
        .flatten()
    {
        if !text.contains(part) {
            return Err(format!("`{part}` is not named in `{text}`"));
        }
    }
    if error.next_step().is_none_or(|step| step.is_empty()) {
        return Err(format!("no next step after `{text}`"));
    }
    let Some(status) = expected.status else {
        return Ok(());
    };
    let diagnosis = error.diagnosis().ok_or("there is no diagnosis")?;
    let evidence = &diagnosis.evidence;
    if evidence.status != Some(status) || evidence.code.is_empty() || evidence.message.is_empty() {
        return Err(format!("thin evidence: {evidence:?}"));
    }
    if evidence.request_id.is_none() {
        return Err("Microsoft's request id is not kept".to_owned());
    }
    if diagnosis.remedy.is_empty() {
        return Err("no remedy".to_owned());
    }
    if let (Error::Microsoft { retry_after, .. }, Sort::Throttled { .. } | Sort::Trouble { .. }) =
        (error, meeting.sort)
        && meeting.name.contains("an hour")
        && *retry_after != Some(3_600)
    {
        return Err(format!("`Retry-After` became {retry_after:?}"));
    }
    Ok(())
}

fn recorded(operation: &Operation, expected: &Expected, seen: &Seen, line: &Activity) -> Told<()> {
    let outcome = match expected.code {
        None => Outcome::Ok,
        Some("uncertain") => Outcome::Uncertain,
        Some(_) => Outcome::Failed,
    };
    if line.outcome != outcome {
        return Err(format!(
            "the activity line says {:?} and not {outcome:?}",
            line.outcome
        ));
    }
    if expected.status.is_some() && line.status != expected.status {
        return Err(format!("the activity line says {:?}", line.status));
    }
    if expected.code.is_some() && line.code.as_ref().is_none_or(String::is_empty) {
        return Err("the activity line has no code".to_owned());
    }
    let is_read = operation.kind == model::OperationKind::Read;
    if seen.intent == is_read {
        return Err(format!("an intent was recorded: {}", seen.intent));
    }
    Ok(())
}

/// What certainly failed left nothing; what is left after an unclear failure is named, where it could be known.
fn nothing_half_done(place: &Place, expected: &Expected, seen: &Seen) -> Told<()> {
    let Some(more) = seen.more else {
        return Ok(());
    };
    match expected.code {
        None if more == 1 => Ok(()),
        None => Err(format!("it went well, and there are {more} more")),
        // Whether the create of an upsert arrived is found by repeating it.
        Some("unreachable") if place.promise == Promise::Settled && more <= 1 => Ok(()),
        Some("uncertain") if place.promise == Promise::SecondHalf => {
            let text = seen
                .result
                .as_ref()
                .err()
                .map(ToString::to_string)
                .unwrap_or_default();
            if more == 1 && seen.ids.iter().any(|id| text.contains(id)) {
                return Ok(());
            }
            Err(format!(
                "{more} more, and what is left is not named: {text}"
            ))
        }
        Some("uncertain") if more <= 1 => Ok(()),
        Some(_) if more == 0 => Ok(()),
        Some(code) => Err(format!("{code}, and there are {more} more")),
    }
}
