//! One value of a body: its type, its length, its range.

use serde_json::Value;

use crate::cell::Cell;
use crate::fault::Fault;
use crate::query::value;
use crate::schema::{Column, Kind, Table};

/// The cell that a value makes; null empties it.
pub(super) fn cell(table: &Table, column: &Column, given: &Value) -> Result<Option<Cell>, Fault> {
    if given.is_null() {
        return Ok(None);
    }
    let cell = value::from_json(column, given).ok_or_else(|| wrong_type(table, column, given))?;
    limits(table, column, &cell)?;
    Ok(match (&column.kind, cell) {
        // An empty text is stored as none.
        (_, Cell::Text(text)) if text.is_empty() => None,
        (
            Kind::Money { precision } | Kind::Decimal { precision } | Kind::Double { precision },
            Cell::Number(number),
        ) => {
            let scale = 10_f64.powi(i32::from(*precision));
            Some(Cell::Number((number * scale).round() / scale))
        }
        (_, cell) => Some(cell),
    })
}

fn limits(table: &Table, column: &Column, cell: &Cell) -> Result<(), Fault> {
    match (&column.kind, cell) {
        (Kind::Text { max, .. } | Kind::Memo { max }, Cell::Text(text))
            if text.chars().count() > *max as usize =>
        {
            return Err(Fault::too_long(&column.name, *max));
        }
        (Kind::Whole { min, max }, Cell::Whole(number)) if number < min || number > max => {
            return Err(Fault::out_of_range(&column.name));
        }
        (Kind::Choice(list) | Kind::State(list) | Kind::Status(list), Cell::Whole(number))
            if !list.iter().any(|choice| i64::from(choice.value) == *number) =>
        {
            return Err(Fault::unknown_choice(&column.name, *number, &table.name));
        }
        (Kind::Choices(list), Cell::Choices(values)) => {
            for value in values {
                if !list.iter().any(|choice| choice.value == *value) {
                    return Err(Fault::unknown_choice(
                        &column.name,
                        i64::from(*value),
                        &table.name,
                    ));
                }
            }
        }
        (Kind::Money { .. } | Kind::Decimal { .. }, Cell::Number(number))
            if number.abs() > 922_337_203_685_477.0 =>
        {
            return Err(Fault::out_of_range(&column.name));
        }
        _ => {}
    }
    Ok(())
}

pub(super) fn wrong_type(table: &Table, column: &Column, given: &Value) -> Fault {
    Fault::bad_payload(
        &table.set_name,
        &format!(
            "Cannot convert the literal '{}' to the expected type '{}'.",
            given
                .as_str()
                .map_or_else(|| given.to_string(), str::to_owned),
            column.edm()
        ),
    )
}

pub(super) fn undeclared(name: &str, type_name: &str) -> String {
    format!(
        "Invalid property '{name}' was found in entity '{type_name}'. ---> The property '{name}' does not exist on type '{type_name}'. Make sure to only use property names that are defined by the type."
    )
}
