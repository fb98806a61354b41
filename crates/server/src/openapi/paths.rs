use catalog::Operation;
use serde_json::{Map, Value, json};

use super::Answer;
use crate::routes::{Needs, Route, table};

/// Methods that the pass-through takes.
const PASSED: [&str; 5] = ["get", "post", "put", "patch", "delete"];

pub(super) fn all() -> Map<String, Value> {
    let mut paths: Map<String, Value> = Map::new();
    for route in table() {
        // Operations are told one by one, from the catalogue.
        if route.path.ends_with("/operations/{operation}") && route.method == "post" {
            for operation in catalog::operations() {
                let path = format!("/api/v1/connections/{{id}}/operations/{}", operation.id);
                paths.insert(path, json!({ "post": run(operation) }));
            }
            continue;
        }
        let methods = if route.method == "any" {
            &PASSED[..]
        } else {
            &[route.method]
        };
        // A wildcard of the router is a plain parameter here.
        let path = route.path.replace("{*", "{");
        let told = paths.entry(path).or_insert_with(|| json!({}));
        for method in methods {
            told[*method] = operation(&route);
        }
    }
    paths
}

fn operation(route: &Route) -> Value {
    let mut told = json!({
        "summary": route.doc.summary,
        "responses": responses(route),
    });
    match route.needs {
        Needs::Role(role) => told["x-role"] = json!(role),
        _ => told["security"] = json!([]),
    }
    let mut parameters = parameters(route.path);
    parameters.extend(route.doc.query.iter().map(|(name, kind, told)| {
        json!({ "name": name, "in": "query", "description": told, "schema": { "type": kind } })
    }));
    if !parameters.is_empty() {
        told["parameters"] = Value::Array(parameters);
    }
    if let Some(request) = route.doc.request {
        told["requestBody"] = body(&request());
    }
    told
}

fn responses(route: &Route) -> Value {
    let answer = match route.doc.answer {
        Answer::Shape(name) => json!({
            "description": route.doc.summary,
            "content": { "application/json": { "schema": reference(name) } },
        }),
        Answer::Nothing => json!({ "description": "Done" }),
        Answer::Microsoft => json!({ "description": "Microsoft's answer, as it is" }),
        Answer::Plain => json!({ "description": route.doc.summary }),
    };
    json!({ route.doc.status.to_string(): answer, "default": problem() })
}

/// A problem, whatever its status.
fn problem() -> Value {
    json!({
        "description": "What went wrong, and what to do about it",
        "content": { "application/problem+json": { "schema": reference("Problem") } },
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn body(schema: &Value) -> Value {
    json!({ "required": true, "content": { "application/json": { "schema": schema } } })
}

fn parameters(path: &str) -> Vec<Value> {
    path.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            json!({
                "name": name.trim_start_matches('*'),
                "in": "path",
                "required": true,
                "schema": { "type": "string" },
            })
        })
        .collect()
}

fn run(operation: &'static Operation) -> Value {
    let mut schema = operation.input_schema(operation.usual_method());
    if let Some(words) = schema.as_object_mut() {
        words.shift_remove("$schema");
    }
    let mut request = body(&schema);
    request["required"] = json!(false);
    request["content"]["application/json"]["example"] = operation.example(operation.usual_method());
    let mut parameters = parameters("/{id}");
    let text = |name: &str, place: &str, kind: &str, description: &str| json!({ "name": name, "in": place, "description": description, "schema": { "type": kind } });
    parameters.push(text(
        "dry_run",
        "query",
        "boolean",
        "Only say what would be sent",
    ));
    parameters.push(text(
        "Idempotency-Key",
        "header",
        "string",
        "Makes a write happen at most once",
    ));
    if operation.paging {
        parameters.push(text(
            "cursor",
            "query",
            "string",
            "The `consentry-cursor` of the page before",
        ));
        parameters.push(text(
            "all",
            "query",
            "boolean",
            "Every page, one item a line",
        ));
    }
    if operation.delta {
        parameters.push(text(
            "delta",
            "query",
            "string",
            "Changes since the round kept under this name, one item a line; the last line is to be kept",
        ));
    }
    json!({
        "operationId": operation.id,
        "summary": operation.title,
        "description": operation.summary,
        "externalDocs": { "url": operation.docs },
        "x-role": "member",
        "parameters": parameters,
        "requestBody": request,
        "responses": {
            operation.result.status.to_string(): { "description": "Microsoft's answer, as it is" },
            "default": problem(),
        },
    })
}
