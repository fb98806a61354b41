use sqlx::error::DatabaseError;

use crate::Error;
use crate::error::Fault;

/// Sorts by PostgreSQL's codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
pub(super) fn sorted(error: sqlx::Error) -> Error {
    Error::sort(error, fault)
}

fn fault(reported: &dyn DatabaseError) -> Option<Fault> {
    if reported.is_unique_violation() {
        let constraint = reported.constraint().unwrap_or(reported.message());
        return Some(Fault::Exists(constraint.to_owned()));
    }
    let code = reported.code()?;
    // Connection lost, resources exhausted, cancelled or shutting down; a lock that was waited for too long, and
    // transactions that met and one had to go.
    let transient = ["08", "53", "57", "55P03", "40001", "40P01"];
    transient
        .iter()
        .any(|prefix| code.starts_with(prefix))
        .then_some(Fault::Unreachable)
}
