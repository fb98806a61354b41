//! `/openapi.json`: made of the table of routes and of the catalogue, so that nothing is served that it does not tell.

mod paths;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header;
use serde_json::{Value, json};
use utoipa::PartialSchema;

/// Shapes of answers, by name.
const SHAPES: &str = include_str!("openapi/components.json");

/// What the document says of a route.
pub(crate) struct Doc {
    pub(crate) summary: &'static str,
    pub(crate) request: Option<fn() -> Value>,
    pub(crate) answer: Answer,
    pub(crate) status: u16,
    pub(crate) query: &'static [Asked],
}

/// A parameter of the query: its name, its JSON type, and what it does.
pub(crate) type Asked = (&'static str, &'static str, &'static str);

/// Of lists that come in pages.
pub(crate) const PAGING: [Asked; 2] = [
    ("after", "string", "The `next` of the page before"),
    ("limit", "integer", "How many at most"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// JSON of a shape in `components`.
    Shape(&'static str),
    Nothing,
    /// Whatever Microsoft answers.
    Microsoft,
    /// Not JSON of ours.
    Plain,
}

impl Doc {
    pub(crate) fn answers(summary: &'static str, shape: &'static str) -> Self {
        Self {
            summary,
            request: None,
            answer: Answer::Shape(shape),
            status: 200,
            query: &[],
        }
    }

    pub(crate) fn nothing(summary: &'static str) -> Self {
        Self {
            summary,
            request: None,
            answer: Answer::Nothing,
            status: 204,
            query: &[],
        }
    }

    pub(crate) fn microsoft(summary: &'static str) -> Self {
        Self {
            summary,
            request: None,
            answer: Answer::Microsoft,
            status: 200,
            query: &[],
        }
    }

    pub(crate) fn plain(summary: &'static str) -> Self {
        Self {
            summary,
            request: None,
            answer: Answer::Plain,
            status: 200,
            query: &[],
        }
    }

    pub(crate) fn taking(mut self, request: fn() -> Value) -> Self {
        self.request = Some(request);
        self
    }

    pub(crate) fn asking(mut self, query: &'static [Asked]) -> Self {
        self.query = query;
        self
    }

    pub(crate) fn created(mut self) -> Self {
        self.status = 201;
        self
    }
}

/// The schema of a request's body.
pub(crate) fn of<T: PartialSchema>() -> Value {
    let mut schema = serde_json::to_value(T::schema()).expect("a schema serialises");
    if let Some(words) = schema.as_object_mut() {
        words.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    schema
}

pub(crate) async fn show() -> Response {
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    let text = TEXT.get_or_init(|| document().to_string().into());
    ([(header::CONTENT_TYPE, "application/json")], text.clone()).into_response()
}

pub(crate) fn document() -> Value {
    let shapes: Value = serde_json::from_str(SHAPES).expect("a test reads it");
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Consentry",
            "version": "1",
            "description": "Connections to Microsoft 365 and Dynamics 365, and operations through them. Errors are \
                `application/problem+json` with a stable `code` and a `next_step`.",
        },
        "servers": [{ "url": "/" }],
        "security": [{ "key": [] }, { "session": [] }],
        "paths": paths::all(),
        "components": {
            "schemas": shapes,
            "securitySchemes": {
                "key": { "type": "http", "scheme": "bearer", "bearerFormat": "csk_ and 64 hexadecimal digits" },
                "session": { "type": "apiKey", "in": "cookie", "name": "__Host-consentry_session" },
            },
        },
    })
}
