//! A row as a line: a JSON array with text as text, integers as numbers, and bytes as `{"hex": "…"}`.

use serde_json::Value as Json;

use super::{Column, Kind};
use crate::row::Row;
use crate::statement::Value;
use crate::{Error, Result};

/// Columns are asked for by number, since a row is read by names that the program knows.
const NAMES: [&str; 40] = [
    "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10", "c11", "c12", "c13", "c14",
    "c15", "c16", "c17", "c18", "c19", "c20", "c21", "c22", "c23", "c24", "c25", "c26", "c27",
    "c28", "c29", "c30", "c31", "c32", "c33", "c34", "c35", "c36", "c37", "c38", "c39",
];

/// `SELECT id AS c0, name AS c1 FROM members`
pub(crate) fn select(table: &str, columns: &[Column]) -> String {
    let columns: Vec<_> = columns
        .iter()
        .zip(NAMES)
        .map(|(column, name)| format!("{} AS {name}", quoted(&column.name)))
        .collect();
    format!("SELECT {} FROM {}", columns.join(", "), quoted(table))
}

/// Several rows at once: `INSERT INTO members (id, name) VALUES ($1, $2), ($3, $4)`
pub(crate) fn insert(table: &str, columns: &[Column], rows: usize) -> String {
    let names: Vec<_> = columns.iter().map(|column| quoted(&column.name)).collect();
    let width = columns.len();
    let rows: Vec<_> = (0..rows)
        .map(|row| {
            let numbers: Vec<_> = (1..=width)
                .map(|at| format!("${}", row * width + at))
                .collect();
            format!("({})", numbers.join(", "))
        })
        .collect();
    format!(
        "INSERT INTO {} ({}) VALUES {}",
        quoted(table),
        names.join(", "),
        rows.join(", ")
    )
}

/// Names come from the database's own description and from [`super::tables`]; some are words of SQL.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Whether a row has room for so many columns.
pub(crate) fn fits(columns: &[Column]) -> bool {
    columns.len() <= NAMES.len()
}

pub(crate) fn write(row: &impl Row, columns: &[Column], out: &mut Vec<u8>) -> Result<()> {
    out.push(b'[');
    for (at, (column, name)) in columns.iter().zip(NAMES).enumerate() {
        if at > 0 {
            out.push(b',');
        }
        match column.kind {
            Kind::Text => json(out, &row.maybe_text(name)?),
            Kind::Integer => json(out, &row.maybe_integer(name)?),
            Kind::Bytes => match row.maybe_bytes(name)? {
                Some(bytes) => {
                    out.extend_from_slice(b"{\"hex\":\"");
                    out.extend_from_slice(hex::encode(bytes).as_bytes());
                    out.extend_from_slice(b"\"}");
                }
                None => out.extend_from_slice(b"null"),
            },
        }
    }
    out.extend_from_slice(b"]\n");
    Ok(())
}

fn json(out: &mut Vec<u8>, value: &impl serde::Serialize) {
    serde_json::to_writer(out, value).expect("memory takes plain data");
}

/// The value that a cell means in a column of this kind.
pub(crate) fn value(cell: &Json, column: &Column) -> Result<Value> {
    let wrong = || Error::Backup(format!("column `{}` holds something else", column.name));
    Ok(match (column.kind, cell) {
        (Kind::Text, Json::Null) => Value::Text(None),
        (Kind::Integer, Json::Null) => Value::Integer(None),
        (Kind::Bytes, Json::Null) => Value::Bytes(None),
        (Kind::Text, Json::String(text)) => Value::Text(Some(text.clone())),
        (Kind::Integer, Json::Number(number)) => {
            Value::Integer(Some(number.as_i64().ok_or_else(wrong)?))
        }
        (Kind::Bytes, Json::Object(bytes)) => {
            let text = bytes.get("hex").and_then(Json::as_str).ok_or_else(wrong)?;
            Value::Bytes(Some(hex::decode(text).map_err(|_| wrong())?))
        }
        _ => return Err(wrong()),
    })
}
