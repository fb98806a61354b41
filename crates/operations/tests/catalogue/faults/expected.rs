//! What each fault must come to, by what may be done where it is met.

use sandbox::Action;

use super::rows::Promise;

/// Something that happens to requests.
pub(crate) struct Meeting {
    pub(crate) name: &'static str,
    pub(crate) action: Action,
    /// How many requests it happens to.
    pub(crate) times: u32,
    pub(crate) sort: Sort,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A token that was good no longer is; the next one is.
    TokenOver,
    /// No token is good.
    Unauthorized,
    /// Refused for a reason of its own, and not done.
    Refused(u16),
    /// Too fast: `again` where another try may come inside of the deadline.
    Throttled { again: bool },
    /// Microsoft's trouble.
    Trouble { status: u16, again: bool },
    /// No answer; `done` where it was carried out all the same.
    Lost { done: bool },
    /// Done, and the answer's body ends in its middle.
    HalfAnswered,
    /// Not Microsoft's answer.
    WrongContent,
}

/// More often than anything is tried.
const FOR_GOOD: u32 = 20;

pub(crate) fn all() -> Vec<Meeting> {
    let mut all = vec![
        status("401 once", 401, 1, None, Sort::TokenOver),
        status("401", 401, FOR_GOOD, None, Sort::Unauthorized),
        status("429 once", 429, 1, None, Sort::Throttled { again: true }),
        status(
            "429 with a second to wait",
            429,
            1,
            Some(1),
            Sort::Throttled { again: true },
        ),
        status("429", 429, FOR_GOOD, None, Sort::Throttled { again: false }),
        status(
            "429 with an hour to wait",
            429,
            FOR_GOOD,
            Some(3_600),
            Sort::Throttled { again: false },
        ),
        status(
            "503 with an hour to wait",
            503,
            FOR_GOOD,
            Some(3_600),
            Sort::Trouble {
                status: 503,
                again: false,
            },
        ),
        status(
            "500",
            500,
            FOR_GOOD,
            None,
            Sort::Trouble {
                status: 500,
                again: false,
            },
        ),
    ];
    for (name, code) in [
        ("403", 403),
        ("404", 404),
        ("409", 409),
        ("410", 410),
        ("412", 412),
        ("413", 413),
        ("501", 501),
    ] {
        all.push(status(name, code, FOR_GOOD, None, Sort::Refused(code)));
    }
    for (name, code) in [
        ("500 once", 500),
        ("502 once", 502),
        ("503 once", 503),
        ("504 once", 504),
    ] {
        all.push(status(
            name,
            code,
            1,
            None,
            Sort::Trouble {
                status: code,
                again: true,
            },
        ));
    }
    for (name, action, times, sort) in [
        (
            "cut off before an answer",
            Action::Reset,
            1,
            Sort::Lost { done: false },
        ),
        (
            "cut off for good",
            Action::Reset,
            FOR_GOOD,
            Sort::Lost { done: false },
        ),
        (
            "done, then cut off",
            Action::ResetAfter,
            1,
            Sort::Lost { done: true },
        ),
        (
            "cut in the headers",
            Action::CutHeaders,
            1,
            Sort::Lost { done: true },
        ),
        ("cut in the body", Action::CutBody, 1, Sort::HalfAnswered),
        (
            "a page",
            text(
                "text/html",
                "<html><body>Sign in to the network</body></html>",
            ),
            FOR_GOOD,
            Sort::WrongContent,
        ),
        (
            "half a document",
            text("application/json", r#"{"id": "1", "val"#),
            FOR_GOOD,
            Sort::WrongContent,
        ),
        (
            "another type",
            text("application/json", r#"["id", 1]"#),
            FOR_GOOD,
            Sort::WrongContent,
        ),
    ] {
        all.push(Meeting {
            name,
            action,
            times,
            sort,
        });
    }
    all
}

fn status(
    name: &'static str,
    status: u16,
    times: u32,
    retry_after: Option<u32>,
    sort: Sort,
) -> Meeting {
    Meeting {
        name,
        action: Action::Status {
            status,
            retry_after,
            body: None,
        },
        times,
        sort,
    }
}

fn text(content_type: &str, text: &str) -> Action {
    Action::Text {
        status: 200,
        content_type: content_type.to_owned(),
        text: text.to_owned(),
    }
}

/// What the caller is told, and how often Microsoft was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    /// An error's code; none for success.
    pub(crate) code: Option<&'static str>,
    /// Microsoft's status, in the error and in the activity line.
    pub(crate) status: Option<u16>,
    pub(crate) requests: Option<usize>,
}

const REFUSED: &str = "refused_by_microsoft";
/// Tries of a request, and of an upload's piece.
const TRIES: usize = 4;
const CHUNK_TRIES: usize = 6;

#[expect(
    clippy::match_same_arms,
    reason = "a row a fault, as the documents list them"
)]
pub(crate) fn expected(promise: Promise, met: &Meeting) -> Expected {
    let for_good = met.times == FOR_GOOD;
    let told = |code, status, requests| Expected {
        code,
        status,
        requests: Some(requests),
    };
    let fine = |requests| told(None, None, requests);
    let once_only = matches!(
        promise,
        Promise::Once | Promise::Looked | Promise::Settled | Promise::Document
    );
    let tries = if promise == Promise::Chunk {
        CHUNK_TRIES
    } else {
        TRIES
    };
    match (promise, met.sort) {
        (Promise::Aside, _) => Expected {
            code: None,
            status: None,
            requests: None,
        },
        (Promise::SecondHalf, sort) => {
            let alone = expected(
                Promise::Safe,
                &Meeting {
                    sort,
                    action: met.action.clone(),
                    ..*met
                },
            );
            match alone.code {
                None => alone,
                Some(_) => Expected {
                    code: Some("uncertain"),
                    status: None,
                    ..alone
                },
            }
        }
        (Promise::Tokenless | Promise::Chunk, Sort::TokenOver) => told(Some(REFUSED), Some(401), 1),
        (Promise::Tokenless | Promise::Chunk, Sort::Unauthorized) => {
            told(Some(REFUSED), Some(401), 1)
        }
        (_, Sort::TokenOver) => fine(2),
        (_, Sort::Unauthorized) => told(Some(REFUSED), Some(401), 2),
        // The address may have ended: it is asked for anew, once.
        (Promise::FileHost, Sort::Refused(status @ (403 | 404 | 410))) => {
            told(Some(REFUSED), Some(status), 2)
        }
        // So a session says that it is gone; it is asked, and is not.
        (Promise::Chunk, Sort::Refused(404 | 410)) => told(Some("unreachable"), None, 1),
        (_, Sort::Refused(status)) => told(Some(REFUSED), Some(status), 1),
        (_, Sort::Throttled { again: true }) => fine(2),
        (_, Sort::Throttled { again: false }) => told(
            Some("throttled"),
            Some(429),
            if waits(&met.action) { 1 } else { tries },
        ),
        (Promise::Once | Promise::Looked, Sort::Trouble { .. }) => told(Some("uncertain"), None, 1),
        (Promise::Settled | Promise::Document, Sort::Trouble { status, .. }) => {
            told(Some(REFUSED), Some(status), 1)
        }
        (_, Sort::Trouble { again: true, .. }) => fine(2),
        (_, Sort::Trouble { status, .. }) => told(
            Some(REFUSED),
            Some(status),
            if waits(&met.action) { 1 } else { tries },
        ),
        (Promise::Once, Sort::Lost { .. } | Sort::HalfAnswered) => told(Some("uncertain"), None, 1),
        (Promise::Settled, Sort::Lost { .. } | Sort::HalfAnswered) => {
            told(Some("unreachable"), None, 1)
        }
        (
            Promise::Looked | Promise::Document | Promise::Chunk,
            Sort::Lost { done: true } | Sort::HalfAnswered,
        ) => fine(1),
        (Promise::Looked | Promise::Document, Sort::Lost { done: false }) => {
            told(Some("uncertain"), None, 1)
        }
        (_, Sort::Lost { .. }) if for_good => told(Some("unreachable"), None, tries),
        (_, Sort::Lost { .. }) => fine(2),
        (_, Sort::HalfAnswered) => told(Some("unreachable"), None, 1),
        (_, Sort::WrongContent) if once_only && promise != Promise::Settled => {
            told(Some("uncertain"), None, 1)
        }
        (Promise::Settled, Sort::WrongContent) => told(Some("unreachable"), None, 1),
        (_, Sort::WrongContent) => told(Some("unusable_answer"), None, 1),
    }
}

/// Whether Microsoft names a time that no deadline leaves room for.
fn waits(action: &Action) -> bool {
    matches!(
        action,
        Action::Status {
            retry_after: Some(_),
            ..
        }
    )
}

/// An exception that a row makes.
pub(crate) fn otherwise(code: &str) -> Expected {
    let codes = ["uncertain", "unreachable", "unusable_answer", REFUSED];
    Expected {
        code: codes.into_iter().find(|known| *known == code),
        status: None,
        requests: None,
    }
}
