//! `$batch`: several requests in one, change sets among them.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api>

mod multipart;

use std::collections::HashMap;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::Dataverse;
use crate::call::{Address, Call};
use crate::fault::Fault;
use crate::prefer::Preferences;
use crate::reply::Reply;
use crate::route;
use multipart::{Inner, Item};

/// The most operations of a batch.
const MOST: usize = 1_000;

/// Whether a body is a batch that can be read. For whoever tries to break the reader.
pub fn parse(content_type: &str, body: &[u8]) -> bool {
    multipart::read(content_type, body).is_some()
}

pub(crate) fn answer(dataverse: &mut Dataverse, call: &Call) -> Result<Reply, Fault> {
    if call.method != Method::POST {
        return Err(call.wrong_verb());
    }
    let bad = || Fault::bad_query("The batch request body is not valid multipart/mixed content.");
    let content_type = call.header("content-type").unwrap_or_default();
    let items = multipart::read(content_type, &call.body).ok_or_else(bad)?;
    let count: usize = items.iter().map(Item::len).sum();
    if count > MOST {
        return Err(Fault::bad_query(format!(
            "The number of operations in the batch, {count}, exceeds the limit of {MOST}."
        )));
    }
    let boundary = format!("batchresponse_{}", dataverse.ids.uuid());
    let mut out = Vec::new();
    let mut status = StatusCode::OK;
    for item in &items {
        out.extend(format!("--{boundary}\r\n").as_bytes());
        let failed = match item {
            Item::Single(inner) => single(dataverse, call, inner, &mut out),
            Item::ChangeSet(inners) => change_set(dataverse, call, inners, &mut out),
        };
        if let Some(failure) = failed
            && !call.prefer.continue_on_error
        {
            status = failure;
            break;
        }
    }
    out.extend(format!("--{boundary}--\r\n").as_bytes());
    let mut reply = Reply::bytes("", out).with(
        "content-type",
        format!("multipart/mixed; boundary={boundary}"),
    );
    reply.status = status;
    Ok(reply)
}

fn part(out: &mut Vec<u8>, reply: &Reply, content_id: Option<&str>) {
    out.extend(b"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n");
    if let Some(id) = content_id {
        out.extend(format!("Content-ID: {id}\r\n").as_bytes());
    }
    out.extend(b"\r\n");
    reply.write_to(out);
}

/// Answers one request; its status when it failed.
fn single(
    dataverse: &mut Dataverse,
    call: &Call,
    inner: &Inner,
    out: &mut Vec<u8>,
) -> Option<StatusCode> {
    let reply = run(dataverse, call, inner, &HashMap::new());
    part(out, &reply, inner.content_id.as_deref());
    is_failure(&reply)
}

fn is_failure(reply: &Reply) -> Option<StatusCode> {
    (reply.status.is_client_error() || reply.status.is_server_error()).then_some(reply.status)
}

/// Answers all requests of a change set, or undoes them and answers the first that failed.
fn change_set(
    dataverse: &mut Dataverse,
    call: &Call,
    inners: &[Inner],
    out: &mut Vec<u8>,
) -> Option<StatusCode> {
    let mark = dataverse.store.begin();
    let mut named = HashMap::new();
    let mut replies = Vec::new();
    for inner in inners {
        let reply = if inner.method == Method::GET {
            Reply::refusal(
                &Fault::bad_query("A change set may not contain GET requests."),
                false,
            )
        } else {
            run(dataverse, call, inner, &named)
        };
        if let Some(failure) = is_failure(&reply) {
            dataverse.store.roll_back(mark);
            dataverse.store.end(mark);
            part(out, &reply, inner.content_id.as_deref());
            return Some(failure);
        }
        let address = reply
            .headers
            .iter()
            .find(|(name, _)| *name == "odata-entityid");
        if let (Some(id), Some((_, address))) = (&inner.content_id, address) {
            named.insert(id.clone(), address.clone());
        }
        replies.push(reply);
    }
    dataverse.store.end(mark);
    let boundary = format!("changesetresponse_{}", dataverse.ids.uuid());
    out.extend(format!("Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n").as_bytes());
    for (reply, inner) in replies.iter().zip(inners) {
        out.extend(format!("--{boundary}\r\n").as_bytes());
        part(out, reply, inner.content_id.as_deref());
    }
    out.extend(format!("--{boundary}--\r\n").as_bytes());
    None
}

fn run(
    dataverse: &mut Dataverse,
    call: &Call,
    inner: &Inner,
    named: &HashMap<String, String>,
) -> Reply {
    let prefer = Preferences::read(&headers(inner));
    let all = prefer.annotations.is_all();
    let applied = prefer.applied();
    let reply = inner_call(call, inner, named)
        .and_then(|call| route::serve(dataverse, &call))
        .unwrap_or_else(|fault| Reply::refusal(&fault, all));
    match applied {
        Some(applied) => reply.with("preference-applied", applied),
        None => reply,
    }
}

fn headers(inner: &Inner) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in &inner.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            headers.append(name, value);
        }
    }
    headers
}

/// A request within the batch, with `$1` replaced by what the first one made.
fn inner_call(call: &Call, inner: &Inner, named: &HashMap<String, String>) -> Result<Call, Fault> {
    let mut url = inner.url.clone();
    let mut body = String::from_utf8_lossy(&inner.body).into_owned();
    let mut is_changed = false;
    for (id, address) in named {
        let mark = format!("${id}");
        if let Some(rest) = url
            .strip_prefix(&mark)
            .or_else(|| url.strip_prefix(&format!("/{mark}")))
            && (rest.is_empty() || rest.starts_with('/'))
        {
            url = format!("{address}{rest}");
        }
        let quoted = format!("\"{mark}\"");
        if body.contains(&quoted) {
            body = body.replace(&quoted, &format!("\"{address}\""));
            is_changed = true;
        }
    }
    let below = match url.split_once("/api/data/v9.") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, rest)| rest),
        None => url.trim_start_matches('/'),
    };
    let address = Address::parse(below)?;
    if address
        .segments
        .first()
        .is_some_and(|first| first.name == "$batch")
    {
        return Err(Fault::bad_query("A batch may not contain another one."));
    }
    let path = below.split('?').next().unwrap_or_default();
    let headers = headers(inner);
    let request = sandbox_odata::service::Request {
        method: inner.method.clone(),
        uri: http::Uri::default(),
        body: if is_changed {
            body.into()
        } else {
            inner.body.clone()
        },
        origin: String::new(),
        now: call.now,
        caller: sandbox_odata::service::Caller::default(),
        headers,
    };
    let mut within = Call::read(&request, call.root.clone(), address, call.who.clone())?;
    within.url = format!("{}/{path}", call.root);
    Ok(within)
}
