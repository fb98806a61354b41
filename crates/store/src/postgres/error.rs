use sqlx::error::DatabaseError;

use crate::Error;
use crate::error::Fault;

/// A transaction that writes where nothing can be written.
const READ_ONLY: &str = "25006";
/// Transactions that met, and one had to go.
const CONTENDED: [&str; 2] = ["40001", "40P01"];
/// Connection lost, let in no more, no such database (yet), resources exhausted, cancelled or shutting down, input and output; a lock
/// that was waited for too long, and a transaction that was silent for too long.
const UNAVAILABLE: [&str; 8] = ["08", "28", "3D", "53", "57", "58", "55P03", "25P03"];

/// Sorts by PostgreSQL's codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
pub(super) fn sorted(error: sqlx::Error) -> Error {
    Error::sort(error, fault)
}

/// The same for a transaction that may write. Where it may not all the same, the server is a standby, or was made read only since
/// its disk is full.
pub(super) fn sorted_in_writing(error: sqlx::Error) -> Error {
    Error::sort(error, |reported| match reported.code()?.as_ref() {
        READ_ONLY => Some(Fault::Unavailable),
        _ => fault(reported),
    })
}

fn fault(reported: &dyn DatabaseError) -> Option<Fault> {
    if reported.is_unique_violation() {
        let constraint = reported.constraint().unwrap_or(reported.message());
        return Some(Fault::Exists(constraint.to_owned()));
    }
    let code = reported.code()?;
    if CONTENDED.contains(&code.as_ref()) {
        return Some(Fault::Contended);
    }
    UNAVAILABLE
        .iter()
        .any(|prefix| code.starts_with(prefix))
        .then_some(Fault::Unavailable)
}
