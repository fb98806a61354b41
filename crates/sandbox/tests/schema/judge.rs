//! Every answer of Graph against Microsoft's own schema, beside whatever a test looks at itself.
//!
//! The schema is Microsoft's and not part of the project: where `data/graph-v1.0.csdl.xml` is not beside the checkout, the
//! judge says so once and lets everything pass.

pub(crate) mod address;
mod body;
mod context;
pub(crate) mod csdl;
mod edm;
pub(crate) mod metadata;
mod refusal;

use std::sync::OnceLock;

use reqwest::header::HeaderMap;
use serde_json::Value;

use address::Place;
use body::Findings;
use csdl::{Model, TypeRef};

/// What is in the sandbox and in no schema: the metadata itself, and envelopes of several answers.
const WITHOUT_TYPE: [&str; 2] = ["$batch", "$metadata"];

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// With the version, without the query: `/v1.0/me/messages`.
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
}

/// What Microsoft says of Graph, read once for a process.
pub(crate) fn model() -> Option<&'static Model> {
    static MODEL: OnceLock<Option<Model>> = OnceLock::new();
    let read = || {
        let text = metadata::text("graph-v1.0.csdl.xml")?;
        Some(Model::parse(&text).expect("Microsoft's schema can be read"))
    };
    MODEL.get_or_init(read).as_ref()
}

/// Fails the test when the answer to a request is not what the schema promises.
pub(crate) fn judge(asked: &Asked, status: u16, headers: &HeaderMap, text: &str) {
    let content_type = headers
        .get("content-type")
        .and_then(|value| value.to_str().ok());
    let is_json = content_type.is_some_and(|value| value.starts_with("application/json"));
    let Some(path) = below_version(&asked.path).filter(|_| is_json) else {
        return;
    };
    let Some(model) = model() else { return };
    let wrong = match serde_json::from_str(text) {
        Ok(body) => findings(model, asked, path, status, &body),
        Err(error) => vec![format!("the body is no JSON: {error}")],
    };
    assert!(
        wrong.is_empty(),
        "{} {} answered {status}, which is not as Microsoft's schema has it:\n  {}\n{text}",
        asked.method,
        asked.path,
        wrong.join("\n  ")
    );
}

/// What is wrong with an answer, nothing when all is well.
pub(crate) fn findings(
    model: &Model,
    asked: &Asked,
    path: &str,
    status: u16,
    body: &Value,
) -> Vec<String> {
    if status >= 400 {
        return refusal::findings(body);
    }
    if path.eq_ignore_ascii_case("$batch") {
        return batch(model, asked, body);
    }
    if WITHOUT_TYPE.contains(&path) {
        return Vec::new();
    }
    let place = match address::place(model, path) {
        Ok(place) => place,
        Err(error) => return vec![format!("the path is not in the schema: {error}")],
    };
    let expected = match place {
        Place::Value(found) if asked.method == "POST" && is_made(model, path, &found) => {
            found.item()
        }
        Place::Value(found) => found,
        // Whoever uploads is told what it became.
        Place::Bytes(found) if asked.method == "PUT" => found,
        Place::Bytes(_) | Place::Plain => return Vec::new(),
        Place::Nothing => return vec!["an action without a result answered one".to_owned()],
    };
    against(model, &expected, body)
}

fn against(model: &Model, expected: &TypeRef, body: &Value) -> Vec<String> {
    let mut findings = Findings::new(model);
    findings.body(expected, body);
    if let Some(context) = body.get("@odata.context") {
        let text = context.as_str().unwrap_or_default();
        if let Some(mistake) = context::mistake(model, expected, text) {
            findings.add("@odata.context", &mistake, context);
        }
    }
    findings.wrong
}

/// Whether a POST there makes a new item: the path ends in a collection that is no result of an action.
fn is_made(model: &Model, path: &str, found: &TypeRef) -> bool {
    let (parent, last) = path
        .trim_end_matches('/')
        .rsplit_once('/')
        .unwrap_or(("", path));
    let is_operation = match address::place(model, parent) {
        Ok(Place::Value(parent)) => {
            let name = last.split('(').next().unwrap_or(last);
            model
                .bound(name.rsplit('.').next().unwrap_or(name), &parent)
                .is_some()
        }
        _ => false,
    };
    found.is_collection && !is_operation
}

/// Each answer of a batch against the request that it answers.
fn batch(model: &Model, asked: &Asked, body: &Value) -> Vec<String> {
    let requests: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
    let Some(responses) = body["responses"].as_array() else {
        return vec![format!("responses: expected an array, got {body}")];
    };
    let mut wrong = Vec::new();
    for response in responses {
        let mut listed = requests["requests"].as_array().into_iter().flatten();
        let Some(request) = listed.find(|request| request["id"] == response["id"]) else {
            wrong.push(format!("responses: {} answers no request", response["id"]));
            continue;
        };
        let status = response["status"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok());
        let Some(status) = status else {
            wrong.push(format!(
                "responses.status: expected a number, got {}",
                response["status"]
            ));
            continue;
        };
        let url = request["url"].as_str().unwrap_or_default();
        let path = url
            .split('?')
            .next()
            .unwrap_or_default()
            .trim_matches('/')
            .to_owned();
        let member = Asked {
            method: request["method"].as_str().unwrap_or_default().to_owned(),
            path: path.clone(),
            body: Vec::new(),
        };
        if response["body"].is_object() {
            let found = findings(model, &member, &path, status, &response["body"]);
            wrong.extend(
                found
                    .into_iter()
                    .map(|it| format!("{} in a batch: {it}", response["id"])),
            );
        }
    }
    wrong
}

fn below_version(path: &str) -> Option<&str> {
    path.strip_prefix("/v1.0/")
        .or_else(|| path.strip_prefix("/beta/"))
}
