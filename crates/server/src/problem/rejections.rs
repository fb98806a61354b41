//! Requests that cannot be read: which field, which position, and what would fit.

use axum::extract::rejection::{
    BytesRejection, FormRejection, JsonRejection, PathRejection, QueryRejection,
};
use http::StatusCode;

use super::Problem;

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        let inner = innermost(&rejection);
        match rejection {
            JsonRejection::JsonDataError(_) => misfit(&inner),
            JsonRejection::JsonSyntaxError(_) => Self::new(
                StatusCode::BAD_REQUEST,
                "invalid_json",
                format!("the body is not JSON: {inner}"),
            )
            .next("correct the body at the position named"),
            JsonRejection::MissingJsonContentType(_) => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "the body must be JSON",
            )
            .next("send the header `content-type: application/json`"),
            JsonRejection::BytesRejection(bytes) => bytes.into(),
            other => Self::new(other.status(), "invalid_json", inner),
        }
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::body_too_large();
        }
        Self::unreadable_body()
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        misfit(&innermost(&rejection))
    }
}

impl From<FormRejection> for Problem {
    fn from(rejection: FormRejection) -> Self {
        match rejection {
            FormRejection::BytesRejection(bytes) => bytes.into(),
            other => misfit(&innermost(&other)),
        }
    }
}

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "the address does not read",
        )
        .next("check its percent-encoding")
    }
}

impl Problem {
    pub(crate) fn unreadable_body() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "body_unreadable",
            "the body could not be read to its end",
        )
        .next("send it again")
    }

    pub(crate) fn body_too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            "the body is larger than this server takes",
        )
        .next("send less at a time, or have `limits.max_body_bytes` raised")
    }
}

/// The rejection's own words begin with the name of a Rust type, its source's with the path of the field.
fn innermost(rejection: &(dyn std::error::Error + 'static)) -> String {
    rejection
        .source()
        .map_or_else(|| rejection.to_string(), ToString::to_string)
}

/// What `serde` says of a value that does not fit: `path: unknown field `x`, expected one of …`.
pub(crate) fn misfit(message: &str) -> Problem {
    let (path, message) = match message.split_once(": ") {
        Some((path, rest)) if !path.contains([' ', '`']) => (path, rest),
        _ => ("", message),
    };
    let message = message.split(" at line ").next().unwrap_or(message);
    let message = without_value(message);
    let quoted = message.split('`').nth(1).unwrap_or_default().to_owned();
    let below = |name: &str| match path {
        "" => name.to_owned(),
        // The path of an unknown field may end with the field itself.
        path if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        path => format!("{path}.{name}"),
    };
    let unfit = |code, field: String| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, message.clone())
            .field(field)
            .next("see `/openapi.json` for what fits, and send it again")
    };
    if message.starts_with("unknown field") {
        unfit("unknown_field", below(&quoted))
    } else if message.starts_with("missing field") {
        unfit("missing_field", below(&quoted))
    } else {
        unfit("invalid_input", path.to_owned())
    }
}

/// A value of the wrong type is not repeated: it may be a secret all the same.
fn without_value(message: &str) -> String {
    let is_value = message.starts_with("invalid type") || message.starts_with("invalid value");
    match message.split_once(", expected ") {
        Some((_, expected)) if is_value => format!("must be {expected}"),
        _ => message.to_owned(),
    }
}
