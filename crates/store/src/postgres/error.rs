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
    // Transactions that met, and one had to go.
    if ["40001", "40P01"].contains(&code.as_ref()) {
        return Some(Fault::Contended);
    }
    // Connection lost, resources exhausted, cancelled or shutting down; a lock that was waited for too long.
    let transient = ["08", "53", "57", "55P03"];
    transient
        .iter()
        .any(|prefix| code.starts_with(prefix))
        .then_some(Fault::Unreachable)
}
