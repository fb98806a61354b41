use connections::{AttemptError, Error, SetUpError};
use http::StatusCode;
use model::ConnectionState;

use super::{Problem, chain};

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error.code() {
            "internal" => return Self::broken(chain(&error)),
            "database_unavailable" => return Self::database_unavailable(chain(&error)),
            _ => {}
        }
        let mut problem = Self::new(status(&error), error.code(), error.to_string());
        problem.0.next_step = next_step(&error);
        problem.0.diagnosis = error.diagnosis().cloned().map(Box::new);
        if let Error::Invalid { field, .. } = &error {
            problem.0.field = Some((*field).to_owned());
        }
        problem
    }
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound { .. } | Error::Attempt(AttemptError::Unknown) => StatusCode::NOT_FOUND,
        Error::Invalid { .. } | Error::Unsupported { .. } | Error::Refused(_) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Error::Forbidden { .. }
        | Error::LimitedKey
        | Error::ConsentRefused(_)
        | Error::ApprovalNeeded { .. }
        | Error::Attempt(AttemptError::WrongBrowser) => StatusCode::FORBIDDEN,
        Error::Attempt(AttemptError::Expired | AttemptError::Used) => StatusCode::GONE,
        Error::Attempt(AttemptError::StateMismatch) => StatusCode::BAD_REQUEST,
        Error::Exists { .. }
        | Error::Conflict
        | Error::NotUsable { .. }
        | Error::SetUp(_)
        | Error::Attempt(AttemptError::AccountMismatch { .. }) => StatusCode::CONFLICT,
        Error::Unreachable(_) | Error::Unanswered(_) => StatusCode::BAD_GATEWAY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn next_step(error: &Error) -> Option<String> {
    let step = match error {
        Error::NotFound { what, .. } => {
            return Some(format!("list them, and check the id of the {what}"));
        }
        Error::Exists { .. } => "choose another name, or use or remove what has this one",
        Error::Invalid { .. } => "correct the field and send it again",
        Error::Unsupported { instead, .. } => return Some(instead.clone()),
        Error::Forbidden { .. } => "ask an administrator of the workspace",
        Error::LimitedKey => "use a key that is not limited to connections or kinds",
        Error::Conflict => "read it again, and repeat the change on what is there now",
        Error::Unreachable(_) => {
            "try again in a moment; if it stays, check the way from this server to Microsoft"
        }
        Error::Attempt(AttemptError::WrongBrowser) => {
            "open the connect link in the browser that will sign in, and go on there"
        }
        Error::Attempt(AttemptError::AccountMismatch { .. }) => {
            "sign in with the account that the connection belongs to, or make a new connection"
        }
        Error::SetUp(SetUpError::NeedsSignIn) => {
            "ask the server where the administrator signed in; or run the same command again, or sign in again by \
             `POST /api/v1/bootstraps/{id}/sign-in`: it goes on where it stopped and makes nothing twice"
        }
        Error::SetUp(_) => {
            "look at the other one, or run the same command again: it goes on where this one stopped"
        }
        Error::Attempt(_) => "ask for a new connect link: reconnect the connection",
        Error::NotUsable {
            state: ConnectionState::Disabled,
            ..
        } => "enable it, or ask whoever disabled it",
        Error::Refused(_)
        | Error::Unanswered(_)
        | Error::ConsentRefused(_)
        | Error::ApprovalNeeded { .. }
        | Error::NotUsable { .. } => {
            let first = error
                .diagnosis()
                .and_then(|diagnosis| diagnosis.remedy.first());
            return Some(first.map_or_else(
                || "test the connection to see what it waits for".to_owned(),
                |step| step.text.clone(),
            ));
        }
        _ => return None,
    };
    Some(step.to_owned())
}
