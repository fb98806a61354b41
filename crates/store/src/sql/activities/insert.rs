//! Many lines in few statements. Bound values in rows of a hundred proved cheapest: a statement for each line spends its
//! time on the way to the database, and a single JSON document on being taken apart.

use super::line::{LINE, actor_columns, kind_id, outcome_id, phase_id};
use crate::ChainedActivity;
use crate::statement::{Statement, statement};

/// Columns of a line with its place in the chain.
const COLUMNS: usize = 22;

/// Statements that add a hundred lines, ten, and one: a connection keeps them all prepared, whatever comes.
pub(crate) struct Inserts([(usize, String); 3]);

impl Inserts {
    /// `parameter` writes the placeholder of the value with that number.
    pub(crate) fn new(parameter: fn(usize) -> String) -> Self {
        Self([100, 10, 1].map(|rows| (rows, insert(rows, parameter))))
    }

    /// Statements that add `lines` in their order.
    pub(super) fn of(
        &'static self,
        lines: &[ChainedActivity],
    ) -> impl Iterator<Item = Statement> + Send {
        let mut rest = lines;
        self.0.iter().flat_map(move |(rows, sql)| {
            let (now, later) = rest.split_at(rest.len() / rows * rows);
            rest = later;
            now.chunks(*rows)
                .map(|lines| lines.iter().fold(statement(sql.as_str()), bind))
        })
    }
}

/// `INSERT … VALUES (…), (…), …` for so many rows.
fn insert(rows: usize, parameter: fn(usize) -> String) -> String {
    let row = |row: usize| {
        let first = row * COLUMNS + 1;
        let values: Vec<_> = (first..first + COLUMNS).map(parameter).collect();
        format!("({})", values.join(", "))
    };
    let values: Vec<_> = (0..rows).map(row).collect();
    format!(
        "INSERT INTO activities ({LINE}, writer, seq, prev_hash, hash) VALUES {}",
        values.join(", ")
    )
}

/// In the order of the columns.
fn bind(insert: Statement, ChainedActivity { line, link }: &ChainedActivity) -> Statement {
    let (actor_type, actor_id) = actor_columns(&line.actor);
    insert
        .id(line.workspace_id)
        .id(line.id)
        .bind(line.at)
        .bind(actor_type)
        .bind(actor_id)
        .bind(kind_id(line.kind))
        .bind(line.action.as_str())
        .maybe_id(line.connection_id)
        .bind(line.target.as_deref())
        .bind(phase_id(line.phase))
        .maybe_id(line.intent_id)
        .bind(outcome_id(line.outcome))
        .bind(line.status.map(i64::from))
        .bind(line.code.as_deref())
        .bind(line.duration_us)
        .bind(line.bytes_sent)
        .bind(line.bytes_received)
        .json(&line.remote)
        .id(link.writer)
        .bind(link.seq)
        .bind(link.prev_hash)
        .bind(link.hash)
}
