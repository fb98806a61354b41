//! State and status reason, which have to go together.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/define-custom-state-model-transitions>

use crate::cell::Cell;
use crate::fault::Fault;
use crate::schema::Table;
use crate::store::Row;

/// Gives a row the status reason that its state wants, or refuses one that does not fit.
pub(super) fn settle(table: &Table, old: Option<&Row>, row: &mut Row) -> Result<(), Fault> {
    let (Some(state), Some(status)) = (table.find("statecode"), table.find("statuscode")) else {
        return Ok(());
    };
    let whole = |row: &Row, column| row.get(column).and_then(Cell::as_whole);
    let reasons = table.choices_of("statuscode");
    let first_state = reasons
        .first()
        .and_then(|reason| reason.state)
        .map_or(0, i64::from);
    let wanted = whole(row, state);
    let given = whole(row, status);
    let state_of = |value: i64| {
        let reason = reasons
            .iter()
            .find(|reason| i64::from(reason.value) == value);
        reason.and_then(|reason| reason.state).map(i64::from)
    };
    let is_new_state = old.is_some_and(|old| whole(old, state) != wanted);
    let keeps_reason = old.is_some_and(|old| whole(old, status) == given);
    let now = match (wanted, given, old) {
        // A new row that names its reason alone is in the state of that reason.
        (None, Some(given), None) => state_of(given).unwrap_or(first_state),
        (wanted, _, _) => wanted.unwrap_or(first_state),
    };
    let reason = if given.is_none() || (is_new_state && keeps_reason) {
        let first = reasons
            .iter()
            .find(|reason| reason.state.map(i64::from) == Some(now));
        first.map(|reason| i64::from(reason.value))
    } else {
        given
    };
    let Some(reason) = reason else {
        return Err(Fault::unknown_choice("statecode", now, &table.name));
    };
    if state_of(reason) != Some(now) {
        return Err(Fault::bad_status(reason, now, &table.name, row.id));
    }
    row.set(state, Some(Cell::Whole(now)));
    row.set(status, Some(Cell::Whole(reason)));
    Ok(())
}
