use sqlx::error::DatabaseError;

use crate::Error;
use crate::error::Fault;

/// A change where nothing can be changed.
const READ_ONLY: i32 = 8;
/// Busy, locked, out of memory, input or output error, disk full, cannot open, locks that do not work.
const UNAVAILABLE: [i32; 7] = [5, 6, 7, 10, 13, 14, 15];

/// Sorts by SQLite's result codes: <https://www.sqlite.org/rescode.html>.
pub(super) fn sorted(error: sqlx::Error) -> Error {
    Error::sort(error, fault)
}

/// The same for a transaction that may write. Where it may not all the same, the file or its folder cannot be written.
pub(super) fn sorted_in_writing(error: sqlx::Error) -> Error {
    Error::sort(error, |reported| match primary_code(reported) {
        Some(READ_ONLY) => Some(Fault::Unavailable),
        _ => fault(reported),
    })
}

fn fault(reported: &dyn DatabaseError) -> Option<Fault> {
    if reported.is_unique_violation() {
        return Some(Fault::Exists(taken(reported.message())));
    }
    let code = primary_code(reported)?;
    UNAVAILABLE.contains(&code).then_some(Fault::Unavailable)
}

/// The low byte of a result code; the rest says more of the same.
fn primary_code(reported: &dyn DatabaseError) -> Option<i32> {
    let code: i32 = reported.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// The last column in `UNIQUE constraint failed: members.workspace_id, members.email_folded`.
fn taken(message: &str) -> String {
    let last = message.rsplit([' ', ',']).next();
    last.unwrap_or(message).to_owned()
}
