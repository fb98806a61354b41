use bytes::Bytes;
use http::StatusCode;
use operations::Error;
use serde_json::Value;

use super::{Problem, chain};

/// How long a caller waits before it asks again for what is still running.
const STILL_RUNNING_SECS: u64 = 1;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let error = match error {
            Error::Connection(inner) => return inner.into(),
            Error::Unexpected(_) => return Self::broken(chain(&error)),
            other => other,
        };
        let mut problem = Self::new(status(&error), error.code(), error.to_string());
        problem.0.next_step = error
            .next_step()
            .or_else(|| Some("see the diagnosis of the connection".to_owned()));
        problem.0.diagnosis = error.diagnosis().cloned().map(Box::new);
        problem.0.field = error.field().map(str::to_owned);
        match error {
            Error::OperationNotFound { nearest, .. } => problem.0.nearest = nearest,
            Error::Microsoft {
                body, retry_after, ..
            } => {
                problem.0.microsoft = whole(&body);
                problem.0.retry_after_secs = retry_after;
            }
            Error::InProgress => problem.0.retry_after_secs = Some(STILL_RUNNING_SECS),
            _ => {}
        }
        problem
    }
}

/// Microsoft's error is the only evidence there is: nothing of it is left out.
fn whole(body: &Bytes) -> Option<Value> {
    if body.is_empty() {
        return None;
    }
    let text = || Value::String(String::from_utf8_lossy(body).into_owned());
    Some(serde_json::from_slice(body).unwrap_or_else(|_| text()))
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::OperationNotFound { .. } => StatusCode::NOT_FOUND,
        Error::Input {
            code: "body_too_large",
            ..
        } => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Input {
            code: "body_unreadable",
            ..
        } => StatusCode::BAD_REQUEST,
        Error::Input { .. } | Error::Unsupported { .. } | Error::KeyMismatch => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Error::Denied { .. } | Error::PermissionMissing(_) => StatusCode::FORBIDDEN,
        Error::Microsoft { status, .. } => {
            StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_GATEWAY)
        }
        Error::Unreachable(_) | Error::TooLarge { .. } | Error::Unusable(_) => {
            StatusCode::BAD_GATEWAY
        }
        Error::TimedOut(_) => StatusCode::GATEWAY_TIMEOUT,
        Error::Held(_) => StatusCode::TOO_MANY_REQUESTS,
        Error::Uncertain { .. } | Error::InProgress => StatusCode::CONFLICT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
