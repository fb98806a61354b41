use sqlx::error::DatabaseError;

use crate::Error;
use crate::error::Fault;

/// Sorts by SQLite's result codes: <https://www.sqlite.org/rescode.html>.
pub(super) fn sorted(error: sqlx::Error) -> Error {
    Error::sort(error, fault)
}

fn fault(reported: &dyn DatabaseError) -> Option<Fault> {
    if reported.is_unique_violation() {
        return Some(Fault::Exists(taken(reported.message())));
    }
    let code: i32 = reported.code()?.parse().ok()?;
    // The low byte is the primary code: busy, locked, input or output error, cannot open.
    matches!(code & 0xff, 5 | 6 | 10 | 14).then_some(Fault::Unreachable)
}

/// The last column in `UNIQUE constraint failed: members.workspace_id, members.email_folded`.
fn taken(message: &str) -> String {
    let last = message.rsplit([' ', ',']).next();
    last.unwrap_or(message).to_owned()
}
